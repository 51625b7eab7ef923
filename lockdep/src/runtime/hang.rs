//! The dump of who holds and who waits: after a wait that takes too long, or when asked by signal.

use super::{ThreadHeld, held};
use crate::config;
use crate::sink;
use lockdep_core::finding::HeldLabel;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// How often the watch looks, if the limit does not ask for more.
const PERIOD: Duration = Duration::from_millis(100);

/// Set by the signal handler. It orders no other data.
static ASKED: AtomicBool = AtomicBool::new(false);

/// Set once the watch runs. It orders no other data.
static STARTED: AtomicBool = AtomicBool::new(false);

/// Starts the watch, if the settings ask for one and it does not run yet.
pub(super) fn watch() {
    if STARTED.load(Relaxed) || STARTED.swap(true, Relaxed) {
        return;
    }
    let config = config::get();
    if config.sigquit {
        listen();
    }
    if config.sigquit || config.hang.is_some() {
        let limit = config.hang;
        let started = std::thread::Builder::new().name("lockdep watch".into()).spawn(move || run(limit));
        if let Err(error) = started {
            sink::complain(&[format!("the watch for hanging threads could not be started: {error}")]);
        }
    }
}

/// A child has no watch until one of its threads waits or makes its first acquisition.
pub(super) fn forked() {
    STARTED.store(false, Relaxed);
}

fn run(limit: Option<Duration>) {
    let period = limit.map_or(PERIOD, |limit| (limit / 4).clamp(Duration::from_millis(1), PERIOD));
    let mut waits = HashMap::new();
    loop {
        std::thread::sleep(period);
        if ASKED.swap(false, Relaxed) {
            sink::complain(&[dump("who holds and who waits, as asked by SIGQUIT", &held())]);
        }
        if limit.is_some_and(|limit| someone_hangs(limit, &mut waits)) {
            let limit = limit.unwrap_or_default();
            sink::complain(&[dump(&format!("a thread has waited for {limit:?}; who holds and who waits"), &held())]);
        }
    }
}

/// Whether a wait has become too long since the last look. Each is told once.
fn someone_hangs(limit: Duration, waits: &mut HashMap<*const lockdep_rt::Block, (u64, Instant, bool)>) -> bool {
    let mut hangs = false;
    for block in lockdep_rt::blocks() {
        let Some(wait) = block.wait.get() else {
            waits.remove(&std::ptr::from_ref(block));
            continue;
        };
        let fresh = (wait.count, Instant::now(), false);
        let known = waits.entry(block).or_insert(fresh);
        if known.0 != wait.count {
            *known = fresh;
        }
        if !known.2 && known.1.elapsed() >= limit {
            known.2 = true;
            hangs = true;
        }
    }
    hangs
}

fn dump(why: &str, threads: &[ThreadHeld]) -> String {
    let lock = |lock: &HeldLabel| format!("`{}` ({}) at {}", lock.label, lock.mode.name(), lock.site);
    let mut text = format!("{why}:");
    for thread in threads {
        text.push_str(&format!("\n  `{}`", thread.thread));
        thread.locks.iter().for_each(|held| text.push_str(&format!("\n    holds {}", lock(held))));
        thread.waits.iter().for_each(|wait| text.push_str(&format!("\n    waits for {}", lock(wait))));
    }
    if threads.is_empty() {
        text.push_str("\n  nobody holds or waits for an instrumented lock");
    }
    text
}

#[cfg(unix)]
fn listen() {
    extern "C" fn ask(_: i32) {
        ASKED.store(true, Relaxed);
    }
    // SAFETY: the handler has the right type, lives as long as the process, and only stores to an atomic.
    unsafe { libc::signal(libc::SIGQUIT, ask as extern "C" fn(i32) as libc::sighandler_t) };
}

#[cfg(not(unix))]
fn listen() {
    sink::complain(&["LOCKDEP_SIGQUIT needs a system that has signals".to_owned()]);
}
