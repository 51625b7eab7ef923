//! This binary as `rustc` and as `rustdoc`: cargo calls it for every crate, and it calls the real tool with the checked `std`.
//!
//! All crates are wrapped, not only the workspace's, because types of `std::sync` cross crates. Calls that compile nothing
//! (`-vV`, `--print`) go through as they are.

use crate::exit::Failure;
use crate::{foreign, shim};
use std::env;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where the shims are. That it is set makes this binary a wrapper.
pub(crate) const SHIMS: &str = "LOCKDEP_SHIMS";
/// The wrapper that the project has configured, which is called in between.
pub(crate) const INNER: &str = "LOCKDEP_INNER_RUSTC_WRAPPER";
/// The `rustdoc` that the project has configured.
pub(crate) const RUSTDOC: &str = "LOCKDEP_INNER_RUSTDOC";

/// Crates that are left alone: the standard library where it is built from source, and lockdep, which checks itself less than it
/// would disturb itself.
const OWN: [&str; 10] = [
    "core",
    "alloc",
    "std",
    "proc_macro",
    "test",
    "compiler_builtins",
    "lockdep",
    "lockdep_core",
    "lockdep_rt",
    "lockdep_report",
];

/// One call of rustc or rustdoc, with the arguments of files (`@path`) in their places.
#[derive(Debug)]
pub(crate) struct Unit {
    pub(crate) args: Vec<OsString>,
    from_file: bool,
}

impl Unit {
    fn new(args: impl Iterator<Item = OsString>) -> Result<Unit, Failure> {
        let mut unit = Unit { args: Vec::new(), from_file: false };
        for arg in args {
            let Some(file) = arg.to_str().and_then(|arg| arg.strip_prefix('@')) else {
                unit.args.push(arg);
                continue;
            };
            let text = std::fs::read_to_string(file).map_err(|error| {
                Failure::usage(format!("{file}, which has arguments for rustc, cannot be read: {error}"))
            })?;
            unit.args.extend(text.lines().map(OsString::from));
            unit.from_file = true;
        }
        Ok(unit)
    }

    /// The values of a flag, in both of its spellings.
    fn values<'a>(&'a self, flag: &'static str) -> impl Iterator<Item = &'a OsStr> {
        let next = self.args.iter().skip(1).map(Some).chain([None]);
        self.args.iter().zip(next).filter_map(move |(arg, next)| match arg.to_str()?.strip_prefix(flag)? {
            "" => next.map(OsString::as_os_str),
            rest => rest.strip_prefix('=').map(OsStr::new),
        })
    }

    fn value(&self, flag: &'static str) -> Option<&str> {
        self.values(flag).next().and_then(OsStr::to_str)
    }

    /// The crate that is compiled; `None` if nothing is.
    pub(crate) fn crate_name(&self) -> Option<&str> {
        let asks = |arg: &OsString| arg.to_str().is_some_and(|arg| arg.starts_with("--print"));
        if self.args.iter().any(asks) { None } else { self.value("--crate-name") }
    }

    /// Whether something is called `std` already: a dependency may be renamed so.
    fn has_std(&self) -> bool {
        self.values("--extern").filter_map(OsStr::to_str).any(|value| {
            let name = value.split('=').next().unwrap_or(value);
            name == "std" || name.ends_with(":std")
        })
    }

    /// Whether it is for cargo and rustc, who would not find libraries of ours: a procedural macro or a build script.
    fn is_loaded_by_tools(&self) -> bool {
        self.values("--crate-type").any(|kind| kind == "proc-macro")
            || self.crate_name().is_some_and(|name| name.starts_with("build_script_"))
    }

    /// Puts libraries where cargo looks for those of the project when it runs its programs: beside this one, if it is linked
    /// dynamically. Where that fails, the program says which library it lacks.
    fn link_beside(&self, libraries: &[PathBuf]) {
        let prefers = |flag: &OsStr| flag.to_str().is_some_and(|flag| flag.starts_with("prefer-dynamic"));
        let is_dynamic = self.values("-C").any(prefers)
            || self.args.iter().any(|arg| arg.to_str().is_some_and(|arg| arg.starts_with("-Cprefer-dynamic")))
            || self.values("--crate-type").any(|kind| kind == "dylib");
        let Some(folder) = self.value("--out-dir").map(Path::new).filter(|_| is_dynamic) else { return };
        for library in libraries {
            let link = library.file_name().map(|name| folder.join(name));
            link.into_iter().for_each(|link| drop(std::os::unix::fs::symlink(library, link)));
        }
    }

    /// Adds the checked `std`.
    fn instrument(&mut self, shim: &shim::Shim, is_rustdoc: bool) {
        let pair = |before: &str, path: &Path| {
            let mut value = OsString::from(before);
            value.push(path);
            value
        };
        let dynamic = shim.dynamic().filter(|_| !self.is_loaded_by_tools());
        if !self.has_std() {
            self.args.extend(["--extern".into(), pair("std=", &shim.std())]);
            if let Some([std, _]) = &dynamic {
                self.args.extend(["--extern".into(), pair("std=", std)]);
            }
        }
        self.args.extend(["-L".into(), pair("dependency=", shim.folder())]);
        if let Some(libraries) = &dynamic {
            self.args.extend(["-L".into(), pair("dependency=", &shim.dynamic_folder())]);
            self.link_beside(libraries);
        }
        if !is_rustdoc && self.value("--cap-lints").is_none() {
            // `unused_extern_crates` fires on every `extern crate std`, which projects may deny.
            self.args.extend(["--cap-lints".into(), "warn".into()]);
        }
    }

