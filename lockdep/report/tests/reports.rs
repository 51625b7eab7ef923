//! What reports look like, to the byte.

use insta::Settings;
use lockdep_core::class::Site;
use lockdep_core::finding::{Code, CycleEdge, Finding, Grade, HeldLabel, Witness};
use lockdep_core::id;
use lockdep_core::mode::{DepKind, Manner, Mode, Want};
use lockdep_report::human::{self, Style};
use lockdep_report::source::Sources;
use lockdep_report::summary::{self, HierarchyVerdict, Summary};
use lockdep_report::{json, short};

const WRITEBACK: &str = "\
fn writeback(&self) {
    let list = self.list_lock.lock();
    for folio in list.iter() {
        folio.mapping.i_pages.lock().clear_dirty(folio.index);
    }
}
";

const FILEMAP: &str = "\
fn mark_dirty(&self, index: u64) {
    let mut pages = self.i_pages.lock();
    pages.mark_dirty(index);
    self.bdi.list_lock.lock().push(self.id);
}
";

fn sources() -> Sources {
    Sources::none().with_text("src/writeback.rs", WRITEBACK).with_text("src/filemap.rs", FILEMAP)
}

fn site(file: &str, line: u32, column: u32) -> Site {
    Site { file: file.into(), line, column }
}

fn held(label: &str, mode: Mode, site: Site) -> HeldLabel {
    HeldLabel { label: label.to_owned(), mode, site }
}

fn witness(thread: &str, held: Option<HeldLabel>, wanted: &str, site: Site) -> Witness {
    Witness {
        thread: thread.into(),
        test: "".into(),
        held,
        wanted: wanted.to_owned(),
        want: Want::Write,
        manner: Manner::Block,
        site,
        also_held: Vec::new(),
    }
}

fn edge(count: u64, closing: bool, witness: Witness) -> CycleEdge {
    let held = witness.held.as_ref().expect("an edge has a held lock");
    CycleEdge {
        from: held.label.clone(),
        to: witness.wanted.clone(),
        kind: DepKind::of(held.mode, witness.want),
        closing,
        count,
        witness,
    }
}

fn cycle(title: &str, grade: Grade, notes: &[&str], edges: Vec<CycleEdge>) -> Finding {
    Finding {
        code: Code::Inversion,
        grade,
        level: grade.default_level(),
        id: id::of_cycle(Code::Inversion, &edges),
        classes: edges.iter().map(|edge| edge.from.clone()).collect(),
        title: title.to_owned(),
        cycle: edges,
        witness: None,
        notes: notes.iter().map(|&note| note.to_owned()).collect(),
    }
}

fn lone(code: Code, title: &str, witness: Option<Witness>) -> Finding {
    let classes: Vec<String> = witness.iter().map(|witness| witness.wanted.clone()).collect();
    Finding {
        code,
        grade: Grade::Possible,
        level: Grade::Possible.default_level(),
        id: id::of_labels(code, classes.iter().map(String::as_str)),
        classes,
        title: title.to_owned(),
        cycle: Vec::new(),
        witness,
        notes: Vec::new(),
    }
}

fn two_edges() -> Finding {
    let list = held("Bdi::list_lock", Mode::Write, site("src/writeback.rs", 2, 31));
    let pages = held("Mapping::i_pages", Mode::Write, site("src/filemap.rs", 2, 34));
    let mut newest = witness("flusher-0", Some(list), "Mapping::i_pages", site("src/writeback.rs", 4, 31));
    newest.also_held.push(held("Sb::s_umount", Mode::Read, site("src/sync.rs", 40, 20)));
    let mut oldest = witness("writer-3", Some(pages), "Bdi::list_lock", site("src/filemap.rs", 4, 24));
    oldest.test = "writes_are_seen".into();
    cycle(
        "taking `Mapping::i_pages` while holding `Bdi::list_lock` closes a lock cycle",
        Grade::Possible,
        &[],
        vec![edge(1, true, newest), edge(412, false, oldest)],
    )
}

fn long_cycle(length: usize) -> Finding {
    let name = |index: usize| format!("Ring::{}", (b'a' + (index % length) as u8) as char);
    let edges = (0..length).map(|index| {
        let line = index as u32 + 1;
        let held = held(&name(index), Mode::Write, site("src/ring.rs", line, 10));
        let thread = format!("worker-{index}");
        edge(2, index == 1, witness(&thread, Some(held), &name(index + 1), site("src/ring.rs", line, 30)))
    });
    cycle("taking `Ring::c` while holding `Ring::b` closes a lock cycle", Grade::Possible, &[], edges.collect())
}

fn readers() -> Finding {
    let a = held("Tree", Mode::Read, site("src/a.rs", 3, 9));
    let b = held("Log", Mode::Upgradable, site("src/b.rs", 8, 9));
    let mut first = witness("main", Some(a), "Log", site("src/a.rs", 4, 9));
    first.want = Want::Read;
    let mut second = witness("main", Some(b), "Tree", site("src/b.rs", 9, 9));
    second.manner = Manner::Timed(2000);
    cycle(
        "taking `Log` while holding `Tree` closes a lock cycle",
        Grade::Suspect,
        &["no write of `Log` was seen, and it takes a queued writer"],
        vec![edge(1, true, first), edge(1, false, second)],
    )
}

