//! SARIF 2.1.0, for code scanning. A finding is a result with its id as fingerprint, so that it is the same alert in every
//! run: the site that completed it is its location, every other site a related one, and a cycle is a code flow with a
//! thread flow for each edge.

use crate::background::Background;
use crate::explain;
use crate::short::place;
use crate::source::{Sources, span};
use crate::words::{advice, clean, observed, severity, took, wants, who};
use lockdep_core::class::Site;
use lockdep_core::finding::{Code, Finding, Witness};
use serde_json::{Value, json};

/// Where the schema is published.
const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// The name that relative paths are relative to.
const ROOT: &str = "%SRCROOT%";

/// The whole run as one log, indented.
#[must_use]
pub fn render<'a>(findings: impl IntoIterator<Item = &'a Finding>, background: &mut Background) -> String {
    let results: Vec<Value> = findings.into_iter().map(|finding| result(finding, background)).collect();
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "lockdep",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "rules": Code::ALL.map(rule),
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    format!("{log:#}\n")
}

fn rule(code: Code) -> Value {
    let explanation = explain::text(code);
    let kernel = code.kernel_wording().map(|wording| format!(" (kernel lockdep: \"{wording}\")"));
    json!({
        "id": code.name(),
        "shortDescription": { "text": code.description() },
        "fullDescription": { "text": format!("{}{}", code.description(), kernel.unwrap_or_default()) },
        "help": { "text": explanation, "markdown": explanation },
    })
}

fn result(finding: &Finding, background: &mut Background) -> Value {
    let (named, _) = background.names.in_finding(finding);
    let accepted = background.accepted(finding).map(str::to_owned);
    let sources = &mut background.sources;
    let witnesses: Vec<&Witness> = named.cycle.iter().map(|edge| &edge.witness).chain(&named.witness).collect();
    let steps = witnesses.iter().flat_map(|witness| steps(witness));
    let related = steps.enumerate().map(|(id, (site, text))| {
        let mut related = location(site, &text, sources);
        related["id"] = json!(id + 1);
        related
    });
    let related: Vec<Value> = related.collect();
    let mut message = clean(&named.title);
    for line in observed(&named).into_iter().chain(named.notes.iter().map(|note| clean(note))) {
        message.push('\n');
        message.push_str(&line);
    }
    let mut result = json!({
        "ruleId": finding.code.name(),
        "ruleIndex": Code::ALL.iter().position(|code| *code == finding.code),
        "level": severity(finding.level),
        "message": { "text": format!("{message}\nhelp: {}", advice(&named)) },
        "partialFingerprints": { "lockdepId/v1": finding.id },
        "relatedLocations": related,
        "properties": { "grade": finding.grade.name(), "classes": finding.classes },
    });
    if let Some(site) = place(finding) {
        result["locations"] = json!([location(site, &clean(&named.title), sources)]);
    }
    if !named.cycle.is_empty() {
        let flows: Vec<Value> = witnesses.iter().map(|witness| thread_flow(witness, sources)).collect();
        result["codeFlows"] = json!([{ "message": { "text": "the cycle" }, "threadFlows": flows }]);
    }
    if let Some(reason) = accepted {
        result["suppressions"] = json!([{ "kind": "external", "justification": reason }]);
    }
    result
}

/// The sites of an observation in the order in which its thread came by.
fn steps(witness: &Witness) -> Vec<(&Site, String)> {
    let who = who(witness);
    let also = witness.also_held.iter().map(|held| (&held.site, format!("{who} {}", took(held, ""))));
    let held = witness.held.iter().map(|held| (&held.site, format!("{who} {}", took(held, ""))));
    let wanted = (&witness.site, format!("{who} {}", wants(witness)));
    also.chain(held).chain([wanted]).collect()
}

fn thread_flow(witness: &Witness, sources: &mut Sources) -> Value {
    let steps = steps(witness);
    let locations: Vec<Value> =
        steps.iter().map(|(site, text)| json!({ "location": location(site, text, sources) })).collect();
    json!({ "id": who(witness), "locations": locations })
}

fn location(site: &Site, text: &str, sources: &mut Sources) -> Value {
    let mut region = json!({ "startLine": site.line.max(1), "startColumn": site.column.max(1) });
    let text_of_file = sources.text(&site.file);
    let width = text_of_file.as_deref().and_then(|text| {
        let range = span(text, site.line, site.column)?;
        Some(text[range].chars().count() as u32)
    });
    if let Some(width) = width {
        region["endColumn"] = json!(site.column + width);
    }
    json!({
        "physicalLocation": { "artifactLocation": artifact(&site.file), "region": region },
        "message": { "text": text },
    })
}

/// A path as a URI: relative ones to the root of the sources.
fn artifact(file: &str) -> Value {
    let path = file.replace('\\', "/");
    let mut uri = String::new();
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'/' | b'-' | b'.' | b'_' | b'~' => uri.push(byte as char),
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    match path.starts_with('/') {
        true => json!({ "uri": format!("file://{uri}") }),
        false => json!({ "uri": uri, "uriBaseId": ROOT }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_uris() {
        assert_eq!(artifact("src\\a b.rs")["uri"], "src/a%20b.rs");
        assert_eq!(artifact("/usr/src/é.rs"), json!({ "uri": "file:///usr/src/%C3%A9.rs" }));
    }
}
