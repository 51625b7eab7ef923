//! Values that a line spells as one word. The functions [`serialize`] and [`deserialize`] are what
//! `#[serde(with = "words")]` calls.

use crate::class::{LockKind, Origin, Site};
use crate::finding::{Code, Grade};
use crate::mode::{Manner, Mode, Want};
use serde::{Deserialize, Deserializer, Serializer};
use std::borrow::Cow;

/// A value that the file spells as one word.
pub(super) trait Word: Sized {
    /// What the word stands for, for the reader of an error.
    const WHAT: &'static str;
    fn write(&self) -> String;
    fn read(text: &str) -> Option<Self>;
}

impl Word for Mode {
    const WHAT: &'static str = "mode";
    fn write(&self) -> String {
        self.name().to_owned()
    }
    fn read(text: &str) -> Option<Mode> {
        Mode::ALL.into_iter().find(|mode| mode.name() == text)
    }
}

impl Word for Want {
    const WHAT: &'static str = "want";
    fn write(&self) -> String {
        self.name().to_owned()
    }
    fn read(text: &str) -> Option<Want> {
        Want::ALL.into_iter().find(|want| want.name() == text)
    }
}

impl Word for Manner {
    const WHAT: &'static str = "manner";
    fn write(&self) -> String {
        match self {
            Manner::Block => "block".to_owned(),
            Manner::Try => "try".to_owned(),
            Manner::Timed(limit) => format!("timed:{limit}"),
        }
    }
    fn read(text: &str) -> Option<Manner> {
        match text {
            "block" => Some(Manner::Block),
            "try" => Some(Manner::Try),
            _ => text.strip_prefix("timed:")?.parse().ok().map(Manner::Timed),
        }
    }
}

impl Word for LockKind {
    const WHAT: &'static str = "kind";
    fn write(&self) -> String {
        self.name().to_owned()
    }
    fn read(text: &str) -> Option<LockKind> {
        LockKind::parse(text)
    }
}

impl Word for Origin {
    const WHAT: &'static str = "origin";
    fn write(&self) -> String {
        if *self == Origin::Key { "key" } else { "birth" }.to_owned()
    }
    fn read(text: &str) -> Option<Origin> {
        match text {
            "key" => Some(Origin::Key),
            "birth" => Some(Origin::Birth),
            _ => None,
        }
    }
}

impl Word for Code {
    const WHAT: &'static str = "code";
    fn write(&self) -> String {
        self.name().to_owned()
    }
    fn read(text: &str) -> Option<Code> {
        Code::parse(text)
    }
}

impl Word for Grade {
    const WHAT: &'static str = "grade";
    fn write(&self) -> String {
        self.name().to_owned()
    }
    fn read(text: &str) -> Option<Grade> {
        use Grade::{Blocked, Excused, Possible, Suspect};
        [Excused, Suspect, Possible, Blocked].into_iter().find(|grade| grade.name() == text)
    }
}

impl Word for Site {
    const WHAT: &'static str = "`file:line:col`";
    fn write(&self) -> String {
        self.to_string()
    }
    fn read(text: &str) -> Option<Site> {
        // From the right, because a file name may have colons in it.
        let mut parts = text.rsplitn(3, ':');
        let column = parts.next()?.parse().ok()?;
        let line = parts.next()?.parse().ok()?;
        Some(Site { file: parts.next()?.into(), line, column })
    }
}

pub(super) fn serialize<T: Word, S: Serializer>(value: &T, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&value.write())
}

pub(super) fn deserialize<'de, T: Word, D: Deserializer<'de>>(from: D) -> Result<T, D::Error> {
    let text = Cow::<str>::deserialize(from)?;
    T::read(&text).ok_or_else(|| serde::de::Error::custom(format_args!("`{text}` is no {}", T::WHAT)))
}
