//! Standard error, in all conditions.

use crate::{LOCKS, one_way, other_way, passes};
use std::fs::File;
use std::os::fd::{AsRawFd, IntoRawFd};

/// Makes and reports a finding; the thread goes on.
fn invert() {
    one_way();
    other_way();
    assert!(LOCKS.0.try_lock().is_some() && lockdep::findings().len() == 1);
}

fn stderr_becomes(file: i32) {
    // SAFETY: both are open, and nobody else writes to standard error now.
    assert_eq!(unsafe { libc::dup2(file, 2) }, 2);
}

#[test]
#[ignore = "a child of the tests below"]
fn child_has_a_pipe_without_a_reader() {
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    stderr_becomes(writer.as_raw_fd());
    invert();
}

#[test]
#[ignore = "a child of the tests below"]
#[cfg(target_os = "linux")]
fn child_has_a_full_disk() {
    stderr_becomes(File::options().write(true).open("/dev/full").expect("Linux has one").as_raw_fd());
    invert();
}

#[test]
#[ignore = "a child of the tests below"]
fn child_has_closed_it() {
    // SAFETY: nobody uses it meanwhile; writes to it fail from now on.
    assert_eq!(unsafe { libc::close(2) }, 0);
    invert();
}

#[test]
#[ignore = "a child of the tests below"]
fn child_has_locked_it() {
    let _locked = std::io::stderr().lock();
    invert();
}

#[test]
#[ignore = "a child of the tests below"]
fn child_opens_a_file_in_its_place() {
    // SAFETY: nobody uses it meanwhile.
    assert_eq!(unsafe { libc::close(2) }, 0);
    let file = File::options().read(true).open("/dev/null").expect("it is there").into_raw_fd();
    assert_eq!(file, 2);
    invert();
}

#[test]
fn a_report_that_cannot_be_printed_costs_only_itself() {
    passes("streams::child_has_a_pipe_without_a_reader", &[]);
    #[cfg(target_os = "linux")]
    passes("streams::child_has_a_full_disk", &[]);
    passes("streams::child_has_closed_it", &[]);
    passes("streams::child_opens_a_file_in_its_place", &[]);
}

#[test]
fn a_thread_that_has_locked_it_can_make_a_finding() {
    let said = passes("streams::child_has_locked_it", &[]);
    assert!(said.contains("error[lockdep::inversion]"), "{said}");
}
