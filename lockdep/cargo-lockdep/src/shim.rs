//! What unmodified programs are built against: a `std` whose locks are checked, and the runtime behind it.
//!
//! Both are sources in this binary, compiled by the project's own rustc for every target it builds for, in a folder named by a
//! hash of the sources and the compiler: cargo does not see what a wrapper adds, so another shim has to be another target folder.

use crate::exit::Failure;
use crate::foreign;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

macro_rules! sources {
    ($folder:literal: $($file:literal)*) => { &[$(($file, include_str!(concat!($folder, $file)))),*] };
}

/// Files by their paths.
type Sources = &'static [(&'static str, &'static str)];

const RUNTIME: Sources = sources! { "../../rt/src/":
    "lib.rs" "block.rs" "blocks.rs" "chains.rs" "entry.rs" "forward.rs" "hold.rs" "hot.rs" "key.rs" "mark.rs"
    "sender.rs" "stack.rs" "wait.rs" "word.rs"
    "foreign/mod.rs" "foreign/image.rs" "foreign/leaf.rs" "foreign/line.rs" "foreign/log.rs" "foreign/memory.rs"
    "foreign/fault.rs" "foreign/process.rs" "foreign/provision.rs" "foreign/segment.rs" "foreign/sentinel.rs" "foreign/shared.rs"
    "foreign/state.rs" "foreign/sys.rs" "foreign/thread.rs"
};

const STD: Sources = sources! { "../../shim/std/src/":
    "lib.rs" "books.rs" "gained.rs" "sync/mod.rs" "sync/barrier.rs" "sync/condvar.rs" "sync/lazy_lock.rs" "sync/mpsc.rs" "sync/mutex.rs"
    "sync/once.rs" "sync/once_lock.rs" "sync/rwlock.rs" "thread/mod.rs"
    "thread/end.rs" "thread/handle.rs" "thread/scope.rs"
};

/// What only some compilers have, each with a program that shows it.
const PROBES: [(&str, &str); 6] = [
    ("spawn_unchecked", "pub fn f(b: std::thread::Builder) { drop(unsafe { b.spawn_unchecked(|| ()) }) }"),
    ("once_wait", "pub fn f(once: &std::sync::Once) { once.wait() }"),
    ("lazy_lock_deref_mut", "pub fn f(lazy: &mut std::sync::LazyLock<u8>) -> &mut u8 { lazy }"),
    ("rwlock_downgrade", "pub fn f(w: std::sync::RwLockWriteGuard<u8>) { std::sync::RwLockWriteGuard::downgrade(w); }"),
    ("lazy_lock_get", "pub fn f(lazy: &std::sync::LazyLock<u8>) -> Option<&u8> { std::sync::LazyLock::get(lazy) }"),
    ("lazy_lock_from", "pub fn f() -> std::sync::LazyLock<u8> { 1.into() }"),
];

/// The first compiler that is too old, and the newest whose `std` this one was compared with, as minor versions of Rust 1.
const TOO_OLD: u32 = 79;
const KNOWN: u32 = 96;

/// The shim for one target.
#[derive(Debug)]
pub(crate) struct Shim {
    folder: PathBuf,
}

impl Shim {
    /// The folder that dependencies are looked for in.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The `std`.
    pub(crate) fn std(&self) -> PathBuf {
        self.folder.join("libstd-lockdep.rlib")
    }

    /// The runtime.
    pub(crate) fn runtime(&self) -> PathBuf {
        self.folder.join("liblockdep_rt-lockdep.rlib")
    }

    /// The same two for what is linked dynamically, the `std` first; none where that cannot be done. They are in a folder of their own,
    /// so that only those see them who can find them again when they run.
    pub(crate) fn dynamic(&self) -> Option<[PathBuf; 2]> {
        let libraries = ["libstd-lockdep.so", "liblockdep_rt-lockdep.so"].map(|file| self.dynamic_folder().join(file));
        libraries.iter().all(|library| library.is_file()).then_some(libraries)
    }

    /// The folder that those are in.
    pub(crate) fn dynamic_folder(&self) -> PathBuf {
        self.folder.join("dynamic")
    }
}

