//! Cargo: what it knows about the workspace, and how it is called for an instrumented build.

use crate::cli::{Build, Run, Runner, Test};
use crate::environment::{self, Variables};
use crate::exit::Failure;
use serde_json::Value;
use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

/// The workspace that the command is about.
#[derive(Debug)]
pub(crate) struct Workspace {
    /// Its folder, which site names are relative to.
    pub(crate) root: PathBuf,
    /// The folder of instrumented builds and their runs.
    target: PathBuf,
    metadata: Value,
}

fn cargo() -> Command {
    Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
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
        Ok(Workspace { root, target: target.join("lockdep"), metadata })
    }

    /// Folders that site names may be relative to: the workspace's, and the packages' for those outside of it.
    pub(crate) fn source_roots(&self) -> Vec<PathBuf> {
        let packages = self.packages().filter_map(|package| package_folder(package).map(Path::to_owned));
        [self.root.clone()].into_iter().chain(packages).collect()
    }

    fn packages(&self) -> impl Iterator<Item = &Value> {
        self.metadata["packages"].as_array().into_iter().flatten()
    }

    /// The order file that the metadata of the selected packages names, or that of the workspace.
    pub(crate) fn order_file(&self, selected: &[String]) -> Result<Option<PathBuf>, Failure> {
        let mut files: Vec<PathBuf> = Vec::new();
        for package in self.packages() {
            let is_selected = selected.is_empty() || selected.iter().any(|name| package["name"] == name.as_str());
            let order = package["metadata"]["lockdep"]["order"].as_str();
            if let (true, Some(order), Some(folder)) = (is_selected, order, package_folder(package)) {
                files.push(folder.join(order));
            }
        }
        files.dedup();
        match files.len() {
            0 => Ok(self.metadata["metadata"]["lockdep"]["order"].as_str().map(|order| self.root.join(order))),
            1 => Ok(files.pop()),
            _ => Err(Failure::usage(format!(
                "several packages name an order file ({}); choose packages with -p, or a file with --order",
                files.iter().map(|file| file.display().to_string()).collect::<Vec<_>>().join(", ")
            ))),
        }
    }

    fn runs(&self) -> PathBuf {
        self.target.join("runs")
    }

    /// A folder for the logs of a run that starts now. Folders sort by time.
    pub(crate) fn new_run(&self) -> Result<PathBuf, Failure> {
        let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_millis());
        let folder = self.runs().join(format!("{seconds:015}-{}", std::process::id()));
        std::fs::create_dir_all(&folder)
            .map_err(|error| Failure::usage(format!("{} cannot be made: {error}", folder.display())))?;
        Ok(folder)
    }

    /// The folder of the run that started last.
    pub(crate) fn last_run(&self) -> Result<PathBuf, Failure> {
        let entries = std::fs::read_dir(self.runs()).into_iter().flatten().flatten();
        let folders = entries.map(|entry| entry.path()).filter(|path| path.is_dir());
        folders.max().ok_or_else(|| {
            Failure::usage("no run is recorded here; start with `cargo lockdep test`, or name logs with --logs")
        })
    }

    /// Whether the selected packages call for their locks by name. What they have asked for is what is checked then, and `std` is
    /// left alone: both at once would be two sets of held locks.
    fn uses_lockdep(&self, selected: &[String]) -> bool {
        let is_selected =
            |package: &&Value| selected.is_empty() || selected.iter().any(|name| package["name"] == name.as_str());
        let dependencies = |package: &Value| package["dependencies"].as_array().cloned().unwrap_or_default();
        let is_lockdep = |package: &Value| package["name"] == "lockdep";
        self.packages()
            .filter(is_selected)
            .any(|package| is_lockdep(package) || dependencies(package).iter().any(is_lockdep))
    }

    /// The environment that checks the locks of `std`; every process logs to `run`.
    pub(crate) fn environment(&self, run: &Path) -> Result<Variables, Failure> {
        environment::variables(&self.root, &self.target, run)
    }

    /// A call of cargo that builds instrumented, in a folder of its own, and lets every process log to `run`.
    fn command(&self, build: &Build, run: &Path) -> Result<Command, Failure> {
        let mut command = cargo();
        if !self.uses_lockdep(&build.package) {
            command.envs(self.environment(run)?);
            return Ok(command);
        }
        command.env("CARGO_TARGET_DIR", &self.target).env("LOCKDEP_DIR", run);
        if env::var_os("LOCKDEP").is_none() {
            command.env("LOCKDEP", "record");
        }
        // A variable with flags hides the configured ones, so it is used only where the user does so already.
        match (env::var_os("CARGO_ENCODED_RUSTFLAGS"), env::var_os("RUSTFLAGS")) {
            (Some(flags), _) => command.env("CARGO_ENCODED_RUSTFLAGS", joined(flags, "\u{1f}--cfg\u{1f}lockdep")),
            (None, Some(flags)) => command.env("RUSTFLAGS", joined(flags, " --cfg lockdep")),
            (None, None) => command.args(["--config", r#"build.rustflags=["--cfg", "lockdep"]"#]),
        };
        Ok(command)
    }

    /// The call that runs tests.
    pub(crate) fn test(&self, args: &Test, run: &Path) -> Result<Command, Failure> {
        let mut command = self.command(&args.build, run)?;
        match args.runner {
            Runner::Cargo => command.arg("test"),
            Runner::Nextest => command.args(["nextest", "run"]),
        };
        build_flags(&mut command, &args.build);
        let flags = [
            ("--workspace", args.workspace),
            ("--lib", args.lib),
            ("--tests", args.tests),
            ("--all-targets", args.all_targets),
            ("--no-fail-fast", args.no_fail_fast),
        ];
        command.args(flags.iter().filter(|(_, given)| *given).map(|(flag, _)| flag));
        command.args(args.exclude.iter().flat_map(|name| ["--exclude", name]));
        command.args(args.test.iter().flat_map(|name| ["--test", name]));
        command.args(&args.name);
        if !args.args.is_empty() {
            command.arg("--").args(&args.args);
        }
        Ok(command)
    }

    /// The call that runs a program.
    pub(crate) fn run(&self, args: &Run, run: &Path) -> Result<Command, Failure> {
        let mut command = self.command(&args.build, run)?;
        command.arg("run");
        build_flags(&mut command, &args.build);
        if !args.args.is_empty() {
            command.arg("--").args(&args.args);
        }
        Ok(command)
    }
}

fn joined(mut flags: OsString, more: &str) -> OsString {
    flags.push(more);
    flags
}

fn package_folder(package: &Value) -> Option<&Path> {
    Path::new(package["manifest_path"].as_str()?).parent()
}

fn build_flags(command: &mut Command, build: &Build) {
    let lists = [
        ("--package", &build.package),
        ("--bin", &build.bin),
        ("--example", &build.example),
        ("--features", &build.features),
    ];
    for (flag, values) in lists {
        command.args(values.iter().flat_map(|value| [flag, value]));
    }
    let flags = [
        ("--all-features", build.all_features),
        ("--no-default-features", build.no_default_features),
        ("--release", build.release),
        ("--locked", build.locked),
        ("--offline", build.offline),
        ("--frozen", build.frozen),
        ("--quiet", build.quiet),
    ];
    command.args(flags.iter().filter(|(_, given)| *given).map(|(flag, _)| flag));
    let values = [("--target", &build.target), ("--profile", &build.profile), ("--jobs", &build.jobs)];
    for (flag, value) in values {
        command.args(value.iter().flat_map(|value| [flag, value]));
    }
    if let Some(path) = &build.manifest_path {
        command.arg("--manifest-path").arg(path);
    }
}
