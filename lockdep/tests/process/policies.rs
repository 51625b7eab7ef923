//! Settings and sinks, each in a process of its own: this test program runs itself with other variables.
#![cfg(all(debug_assertions, unix))]

use lockdep::LockClassKey;
use lockdep::config::{Builder, Policy};
use lockdep::core::finding::{Code, Finding};
use lockdep::core::log::{Merged, merge};
use lockdep::parking_lot::Mutex;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

static A: LockClassKey = LockClassKey::new("A");
static B: LockClassKey = LockClassKey::new("B");
static LOCKS: (Mutex<u32>, Mutex<u32>) = (Mutex::named(&A, 0), Mutex::named(&B, 0));

fn one_way() {
    drop((LOCKS.0.lock(), LOCKS.1.lock()));
}

fn other_way() {
    drop((LOCKS.1.lock(), LOCKS.0.lock()));
}

/// Locks that sinks take: not those of the program, which are held while it is reported on.
fn sinks_own() {
    static OWN: (Mutex<u32>, Mutex<u32>) = (Mutex::new(0), Mutex::new(0));
    drop((OWN.0.lock(), OWN.1.lock()));
    drop((OWN.1.lock(), OWN.0.lock()));
}

/// Runs one of the ignored tests below in a process of its own.
fn child(name: &str, variables: &[(&str, &Path)]) -> (Output, String) {
    let mut command = Command::new(std::env::current_exe().expect("this program has a path"));
    command.args(["--ignored", "--exact", name, "--nocapture", "--test-threads=1"]);
    for variable in ["LOCKDEP", "LOCKDEP_DIR", "LOCKDEP_ORDER", "LOCKDEP_STACKS"] {
        command.env_remove(variable);
    }
    let output = command.envs(variables.iter().copied()).output().expect("it starts");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    (output, said)
}

fn folder(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&path);
    path
}

fn merged(folder: &Path) -> Merged {
    let files = std::fs::read_dir(folder).expect("the folder was made");
    let logs = files.map(|file| {
        let path = file.expect("a readable folder").path();
        (path.display().to_string(), std::fs::read_to_string(&path).expect("a readable log"))
    });
    merge(logs.collect::<Vec<_>>())
}

#[test]
#[ignore = "a child of the tests below"]
fn child_inverts() {
    one_way();
    other_way();
}

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
#[ignore = "a child of the tests below"]
fn child_panics_in_an_acquisition() {
    one_way();
    let caught = std::panic::catch_unwind(other_way);
    let message = caught.expect_err("the finding panics").downcast::<String>().expect("with a text");
    assert!(message.starts_with("error[lockdep::inversion]"), "{message}");
    assert!(LOCKS.0.try_lock().is_some() && LOCKS.1.try_lock().is_some(), "both are free again");
    assert!(lockdep::held().is_empty());
}