/// A name that is another one whenever the shim would be: of the sources, and of the compiler as it describes itself.
pub(crate) fn key(rustc_version: &str) -> String {
    let mut hasher = DefaultHasher::new();
    (RUNTIME, STD, PROBES, foreign::TEXTS, rustc_version).hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

fn release(rustc_version: &str) -> &str {
    rustc_version.lines().find_map(|line| line.strip_prefix("release: ")).unwrap_or("unknown")
}

fn minor(release: &str) -> Option<u32> {
    release.strip_prefix("1.")?.split('.').next()?.parse().ok()
}

/// Whether a compiler can build the shim, and what to tell about it.
pub(crate) fn suits(rustc_version: &str) -> Result<Option<String>, Failure> {
    let release = release(rustc_version);
    match minor(release) {
        Some(minor) if minor <= TOO_OLD => {
            Err(Failure::usage(format!("rustc {release} is too old: locks of `std` are checked from 1.80 on")))
        }
        Some(minor) if minor > KNOWN => Ok(Some(format!(
            "rustc {release} is newer than this `cargo lockdep`: what its `std` has gained since 1.{KNOWN} is not checked"
        ))),
        _ => Ok(None),
    }
}

/// The shim for a target (`None` is the compiler's own) under `root`, built now if it is not there.
pub(crate) fn ensure(rustc: &Path, root: &Path, target: Option<&str>) -> Result<Shim, Failure> {
    let shim = Shim { folder: root.join(target.unwrap_or("host")) };
    if shim.std().is_file() {
        return Ok(shim);
    }
    // Others may be building the same: whoever is first puts it in place, in one step.
    let draft = root.join(format!("draft-{}", std::process::id()));
    let folder = build(&Compiler { rustc, target, folder: &draft }).and_then(|()| {
        let moved = std::fs::rename(&draft, &shim.folder);
        let is_there = shim.std().is_file();
        moved.or(if is_there { Ok(()) } else { Err(std::io::Error::other("it did not move into place")) })
    });
    let _ = std::fs::remove_dir_all(&draft);
    match folder {
        Ok(()) => Ok(shim),
        Err(error) => Err(Failure::usage(format!("the checked `std` cannot be built in {}: {error}", root.display()))),
    }
}

/// How the shim is compiled.
struct Compiler<'a> {
    rustc: &'a Path,
    target: Option<&'a str>,
    folder: &'a Path,
}

