//! Locks of `lock_api`'s users, in projects that changed nothing.

use super::{TARGET, command, lockdep, said};
use std::path::Path;
use std::process::Command;

#[test]
fn inversions_across_std_and_both_versions_of_parking_lot_are_found_and_readers_of_spin_are_left_alone() {
    let (code, said) = said(&mut lockdep("mixed", &["test", "--", "--skip", "a_patient", "--skip", "a_program"]));
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("test result: ok. 6 passed"), "its own tests pass: {said}");
    for title in [
        "taking `mixed::Pages (src/lib.rs)` while holding `mixed::Index (src/lib.rs)` closes a lock cycle",
        "taking `mixed::Members (src/lib.rs)` while holding `mixed::Books (src/lib.rs)` closes a lock cycle",
        "taking `mixed::Waiters (src/lib.rs)` while holding `mixed::Journal (src/lib.rs)` closes a lock cycle",
    ] {
        assert!(said.contains(title), "{said}");
    }
    assert_eq!(said.matches("error[lockdep::").count(), 3, "the board's readers pass waiting writers: {said}");
    assert!(!said.contains("Untracked"), "{said}");
}

#[test]
fn a_reader_of_spin_within_a_reader_is_clean_and_so_is_one_side_of_an_inversion() {
    let (code, said) = said(&mut lockdep("mixed", &["test", "a_board_is_read_in_any_order"]));
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("2 lock classes (2 locks), 2 dependencies"), "{said}");
}

#[test]
fn recursive_readers_owners_that_come_again_and_short_limits_are_no_deadlocks() {
    let (code, said) = said(&mut lockdep("mixed", &["test", "a_shelf_is_used"]));
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("5 lock classes (5 locks)"), "{said}");
    assert!(said.contains("Finished 1 excused"), "the one with a limit: {said}");
}

#[test]
fn a_lock_that_is_let_go_for_a_while_is_taken_again_where_the_program_said_so() {
    let (code, said) = said(&mut lockdep("mixed", &["test", "a_patient_leaves_for_a_while"]));
    assert_eq!(code, Some(1), "{said}");
    assert_eq!(said.matches("error[lockdep::inversion]").count(), 2, "{said}");
    for line in ["old::MutexGuard::unlocked(&mut room", "parking_lot::RwLockWriteGuard::unlocked(&mut room"] {
        assert!(said.lines().any(|told| told.contains('|') && told.contains(line)), "{said}");
    }
    assert!(!said.contains("lock_api-"), "{said}");
}

#[test]
fn who_waits_for_what_is_made_once_under_what_that_takes_is_told_where_it_is_called() {
    let (code, said) = said(&mut lockdep("mixed", &["test", "a_program_is_set_up_again"]));
    assert_eq!(code, Some(1), "{said}");
    assert_eq!(said.matches("error[lockdep::inversion]").count(), 3, "parking_lot 0.12, 0.13, std: {said}");
    assert!(said.contains("4 lock classes (4 locks)"), "{said}");
    assert!(!said.contains("library/") && !said.contains("parking_lot-0"), "{said}");
}

#[test]
fn what_is_made_once_and_was_done_before_is_clean() {
    let (code, said) =
        said(&mut lockdep("mixed", &["test", "a_program_is_set_up", "--", "--exact", "tests::a_program_is_set_up"]));
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("4 lock classes (4 locks), 3 dependencies"), "{said}");
}

#[test]
fn a_lock_grows_by_one_word() {
    let sizes = |command: &mut Command| {
        let (_, said) = said(command);
        let line = said.lines().find(|line| line.contains("sizes: ")).expect("the test says them").to_owned();
        let numbers = line.split(|c: char| !c.is_ascii_digit()).filter_map(|number| number.parse().ok());
        numbers.collect::<Vec<usize>>()
    };
    let args = ["test", "sizes_are_told", "--", "--nocapture"];
    let plain = sizes(command(env!("CARGO"), "mixed").args(args));
    let checked = sizes(&mut lockdep("mixed", &args));
    assert_eq!(plain.len(), 4);
    // Where a byte or a word was the lock, with padding; a word more is all that there may be.
    let word = size_of::<usize>();
    assert!(plain.iter().zip(&checked).all(|(plain, checked)| *checked == plain + word), "{plain:?} {checked:?}");
}

