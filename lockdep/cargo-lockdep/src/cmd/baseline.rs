//! `cargo lockdep baseline`: an old project starts with what it has.

use crate::baseline::Baseline;
use crate::cli::{self, Accept, Action};
use crate::cmd::read::{merged, sources, workspace};
use crate::exit::{Exit, Failure};
use crate::settings::Settings;
use crate::shell::{self, Shell};
use crate::verdict::{self, Decisions};
use lockdep_core::finding::Finding;
use lockdep_report::short;

/// Does what is asked.
pub(crate) fn baseline(args: &cli::Baseline, shell: Shell) -> Result<Exit, Failure> {
    match &args.action {
        Action::Accept(args) => accept(args, shell),
    }
}

fn accept(args: &Accept, shell: Shell) -> Result<Exit, Failure> {
    let workspace = workspace(&args.recorded)?;
    let path = Settings::of(&workspace, &args.judge)?.baseline_file(&workspace);
    let name = workspace.relative(&path).display();
    let decisions = Decisions::read(&workspace, &args.judge, &[])?;
    let judged = verdict::judge(&mut merged(&workspace, &args.recorded, shell)?, &decisions);
    let (new, gone) = (
        || judged.findings.iter().filter(|finding| judged.is_told(finding)),
        decisions.baseline.gone(&judged.findings),
    );
    if args.check {
        let background = judged.background(sources(&workspace));
        new().for_each(|finding| shell::print(format!("new: {}\n", short::render(finding, &background))));
        gone.iter().for_each(|id| shell::print(format!("gone: {id}\n")));
        return match (new().next(), gone.is_empty()) {
            (None, true) => {
                shell.status("Unchanged", format!("{name} has all findings, and no others"));
                Ok(Exit::Clean)
            }
            _ => {
                shell.error(format!("{name} is not up to date; fix what is new, or `cargo lockdep baseline accept`"));
                Ok(Exit::Findings)
            }
        };
    }
    let known = |finding: &&Finding| judged.is_told(finding) || decisions.baseline.has(&finding.id);
    let (text, accepted) = Baseline::text(judged.findings.iter().filter(known));
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(|error| Failure::file(folder, "made", &error))?;
    }
    std::fs::write(&path, text).map_err(|error| Failure::file(&path, "written", &error))?;
    let findings = if accepted == 1 { "finding" } else { "findings" };
    shell.status("Accepted", format!("{accepted} {findings} in {name}; only others fail a run from now on"));
    Ok(Exit::Clean)
}
