//! Projects, and the command as a user runs it in them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Where the projects are that are run as they stand.
const PROJECTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/projects");

/// One folder for all builds, so that what the projects share is built once.
const TARGET: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/projects");

/// The command itself.
pub const COMMAND: &str = env!("CARGO_BIN_EXE_cargo-lockdep");

/// Runs of one project are looked up as "the last one", so tests that make some in place do not overlap.
static TURN: Mutex<()> = Mutex::new(());

/// A project, and where it is.
pub struct Project {
    pub folder: PathBuf,
}

/// What the command printed and ended with.
pub struct Ended {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

/// The project whose two processes each see one half of an inversion, while nobody else runs it.
pub fn split() -> (Project, MutexGuard<'static, ()>) {
    (Project { folder: Path::new(PROJECTS).join("split") }, TURN.lock().unwrap_or_else(PoisonError::into_inner))
}

/// A copy of a project, to be written to.
pub fn copy(project: &str, name: &str) -> Project {
    let folder = folder(name);
    copy_folder(&Path::new(PROJECTS).join(project), &folder);
    let project = Project { folder };
    project.expect(&["clean", "--keep", "0"], 0);
    project
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder can be made");
    for entry in fs::read_dir(from).expect("the project is there") {
        let entry = entry.expect("a readable folder");
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if entry.file_type().expect("a kind").is_dir() {
            copy_folder(&from, &to);
        } else if entry.file_name() == "Cargo.toml" {
            let text = fs::read_to_string(&from).expect("a readable file");
            let lockdep = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
            fs::write(to, text.replace("../../../lockdep", lockdep)).expect("a file can be written");
        } else {
            fs::copy(&from, &to).expect("a file can be copied");
        }
    }
}

/// A project without any, outside of all others: logs from elsewhere can be read anywhere.
pub fn elsewhere(name: &str) -> Elsewhere {
    let folder = std::env::temp_dir().join(format!("cargo-lockdep-{}-{name}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder can be made");
    Elsewhere(Project { folder })
}

/// Goes with the test.
pub struct Elsewhere(Project);

impl std::ops::Deref for Elsewhere {
    type Target = Project;

    fn deref(&self) -> &Project {
        &self.0
    }
}

impl Drop for Elsewhere {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0.folder);
    }
}

/// An empty folder of a test's own.
pub fn folder(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).expect("a folder can be made");
    path
}

impl Project {
    /// The command with nothing of the caller's settings in its environment.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(COMMAND);
        command.arg("lockdep").args(args).current_dir(&self.folder).stdin(Stdio::null());
        command.env("CARGO_TARGET_DIR", TARGET).env("CARGO_TERM_COLOR", "never");
        for variable in ["LOCKDEP", "LOCKDEP_DIR", "LOCKDEP_ORDER", "RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS"] {
            command.env_remove(variable);
        }
        command
    }

    pub fn run(&self, args: &[&str]) -> Ended {
        ended(self.command(args).output().expect("the command starts"))
    }

    /// Runs what has to end with this code.
    #[track_caller]
    pub fn expect(&self, args: &[&str], code: i32) -> Ended {
        let ended = self.run(args);
        assert_eq!(ended.code, Some(code), "{args:?}\n{}{}", ended.out, ended.err);
        ended
    }

    pub fn write(&self, file: &str, text: &str) {
        let path = self.folder.join(file);
        fs::create_dir_all(path.parent().expect("a file is in a folder")).expect("a folder can be made");
        fs::write(path, text).expect("a file can be written");
    }

    pub fn read(&self, file: &str) -> String {
        fs::read_to_string(self.folder.join(file)).expect("the file is there")
    }

    pub fn has(&self, file: &str) -> bool {
        self.folder.join(file).exists()
    }
}

pub fn ended(Output { status, stdout, stderr }: Output) -> Ended {
    let text = |bytes| String::from_utf8(bytes).expect("the output is text");
    Ended { code: status.code(), out: text(stdout), err: text(stderr) }
}

/// The part of the output that is about locks: cargo's own comes before it.
pub fn verdict(ended: &Ended) -> String {
    let start = ["error[lockdep", "    Recorded"].iter().filter_map(|mark| ended.err.find(mark)).min();
    let text = start.map_or(ended.err.as_str(), |start| &ended.err[start..]);
    text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

pub fn assert_output(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../../snapshots/cli");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

/// Lines of logs.
pub mod log {
    pub fn header(process: &str) -> String {
        format!("{{\"lockdep\":\"log v1\",\"process\":\"{process}\"}}\n")
    }

    pub fn class(id: u32, name: &str) -> String {
        format!(
            "{{\"t\":\"class\",\"id\":{id},\"name\":\"{name}\",\"origin\":\"key\",\"kind\":\"mutex\",\"site\":null}}\n"
        )
    }

    /// One lock taken under others.
    pub fn chain(held: &[u32], next: u32) -> String {
        let held: Vec<String> = held
            .iter()
            .map(|class| format!("{{\"class\":{class},\"inst\":{class},\"mode\":\"write\",\"site\":\"a.rs:1:1\"}}"))
            .collect();
        let held = held.join(",");
        format!(
            "{{\"t\":\"chain\",\"thread\":\"t\",\"held\":[{held}],\"next\":{{\"class\":{next},\"inst\":{next},\"want\":\"write\",\
             \"manner\":\"block\",\"site\":\"a.rs:2:1\"}}}}\n"
        )
    }

    /// A log of these classes, numbered from 1, in which the given chains were seen.
    pub fn of(process: &str, classes: &[&str], chains: &[(&[u32], u32)]) -> String {
        let classes = classes.iter().zip(1..).map(|(name, id)| class(id, name));
        let chains = chains.iter().map(|&(held, next)| chain(held, next));
        classes.chain(chains).fold(header(process), |text, line| text + &line)
    }

    pub const EXIT: &str = "{\"t\":\"exit\",\"acquisitions\":1}\n";
}
