//! A process that starts threads all the time: its own test, because the process runs out of segments.
#![cfg(debug_assertions)]

use lockdep::core::finding::Grade;
use lockdep::parking_lot::Mutex;
use lockdep::thread::spawn;

#[test]
fn segments_beyond_the_last_are_not_told_apart_and_excuse_nothing() {
    static LOCKS: (Mutex<u8>, Mutex<u16>) = (Mutex::new(0), Mutex::new(0));
    let scope = lockdep::testing::isolated();
    for _ in 0..600 {
        spawn(|| ()).join().unwrap();
    }
    spawn(|| drop((LOCKS.0.lock(), LOCKS.1.lock()))).join().unwrap();
    let backward = || {
        let _second = LOCKS.1.lock();
        let _first = LOCKS.0.lock();
    };
    spawn(backward).join().unwrap();
    assert_eq!(scope.findings().iter().map(|finding| finding.grade).collect::<Vec<_>>(), [Grade::Possible]);
}