impl Compiler<'_> {
    fn command(&self, name: &str) -> Command {
        let mut command = Command::new(self.rustc);
        command.args(["--edition=2021", "--crate-type=rlib", "--cap-lints=allow", "--crate-name", name]);
        command.args(self.target.iter().flat_map(|target| ["--target", target]));
        // What other tools ask of the programs is not asked of the shim.
        command.env_remove("LOCKDEP_DIR").env_remove("RUSTC_LOG").stdin(Stdio::null());
        command
    }

    /// Compiles sources to a library, and, if there is a linker that can do so, to one that can be linked dynamically: programs and
    /// libraries that are, with `-C prefer-dynamic`, cannot each have it once more.
    fn library(&self, name: &str, sources: Sources, features: &[&str]) -> std::io::Result<()> {
        let folder = self.folder.join(name);
        for (file, text) in sources {
            let path = folder.join(file);
            path.parent().map_or(Ok(()), std::fs::create_dir_all)?;
            std::fs::write(path, text)?;
        }
        let mut both = self.compiling(name, features)?;
        both.args(["--crate-type=dylib", "-Cprefer-dynamic", "-Clink-arg=-Wl,-z,nodelete"]);
        if both.output()?.status.success() {
            let file = format!("lib{name}-lockdep.so");
            let dynamic = Shim { folder: self.folder.to_owned() }.dynamic_folder();
            std::fs::create_dir_all(&dynamic)?;
            // Where everything is linked statically, the compiler leaves that library out.
            return match std::fs::rename(self.folder.join(&file), dynamic.join(&file)) {
                Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
                moved => moved,
            };
        }
        let output = self.compiling(name, features)?.output()?;
        if output.status.success() {
            return Ok(());
        }
        Err(std::io::Error::other(String::from_utf8_lossy(&output.stderr).trim().to_owned()))
    }

    fn compiling(&self, name: &str, features: &[&str]) -> std::io::Result<Command> {
        let (folder, shim) = (self.folder.join(name), Shim { folder: self.folder.to_owned() });
        let mut command = self.command(name);
        // Bitcode for programs that are optimised as a whole. Its own lines count as the library's.
        command.args(["-Copt-level=2", "-Cembed-bitcode=yes", "-Cextra-filename=-lockdep", "-Cmetadata=lockdep"]);
        let mut remap = std::ffi::OsString::from("--remap-path-prefix=");
        remap.push(&folder);
        remap.push(format!("=/rustc/lockdep/library/{name}/src"));
        command.arg(remap).arg("--out-dir").arg(self.folder).arg("-L").arg(self.folder);
        for feature in features {
            command.arg("--cfg").arg(format!("feature=\"{feature}\""));
        }
        if name == "std" {
            for runtime in [shim.runtime(), shim.dynamic_folder().join("liblockdep_rt-lockdep.so")] {
                if runtime.is_file() {
                    command.arg("--extern").arg(format!("lockdep_rt={}", runtime.display()));
                }
            }
        } else {
            // Copies of one version have one state.
            command.env("LOCKDEP_RT_VERSION", key(&self.version()?));
        }
        command.arg(folder.join("lib.rs"));
        Ok(command)
    }

    fn version(&self) -> std::io::Result<String> {
        let output = Command::new(self.rustc).arg("-vV").stdin(Stdio::null()).output()?;
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Whether its `std` is newer than those that the shim was compared with.
    fn is_newer(&self) -> std::io::Result<bool> {
        let output = Command::new(self.rustc).arg("-vV").output()?;
        Ok(minor(release(&String::from_utf8_lossy(&output.stdout))).is_some_and(|minor| minor > KNOWN))
    }

    /// Whether a program compiles.
    fn takes(&self, program: &str) -> std::io::Result<bool> {
        let mut command = self.command("probe");
        command.args(["--emit=metadata", "-o"]).arg(self.folder.join("probe.rmeta")).arg("-");
        let mut child = command.stdin(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let written = child.stdin.take().map_or(Ok(()), |mut input| input.write_all(program.as_bytes()));
        let status = child.wait()?;
        written.map(|()| status.success())
    }
}

fn build(compiler: &Compiler<'_>) -> std::io::Result<()> {
    std::fs::create_dir_all(compiler.folder)?;
    let mut features = Vec::new();
    for (feature, program) in PROBES {
        if compiler.takes(program)? {
            features.push(feature);
        }
    }
    if compiler.is_newer()? {
        features.push("newer");
    }
    compiler.library("lockdep_rt", RUNTIME, &["foreign"])?;
    compiler.library("std", STD, &features)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(folder: &Path, under: &Path, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).expect("it is a folder") {
            let path = entry.expect("it can be read").path();
            match path.is_dir() {
                true => files(&path, under, found),
                false => found.push(path.strip_prefix(under).expect("it is under it").display().to_string()),
            }
        }
    }

    #[test]
    fn every_source_file_is_here() {
        for (folder, sources) in [("../rt/src", RUNTIME), ("../shim/std/src", STD)] {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
            let mut found = Vec::new();
            files(&folder, &folder, &mut found);
            let mut listed: Vec<_> = sources.iter().map(|(file, _)| (*file).to_owned()).collect();
            found.sort();
            listed.sort();
            assert_eq!(found, listed);
        }
    }

    #[test]
    fn a_compiler_is_judged_by_its_release() {
        let suits = |release: &str| suits(&format!("rustc {release}\nrelease: {release}\nhost: x"));
        assert!(suits("1.79.0").is_err());
        assert!(matches!(suits("1.80.1"), Ok(None)));
        assert!(matches!(suits("1.97.0-nightly"), Ok(Some(_))));
    }
}
