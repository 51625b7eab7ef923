//! One finding of every code, made by hand, so that reports of all of them can be looked at.

use lockdep_core::class::Site;
use lockdep_core::finding::{Code, CycleEdge, Finding, Grade, HeldLabel, Witness};
use lockdep_core::id;
use lockdep_core::mode::{DepKind, Manner, Mode, Want};
use lockdep_report::background::Background;
use lockdep_report::source::Sources;

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

pub(crate) fn sources() -> Sources {
    Sources::none().with_text("src/writeback.rs", WRITEBACK).with_text("src/filemap.rs", FILEMAP)
}

pub(crate) fn site(file: &str, line: u32, column: u32) -> Site {
    Site { file: file.into(), line, column }
}

pub(crate) fn held(label: &str, mode: Mode, site: Site) -> HeldLabel {
    HeldLabel { label: label.to_owned(), mode, site }
}

pub(crate) fn witness(thread: &str, held: Option<HeldLabel>, wanted: &str, site: Site) -> Witness {
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

pub(crate) fn cycle(title: &str, grade: Grade, notes: &[&str], edges: Vec<CycleEdge>) -> Finding {
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

pub(crate) fn lone(code: Code, title: &str, witness: Option<Witness>) -> Finding {
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

pub(crate) fn two_edges() -> Finding {
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

pub(crate) fn long_cycle(length: usize) -> Finding {
    let name = |index: usize| format!("Ring::{}", (b'a' + (index % length) as u8) as char);
    let edges = (0..length).map(|index| {
        let line = index as u32 + 1;
        let held = held(&name(index), Mode::Write, site("src/ring.rs", line, 10));
        let thread = format!("worker-{index}");
        edge(2, index == 1, witness(&thread, Some(held), &name(index + 1), site("src/ring.rs", line, 30)))
    });
    cycle("taking `Ring::c` while holding `Ring::b` closes a lock cycle", Grade::Possible, &[], edges.collect())
}

pub(crate) fn readers() -> Finding {
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

/// The background of the samples alone.
pub(crate) fn background() -> Background {
    Background::new(sources())
}

fn list() -> HeldLabel {
    held("Bdi::list_lock", Mode::Write, site("src/writeback.rs", 2, 31))
}

fn pages() -> HeldLabel {
    held("Mapping::i_pages", Mode::Write, site("src/filemap.rs", 2, 34))
}

fn list_under_pages() -> Witness {
    witness("main", Some(pages()), "Bdi::list_lock", site("src/filemap.rs", 4, 24))
}

/// A finding about one place.
fn fault(code: Code, title: &str, thread: &str) -> Finding {
    let seen = witness(thread, None, "Bdi::list_lock", site("src/writeback.rs", 2, 31));
    lone(code, title, Some(seen))
}

/// A finding of this code.
pub(crate) fn of(code: Code) -> Finding {
    let title = |text: &str| format!("taking `Bdi::list_lock` while holding `Mapping::i_pages` {text}");
    match code {
        Code::Inversion => two_edges(),
        Code::SelfDeadlock => {
            let seen = witness("main", Some(pages()), "Mapping::i_pages", site("src/filemap.rs", 4, 24));
            lone(code, "taking `Mapping::i_pages` while the same thread holds it already", Some(seen))
        }
        Code::Recursion | Code::WrongNest => {
            let first = held("Inode", Mode::Write, site("src/filemap.rs", 2, 34));
            let seen = witness("main", Some(first), "Inode", site("src/filemap.rs", 4, 24));
            let against = if code == Code::WrongNest { " against their declared order" } else { "" };
            lone(code, &format!("taking one `Inode` while holding another{against}"), Some(seen))
        }
        Code::Hierarchy => {
            let mut finding = lone(code, &title("contradicts the documented hierarchy"), Some(list_under_pages()));
            finding.notes.push("line 14 of the order file declares the opposite order".to_owned());
            finding
        }
        Code::Undeclared => {
            let mut finding = lone(code, &title("is not in the documented hierarchy"), Some(list_under_pages()));
            finding.notes.push("the hierarchy is closed: every order has to be declared".to_owned());
            finding
        }
        Code::Context => context(),
        Code::WaitType => {
            let title = "`Bdi::list_lock` may block more than `Mapping::i_pages`, which is held, allows";
            lone(code, title, Some(list_under_pages()))
        }
        Code::BadRelease => fault(code, "`main` releases `Bdi::list_lock`, which it does not hold", "main"),
        Code::HeldAtExit => fault(code, "`flusher-0` ended while it held `Bdi::list_lock`", "flusher-0"),
        Code::HeldAcrossAwait => fault(code, "`Bdi::list_lock` is held across an await point", "main"),
        Code::AssertHeld => fault(code, "`Bdi::list_lock` must be held by `main` here, and is not", "main"),
        Code::Deadlock => deadlock(),
        Code::GuardLost => guard_lost(),
        Code::UnmatchedAllow => {
            let title = ".config/lockdep.toml accepts `LD-7F3K2QX8`, which was not found";
            let mut finding = lone(code, title, None);
            (finding.grade, finding.level) = (Grade::Suspect, Grade::Suspect.default_level());
            finding.notes.push("its reason: the second device is opened read-only".to_owned());
            finding
        }
        Code::Limit => lone(code, "3 searches for further cycles were cut short", None),
    }
}

fn context() -> Finding {
    let entered = held("context:signal", Mode::Write, site("src/writeback.rs", 1, 4));
    let handler = witness("main", Some(entered), "Bdi::list_lock", site("src/writeback.rs", 2, 31));
    let task = witness("main", Some(list()), "context:signal", site("src/writeback.rs", 4, 31));
    let mut finding = cycle(
        "`Bdi::list_lock` is taken in context `signal`, which can interrupt its holder",
        Grade::Possible,
        &[],
        vec![edge(1, false, task), edge(1, true, handler)],
    );
    finding.code = Code::Context;
    finding
}

fn deadlock() -> Finding {
    let mut finding = two_edges();
    finding.code = Code::Deadlock;
    finding.grade = Grade::Blocked;
    finding.id = id::of_cycle(Code::Deadlock, &finding.cycle);
    finding.title = "`flusher-0` and `writer-3` wait for each other and will never go on".to_owned();
    finding.cycle.iter_mut().for_each(|edge| edge.count = 1);
    finding
}

fn guard_lost() -> Finding {
    let cycle = two_edges();
    let title = format!("`Sb::s_umount` guards the cycle of {} elsewhere, and is not held here", cycle.id);
    let mut finding = lone(Code::GuardLost, &title, Some(cycle.cycle[1].witness.clone()));
    (finding.grade, finding.level) = (Grade::Suspect, Grade::Suspect.default_level());
    finding.notes.push("taking `Sb::s_umount` first here too, or one order everywhere, ends the cycle".to_owned());
    finding
}
