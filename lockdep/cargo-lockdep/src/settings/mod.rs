//! What the project has decided: `[workspace.metadata.lockdep]` in Cargo.toml, and `.config/lockdep.toml`, which has the last
//! word. `lockdep.template.toml` has every key with its default.

mod allow;
mod date;
pub(crate) mod levels;
mod table;

use crate::cargo::Workspace;
use crate::cli::Judge;
use crate::exit::Failure;
use allow::Allow;
use levels::Levels;
use lockdep_core::finding::{Finding, Level};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use table::Reader;
use toml::de::DeTable;

/// Where the file is, from the workspace's root.
pub(crate) const FILE: &str = ".config/lockdep.toml";

/// The file with every key and its default.
pub(crate) const TEMPLATE: &str = include_str!("lockdep.template.toml");

/// Where the baseline is unless the settings name another file.
const BASELINE: &str = ".config/lockdep.baseline";

const KEYS: [&str; 4] = ["order", "baseline", "levels", "allow"];

/// The settings of a project.
#[derive(Clone, Debug, Default)]
pub(crate) struct Settings {
    /// The order file, from the workspace's root.
    pub(crate) order: Option<PathBuf>,
    baseline: Option<PathBuf>,
    levels: Levels,
    allow: Vec<Allow>,
}

impl Settings {
    /// The settings of a workspace. A file that is named takes the place of both of its own.
    pub(crate) fn read(workspace: &Workspace, named: Option<&Path>) -> Result<Settings, Failure> {
        if let Some(file) = named {
            let text = std::fs::read_to_string(file).map_err(|error| Failure::file(file, "read", &error))?;
            return Settings::parse(&file.display().to_string(), &text, &[]);
        }
        let mut settings = Settings::default();
        for (file, path) in [("Cargo.toml", &["workspace", "metadata", "lockdep"][..]), (FILE, &[])] {
            match std::fs::read_to_string(workspace.root.join(file)) {
                Ok(text) => settings.extend(Settings::parse(file, &text, path)?),
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(Failure::file(Path::new(file), "read", &error)),
            }
        }
        Ok(settings)
    }

    /// The settings as the command line changes them.
    pub(crate) fn of(workspace: &Workspace, judge: &Judge) -> Result<Settings, Failure> {
        let Judge { deny, warn, allow, .. } = judge;
        levels::contradiction(deny, warn, allow)?;
        let mut settings = Settings::read(workspace, judge.config.as_deref())?;
        for (level, whats) in [(Level::Deny, deny), (Level::Warn, warn), (Level::Allow, allow)] {
            settings.levels.set(level, whats);
        }
        Ok(settings)
    }

    /// Reads the settings below a path of tables in a text.
    fn parse(file: &str, text: &str, path: &[&str]) -> Result<Settings, Failure> {
        let mut settings = Settings::default();
        let mut reader = Reader::new(file, text);
        let whole = reader.parse();
        let below = path.iter().try_fold(&whole, |table, key| table.get(*key)?.get_ref().as_table());
        if let Some(table) = below {
            settings.take(file, &mut reader, table);
        }
        reader.finish()?;
        Ok(settings)
    }

