//! Children and successors of a process.

use crate::{LOCKS, child, folder, merged, one_way, other_way, passes};
use lockdep::core::finding::Code;
use lockdep::parking_lot::Mutex;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

#[test]
#[ignore = "a child of the tests below"]
fn child_forks() {
    one_way();
    // SAFETY: no other thread of this process holds a lock now: the test harness runs one test and waits for it.
    let pid = unsafe { libc::fork() };
    if pid == 0 {
        other_way();
        // SAFETY: the child ends here; that its log has no last line is what readers know how to take.
        unsafe { libc::_exit(0) };
    }
    let mut status = 0;
    // SAFETY: `status` outlives the call.
    assert_eq!(unsafe { libc::waitpid(pid, &raw mut status, 0) }, pid);
    assert_eq!(status, 0);
}

/// Forks while another thread is inside the checker most of the time.
#[test]
#[ignore = "a child of the tests below"]
fn child_forks_beside_a_busy_thread() {
    let done = AtomicBool::new(false);
    std::thread::scope(|threads| {
        threads.spawn(|| {
            while !done.load(Relaxed) {
                drop(Mutex::new(1u16).lock());
            }
        });
        for _ in 0..100 {
            let new = || drop((LOCKS.0.lock(), Mutex::new(1u32).lock()));
            assert_eq!(status_of_child(new), 0);
        }
        done.store(true, Relaxed);
    });
}

/// Runs something in a child; one that hangs is killed.
pub(crate) fn status_of_child(f: impl FnOnce()) -> i32 {
    // SAFETY: what runs in the child allocates, which the C library allows it, and takes locks that no thread holds, which is
    // what is tested.
    let pid = unsafe { libc::fork() };
    if pid == 0 {
        // SAFETY: it takes no pointers.
        unsafe { libc::alarm(20) };
        f();
        // SAFETY: the child ends here.
        unsafe { libc::_exit(0) };
    }
    let mut status = 0;
    // SAFETY: `status` outlives the call.
    assert_eq!(unsafe { libc::waitpid(pid, &raw mut status, 0) }, pid);
    status
}

#[test]
#[ignore = "a child of the tests below"]
fn child_exits_as_a_child() {
    one_way();
    other_way();
    // SAFETY: there is no other thread that would matter.
    let pid = unsafe { libc::fork() };
    if pid == 0 {
        drop(LOCKS.0.lock());
        std::process::exit(0);
    }
    let mut status = 0;
    // SAFETY: `status` outlives the call.
    assert_eq!(unsafe { libc::waitpid(pid, &raw mut status, 0) }, pid);
    assert_eq!(status, 0, "the finding was the parent's");
}

#[test]
#[ignore = "a child of the tests below"]
fn child_becomes_another_program() {
    if std::env::var_os("AGAIN").is_some() {
        return other_way();
    }
    one_way();
    let arguments = std::env::args_os().skip(1);
    let mut again = std::process::Command::new(std::env::current_exe().expect("it has a path"));
    panic!("{}", again.args(arguments).env("AGAIN", "1").exec());
}

#[test]
fn a_child_of_a_process_whose_other_thread_was_inside_the_checker_can_lock() {
    passes("forks::child_forks_beside_a_busy_thread", &[("LOCKDEP", Path::new("record"))]);
}

#[test]
fn a_child_counts_its_own_acquisitions_and_findings() {
    let logs = folder("count-logs");
    let (output, said) =
        child("forks::child_exits_as_a_child", &[("LOCKDEP", Path::new("deny")), ("LOCKDEP_DIR", &logs)]);
    assert_eq!(output.status.code(), Some(1), "the parent made a finding: {said}");
    let merged = merged(&logs);
    assert_eq!((merged.processes, merged.complete, merged.acquisitions), (2, 2, 5));
}

#[test]
fn an_exec_ends_one_log_and_begins_another() {
    let logs = folder("exec-logs");
    passes("forks::child_becomes_another_program", &[("LOCKDEP", Path::new("record")), ("LOCKDEP_DIR", &logs)]);
    let merged = merged(&logs);
    assert_eq!((merged.processes, merged.complete, merged.warnings.len()), (2, 1, 0), "{:?}", merged.warnings);
    assert_eq!(merged.engine.findings(&merged.registry)[0].code, Code::Inversion);
}

#[test]
fn a_forked_child_writes_its_own_log() {
    let logs = folder("fork-logs");
    passes("forks::child_forks", &[("LOCKDEP", Path::new("record")), ("LOCKDEP_DIR", &logs)]);
    let merged = merged(&logs);
    assert_eq!((merged.processes, merged.complete, merged.warnings.len()), (2, 1, 0), "{:?}", merged.warnings);
    assert_eq!(merged.engine.findings(&merged.registry)[0].code, Code::Inversion);
    assert_eq!(merged.engine.dependencies().edges().len(), 2);
}
