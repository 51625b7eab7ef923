//! What reports look like, to the byte.

mod browser;
mod formats;
mod order;
mod pictures;
mod program;
mod samples;

use insta::Settings;
use lockdep_core::finding::{Code, Finding};
use lockdep_report::background::Background;
use lockdep_report::human::{self, Style};
use lockdep_report::names::Names;
use lockdep_report::source::Sources;
use lockdep_report::summary::{self, HierarchyVerdict, Summary};
use lockdep_report::{json, short};
use samples::{background, lone, long_cycle, readers, site, two_edges, witness};

const SNAPSHOTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../snapshots/reports");

fn assert_report(name: &str, text: &str) {
    let mut settings = Settings::clone_current();
    settings.set_snapshot_path(SNAPSHOTS);
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

fn assert_human(name: &str, finding: &Finding) {
    let text = human::render(finding, &mut background(), Style::plain());
    assert!(text.lines().skip(1).all(|line| line.chars().count() <= 110), "{text}");
    assert_report(name, &text);
}

#[test]
fn every_code_has_a_report_in_both_styles() {
    for code in Code::ALL {
        let (name, finding) = (code.name().replace('-', "_"), samples::of(code));
        assert_human(&name, &finding);
        let unicode = human::render(&finding, &mut background(), Style { unicode: true, ..Style::plain() });
        assert_report(&format!("{name}_unicode"), &unicode);
        let colored = human::render(&finding, &mut background(), Style { color: true, ..Style::plain() });
        assert!(colored.contains('\u{1b}'), "{code}");
    }
}

#[test]
fn a_code_without_a_snapshot_is_missed() {
    for code in Code::ALL {
        let file = format!("{SNAPSHOTS}/{}.snap", code.name().replace('-', "_"));
        assert!(std::path::Path::new(&file).exists(), "add a sample of `{code}`: {file} is missing");
    }
}

#[test]
fn both_sites_threads_and_tests_of_every_edge_are_named() {
    let finding = two_edges();
    let text = human::render(&finding, &mut background(), Style::plain());
    for word in ["(1)", "(2)", "(3)", "(4)", "`flusher-0`", "`writer-3` (test `writes_are_seen`)", &finding.id] {
        assert!(text.contains(word), "{word}: {text}");
    }
    for line in ["[[allow]]", "reason = \"...\"", &format!("replay: cargo lockdep report {}", finding.id)] {
        assert!(text.contains(line), "{line}: {text}");
    }
}

#[test]
fn sentences_fit_a_narrow_terminal_and_do_not_run_off_a_wide_one() {
    for width in [40, 60, 100, 140, 250] {
        let style = Style { width, ..Style::plain() };
        let text = human::render(&readers(), &mut background(), style);
        let sentences = text.lines().filter(|line| line.trim_start().starts_with("= note: no write"));
        assert!(sentences.clone().count() > 0, "{text}");
        assert!(sentences.clone().all(|line| line.chars().count() <= width.min(human::PROSE)), "{width}: {text}");
    }
    let narrow = human::render(&two_edges(), &mut background(), Style { width: 60, ..Style::plain() });
    assert_report("inversion_narrow", &narrow);
}

#[test]
fn the_edges_to_remove_first_are_named() {
    let findings = [two_edges(), readers()];
    let mut background = background().with_findings(&findings);
    assert_eq!(background.cut().len(), 2);
    let text = human::render(&findings[0], &mut background, Style::plain());
    assert!(text.contains("2 edges less, and no fewer, end all 2 cycles of this run"), "{text}");
}

#[test]
fn an_unnamed_class_is_called_after_its_field_and_told_by_its_label() {
    let finding = two_edges();
    let names = Names::default().with("Bdi::list_lock", "Bdi.list_lock: Mutex<List>");
    let mut background = background().with_names(names);
    let text = human::render(&finding, &mut background, Style::plain());
    assert_report("inversion_of_unnamed", &text);
    assert!(short::render(&finding, &background).contains("`Bdi.list_lock: Mutex<List>`"));
    assert!(json::finding(&finding, &mut background).contains("\"Bdi::list_lock\":\"Bdi.list_lock: Mutex<List>\""));
}

#[test]
fn a_cycle_of_three_shows_every_edge() {
    assert_human("inversion_of_three", &long_cycle(3));
}

#[test]
fn a_long_cycle_shows_four_edges_and_the_whole_chain() {
    assert_human("inversion_of_six", &long_cycle(6));
}

#[test]
fn modes_limits_and_doubts_are_said() {
    assert_human("inversion_of_readers", &readers());
}

#[test]
fn names_from_outside_cannot_break_the_report() {
    let seen = witness("a\u{1b}[31m\nb", None, "x\ty\u{202e}", site("src/\u{7}.rs", 1, 1));
    let finding = lone(Code::HeldAtExit, "control \u{1b}[2J characters", Some(seen));
    let text = human::render(&finding, &mut Background::new(Sources::none()), Style::plain());
    assert!(!text.contains('\u{1b}') && !text.contains('\u{202e}'), "{text:?}");
    assert!(!short::render(&finding, &background()).contains('\u{1b}'));
}

#[test]
fn the_short_form_is_one_line_and_json_is_one_object() {
    let findings = [two_edges(), readers(), lone(Code::Limit, "cut short", None)];
    assert_report("short", &findings.each_ref().map(|finding| short::render(finding, &background())).join("\n"));
    let object: serde_json::Value =
        serde_json::from_str(&json::finding(&two_edges(), &mut background())).expect("JSON");
    assert_report("json", &serde_json::to_string_pretty(&object).expect("JSON"));
}

/// The figures of a run without findings.
fn clean_summary() -> Summary {
    Summary {
        processes: 7,
        acquisitions: 1_204_311,
        classes: 8,
        instances: 4096,
        dependencies: 14,
        chains: 31,
        hierarchy: Some(HierarchyVerdict {
            file: "pagecache/locks.order".to_owned(),
            observed: 14,
            declared: 14,
            ..HierarchyVerdict::default()
        }),
        ..Summary::default()
    }
}

/// The figures of a run with some of everything.
fn dirty_summary() -> Summary {
    let clean = clean_summary();
    let verdict = clean.hierarchy.clone().expect("it has one");
    Summary {
        unchecked: vec!["Tty::legacy".to_owned()],
        processes: 1,
        denied: 1,
        warned: 2,
        allowed: 1,
        hierarchy: Some(HierarchyVerdict { declared: 12, contradictions: 1, undeclared: 1, ..verdict }),
        ..clean
    }
}

#[test]
fn a_summary_reads_like_cargo() {
    let (clean, dirty) = (clean_summary(), dirty_summary());
    let json = json::summary(&dirty, &background());
    let text = format!("{}\n{}\n{json}", summary::render(&clean, false), summary::render(&dirty, false));
    assert_report("summary", &text);
    assert!(summary::render(&clean, true).contains('\u{1b}'));
}
