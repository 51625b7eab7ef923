//! `cargo lockdep init`, `clean` and `completions`: what has nothing to do with any run.

use crate::cargo::Workspace;
use crate::cli::{Cargo, Clean, Completions, Init};
use crate::exit::{Exit, Failure};
use crate::settings;
use crate::shell::{self, Shell};
use clap::CommandFactory;

/// Writes the settings with their defaults.
pub(crate) fn init(args: &Init, shell: Shell) -> Result<Exit, Failure> {
    let workspace = Workspace::find(args.manifest_path.as_deref())?;
    let path = workspace.root.join(settings::FILE);
    if path.exists() && !args.force {
        return Err(Failure::usage(format!("{} is there already; --force replaces it", settings::FILE)));
    }
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(|error| Failure::file(folder, "made", &error))?;
    }
    std::fs::write(&path, settings::TEMPLATE).map_err(|error| Failure::file(&path, "written", &error))?;
    shell.status("Created", format!("{}, with every key and its default", settings::FILE));
    Ok(Exit::Clean)
}

/// Removes runs, and unless some are kept the instrumented builds.
pub(crate) fn clean(args: &Clean, shell: Shell) -> Result<Exit, Failure> {
    let workspace = Workspace::find(args.manifest_path.as_deref())?;
    let removed = workspace.clean(args.keep)?;
    let runs = if removed == 1 { "run" } else { "runs" };
    let builds = if args.keep.is_none() { " and the instrumented builds" } else { "" };
    shell.status("Removed", format!("{removed} {runs}{builds}"));
    Ok(Exit::Clean)
}

/// Prints a completion script.
pub(crate) fn completions(args: &Completions) -> Exit {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cargo::command(), "cargo-lockdep", &mut script);
    shell::print(String::from_utf8_lossy(&script));
    Exit::Clean
}