    fn take<'t>(&mut self, file: &str, reader: &mut Reader<'t>, table: &DeTable<'t>) {
        for (key, value) in table {
            match key.get_ref().as_ref() {
                "order" => self.order = reader.string(value).map(PathBuf::from),
                "baseline" => self.baseline = reader.string(value).map(PathBuf::from),
                "levels" => self.levels.read(reader, value),
                "allow" => {
                    let tables = reader.tables(value).into_iter();
                    self.allow.extend(tables.filter_map(|(span, table)| Allow::read(file, reader, span, table)));
                }
                other => reader.unknown(key.span(), "key", other, &KEYS),
            }
        }
    }

    fn extend(&mut self, later: Settings) {
        self.order = later.order.or(self.order.take());
        self.baseline = later.baseline.or(self.baseline.take());
        self.levels.extend(later.levels);
        self.allow.extend(later.allow);
    }

    /// Where the baseline is.
    pub(crate) fn baseline_file(&self, workspace: &Workspace) -> PathBuf {
        workspace.root.join(self.baseline.as_deref().unwrap_or(Path::new(BASELINE)))
    }

    /// Gives a finding the level that the project wants. Returns whether an `[[allow]]` accepts it.
    pub(crate) fn apply(&self, finding: &mut Finding) -> bool {
        finding.level = self.levels.of(finding.code, finding.grade);
        let allow = self.allow.iter().find(|allow| allow.matches(finding));
        allow.is_some_and(|allow| allow.apply(finding))
    }

    /// The suppressions that matched none of the findings, as findings.
    pub(crate) fn unmatched(&self, findings: &[Finding]) -> Vec<Finding> {
        let is_known = |allow: &&Allow| findings.iter().any(|finding| allow.matches(finding));
        self.allow.iter().filter(|allow| !is_known(allow)).map(Allow::as_unmatched).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lockdep_core::finding::{Code, Grade};

    /// The template with its commented keys as if they were in force.
    fn uncommented() -> String {
        let is_key =
            |line: &str| line.starts_with('[') || line.split_once(" = ").is_some_and(|(key, _)| !key.contains(' '));
        let lines = TEMPLATE.lines().map(|line| line.strip_prefix("# ").filter(|rest| is_key(rest)).unwrap_or(line));
        lines.fold(String::new(), |text, line| text + line + "\n")
    }

    #[test]
    fn the_template_changes_nothing() {
        let settings = Settings::parse(FILE, TEMPLATE, &[]).expect("it is well-formed");
        assert!(settings.order.is_none() && settings.baseline.is_none() && settings.allow.is_empty());
        assert_eq!(settings.levels, Levels::default());
    }

    #[test]
    fn the_template_has_every_key_with_its_default() {
        let text = uncommented();
        let settings =
            Settings::parse(FILE, &text, &[]).unwrap_or_else(|failure| panic!("{}\n{text}", failure.message));
        assert_eq!(settings.order.as_deref(), Some(Path::new(crate::cargo::ORDER_FILE)));
        assert_eq!(settings.baseline.as_deref(), Some(Path::new(BASELINE)));
        assert_eq!(settings.allow.len(), 1);
        for code in Code::ALL {
            assert!(text.contains(&format!("\n{} = ", code.name())), "{code}");
            for grade in [Grade::Blocked, Grade::Possible, Grade::Suspect, Grade::Excused] {
                assert_eq!(settings.levels.of(code, grade), grade.default_level(), "{code} {}", grade.name());
            }
        }
    }

    #[test]
    fn code_and_grade_outweigh_the_code_and_the_code_outweighs_the_grade() {
        let text = "[levels]\nsuspect = \"deny\"\nrecursion = \"warn\"\ninversion = { possible = \"warn\", excused = \"warn\" }";
        let Settings { mut levels, .. } = Settings::parse(FILE, text, &[]).expect("it is well-formed");
        let of = |levels: &Levels, code, grade| levels.of(code, grade);
        assert_eq!(of(&levels, Code::Inversion, Grade::Suspect), Level::Deny);
        assert_eq!(of(&levels, Code::Inversion, Grade::Possible), Level::Warn);
        assert_eq!(of(&levels, Code::Inversion, Grade::Excused), Level::Warn);
        assert_eq!(of(&levels, Code::Recursion, Grade::Suspect), Level::Warn);
        assert_eq!(of(&levels, Code::Recursion, Grade::Excused), Level::Allow);
        levels.set(Level::Allow, &[levels::What::Code(Code::Inversion)]);
        assert_eq!(of(&levels, Code::Inversion, Grade::Possible), Level::Allow);
    }
}
