//! What machines read: valid by the published schemas, the same whatever the order of the findings' facts.

use super::samples::{self, background, readers, two_edges};
use super::{assert_report, clean_summary, dirty_summary};
use lockdep_core::finding::{Code, Finding, Level};
use lockdep_report::background::Background;
use lockdep_report::{github, json, junit, sarif};
use serde_json::Value;

/// One finding of every code, and an excused and an accepted one.
fn all() -> (Vec<Finding>, Background) {
    let mut findings: Vec<Finding> = Code::ALL.into_iter().map(samples::of).collect();
    let mut excused = readers();
    excused.level = Level::Allow;
    findings.push(excused);
    let background = background().with_findings(&findings).with_accepted(&findings[1].id, "opened read-only");
    (findings, background)
}

fn parse(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

fn assert_valid(schema: &Value, value: &Value) {
    let validator = jsonschema::validator_for(schema).expect("the schema is one");
    let errors: Vec<String> =
        validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

/// The schema without room for fields that it does not describe.
fn strict(mut schema: Value) -> Value {
    if let Some(object) = schema.as_object_mut() {
        if object.contains_key("properties") {
            object.insert("additionalProperties".to_owned(), Value::Bool(false));
        }
        object.values_mut().for_each(|value| *value = strict(value.take()));
    } else if let Some(array) = schema.as_array_mut() {
        array.iter_mut().for_each(|value| *value = strict(value.take()));
    }
    schema
}

#[test]
fn every_json_line_is_as_the_published_schema_says_and_has_no_field_that_it_does_not_describe() {
    let schema = parse(json::SCHEMA);
    assert!(jsonschema::meta::is_valid(&schema));
    let (findings, mut background) = all();
    let mut lines: Vec<String> = findings.iter().map(|finding| json::finding(finding, &mut background)).collect();
    lines.push(json::summary(&clean_summary(), &background));
    lines.push(json::summary(&dirty_summary(), &background));
    for line in lines {
        assert!(!line.contains('\n'));
        assert_valid(&schema, &parse(&line));
        assert_valid(&strict(schema.clone()), &parse(&line));
    }
}

#[test]
fn a_line_that_misses_a_field_is_not_valid() {
    let mut line = parse(&json::finding(&two_edges(), &mut background()));
    line.as_object_mut().expect("an object").remove("id");
    let validator = jsonschema::validator_for(&parse(json::SCHEMA)).expect("the schema is one");
    assert!(!validator.is_valid(&line));
}

/// The schema of OASIS, as the crate `serde-sarif` ships it. Its pattern for languages has a bracket too many, which is no
/// regular expression; we have no language.
fn official_sarif() -> Value {
    let text = include_str!("../schemas/sarif-2.1.0.json");
    parse(&text.replace("-[a-zA-Z]{2}]?$", "-[a-zA-Z]{2}$"))
}

#[test]
fn sarif_is_as_its_official_schema_says() {
    let schema = official_sarif();
    let (findings, mut background) = all();
    let log = parse(&sarif::render(&findings, &mut background));
    assert_valid(&schema, &log);
    let results = log["runs"][0]["results"].as_array().expect("results");
    assert_eq!(results.len(), findings.len());
    assert_valid(&schema, &parse(&sarif::render(&[], &mut background)));
    let mut wrong = log.clone();
    wrong["runs"][0]["results"][0]["level"] = Value::from("fatal");
    assert!(!jsonschema::is_valid(&schema, &wrong), "the schema does say something");
}

#[test]
fn sarif_tells_both_sites_of_every_edge_in_threads_and_knows_a_finding_again() {
    let (findings, mut background) = (vec![two_edges()], background());
    let text = sarif::render(&findings, &mut background);
    let result = &parse(&text)["runs"][0]["results"][0];
    assert_eq!(result["partialFingerprints"]["lockdepId/v1"], Value::from(&*findings[0].id));
    assert_eq!(
        result["relatedLocations"].as_array().map(Vec::len),
        Some(5),
        "two sites each, and one that was also held"
    );
    assert_eq!(result["codeFlows"][0]["threadFlows"].as_array().map(Vec::len), Some(2));
    assert_report("sarif", &serde_json::to_string_pretty(result).expect("JSON"));
}

#[test]
fn what_the_project_accepts_is_suppressed_and_skipped() {
    let (findings, mut background) = all();
    let log = parse(&sarif::render(&findings[1..2], &mut background));
    assert_eq!(log["runs"][0]["results"][0]["suppressions"][0]["justification"], "opened read-only");
    let xml = junit::render(&findings[1..2], &mut background);
    assert!(xml.contains("<skipped message=\"opened read-only\""), "{xml}");
    let line = parse(&json::finding(&findings[1], &mut background));
    assert_eq!(line["accepted"], "opened read-only");
}

#[test]
fn github_is_told_what_fails_first() {
    let findings = [readers(), two_edges()];
    let text = github::render(&findings, &background());
    assert_eq!(text.lines().count(), 2);
    assert!(text.starts_with("::error file=src/writeback.rs,line=4,col=31,title=lockdep%3A%3Ainversion LD-"), "{text}");
    assert_report("github", &text);
}

#[test]
fn junit_counts_what_fails() {
    let (findings, mut background) = all();
    let xml = junit::render(&findings, &mut background);
    let denied = findings.iter().filter(|finding| finding.level == Level::Deny).count() - 1;
    assert!(xml.contains(&format!("tests=\"{}\"", findings.len())), "{xml}");
    assert!(xml.contains(&format!("failures=\"{denied}\"")), "{xml}");
    assert!(!xml.contains("time=") && !xml.contains("uuid="), "{xml}");
    assert_report("junit", &junit::render(&[two_edges(), readers()], &mut background));
    assert!(junit::render(&[], &mut background).contains("no findings"));
}