    /// The arguments of the call: in a file again, if they came from one, because they may be too many.
    fn into_args(self, folder: &Path) -> Result<Vec<OsString>, Failure> {
        if !self.from_file {
            return Ok(self.args);
        }
        let file = folder.join(format!("arguments-{}", std::process::id()));
        let lines: Vec<_> = self.args.iter().map(|arg| arg.to_string_lossy()).collect();
        std::fs::write(&file, lines.join("\n"))
            .map_err(|error| Failure::usage(format!("{} cannot be written: {error}", file.display())))?;
        let mut arg = OsString::from("@");
        arg.push(file);
        Ok(vec![arg])
    }
}

/// The call that this process was made for, if it was made to wrap a tool.
pub(crate) fn command() -> Option<Result<Command, Failure>> {
    let shims = PathBuf::from(env::var_os(SHIMS)?);
    let mut args = env::args_os().skip(1).peekable();
    // Cargo's own subcommand has a name; rustdoc is called with flags, rustc by its name.
    let first = args.peek()?;
    if first == "lockdep" {
        return None;
    }
    let is_rustdoc = first.to_str().is_some_and(|first| first.starts_with(['-', '@']));
    Some(if is_rustdoc { rustdoc(&shims, args) } else { rustc(&shims, args) })
}

fn rustc(shims: &Path, mut args: impl Iterator<Item = OsString>) -> Result<Command, Failure> {
    let rustc = args.next().ok_or_else(|| Failure::usage("no compiler was named"))?;
    let mut args = args.peekable();
    // A wrapper of the workspace's crates comes between: `wrapper rustc ...`.
    let compiler = args.peek().filter(|next| !next.to_string_lossy().starts_with(['-', '@']) && is_rustc(next));
    let compiler = compiler.unwrap_or(&rustc).clone();
    let args = instrumented(shims, Path::new(&compiler), args, false)?;
    let mut command = match env::var_os(INNER) {
        Some(inner) => {
            let mut command = Command::new(inner);
            command.arg(rustc);
            command
        }
        None => Command::new(rustc),
    };
    // What it compiles is checked; it itself, and the macros that it loads, are not.
    command.args(args).env_remove("LOCKDEP_DIR");
    Ok(command)
}

fn is_rustc(path: &OsStr) -> bool {
    Path::new(path).file_stem().is_some_and(|name| name == "rustc" || name == "clippy-driver")
}

fn rustdoc(shims: &Path, args: impl Iterator<Item = OsString>) -> Result<Command, Failure> {
    let rustdoc = env::var_os(RUSTDOC).unwrap_or_else(|| "rustdoc".into());
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let mut command = Command::new(rustdoc);
    // The tests that it runs keep the folder for logs.
    command.args(instrumented(shims, Path::new(&rustc), args, true)?);
    Ok(command)
}

fn instrumented(
    shims: &Path,
    rustc: &Path,
    args: impl Iterator<Item = OsString>,
    is_rustdoc: bool,
) -> Result<Vec<OsString>, Failure> {
    let mut unit = Unit::new(args)?;
    if unit.crate_name().is_some_and(|name| !OWN.contains(&name)) {
        let shim = shim::ensure(rustc, shims, unit.value("--target"))?;
        unit.instrument(&shim, is_rustdoc);
        if !is_rustdoc {
            foreign::instrument(&mut unit, rustc, &shim, shims);
        }
    }
    unit.into_args(shims)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(args: &[&str]) -> Unit {
        Unit::new(args.iter().map(OsString::from)).expect("it names no file")
    }

    #[test]
    fn only_calls_that_compile_a_crate_are_touched() {
        assert_eq!(unit(&["--crate-name", "a", "src/lib.rs"]).crate_name(), Some("a"));
        assert_eq!(unit(&["--crate-name=a", "src/lib.rs"]).crate_name(), Some("a"));
        assert_eq!(unit(&["-vV"]).crate_name(), None);
        assert_eq!(unit(&["-", "--crate-name", "___", "--print=cfg"]).crate_name(), None);
    }

    #[test]
    fn a_dependency_that_is_called_std_stays() {
        assert!(unit(&["--extern", "std=/x/libnostd.rlib"]).has_std());
        assert!(unit(&["--extern=noprelude:std=/x/libstd.rlib"]).has_std());
        assert!(!unit(&["--extern", "std_detect=/x/y.rlib"]).has_std());
    }

    #[test]
    fn arguments_in_a_file_are_read() {
        let file = env::temp_dir().join(format!("lockdep-arguments-{}", std::process::id()));
        std::fs::write(&file, "--crate-name\na\n--cap-lints=allow\n").expect("it can be written");
        let unit = unit(&[&format!("@{}", file.display())]);
        assert_eq!((unit.crate_name(), unit.value("--cap-lints"), unit.from_file), (Some("a"), Some("allow"), true));
        std::fs::remove_file(file).expect("it is there");
    }
}
