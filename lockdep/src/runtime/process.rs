//! The end of the process.

use super::state;
use crate::config::{self, Policy};
use crate::sink;
use lockdep_core::log::Record;
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

unsafe extern "C" {
    fn atexit(hook: extern "C" fn()) -> i32;
    fn _exit(status: i32) -> !;
}

/// Set by the first finding at level deny. Pairs with nothing: it is read at exit, and orders no other data.
static DENIED: AtomicBool = AtomicBool::new(false);

/// Remembers that the run is not clean.
pub(crate) fn deny() {
    DENIED.store(true, Relaxed);
}

/// What the parent did is not this process's doing.
pub(super) fn forked() {
    DENIED.store(false, Relaxed);
}

/// Sees to it that the log gets its last lines, and that a policy of deny decides the exit status.
pub(super) fn watch_exit() {
    static REGISTERED: Once = Once::new();
    REGISTERED.call_once(|| {
        let config = config::get();
        if config.dir.is_some() || config.policy == Policy::Deny {
            // SAFETY: `at_exit` is a function of the right type that lives as long as the process. If there is no
            // room for it the log has no last line, which its readers know how to take.
            unsafe { atexit(at_exit) };
        }
    });
}

/// Runs on the thread that ends the process, after its thread-locals are gone.
extern "C" fn at_exit() {
    if sink::is_recording() {
        let (mut records, acquisitions) = {
            let mut state = state();
            (state.preamble(), state.acquisitions())
        };
        records.retain(|record| matches!(record, Record::Instances { n, .. } if !n.is_power_of_two()));
        records.push(Record::Exit { acquisitions });
        sink::record(&records);
        sink::check_log();
    }
    if config::get().policy == Policy::Deny && DENIED.load(Relaxed) {
        // SAFETY: the process is ending; Rust's own output was flushed before the exit hooks.
        unsafe { _exit(1) }
    }
}

/// The classes as a log begins: a forked child has them from its parent, but its log does not.
pub(crate) fn inherited() -> Vec<Record> {
    state().preamble()
}
