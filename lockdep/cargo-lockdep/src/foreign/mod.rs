//! Crates whose own source is what has to be instrumented, because their users' calls end in it.
//!
//! A copy of the user's own copy gets a few insertions, found in its syntax tree, and a file of ours beside; nothing of it is shipped
//! or leaves the target folder. Each insertion must have one place, and the result must compile: else the original is compiled, and
//! the summary says that its locks were not seen.

mod condvar;
mod copy;
mod edit;
mod lock_api;
mod once;
#[cfg(test)]
mod tests;

use crate::shim::Shim;
use crate::wrapper::Unit;
pub(crate) use copy::TEXTS;
use copy::{Copy, Untracked, prepare};
use std::env;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Where it is noted, beside the shims, which crates were compiled as they are, and why.
const UNTRACKED: &str = "untracked";

/// Instruments the unit if it is of one of these crates. What it is compiled against is under `shims`.
pub(crate) fn instrument(unit: &mut Unit, rustc: &Path, shim: &Shim, shims: &Path) {
    let variable = |name| env::var(name).unwrap_or_default();
    let (package, version) = (variable("CARGO_PKG_NAME"), variable("CARGO_PKG_VERSION"));
    if unit.crate_name() != Some(&package) {
        return;
    }
    let is_root = |arg: &OsString| Path::new(arg).file_name() == Some(OsStr::new("lib.rs"));
    let Some(place) = unit.args.iter().position(is_root) else { return };
    // One for each unit: cargo may compile several of one crate at a time.
    let mut hasher = DefaultHasher::new();
    unit.args.hash(&mut hasher);
    let folder = shims.join("foreign").join(format!("{package}-{version}-{:016x}", hasher.finish()));
    let Some(copy) = prepare(&package, &version, Path::new(&unit.args[place]), &folder.join("src")) else { return };
    let outcome = copy.and_then(|copy| {
        let args = instrumented(unit, place, &copy, shim);
        try_out(rustc, &args, &folder).map(|()| args)
    });
    let note = shims.join(UNTRACKED).join(format!("{package} {version}"));
    // A note that cannot be written is one line less to read.
    match outcome {
        Ok(args) => {
            unit.args = args;
            let _ = fs::remove_file(note);
        }
        Err(why) => {
            let _ = fs::create_dir_all(shims.join(UNTRACKED)).and_then(|()| fs::write(note, why.to_string()));
        }
    }
}

/// The arguments for the copy.
fn instrumented(unit: &Unit, place: usize, copy: &Copy, shim: &Shim) -> Vec<OsString> {
    let mut args = unit.args.clone();
    args[place] = copy.root.clone().into();
    let mut runtime = OsString::from("lockdep_rt=");
    runtime.push(shim.runtime());
    args.extend([copy.remap().into(), "--extern".into(), runtime]);
    args
}

/// Whether what is to be compiled can be.
fn try_out(rustc: &Path, args: &[OsString], folder: &Path) -> Result<(), Untracked> {
    let at = |error| Untracked::Io(folder.to_path_buf(), error);
    let mut command = Command::new(rustc);
    command.args(checking(args)).arg("--emit=metadata").arg("--out-dir").arg(folder.join("trial"));
    let output = command.env_remove("LOCKDEP_DIR").stdin(Stdio::null()).output().map_err(at)?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let error = said.lines().find(|line| line.starts_with("error")).unwrap_or("it does not compile");
    Err(Untracked::Rejected(error.to_owned()))
}

/// Arguments without those that say what is written where, and how errors are told.
fn checking(args: &[OsString]) -> Vec<&OsString> {
    let mut checking = Vec::new();
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        let text = arg.to_str().unwrap_or_default();
        let is_dropped = |flag: &str| text == flag || text.strip_prefix(flag).is_some_and(|rest| rest.starts_with('='));
        match ["--emit", "--out-dir", "--error-format", "--json"].into_iter().find(|flag| is_dropped(flag)) {
            Some(flag) if text == flag => drop(args.next()),
            Some(_) => {}
            None => checking.push(arg),
        }
    }
    checking
}

/// The crates under `shims` that were compiled as they are, and why.
pub(crate) fn untracked(shims: &Path) -> Vec<String> {
    let notes = fs::read_dir(shims.join(UNTRACKED)).into_iter().flatten().filter_map(Result::ok);
    let read = |path: PathBuf| Some(format!("{}: {}", path.file_name()?.to_str()?, fs::read_to_string(&path).ok()?));
    let mut untracked: Vec<String> = notes.filter_map(|note| read(note.path())).collect();
    untracked.sort();
    untracked
}
