//! The environment in which cargo builds a project that has never heard of us against the checked `std`.

use crate::cargo::cargo_home;
use crate::exit::Failure;
use crate::shell::Shell;
use crate::{shim, wrapper};
use std::env;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Variables and their values.
pub(crate) type Variables = Vec<(&'static str, OsString)>;

/// What cargo is to be called with, for a workspace whose instrumented builds go under `target`; every process logs to `run`.
pub(crate) fn variables(root: &Path, target: &Path, run: &Path) -> Result<Variables, Failure> {
    if cfg!(not(all(target_os = "linux", target_pointer_width = "64"))) {
        return Err(Failure::usage(
            "the locks of `std` can be checked on 64-bit Linux only; elsewhere, let the project use `lockdep::parking_lot`",
        ));
    }
    refuse_cross()?;
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let version = version(Path::new(&rustc), root)?;
    if let Some(note) = shim::suits(&version)? {
        Shell::default().warn(note);
    }
    let folder = target.join(format!("std-{}", shim::key(&version)));
    let shims = folder.join("shims");
    shim::ensure(Path::new(&rustc), &shims, None)?;
    let this = env::current_exe()
        .map_err(|error| Failure::usage(format!("the path of `cargo-lockdep` is not known: {error}")))?;
    let mut variables: Variables = vec![
        ("CARGO_TARGET_DIR", folder.into()),
        ("RUSTC_WRAPPER", this.clone().into()),
        ("RUSTDOC", this.into()),
        (wrapper::SHIMS, shims.into()),
        ("LOCKDEP_DIR", run.into()),
    ];
    if let Some(inner) = configured("RUSTC_WRAPPER", "rustc-wrapper", root) {
        variables.push((wrapper::INNER, inner));
    }
    if let Some(inner) = configured("RUSTDOC", "rustdoc", root) {
        variables.push((wrapper::RUSTDOC, inner));
    }
    Ok(variables)
}

/// Cross builds in a container, where neither this binary nor the folders it names are.
fn refuse_cross() -> Result<(), Failure> {
    let cargo = env::var_os("CARGO").map(PathBuf::from);
    if cargo.is_some_and(|cargo| cargo.file_stem().is_some_and(|name| name == "cross")) {
        return Err(Failure::usage(
            "`cross` builds in a container that `cargo lockdep` is not part of; use cargo with --target and a linker for it",
        ));
    }
    Ok(())
}

fn version(rustc: &Path, root: &Path) -> Result<String, Failure> {
    // In the workspace, so that its `rust-toolchain.toml` counts.
    let output = Command::new(rustc).arg("-vV").current_dir(root).output();
    match output {
        Ok(output) if output.status.success() => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
        Ok(output) => Err(Failure::usage(String::from_utf8_lossy(&output.stderr).trim().to_owned())),
        Err(error) => Err(Failure::usage(format!("`{}` cannot be started: {error}", rustc.display()))),
    }
}

/// A tool that the project or the user has chosen: by a variable, or by `build` in a configuration of cargo from the workspace
/// upwards. A variable that is empty chooses none.
fn configured(variable: &str, key: &str, root: &Path) -> Option<OsString> {
    let by_build = format!("CARGO_BUILD_{variable}");
    let by_variable = env::var_os(variable).or_else(|| env::var_os(by_build)).map(|tool| from_here(&tool));
    let chosen = by_variable.or_else(|| {
        let folders = root.ancestors().map(|folder| folder.join(".cargo")).chain(cargo_home());
        folders
            .flat_map(|folder| ["config.toml", "config"].map(|file| folder.join(file)))
            .find_map(|file| tool(&file, key))
    })?;
    (!chosen.is_empty() && !is_this(&chosen)).then_some(chosen)
}

/// A path in a variable is relative to the folder in which cargo was called, a name is not.
fn from_here(tool: &OsStr) -> OsString {
    let is_path = Path::new(tool).components().nth(1).is_some() && Path::new(tool).is_relative();
    let here = env::current_dir().ok().filter(|_| is_path);
    here.map_or_else(|| tool.to_owned(), |here| here.join(tool).into())
}

fn is_this(tool: &OsString) -> bool {
    env::current_exe().is_ok_and(|this| this == Path::new(tool))
}

/// `build.KEY` of one configuration; a path in it is relative to the folder that `.cargo` is in.
fn tool(file: &Path, key: &str) -> Option<OsString> {
    let config: toml::Table = toml::from_str(&std::fs::read_to_string(file).ok()?).ok()?;
    let tool = config.get("build")?.get(key)?.as_str()?;
    let is_path = tool.contains('/') && Path::new(tool).is_relative();
    let base = file.parent().and_then(Path::parent).filter(|_| is_path);
    Some(base.map_or_else(|| tool.into(), |base| base.join(tool).into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_in_a_variable_is_relative_to_where_we_are() {
        let here = env::current_dir().expect("there is one");
        assert_eq!(from_here("sccache".as_ref()), "sccache");
        assert_eq!(from_here("/usr/bin/sccache".as_ref()), "/usr/bin/sccache");
        assert_eq!(from_here("tools/wrap".as_ref()), here.join("tools/wrap"));
        assert_eq!(from_here("./wrap".as_ref()), here.join("./wrap"));
        assert_eq!(from_here("".as_ref()), "");
    }

    #[test]
    fn a_tool_is_found_in_a_configuration() {
        let folder = env::temp_dir().join(format!("lockdep-config-{}/.cargo", std::process::id()));
        std::fs::create_dir_all(&folder).expect("it can be made");
        let file = folder.join("config.toml");
        let found = |text: &str| {
            std::fs::write(&file, text).expect("it can be written");
            tool(&file, "rustc-wrapper")
        };
        assert_eq!(found("[build]\nrustc-wrapper = \"sccache\"\n"), Some("sccache".into()));
        let there = folder.parent().expect("it has one").join("tools/wrap");
        assert_eq!(found("build.rustc-wrapper = \"tools/wrap\"\n"), Some(there.into()));
        assert_eq!(found("[build]\njobs = 1\n"), None);
        std::fs::remove_dir_all(folder.parent().expect("it has one")).expect("it is there");
    }
}
