//! Cargo: what it knows about the workspace, and how it is called for an instrumented build.

mod build;
mod runs;

use crate::exit::Failure;
use lockdep_core::hierarchy::closest;
use serde_json::Value;
use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The order file of a project that names none, if there is one.
pub(crate) const ORDER_FILE: &str = "locks.order";

/// The workspace that the command is about.
#[derive(Debug)]
pub(crate) struct Workspace {
    /// Its folder, which site names are relative to.
    pub(crate) root: PathBuf,
    /// The folder of its builds.
    target: PathBuf,
    metadata: Value,
}

fn cargo() -> Command {
    Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Where cargo keeps what it has downloaded.
pub(crate) fn cargo_home() -> Option<PathBuf> {
    let home = || Some(PathBuf::from(env::var_os("HOME")?).join(".cargo"));
    env::var_os("CARGO_HOME").map(PathBuf::from).or_else(home)
}

impl Workspace {
    /// Asks cargo.
    pub(crate) fn find(manifest_path: Option<&Path>) -> Result<Workspace, Failure> {
        let mut command = cargo();
        command.args(["metadata", "--no-deps", "--format-version", "1"]);
        if let Some(path) = manifest_path {
            command.arg("--manifest-path").arg(path);
        }
        let output = command.output().map_err(|error| Failure::usage(format!("cargo cannot be started: {error}")))?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            return Err(Failure::usage(said.trim().trim_start_matches("error: ").to_owned()));
        }
        let metadata: Value = serde_json::from_slice(&output.stdout)
            .map_err(|error| Failure::usage(format!("`cargo metadata` printed no JSON: {error}")))?;
        let folder = |key: &str| metadata[key].as_str().map(PathBuf::from);
        let (Some(root), Some(target)) = (folder("workspace_root"), folder("target_directory")) else {
            return Err(Failure::usage("`cargo metadata` names no workspace and target folder"));
        };
        Ok(Workspace { root, target, metadata })
    }

    /// As [`Workspace::find`]; where there is none, the current folder will do for logs from elsewhere.
    pub(crate) fn find_or_bare(manifest_path: Option<&Path>) -> Result<Workspace, Failure> {
        match Workspace::find(manifest_path) {
            Err(_) if manifest_path.is_none() => {
                let root = env::current_dir().map_err(|error| Failure::file(Path::new("."), "read", &error))?;
                Ok(Workspace { target: root.join("target"), root, metadata: Value::Null })
            }
            found => found,
        }
    }

    /// Folders that site names may be relative to: the workspace's, the packages' for those outside of it, and where cargo
    /// unpacks dependencies.
    pub(crate) fn source_roots(&self) -> Vec<PathBuf> {
        let packages = self.packages().filter_map(|package| package_folder(package).map(Path::to_owned));
        let registries = cargo_home().and_then(|home| std::fs::read_dir(home.join("registry/src")).ok());
        let unpacked = registries.into_iter().flatten().flatten().map(|entry| entry.path());
        [self.root.clone()].into_iter().chain(packages).chain(unpacked).collect()
    }

    /// A path as messages name it: from the workspace's root, if it is below.
    pub(crate) fn relative<'p>(&self, path: &'p Path) -> &'p Path {
        path.strip_prefix(&self.root).unwrap_or(path)
    }

    fn packages(&self) -> impl Iterator<Item = &Value> {
        self.metadata["packages"].as_array().into_iter().flatten()
    }

    /// The order file that the metadata of the selected packages names, or else the settings, or else the one that is there.
    pub(crate) fn order_file(&self, selected: &[String], settings: Option<&Path>) -> Result<Option<PathBuf>, Failure> {
        let mut files: Vec<PathBuf> = Vec::new();
        for package in self.packages() {
            let is_selected = selected.is_empty() || selected.iter().any(|name| package["name"] == name.as_str());
            let Some(folder) = package_folder(package) else { continue };
            if let (true, Some(order)) = (is_selected, order_of(package, folder)?) {
                files.push(folder.join(order));
            }
        }
        files.sort();
        files.dedup();
        match files.len() {
            0 => {
                let usual = self.root.join(ORDER_FILE);
                let named = settings.map(|order| self.root.join(order));
                Ok(named.or_else(|| usual.is_file().then_some(usual)))
            }
            1 => Ok(files.pop()),
            _ => Err(Failure::usage(format!(
                "several packages name an order file ({}); choose packages with -p, or a file with --order",
                files.iter().map(|file| self.relative(file).display().to_string()).collect::<Vec<_>>().join(", ")
            ))),
        }
    }
}

/// What `[package.metadata.lockdep]` of a package says; the settings of a whole workspace stand elsewhere.
fn order_of<'p>(package: &'p Value, folder: &Path) -> Result<Option<&'p str>, Failure> {
    let metadata = &package["metadata"]["lockdep"];
    let unknown = metadata.as_object().and_then(|table| table.keys().find(|key| *key != "order"));
    if let Some(key) = unknown {
        let help = match closest(key, ["order"].into_iter()) {
            Some(_) => "did you mean `order`?",
            None => "other settings belong in .config/lockdep.toml or [workspace.metadata.lockdep]",
        };
        let file = folder.join("Cargo.toml");
        let file = file.display();
        return Err(Failure::usage(format!("{file}: [package.metadata.lockdep] has no key `{key}`; {help}")));
    }
    Ok(metadata["order"].as_str())
}

fn package_folder(package: &Value) -> Option<&Path> {
    Path::new(package["manifest_path"].as_str()?).parent()
}
