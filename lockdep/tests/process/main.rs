//! Settings, sinks and ends, each in a process of its own: this test program runs itself with other variables.
#![cfg(all(debug_assertions, unix))]

mod exits;
mod forks;
mod hangs;
mod listeners;
mod logs;
mod policies;
mod settings;
mod streams;

use lockdep::LockClassKey;
use lockdep::core::log::{Merged, merge};
use lockdep::parking_lot::Mutex;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

static A: LockClassKey = LockClassKey::new("A");
static B: LockClassKey = LockClassKey::new("B");
static LOCKS: (Mutex<u32>, Mutex<u32>) = (Mutex::named(&A, 0), Mutex::named(&B, 0));

fn one_way() {
    drop((LOCKS.0.lock(), LOCKS.1.lock()));
}

fn other_way() {
    drop((LOCKS.1.lock(), LOCKS.0.lock()));
}

/// A test of this program, to be run in a process of its own. One that hangs is killed after a minute.
fn command(name: &str, variables: &[(&str, &Path)]) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("this program has a path"));
    command.args(["--ignored", "--exact", name, "--nocapture", "--test-threads=1"]);
    for variable in ["", "_DIR", "_ORDER", "_STACKS", "_HANG", "_SIGQUIT"] {
        command.env_remove(format!("LOCKDEP{variable}"));
    }
    let limit = || {
        // SAFETY: it takes no pointers and may be called between fork and exec.
        unsafe { libc::alarm(60) };
        Ok(())
    };
    // SAFETY: `limit` does what is allowed between fork and exec, and nothing else.
    unsafe { command.envs(variables.iter().copied()).pre_exec(limit) };
    command
}

/// Runs an ignored test in a process of its own; returns also what it said on standard error.
fn child(name: &str, variables: &[(&str, &Path)]) -> (Output, String) {
    let output = command(name, variables).output().expect("it starts");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    (output, said)
}

/// The same for one that must succeed.
fn passes(name: &str, variables: &[(&str, &Path)]) -> String {
    let (output, said) = child(name, variables);
    assert!(output.status.success(), "{:?}: {said}{}", output.status, String::from_utf8_lossy(&output.stdout));
    said
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