/// `cargo lockdep test` in a project of its own, with a `lock_api` of its own.
pub(super) fn project(name: &str, files: &[(&str, &str)]) -> Command {
    let root = Path::new(TARGET).join(name);
    let _ = std::fs::remove_dir_all(&root);
    for (file, text) in files {
        let path = root.join(file);
        std::fs::create_dir_all(path.parent().expect("it is in a folder")).expect("it can be made");
        std::fs::write(path, text).expect("it can be written");
    }
    let mut command = lockdep("", &["test"]);
    command.current_dir(&root).env_remove("CARGO_TARGET_DIR");
    command
}

const MANIFEST: &str = "[package]
name = \"odd\"
version = \"0.1.0\"
edition = \"2021\"
[dependencies]
lock_api = { path = \"lock_api\" }
[workspace]
";

const LOCK_API: &str = "[package]
name = \"lock_api\"
version = \"0.4.99\"
edition = \"2021\"
";

const PROGRAM: &str = "
#[test]
fn it_locks() {
    let lock = lock_api::Mutex { inner: 1 };
    assert_eq!(*std::sync::Mutex::new(1).lock().unwrap(), lock.inner);
}
";

#[test]
fn a_lock_api_of_another_shape_is_compiled_as_it_is_and_the_summary_says_so() {
    let files = [
        ("Cargo.toml", MANIFEST),
        ("src/lib.rs", PROGRAM),
        ("lock_api/Cargo.toml", LOCK_API),
        ("lock_api/src/lib.rs", "mod mutex; mod remutex; mod rwlock; pub use mutex::Mutex;"),
        ("lock_api/src/mutex.rs", "pub struct Mutex { pub inner: u8 }"),
        ("lock_api/src/remutex.rs", ""),
        ("lock_api/src/rwlock.rs", ""),
    ];
    let (code, said) = said(&mut project("odd", &files));
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("test result: ok. 1 passed"), "{said}");
    let line = "Untracked locks of lock_api 0.4.99: in its mutex.rs, `struct Mutex` is there 0 times";
    assert!(said.contains(line), "{said}");
}

#[test]
fn a_lock_api_that_nobody_has_looked_at_is_compiled_as_it_is_and_the_summary_says_so() {
    let old = LOCK_API.replace("0.4.99", "0.3.4");
    let files = [
        ("Cargo.toml", MANIFEST),
        ("src/lib.rs", PROGRAM),
        ("lock_api/Cargo.toml", &old),
        ("lock_api/src/lib.rs", "pub struct Mutex { pub inner: u8 }"),
    ];
    let (code, said) = said(&mut project("old", &files));
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("Untracked locks of lock_api 0.3.4: only 0.4 and 0.5 are known"), "{said}");
}

#[test]
fn a_lock_api_that_does_not_compile_any_more_is_compiled_as_it_is() {
    let mutex = "
pub struct Mutex<R = u8> { raw: R, pub inner: u8 }
pub struct MappedMutexGuard<'a, R> { pub raw: &'a R }
impl<T> Mutex<T> {
    pub fn new(raw: T) -> Self { Mutex { raw, inner: 1 } }
    pub fn raw(&self) -> &T { &self.raw }
}
";
    let rwlock =
        mutex.replace("MappedMutexGuard<'a, R> { pub", "MappedRwLockReadGuard<'a, R> { pub").replace("Mutex", "RwLock")
            + "pub struct MappedRwLockWriteGuard<'a, R> { pub raw: &'a R }";
    let remutex = "
pub struct RawReentrantMutex<R> { mutex: R }
impl<R> RawReentrantMutex<R> { pub fn lock(&self) { (|| self.mutex.lock())() } }
pub struct ReentrantMutex<T> { raw: RawReentrantMutex<T> }
impl<T> ReentrantMutex<T> {
    pub fn new(mutex: T) -> Self { ReentrantMutex { raw: RawReentrantMutex { mutex } } }
    pub unsafe fn raw(&self) -> &T { &self.raw.mutex }
}
";
    let files = [
        ("Cargo.toml", MANIFEST),
        (
            "src/lib.rs",
            "#[test] fn it_locks() { assert_eq!(*std::sync::Mutex::new(1).lock().unwrap(), lock_api::ONE) }",
        ),
        ("lock_api/Cargo.toml", LOCK_API),
        ("lock_api/src/lib.rs", "pub const ONE: u8 = 1;"),
        ("lock_api/src/mutex.rs", mutex),
        ("lock_api/src/remutex.rs", remutex),
        ("lock_api/src/rwlock.rs", &rwlock),
    ];
    let (code, said) = said(&mut project("uncompilable", &files));
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("test result: ok. 1 passed"), "{said}");
    assert!(said.contains("Untracked locks of lock_api 0.4.99: error"), "{said}");
}
