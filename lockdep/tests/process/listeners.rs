//! Subscribers and callbacks: code of the program that is called in the middle of an acquisition, and locks.

use crate::{LOCKS, one_way, other_way, passes};
use lockdep::config::{Builder, Policy};
use lockdep::core::finding::Code;
use lockdep::parking_lot::Mutex;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// Locks that sinks take: not those of the program, which are held while it is reported on.
fn sinks_own() {
    static OWN: (Mutex<u32>, Mutex<u32>) = (Mutex::new(0), Mutex::new(0));
    drop((OWN.0.lock(), OWN.1.lock()));
    drop((OWN.1.lock(), OWN.0.lock()));
}

#[test]
#[ignore = "a child of the tests below"]
fn child_locks_in_a_callback() {
    static CALLS: AtomicU32 = AtomicU32::new(0);
    static SEEN: Mutex<Vec<String>> = Mutex::new(Vec::new());
    let builder = Builder::new().policy(Policy::Record).on_finding(|finding| {
        // Were the state locked now, or this lock tracked, one of these would hang.
        SEEN.lock().push(finding.id.clone());
        assert!(lockdep::findings().is_empty(), "the checker does not answer while it reports");
        sinks_own();
        CALLS.fetch_add(1, Relaxed);
    });
    builder.clone().install().expect("nothing was locked before");
    one_way();
    assert!(builder.install().is_err(), "it is too late now");
    other_way();
    assert_eq!(CALLS.load(Relaxed), 1);
    assert_eq!(lockdep::findings()[0].id, SEEN.lock()[0]);
}

#[test]
#[ignore = "a child of the tests below"]
fn child_emits_events() {
    let subscriber = Subscriber;
    tracing::subscriber::set_global_default(subscriber).expect("there is none yet");
    one_way();
    other_way();
    let events = EVENTS.lock().clone();
    for event in ["lockdep::class DEBUG", "lockdep::dependency DEBUG", "lockdep::report ERROR"] {
        assert!(events.iter().any(|seen| seen == event), "{events:?}");
    }
}

/// Records events under an instrumented lock, and takes other ones too.
struct Subscriber;

static EVENTS: Mutex<Vec<String>> = Mutex::new(Vec::new());

impl tracing::Subscriber for Subscriber {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        sinks_own();
        true
    }

    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }

    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}

    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        sinks_own();
        let metadata = event.metadata();
        EVENTS.lock().push(format!("{} {}", metadata.target(), metadata.level()));
    }

    fn enter(&self, _: &tracing::span::Id) {}

    fn exit(&self, _: &tracing::span::Id) {}
}

/// As a subscriber does that is told something by the program while the checker has something to tell as well.
#[test]
#[ignore = "a child of the tests below"]
fn child_emits_an_event_under_a_lock() {
    tracing::subscriber::set_global_default(Subscriber).expect("there is none yet");
    let _held = LOCKS.0.lock();
    tracing::info!("the subscriber takes its lock under the held one for the first time");
    one_way_is_free();
    assert!(EVENTS.lock().iter().any(|event| event.ends_with("INFO")), "what the program told was heard");
    assert!(lockdep::graph().to_string().contains("A -> alloc::vec::Vec"), "and the order is known");
}

fn one_way_is_free() {
    drop(LOCKS.1.lock());
}

#[test]
#[ignore = "a child of the tests below"]
fn child_waits_for_itself_in_a_callback() {
    static SEEN: Mutex<u32> = Mutex::new(0);
    Builder::new().on_finding(|_| *SEEN.lock() += 1).install().expect("no lock was used");
    drop((SEEN.lock(), LOCKS.0.lock()));
    let held = LOCKS.0.lock();
    drop(SEEN.lock()); // the callback is called with this lock taken ...
    drop(held);
    drop((LOCKS.1.lock(), LOCKS.0.lock()));
    let _seen = SEEN.lock();
    drop((LOCKS.0.lock(), LOCKS.1.lock())); // ... and with this one held
    let codes: Vec<Code> = lockdep::findings().iter().map(|finding| finding.code).collect();
    assert!(codes.len() > 1 && codes.iter().all(|code| *code == Code::Inversion), "{codes:?}");
}

#[test]
#[ignore = "a child of the tests below"]
fn child_panics_in_a_callback() {
    Builder::new().on_finding(|_| panic!("on purpose")).install().expect("no lock was used");
    one_way();
    let panic = std::panic::catch_unwind(other_way).expect_err("the callback's panic comes out of the acquisition");
    assert_eq!(panic.downcast_ref::<&str>(), Some(&"on purpose"));
    assert!(LOCKS.0.try_lock().is_some() && LOCKS.1.try_lock().is_some() && lockdep::held().is_empty());
}

#[test]
fn a_subscriber_whose_lock_its_thread_has_misses_an_event_and_hangs_nobody() {
    let said = passes("listeners::child_emits_an_event_under_a_lock", &[]);
    assert_eq!(said.matches("misses what it was called for").count(), 1, "{said}");
}

#[test]
fn a_callback_whose_lock_its_thread_has_is_told_and_the_finding_is_not_lost() {
    let said = passes("listeners::child_waits_for_itself_in_a_callback", &[]);
    assert_eq!(said.matches("misses what it was called for").count(), 1, "{said}");
    assert!(said.contains("error[lockdep::inversion]"), "{said}");
}

#[test]
fn a_callback_may_panic() {
    passes("listeners::child_panics_in_a_callback", &[]);
}

#[test]
fn a_callback_may_lock_and_is_not_tracked() {
    passes("listeners::child_locks_in_a_callback", &[]);
}

#[test]
fn a_subscriber_may_lock_and_is_not_tracked() {
    passes("listeners::child_emits_events", &[]);
}
