//! `[[allow]]`: findings that the project accepts, one by one, with a reason and perhaps until a day.

use super::date::today;
use super::table::Reader;
use lockdep_core::finding::{Code, Finding, Grade, Level};
use lockdep_core::id;
use std::ops::Range;
use toml::de::DeTable;
use toml::value::Date;

/// A finding that the project accepts.
#[derive(Clone, Debug)]
pub(super) struct Allow {
    /// Where that is said, as messages name it.
    file: String,
    id: String,
    reason: String,
    expires: Option<Date>,
}

const KEYS: [&str; 3] = ["id", "reason", "expires"];

impl Allow {
    pub(super) fn read<'t>(
        file: &str,
        reader: &mut Reader<'t>,
        span: Range<usize>,
        table: &DeTable<'t>,
    ) -> Option<Allow> {
        let (mut id, mut reason, mut expires) = (None, None, None);
        for (key, value) in table {
            match key.get_ref().as_ref() {
                "id" => id = reader.string(value),
                "reason" => reason = reader.string(value),
                "expires" => match value.get_ref().as_datetime().and_then(|date| date.date) {
                    Some(date) => expires = Some(date),
                    None => reader.fault(value.span(), "expected a date, as in 2027-01-31"),
                },
                other => reader.unknown(key.span(), "key", other, &KEYS),
            }
        }
        let Some(id) = id else {
            reader.fault(span, "an [[allow]] needs the `id` of a finding, as in LD-7F3K2QX8");
            return None;
        };
        match reason.filter(|reason| !reason.trim().is_empty()) {
            Some(reason) => Some(Allow { file: file.to_owned(), id, reason, expires }),
            None => {
                reader.fault(span, format!("`{id}` is allowed without a `reason`; give one"));
                None
            }
        }
    }

    pub(super) fn matches(&self, finding: &Finding) -> bool {
        self.id.eq_ignore_ascii_case(&finding.id)
    }

    /// Lowers the finding's level and says why. One whose day has passed is told again, and fails nothing: no run turns red
    /// because time went by. Returns whether the finding is accepted.
    pub(super) fn apply(&self, finding: &mut Finding) -> bool {
        let Allow { file, reason, .. } = self;
        let last = self.expires.filter(|day| (i64::from(day.year), day.month, day.day) < today());
        match last {
            Some(day) => {
                finding.level = finding.level.min(Level::Warn);
                finding.notes.push(format!("{file} accepted this until {day}: {reason}"));
                false
            }
            None => {
                finding.notes.push(format!("{file} accepts this: {reason}"));
                true
            }
        }
    }

    /// That the suppression matched nothing, as a finding.
    pub(super) fn as_unmatched(&self) -> Finding {
        Finding {
            code: Code::UnmatchedAllow,
            grade: Grade::Suspect,
            level: Grade::Suspect.default_level(),
            id: id::of_labels(Code::UnmatchedAllow, [self.id.as_str()]),
            classes: Vec::new(),
            title: format!("{} accepts `{}`, which was not found", self.file, self.id),
            cycle: Vec::new(),
            witness: None,
            notes: vec![
                format!("its reason: {}", self.reason),
                "remove it, unless this run was too small to find it".to_owned(),
            ],
        }
    }
}
