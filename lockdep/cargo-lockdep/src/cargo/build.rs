//! How cargo is called: the flags that are handed on, and those that instrument.

use super::{Workspace, cargo};
use crate::cli::{Build, Run, Runner, Test};
use crate::environment::{self, Variables};
use crate::exit::Failure;
use crate::shell::Shell;
use serde_json::Value;
use std::env;
use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

impl Workspace {
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

    /// The environment in which every process of the selected packages logs to `run`, if they are built for debugging.
    pub(crate) fn environment(&self, selected: &[String], run: &Path) -> Result<Variables, Failure> {
        if !self.uses_lockdep(selected) {
            return environment::variables(&self.root, &self.own_target(), run);
        }
        let mut variables: Variables = vec![("LOCKDEP_DIR", run.into())];
        if env::var_os("LOCKDEP").is_none() {
            variables.push(("LOCKDEP", "record".into()));
        }
        Ok(variables)
    }

    /// A call of cargo that lets every process log to `run`.
    fn command(&self, build: &Build, run: &Path) -> Result<Command, Failure> {
        let mut command = cargo();
        command.envs(self.environment(&build.package, run)?);
        if !self.uses_lockdep(&build.package) || self.has_debug_assertions(build) {
            return Ok(command);
        }
        // Other flags make other artifacts, which must not replace those of everyday builds.
        command.env("CARGO_TARGET_DIR", self.own_target());
        // A variable with flags hides the configured ones, so it is used only where the user does so already.
        match (env::var_os("CARGO_ENCODED_RUSTFLAGS"), env::var_os("RUSTFLAGS")) {
            (Some(flags), _) => command.env("CARGO_ENCODED_RUSTFLAGS", joined(flags, "\u{1f}--cfg\u{1f}lockdep")),
            (None, Some(flags)) => command.env("RUSTFLAGS", joined(flags, " --cfg lockdep")),
            (None, None) => command.args(["--config", r#"build.rustflags=["--cfg", "lockdep"]"#]),
        };
        Ok(command)
    }

    /// Whether the profile checks locks by itself, so that everyday builds will do. Whoever configures debug assertions gets
    /// the flag, which works with and without them.
    fn has_debug_assertions(&self, build: &Build) -> bool {
        let profile = build.profile.as_deref().unwrap_or(if build.release { "release" } else { "dev" });
        let mentions = |text: &str| text.contains("debug-assertions") || text.contains("lockdep_off");
        let configured = env::vars_os().any(|(name, value)| {
            let (name, value) = (name.to_string_lossy(), value.to_string_lossy());
            name.ends_with("_DEBUG_ASSERTIONS") || (name.ends_with("RUSTFLAGS") && mentions(&value))
        });
        let files = ["Cargo.toml", ".cargo/config.toml", ".cargo/config"].map(|file| self.root.join(file));
        let written = files.iter().any(|file| std::fs::read_to_string(file).is_ok_and(|text| mentions(&text)));
        matches!(profile, "dev" | "test") && !configured && !written
    }

    /// The call that runs tests.
    pub(crate) fn test(&self, args: &Test, runner: Runner, run: &Path, shell: Shell) -> Result<Command, Failure> {
        let mut command = self.command(&args.build, run)?;
        match runner {
            Runner::Cargo => command.arg("test"),
            Runner::Nextest => command.args(["nextest", "run"]),
        };
        command.args(match (shell.quiet, runner) {
            (true, Runner::Cargo) => &["--quiet"][..],
            (true, Runner::Nextest) => &["--cargo-quiet", "--status-level=fail", "--final-status-level=fail"],
            (false, _) => &[],
        });
        build_flags(&mut command, &args.build, runner);
        let flags = [
            ("--workspace", args.workspace),
            ("--lib", args.lib),
            ("--bins", args.bins),
            ("--tests", args.tests),
            ("--all-targets", args.all_targets),
            ("--no-fail-fast", args.no_fail_fast),
        ];
        command.args(flags.iter().filter(|(_, given)| *given).map(|(flag, _)| flag));
        command.args(args.exclude.iter().flat_map(|name| ["--exclude", name]));
        command.args(args.test.iter().flat_map(|name| ["--test", name]));
        command.args(&args.name);
        // nextest takes more than test binaries do, and has a `--` of its own for what is theirs.
        if !args.args.is_empty() && runner == Runner::Cargo {
            command.arg("--");
        }
        command.args(&args.args);
        Ok(command)
    }

    /// The call that runs a program.
    pub(crate) fn run(&self, args: &Run, run: &Path, shell: Shell) -> Result<Command, Failure> {
        let mut command = self.command(&args.build, run)?;
        command.arg("run");
        if shell.quiet {
            command.arg("--quiet");
        }
        build_flags(&mut command, &args.build, Runner::Cargo);
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

fn build_flags(command: &mut Command, build: &Build, runner: Runner) {
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
    ];
    command.args(flags.iter().filter(|(_, given)| *given).map(|(flag, _)| flag));
    // nextest has profiles of its own.
    let (profile, jobs) = match runner {
        Runner::Cargo => ("--profile", "--jobs"),
        Runner::Nextest => ("--cargo-profile", "--build-jobs"),
    };
    for (flag, value) in [("--target", &build.target), (profile, &build.profile), (jobs, &build.jobs)] {
        command.args(value.iter().flat_map(|value| [flag, value]));
    }
    if let Some(path) = &build.manifest_path {
        command.arg("--manifest-path").arg(path);
    }
}
