//! The instrumented copy of a crate's `src` folder.

use super::edit::Misfit;
use super::{condvar, lock_api, once};
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The file of ours: what is common, and what is for each series.
const TRACKED: &str = include_str!("../../../shim/lock_api/tracked.rs");
const TRACKED_0_4: &str = include_str!("../../../shim/lock_api/v0_4.rs");
const TRACKED_0_5: &str = include_str!("../../../shim/lock_api/v0_5.rs");
/// The file of ours for parking_lot.
const ONCE: &str = include_str!("../../../shim/parking_lot/once.rs");

/// What a copy depends on beside its original: the text that goes into it, and the sources of what finds where.
pub(crate) const TEXTS: [&str; 9] = [
    TRACKED,
    TRACKED_0_4,
    TRACKED_0_5,
    ONCE,
    include_str!("condvar.rs"),
    include_str!("copy.rs"),
    include_str!("edit.rs"),
    include_str!("lock_api.rs"),
    include_str!("once.rs"),
];

/// A file of a crate, and its instrumented text.
type Change = (&'static str, String);

/// An instrumented copy.
#[derive(Debug)]
pub(crate) struct Copy {
    /// The folder of the original.
    original: PathBuf,
    /// The folder of the copy.
    folder: PathBuf,
    /// The root file of the copy.
    pub(crate) root: PathBuf,
}

/// Why a crate is compiled as it is.
#[derive(Debug)]
pub(crate) enum Untracked {
    /// It is of a version that nobody has looked at.
    Version,
    /// A file that has to be read or written cannot be.
    Io(PathBuf, io::Error),
    /// A file is not as it has to be.
    Misfit(&'static str, Misfit),
    /// The compiler does not take the copy.
    Rejected(String),
}

impl fmt::Display for Untracked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Untracked::Version => f.write_str("only 0.4 and 0.5 are known"),
            Untracked::Io(path, error) => write!(f, "{}: {error}", path.display()),
            Untracked::Misfit(file, misfit) => write!(f, "in its {file}, {misfit}"),
            Untracked::Rejected(error) => write!(f, "{error}"),
        }
    }
}

/// The crates that are instrumented, by series.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Series {
    LockApi04,
    LockApi05,
    /// 0.11 and 0.12, which have condition variables of their own.
    ParkingLot011,
    ParkingLot013,
}

impl Series {
    fn of(package: &str, version: &str) -> Option<Series> {
        let mut numbers = version.split('.');
        match (package, numbers.next()?, numbers.next()?) {
            ("lock_api", "0", "4") => Some(Series::LockApi04),
            ("lock_api", "0", "5") => Some(Series::LockApi05),
            ("parking_lot", "0", "11" | "12") => Some(Series::ParkingLot011),
            ("parking_lot", "0", "13") => Some(Series::ParkingLot013),
            _ => None,
        }
    }
}

/// Makes an instrumented copy of a crate in `folder`, whose root file is `root`. `None` for the crates that need none.
///
/// # Errors
/// If it is not as it has to be, or cannot be copied: then it is to be compiled as it is.
pub(crate) fn prepare(package: &str, version: &str, root: &Path, folder: &Path) -> Option<Result<Copy, Untracked>> {
    let Some(series) = Series::of(package, version) else {
        return (package == "lock_api").then_some(Err(Untracked::Version));
    };
    let original = root.parent()?;
    Some(changes(series, original).and_then(|mut changes| {
        let originals = depend(original, &changes);
        match changes.iter_mut().find(|(file, _)| *file == "lib.rs") {
            Some((_, text)) => text.push_str(&originals),
            None => changes.push(("lib.rs", read(original, "lib.rs")? + "\n" + &originals)),
        }
        copy(original, folder, &changes)?;
        Ok(Copy { original: original.to_path_buf(), folder: folder.to_path_buf(), root: folder.join("lib.rs") })
    }))
}

fn read(folder: &Path, file: &str) -> Result<String, Untracked> {
    let path = folder.join(file);
    fs::read_to_string(&path).map_err(|error| Untracked::Io(path, error))
}

fn changes(series: Series, original: &Path) -> Result<Vec<Change>, Untracked> {
    let change = |file: &'static str, edit: &dyn Fn(&str) -> Result<String, Misfit>| {
        let text = edit(&read(original, file)?).map_err(|misfit| Untracked::Misfit(file, misfit))?;
        Ok((file, text))
    };
    if matches!(series, Series::ParkingLot011 | Series::ParkingLot013) {
        let mut changes =
            vec![("lib.rs", read(original, "lib.rs")? + once::ROOT), change("once.rs", &once::instrument)?];
        changes.push(("lockdep_once.rs", ONCE.to_owned()));
        // Later ones use the condition variable of `lock_api`, and pass their callers on.
        if series == Series::ParkingLot013 {
            return Ok(changes);
        }
        changes.push(change("condvar.rs", &|text| condvar::instrument(text, "lock_api"))?);
        for file in ["mutex.rs", "fair_mutex.rs", "remutex.rs", "rwlock.rs"] {
            changes.push(change(file, &condvar::track_constructors)?);
        }
        return Ok(changes);
    }
    let mut changes = vec![("lib.rs", read(original, "lib.rs")? + lock_api::ROOT)];
    for file in ["mutex.rs", "remutex.rs", "rwlock.rs"] {
        changes.push(change(file, &|text| lock_api::instrument(file, text))?);
    }
    if series == Series::LockApi05 {
        changes.push(change("condvar.rs", &|text| condvar::instrument(text, "crate"))?);
    }
    let traits = if series == Series::LockApi05 { TRACKED_0_5 } else { TRACKED_0_4 };
    changes.push(("lockdep_tracked.rs", format!("{TRACKED}{traits}")));
    Ok(changes)
}

/// Names the originals in the copy's root file, so that cargo compiles it anew when one of them has changed.
fn depend(original: &Path, files: &[Change]) -> String {
    let path = |file: &str| original.canonicalize().unwrap_or_else(|_| original.to_path_buf()).join(file);
    let originals = files.iter().map(|(file, _)| path(file)).filter(|path| path.is_file());
    originals.map(|path| format!("const _: &[u8] = include_bytes!({path:?});\n")).collect()
}

/// Copies a folder, with some files changed and some added.
fn copy(from: &Path, to: &Path, changes: &[Change]) -> Result<(), Untracked> {
    let at = |path: &Path| {
        let path = path.to_path_buf();
        move |error| Untracked::Io(path, error)
    };
    fs::create_dir_all(to).map_err(at(to))?;
    for entry in fs::read_dir(from).map_err(at(from))? {
        let entry = entry.map_err(at(from))?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        if entry.file_type().map_err(at(&source))?.is_dir() {
            copy(&source, &target, &[])?;
        } else if !changes.iter().any(|(file, _)| entry.file_name() == *file) {
            write(&target, &fs::read(&source).map_err(at(&source))?)?;
        }
    }
    changes.iter().try_for_each(|(file, text)| write(&to.join(file), text.as_bytes()))
}

/// Writes what is not there already: cargo compiles anew what is younger than its last build.
fn write(path: &Path, text: &[u8]) -> Result<(), Untracked> {
    if fs::read(path).is_ok_and(|there| there == text) {
        return Ok(());
    }
    fs::write(path, text).map_err(|error| Untracked::Io(path.to_path_buf(), error))
}

impl Copy {
    /// The argument that makes the compiler speak of the original.
    pub(crate) fn remap(&self) -> String {
        format!("--remap-path-prefix={}={}", self.folder.display(), self.original.display())
    }
}
