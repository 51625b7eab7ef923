//! The log of a process, and what can happen to it.

use crate::{LOCKS, child, command, folder, merged, one_way, other_way, passes};
use lockdep::core::finding::Code;
use lockdep::parking_lot::{Mutex, RwLock};
use std::path::{Path, PathBuf};

const INVERTS: &str = "policies::child_inverts";

fn files(folder: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(folder).expect("the folder was made").map(|file| file.expect("readable").path()).collect()
}

#[test]
#[ignore = "a child of the tests below"]
fn child_deletes_its_log() {
    one_way();
    std::fs::remove_dir_all(std::env::var_os("LOCKDEP_DIR").expect("it is set")).expect("it is there");
    other_way();
}

/// As on a disk that fills up and is made room on: writes beyond a size fail, until they may go on.
#[test]
#[ignore = "a child of the tests below"]
fn child_has_no_room_for_a_while() {
    let limit = |bytes| {
        let limit = libc::rlimit { rlim_cur: bytes, rlim_max: libc::RLIM_INFINITY };
        // SAFETY: `limit` outlives the call.
        assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_FSIZE, &raw const limit) }, 0);
    };
    // SAFETY: with the signal ignored a write beyond the limit fails, as on a full disk.
    unsafe { libc::signal(libc::SIGXFSZ, libc::SIG_IGN) };
    one_way();
    let folder = PathBuf::from(std::env::var_os("LOCKDEP_DIR").expect("it is set"));
    let written = std::fs::metadata(&files(&folder)[0]).expect("the log").len();
    limit(written + 10);
    let lost = Mutex::new(0u8);
    drop((LOCKS.0.lock(), lost.lock()));
    limit(libc::RLIM_INFINITY);
    other_way();
}

#[test]
#[ignore = "a child of the tests below"]
fn child_moves_away() {
    one_way();
    std::env::set_current_dir("/").expect("there is a root");
    assert_eq!(crate::forks::status_of_child(other_way), 0);
}

#[test]
#[ignore = "a child of the tests below"]
fn child_repeats_itself() {
    let (outer, rows): (_, [Mutex<()>; 2]) = (Mutex::new(()), std::array::from_fn(|_| Mutex::named(&crate::A, ())));
    let shared = RwLock::new(());
    drop(shared.write());
    for _ in 0..1000 {
        let _outer = outer.lock();
        drop((rows[0].lock_under(&outer), rows[1].lock_under(&outer)));
        drop((rows[0].lock_ranked(1), rows[1].lock_ranked(2)));
        drop((shared.read(), shared.read()));
    }
}

#[test]
fn a_log_survives_an_abort() {
    let logs = folder("abort-logs");
    let (output, _) = child(INVERTS, &[("LOCKDEP", Path::new("abort")), ("LOCKDEP_DIR", &logs)]);
    assert_eq!(output.status.code(), None);
    let merged = merged(&logs);
    assert_eq!((merged.processes, merged.complete), (1, 0));
    assert_eq!(merged.engine.findings(&merged.registry)[0].code, Code::Inversion);
}

#[test]
fn a_folder_that_cannot_be_used_is_told_once_and_the_program_runs() {
    let said = passes(INVERTS, &[("LOCKDEP_DIR", Path::new("/dev/null/logs"))]);
    assert_eq!(said.matches("is incomplete").count(), 1, "{said}");
    assert!(said.contains("error[lockdep::inversion]"), "{said}");
}

#[test]
fn a_log_that_is_deleted_while_it_is_written_is_told() {
    let said = passes("logs::child_deletes_its_log", &[("LOCKDEP_DIR", &folder("deleted-logs"))]);
    assert_eq!(said.matches("was deleted while the program ran").count(), 1, "{said}");
}

#[test]
fn a_disk_that_was_full_costs_what_was_told_meanwhile_and_no_more() {
    let logs = folder("full-logs");
    let said = passes("logs::child_has_no_room_for_a_while", &[("LOCKDEP_DIR", &logs)]);
    assert_eq!(said.matches("is incomplete").count(), 1, "{said}");
    let merged = merged(&logs);
    assert!(!merged.warnings.is_empty(), "the reader says that something is missing");
    assert_eq!(merged.engine.findings(&merged.registry)[0].code, Code::Inversion);
}

#[test]
fn a_relative_folder_stays_where_it_is_when_the_program_moves() {
    let base = folder("relative-logs");
    std::fs::create_dir_all(&base).expect("a folder can be made");
    let mut command = command("logs::child_moves_away", &[("LOCKDEP_DIR", Path::new("logs"))]);
    assert!(command.current_dir(&base).output().expect("it starts").status.success());
    assert_eq!(files(&base.join("logs")).len(), 2);
}

#[test]
fn a_log_has_what_was_learnt_not_what_went_on() {
    let logs = folder("repeated-logs");
    passes("logs::child_repeats_itself", &[("LOCKDEP", Path::new("record")), ("LOCKDEP_DIR", &logs)]);
    let lines = std::fs::read_to_string(&files(&logs)[0]).expect("a log").lines().count();
    assert!(lines < 200, "{lines} lines for 1000 rounds");
}
