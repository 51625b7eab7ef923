//! Equal facts give equal bytes, in whatever order they come.

use super::program::{Nest, nests, run, sources};
use lockdep_report::background::Background;
use lockdep_report::html::{self, Page};
use lockdep_report::human::{self, Style};
use lockdep_report::names::Names;
use lockdep_report::{github, json, junit, sarif, short, svg};

/// Everything that can be made of the nests, by format.
fn everything(nests: &[Nest]) -> Vec<(&'static str, String)> {
    let seen = run(nests);
    let mut sources = sources();
    let names = Names::recover(&seen.detail, &mut sources);
    let drawn = names.in_graph(&seen.detail.graph);
    let mut background = Background::new(sources).with_names(names).with_findings(&seen.findings);
    let each = |render: &mut dyn FnMut(&lockdep_core::finding::Finding) -> String| {
        seen.findings.iter().map(render).collect::<Vec<_>>().join("\n")
    };
    let page = Page { title: "order", detail: &seen.detail, findings: &seen.findings, summary: None };
    vec![
        ("human", each(&mut |finding| human::render(finding, &mut background, Style::plain()))),
        ("short", each(&mut |finding| short::render(finding, &background))),
        ("json", each(&mut |finding| json::finding(finding, &mut background))),
        ("github", github::render(&seen.findings, &background)),
        ("sarif", sarif::render(&seen.findings, &mut background)),
        ("junit", junit::render(&seen.findings, &mut background)),
        ("text", seen.detail.graph.to_string()),
        ("dot", drawn.to_dot()),
        ("mermaid", drawn.to_mermaid()),
        ("svg", svg::render(&drawn)),
        ("html", html::render(page, &mut background)),
    ]
}

#[test]
fn a_thousand_orders_of_the_same_facts_render_the_same_bytes() {
    let mut nests = nests();
    let expected = everything(&nests);
    assert!(expected.iter().all(|(_, text)| !text.is_empty()));
    let mut state = 1_u64;
    for round in 0..1_000 {
        for last in (1..nests.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            nests.swap(last, (state >> 33) as usize % (last + 1));
        }
        for ((format, expected), (_, got)) in expected.iter().zip(everything(&nests)) {
            assert!(*expected == got, "{format} in round {round} of {nests:#?}:\n{expected}\n\n{got}");
        }
    }
}

#[test]
fn a_project_without_annotations_reads_well() {
    let seen = run(&nests());
    let mut sources = sources();
    let names = Names::recover(&seen.detail, &mut sources);
    let all: Vec<(&str, &str)> = names.iter().collect();
    assert_eq!(
        all,
        [
            ("alloc::string::String (bank/src/lib.rs)", "Account.owner: RwLock<String>"),
            ("alloc::vec::Vec<bank::Entry> (bank/src/lib.rs)", "AUDIT: Mutex<Vec<Entry>>"),
            ("u64 (bank/src/lib.rs)", "Account.balance: Mutex<u64>"),
        ]
    );
    let concerned = seen.findings.iter().find(|finding| finding.classes.iter().any(|class| class.starts_with("u64")));
    let mut background = Background::new(sources).with_names(names).with_findings(&seen.findings);
    let report = human::render(concerned.expect("the bank's inversion"), &mut background, Style::plain());
    super::assert_report("unannotated", &report);
}
