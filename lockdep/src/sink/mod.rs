//! Where findings go as soon as they are made. Sinks are called with no lock of the checker held and never call back.

use lockdep_core::finding::{Finding, Level};
use std::sync::LazyLock;

/// What is done about a finding at level deny; `LOCKDEP` says which. Warnings are always printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Policy {
    /// Print nothing.
    Off,
    /// Print.
    Warn,
    /// Print, then panic at the acquisition.
    Panic,
    /// Print, then abort the process.
    Abort,
}

static POLICY: LazyLock<Policy> = LazyLock::new(|| match std::env::var("LOCKDEP").as_deref() {
    Ok("off") => Policy::Off,
    Ok("panic") => Policy::Panic,
    Ok("abort") => Policy::Abort,
    _ => Policy::Warn,
});

/// Delivers new findings at the acquisition that made them.
///
/// # Panics
/// If one of them is to be denied and the policy says so, unless the thread is panicking already.
pub(crate) fn deliver(findings: &[Finding]) {
    note(findings);
    let denied = findings.iter().find(|finding| finding.grade.default_level() == Level::Deny);
    match (denied, *POLICY) {
        (Some(finding), Policy::Panic) if !std::thread::panicking() => panic!("{finding}"),
        (Some(_), Policy::Abort) => std::process::abort(),
        _ => {}
    }
}

/// Delivers findings from where nothing may panic.
#[allow(clippy::print_stderr, reason = "printing is what this sink is for")]
pub(crate) fn note(findings: &[Finding]) {
    for finding in findings.iter().filter(|finding| finding.grade.default_level() > Level::Allow) {
        if *POLICY != Policy::Off {
            eprintln!("{finding}");
        }
    }
}
