//! Where facts and findings go. Sinks are called with no lock of the checker held, on a thread whose block is busy, so
//! that locks they take are not tracked; they never call back.

mod events;
mod log;
mod stderr;

use crate::config::{self, Policy};
use crate::runtime::{Work, call_listener, deny, stack};
use lockdep_core::finding::{Code, Finding, Grade, Level};
use lockdep_core::log::Record;

pub(crate) use log::{LogGuard, check_log, is_recording, lock_log};

/// Whether anyone wants to hear of new classes and dependencies.
pub(crate) fn listening() -> bool {
    call_listener(events::enabled)
}

/// Writes facts to the log of this process, if it has one.
pub(crate) fn record(records: &[Record]) {
    log::record(records);
}

/// Tells everyone what is new, except for what may panic or end the process.
pub(crate) fn announce(work: &Work) {
    call_listener(|| events::emit(work));
    for finding in &work.findings {
        let level = finding.level;
        if level == Level::Deny {
            deny();
        }
        if let Some(callback) = &config::get().callback {
            call_listener(|| callback(finding));
        }
        log::hint(finding);
        if level > Level::Allow && is_printed(finding) {
            stderr::print(&told(finding));
        }
    }
}

/// The report, with the stacks of its acquisitions where they were captured.
fn told(finding: &Finding) -> String {
    let mut text = finding.to_string();
    for witness in finding.cycle.iter().map(|edge| &edge.witness).chain(&finding.witness) {
        if let Some(stack) = stack(witness) {
            text.push_str(&format!("  stack of `{}` at {}:\n{stack}", witness.wanted, witness.site));
        }
    }
    text
}

/// Whether the policy prints this finding. In a recorded run the reader of the log prints, but a thread that is about
/// to block for ever may leave nobody who does.
fn is_printed(finding: &Finding) -> bool {
    match config::get().policy {
        Policy::Off => false,
        Policy::Record => finding.code == Code::SelfDeadlock || finding.grade == Grade::Blocked,
        Policy::Warn | Policy::Deny | Policy::Panic | Policy::Abort => true,
    }
}

/// Does what the policy says about findings that were announced.
///
/// # Panics
/// If one of them is to be denied and the policy is to panic, unless the thread is panicking already.
pub(crate) fn act(findings: &[Finding]) {
    let denied = findings.iter().find(|finding| finding.level == Level::Deny);
    match (denied, config::get().policy) {
        (Some(finding), Policy::Panic) if !std::thread::panicking() => panic!("{finding}"),
        (Some(_), Policy::Abort) => std::process::abort(),
        _ => {}
    }
}

/// Tells the user about settings or files that do not work.
pub(crate) fn complain(complaints: &[String]) {
    complaints.iter().for_each(|complaint| stderr::print(&format!("lockdep: {complaint}")));
}