#[test]
#[ignore = "a child of the tests below"]
fn child_panics_in_an_acquisition_of_std() {
    use lockdep::std::sync;
    static LOCKS: (sync::Mutex<u32>, sync::RwLock<u32>) = (sync::Mutex::named(&A, 0), sync::RwLock::named(&B, 0));
    drop((LOCKS.0.lock(), LOCKS.1.write()));
    let other_way = || drop((LOCKS.1.write(), LOCKS.0.lock()));
    std::panic::catch_unwind(other_way).expect_err("the finding panics");
    assert!(!LOCKS.0.is_poisoned() && LOCKS.1.is_poisoned(), "the panic was under the second, and about the first");
    assert!(LOCKS.0.try_lock().is_ok() && lockdep::held().is_empty());
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
fn child_forks() {
    unsafe extern "C" {
        fn fork() -> i32;
        fn waitpid(pid: i32, status: *mut i32, options: i32) -> i32;
        fn _exit(status: i32) -> !;
    }
    one_way();
    // SAFETY: no other thread of this process holds a lock now: the test harness runs one test and waits for it.
    let pid = unsafe { fork() };
    if pid == 0 {
        other_way();
        // SAFETY: the child ends here; that its log has no last line is what readers know how to take.
        unsafe { _exit(0) };
    }
    let mut status = 0;
    // SAFETY: `status` outlives the call.
    assert_eq!(unsafe { waitpid(pid, &raw mut status, 0) }, pid);
    assert_eq!(status, 0);
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

#[test]
fn off_tracks_nothing_and_warn_prints() {
    let (output, said) = child("child_inverts", &[("LOCKDEP", Path::new("off"))]);
    assert!(output.status.success() && !said.contains("lockdep"), "{said}");
    let (output, said) = child("child_inverts", &[]);
    assert!(output.status.success(), "{said}");
    assert_eq!(said.matches("error[lockdep::inversion]").count(), 1, "{said}");
}

#[test]
fn deny_fails_a_process_that_would_have_succeeded() {
    let (output, said) = child("child_inverts", &[("LOCKDEP", Path::new("deny"))]);
    assert_eq!(output.status.code(), Some(1), "{said}");
}

#[test]
fn abort_aborts_after_the_report() {
    let (output, said) = child("child_inverts", &[("LOCKDEP", Path::new("abort"))]);
    assert_eq!(output.status.code(), None, "a signal ended it");
    assert!(said.contains("error[lockdep::inversion]"), "{said}");
}

#[test]
fn a_panic_in_an_acquisition_unlocks_first() {
    let (output, said) = child("child_panics_in_an_acquisition", &[("LOCKDEP", Path::new("panic"))]);
    assert!(output.status.success(), "{said}");
}

#[test]
fn a_panic_in_an_acquisition_poisons_only_what_was_held() {
    let (output, said) = child("child_panics_in_an_acquisition_of_std", &[("LOCKDEP", Path::new("panic"))]);
    assert!(output.status.success(), "{said}");
}

#[test]
fn a_callback_may_lock_and_is_not_tracked() {
    let (output, said) = child("child_locks_in_a_callback", &[]);
    assert!(output.status.success(), "{said}");
}

#[test]
fn a_subscriber_may_lock_and_is_not_tracked() {
    let (output, said) = child("child_emits_events", &[]);
    assert!(output.status.success(), "{said}");
}

#[test]
fn help_and_unknown_values_are_told_and_the_program_runs() {
    let (output, said) = child("child_inverts", &[("LOCKDEP", Path::new("help"))]);
    assert!(output.status.success());
    for word in ["LOCKDEP=warn", "LOCKDEP_DIR", "LOCKDEP_ORDER", "LOCKDEP_STACKS"] {
        assert!(said.contains(word), "{said}");
    }
    let odd = [("LOCKDEP", "loud"), ("LOCKDEP_STACKS", "yes"), ("LOCKDEP_ORDER", "/nonexistent")];
    let (output, said) = child("child_inverts", &odd.map(|(name, value)| (name, Path::new(value))));
    assert!(output.status.success());
    for (name, value) in odd {
        assert!(said.contains(&format!("{name}={value}")), "{said}");
    }
}

#[test]
fn stacks_are_printed_on_request_and_start_in_the_program() {
    let (output, said) = child("child_inverts", &[("LOCKDEP_STACKS", Path::new("1"))]);
    assert!(output.status.success(), "{said}");
    let stacks: Vec<&str> = said.split("  stack of `").skip(1).collect();
    assert_eq!(stacks.len(), 2, "one for every edge: {said}");
    for (stack, function) in stacks.iter().zip(["policies::one_way", "policies::other_way"]) {
        assert!(stack.lines().nth(1).is_some_and(|line| line.trim() == function), "{said}");
    }
    assert!(!said.contains("__rust_begin_short_backtrace"), "{said}");
}

#[test]
fn an_order_file_is_checked_while_the_program_runs() {
    let folder = folder("order-file");
    std::fs::create_dir_all(&folder).expect("a folder can be made");
    let file = folder.join("locks.order");
    std::fs::write(&file, "lockdep order v1\nB\n  A\n").expect("a file can be written");
    let (output, said) = child("child_inverts", &[("LOCKDEP_ORDER", &file)]);
    assert!(output.status.success() && said.contains("error[lockdep::hierarchy]"), "{said}");
}

#[test]
fn a_log_survives_an_abort_and_a_folder_that_cannot_be_used_is_told() {
    let logs = folder("abort-logs");
    let (output, _) = child("child_inverts", &[("LOCKDEP", Path::new("abort")), ("LOCKDEP_DIR", &logs)]);
    assert_eq!(output.status.code(), None);
    let merged = merged(&logs);
    assert_eq!((merged.processes, merged.complete), (1, 0));
    assert_eq!(merged.engine.findings(&merged.registry)[0].code, Code::Inversion);
    let (output, said) = child("child_inverts", &[("LOCKDEP_DIR", Path::new("/dev/null/logs"))]);
    assert!(output.status.success());
    assert_eq!(said.matches("is incomplete").count(), 1, "{said}");
}

#[test]
fn a_forked_child_writes_its_own_log() {
    let logs = folder("fork-logs");
    let (output, said) = child("child_forks", &[("LOCKDEP", Path::new("record")), ("LOCKDEP_DIR", &logs)]);
    assert!(output.status.success(), "{said}");
    let merged = merged(&logs);
    assert_eq!((merged.processes, merged.complete, merged.warnings.len()), (2, 1, 0), "{:?}", merged.warnings);
    assert_eq!(merged.engine.findings(&merged.registry)[0].code, Code::Inversion);
    assert_eq!(merged.engine.dependencies().edges().len(), 2);
}

#[test]
fn threads_that_wait_for_each_other_are_reported_while_they_hang() {
    let (output, said) = child("child_gets_stuck", &[]);
    assert_eq!(output.status.code(), Some(77), "{said}");
    assert!(said.contains("error[lockdep::deadlock]: `"), "{said}");
    assert!(said.contains("wait for each other and will never go on"), "{said}");
    assert!(said.contains("grade: Blocked"), "{said}");
    for thread in ["`left` took `A`", "`right` took `B`", "`left` at `B`", "`right` at `A`"] {
        assert!(said.contains(thread), "{thread}: {said}");
    }
}

unsafe extern "C" {
    fn kill(process: i32, signal: i32) -> i32;
}

#[test]
fn a_long_wait_and_a_signal_print_who_holds_and_who_waits() {
    let mut command = Command::new(std::env::current_exe().expect("this program has a path"));
    command.args(["--ignored", "--exact", "child_waits_long", "--nocapture", "--test-threads=1"]);
    command.env("LOCKDEP_HANG", "20ms").env("LOCKDEP_SIGQUIT", "1").env_remove("LOCKDEP").env_remove("LOCKDEP_DIR");
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
    assert_eq!(unsafe { kill(i32::try_from(child.id()).expect("a process id"), 3) }, 0);
    let asked = dump(&mut said, "as asked by SIGQUIT");
    assert!(is_complete(&asked), "{asked}");
    drop(child.stdin.take());
    assert!(child.wait().expect("it ends").success(), "the signal did not end it");
}