fn assert_report(name: &str, text: &str) {
    let mut settings = Settings::clone_current();
    settings.set_snapshot_path("../../../snapshots/reports");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

fn assert_human(name: &str, finding: &Finding) {
    let text = human::render(finding, &mut sources(), Style::plain());
    assert!(text.lines().skip(1).all(|line| line.chars().count() <= 110), "{text}");
    assert_report(name, &text);
}

#[test]
fn an_inversion_shows_both_sites_of_both_edges() {
    assert_human("inversion", &two_edges());
}

#[test]
fn unicode_lines_are_a_matter_of_style() {
    let style = Style { unicode: true, ..Style::plain() };
    assert_report("inversion_unicode", &human::render(&two_edges(), &mut sources(), style));
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
fn a_context_interrupts_and_is_not_taken() {
    let entered = held("context:signal", Mode::Write, site("src/writeback.rs", 1, 4));
    let list = held("Bdi::list_lock", Mode::Write, site("src/writeback.rs", 2, 31));
    let handler = witness("main", Some(entered), "Bdi::list_lock", site("src/writeback.rs", 2, 31));
    let task = witness("main", Some(list), "context:signal", site("src/writeback.rs", 4, 31));
    let mut finding = cycle(
        "`Bdi::list_lock` is taken in context `signal`, which can interrupt its holder",
        Grade::Possible,
        &[],
        vec![edge(1, false, task), edge(1, true, handler)],
    );
    finding.code = Code::Context;
    assert_human("context", &finding);
}

#[test]
fn a_self_deadlock_names_the_guard_that_is_alive() {
    let first = held("Mapping::i_pages", Mode::Write, site("src/filemap.rs", 2, 34));
    let seen = witness("main", Some(first), "Mapping::i_pages", site("src/filemap.rs", 4, 24));
    let title = "taking `Mapping::i_pages` while the same thread holds it already";
    assert_human("self_deadlock", &lone(Code::SelfDeadlock, title, Some(seen)));
}

#[test]
fn recursion_says_how_to_declare_an_order() {
    let first = held("Inode", Mode::Write, site("src/filemap.rs", 2, 34));
    let seen = witness("main", Some(first), "Inode", site("src/filemap.rs", 4, 24));
    let title = "taking one `Inode` while holding another";
    assert_human("recursion", &lone(Code::Recursion, title, Some(seen)));
}

#[test]
fn a_contradiction_of_the_hierarchy_quotes_its_line() {
    let first = held("Mapping::i_pages", Mode::Write, site("src/filemap.rs", 2, 34));
    let seen = witness("main", Some(first), "Bdi::list_lock", site("src/filemap.rs", 4, 24));
    let title = "taking `Bdi::list_lock` while holding `Mapping::i_pages` contradicts the documented hierarchy";
    let mut finding = lone(Code::Hierarchy, title, Some(seen));
    finding.notes.push("line 14 of the order file declares the opposite order".to_owned());
    assert_human("hierarchy", &finding);
}

#[test]
fn faults_show_the_one_place_there_is() {
    let seen = |thread| Some(witness(thread, None, "Bdi::list_lock", site("src/writeback.rs", 2, 31)));
    let title = "`flusher-0` ended while it held `Bdi::list_lock`";
    assert_human("held_at_exit", &lone(Code::HeldAtExit, title, seen("flusher-0")));
    let title = "`Bdi::list_lock` must be held by `main` here, and is not";
    assert_human("assert_held", &lone(Code::AssertHeld, title, seen("main")));
    let title = "3 searches for further cycles were cut short after 4096 paths";
    assert_human("limit", &lone(Code::Limit, title, None));
}

#[test]
fn names_from_outside_cannot_break_the_report() {
    let seen = witness("a\u{1b}[31m\nb", None, "x\ty\u{202e}", site("src/\u{7}.rs", 1, 1));
    let finding = lone(Code::HeldAtExit, "control \u{1b}[2J characters", Some(seen));
    let text = human::render(&finding, &mut Sources::none(), Style::plain());
    assert!(!text.contains('\u{1b}') && !text.contains('\u{202e}'), "{text:?}");
    assert!(!short::render(&finding).contains('\u{1b}'));
}

#[test]
fn the_short_form_is_one_line_and_json_is_one_object() {
    let findings = [two_edges(), readers(), lone(Code::Limit, "cut short", None)];
    assert_report("short", &findings.each_ref().map(short::render).join("\n"));
    let object: serde_json::Value = serde_json::from_str(&json::finding(&two_edges(), &mut sources())).expect("JSON");
    assert_report("json", &serde_json::to_string_pretty(&object).expect("JSON"));
}

#[test]
fn a_summary_reads_like_cargo() {
    let clean = Summary {
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
    };
    let mut dirty = clean.clone();
    dirty.unchecked = vec!["Tty::legacy".to_owned()];
    (dirty.processes, dirty.denied, dirty.warned, dirty.allowed) = (1, 1, 2, 1);
    dirty.hierarchy =
        Some(HierarchyVerdict { declared: 12, contradictions: 1, undeclared: 1, ..dirty.hierarchy.unwrap() });
    let text =
        format!("{}\n{}\n{}", summary::render(&clean, false), summary::render(&dirty, false), json::summary(&dirty));
    assert_report("summary", &text);
    assert!(summary::render(&clean, true).contains('\u{1b}'));
}
