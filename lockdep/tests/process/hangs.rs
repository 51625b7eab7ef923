//! Threads that hang, told while they do.

use crate::{LOCKS, child, command};
use lockdep::config::Builder;
use lockdep::core::finding::{Code, Finding};
use lockdep::parking_lot::Mutex;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Stdio;

#[test]
#[ignore = "a child of the tests below"]
#[allow(clippy::print_stderr, reason = "the process ends before the report would be printed")]
fn child_gets_stuck() {
    let exit_on_deadlock = |finding: &Finding| {
        if finding.code == Code::Deadlock {
            eprint!("{finding}");
            std::process::exit(77);
        }
    };
    Builder::new().on_finding(exit_on_deadlock).install().expect("no lock was used");
    let both_hold = std::sync::Barrier::new(2);
    std::thread::scope(|scope| {
        let work = |first: &'static Mutex<u32>, second: &'static Mutex<u32>| {
            let held = first.lock();
            both_hold.wait();
            drop((second.lock(), held));
        };
        let named = |name: &str| std::thread::Builder::new().name(name.into());
        named("left").spawn_scoped(scope, move || work(&LOCKS.0, &LOCKS.1)).expect("a thread");
        named("right").spawn_scoped(scope, move || work(&LOCKS.1, &LOCKS.0)).expect("a thread");
    });
}

#[test]
#[ignore = "a child of the tests below"]
fn child_waits_long() {
    let (held, waiter) = (LOCKS.0.lock(), std::thread::Builder::new().name("waiter".into()));
    let waiter = waiter.spawn(|| drop((LOCKS.1.lock(), LOCKS.0.lock()))).expect("a thread");
    // Ends when the parent, which reads what the watch says, closes the input.
    let _ = std::io::stdin().read_line(&mut String::new());
    drop(held);
    waiter.join().expect("it gets the lock in the end");
}

#[test]
fn threads_that_wait_for_each_other_are_reported_while_they_hang() {
    let (output, said) = child("hangs::child_gets_stuck", &[]);
    assert_eq!(output.status.code(), Some(77), "{said}");
    assert!(said.contains("error[lockdep::deadlock]: `"), "{said}");
    assert!(said.contains("wait for each other and will never go on"), "{said}");
    assert!(said.contains("grade: Blocked"), "{said}");
    for thread in ["`left` took `A`", "`right` took `B`", "`left` at `B`", "`right` at `A`"] {
        assert!(said.contains(thread), "{thread}: {said}");
    }
}

#[test]
fn a_long_wait_and_a_signal_print_who_holds_and_who_waits() {
    let variables = [("LOCKDEP_HANG", Path::new("20ms")), ("LOCKDEP_SIGQUIT", Path::new("1"))];
    let mut command = command("hangs::child_waits_long", &variables);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("starts");
    let mut said = BufReader::new(child.stderr.take().expect("it is piped")).lines().map_while(Result::ok);
    let dump = |said: &mut dyn Iterator<Item = String>, title: &str| -> String {
        let from_title = said.skip_while(|line| !line.contains(title));
        from_title.take(6).map(|line| line.split(" at ").next().unwrap_or_default().to_owned() + "\n").collect()
    };
    let is_complete = |dump: &str| {
        let parts = ["holds `A` (write)\n", "  `waiter`\n    holds `B` (write)\n    waits for `A` (write)\n"];
        parts.iter().all(|part| dump.contains(part))
    };
    let long = dump(&mut said, "a thread has waited for 20ms");
    assert!(is_complete(&long), "{long}");
    // SAFETY: a signal to a child that has not been waited for.
    assert_eq!(unsafe { libc::kill(i32::try_from(child.id()).expect("a process id"), libc::SIGQUIT) }, 0);
    let asked = dump(&mut said, "as asked by SIGQUIT");
    assert!(is_complete(&asked), "{asked}");
    drop(child.stdin.take());
    assert!(child.wait().expect("it ends").success(), "the signal did not end it");
}
