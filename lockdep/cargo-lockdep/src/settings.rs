//! `.config/lockdep.toml`: what the project has decided about findings.
//!
//! ```toml
//! [[allow]]
//! id = "LD-7F3K2QX8"
//! reason = "the second device is opened read-only, see the comment in open()"
//! expires = 2027-01-31      # optional; from the next day on the finding counts again
//! ```

use crate::exit::Failure;
use lockdep_core::finding::{Code, Finding, Grade};
use lockdep_core::id;
use serde::Deserialize;
use std::io::ErrorKind;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};
use toml::value::{Date, Datetime};

/// Where the file is, from the workspace's root.
const FILE: &str = ".config/lockdep.toml";

/// The settings of a project.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settings {
    /// The file, as messages name it.
    #[serde(skip)]
    file: String,
    #[serde(default)]
    allow: Vec<Allow>,
}

/// A finding that the project accepts.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Allow {
    id: String,
    reason: String,
    expires: Option<Datetime>,
}

impl Settings {
    /// Reads the file that was named, or that of the workspace, of which none is as good as an empty one.
    pub(crate) fn read(root: &Path, named: Option<&Path>) -> Result<Settings, Failure> {
        let path = named.map_or_else(|| root.join(FILE), Path::to_owned);
        let file = named.map_or_else(|| FILE.to_owned(), |path| path.display().to_string());
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound && named.is_none() => return Ok(Settings::default()),
            Err(error) => return Err(Failure::usage(format!("{file} cannot be read: {error}"))),
        };
        let mut settings: Settings =
            toml::from_str(&text).map_err(|error| Failure::usage(format!("{file} is malformed: {error}")))?;
        for Allow { id, reason, expires } in &settings.allow {
            if reason.trim().is_empty() {
                return Err(Failure::usage(format!("{file} accepts `{id}` without a reason; give one")));
            }
            if expires.is_some_and(|expires| expires.date.is_none()) {
                return Err(Failure::usage(format!("{file}: `expires` of `{id}` is no date, as 2027-01-31 is")));
            }
        }
        settings.file = file;
        Ok(settings)
    }

    /// Why a finding is accepted, if it is. A suppression that has expired leaves a note instead.
    pub(crate) fn accepts(&self, finding: &mut Finding) -> Option<String> {
        let allow = self.allow.iter().find(|allow| allow.id.eq_ignore_ascii_case(&finding.id))?;
        let file = &self.file;
        match allow.expired(today()) {
            Some(date) => {
                finding.notes.push(format!("{file} accepted this until {date}: {}", allow.reason));
                None
            }
            None => {
                finding.notes.push(format!("{file} accepts this: {}", allow.reason));
                Some(allow.reason.clone())
            }
        }
    }

    /// The suppressions that matched none of the findings, as findings.
    pub(crate) fn unmatched(&self, findings: &[Finding]) -> Vec<Finding> {
        let is_known = |id: &str| findings.iter().any(|finding| finding.id.eq_ignore_ascii_case(id));
        let unmatched = self.allow.iter().filter(|allow| !is_known(&allow.id));
        unmatched.map(|allow| allow.as_unmatched(&self.file)).collect()
    }
}

impl Allow {
    fn expired(&self, today: (i64, u8, u8)) -> Option<Date> {
        let date = self.expires?.date?;
        ((i64::from(date.year), date.month, date.day) < today).then_some(date)
    }

    fn as_unmatched(&self, file: &str) -> Finding {
        Finding {
            code: Code::UnmatchedAllow,
            grade: Grade::Suspect,
            level: Grade::Suspect.default_level(),
            id: id::of_labels(Code::UnmatchedAllow, [self.id.as_str()]),
            classes: Vec::new(),
            title: format!("{file} accepts `{}`, which was not found", self.id),
            cycle: Vec::new(),
            witness: None,
            notes: vec![
                format!("its reason: {}", self.reason),
                "remove it, unless this run was too small to find it".to_owned(),
            ],
        }
    }
}

/// Year, month and day in UTC, by Howard Hinnant's `civil_from_days`.
fn today() -> (i64, u8, u8) {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs());
    civil((seconds / 86_400) as i64)
}

fn civil(days: i64) -> (i64, u8, u8) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month as u8, day as u8)
}

#[cfg(test)]
mod tests {
    use super::civil;

    #[test]
    fn days_are_dates() {
        assert_eq!(civil(0), (1970, 1, 1));
        assert_eq!(civil(11_016), (2000, 2, 29));
        assert_eq!(civil(11_017), (2000, 3, 1));
        assert_eq!(civil(20_453), (2025, 12, 31));
    }
}
