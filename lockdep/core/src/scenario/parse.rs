//! Scenario files as text: TOML, or JSON with the same keys.

use super::{Case, LockDecl, ScenarioError};
use crate::class::{LockKind, Origin, WaitType};
use crate::event::{Acquire, Event, Op};
use crate::finding::Code;
use crate::mode::{Manner, Mode, Want};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

const FORMAT: &str = "lockdep scenarios v1";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFile {
    format: String,
    #[serde(rename = "case", default)]
    cases: Vec<RawCase>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCase {
    name: String,
    #[serde(default, rename = "about")]
    _about: String,
    locks: Vec<String>,
    steps: Vec<String>,
    expect: Vec<String>,
    #[serde(default)]
    also: Vec<String>,
    #[serde(default)]
    suspect: Vec<String>,
    #[serde(default)]
    excused: Vec<String>,
    #[serde(default)]
    not: Vec<String>,
}

/// Reads a scenario file.
///
/// # Errors
/// The first thing that is wrong, with its place and what was expected instead.
pub fn parse(text: &str) -> Result<Vec<Case>, ScenarioError> {
    let raw = if text.trim_start().starts_with('{') { read_json(text)? } else { read_toml(text)? };
    if raw.format != FORMAT {
        return Err(locate(text, 0, &raw.format, &format!("expected format = \"{FORMAT}\"")));
    }
    let mut names = BTreeSet::new();
    let mut cases = Vec::new();
    for case in raw.cases {
        let start = text.find(&format!("\"{}\"", case.name)).unwrap_or(0);
        if !names.insert(case.name.clone()) {
            return Err(locate(text, start + 1, &case.name, &format!("two cases are named `{}`", case.name)));
        }
        cases.push(read_case(text, start, case)?);
    }
    Ok(cases)
}

fn read_toml(text: &str) -> Result<RawFile, ScenarioError> {
    toml::from_str(text).map_err(|error| {
        let offset = error.span().map_or(0, |span| span.start);
        let (line, column) = position(text, offset);
        ScenarioError { line, column, message: error.message().to_owned() }
    })
}

fn read_json(text: &str) -> Result<RawFile, ScenarioError> {
    serde_json::from_str(text).map_err(|error| ScenarioError {
        line: error.line(),
        column: error.column(),
        message: error.to_string(),
    })
}

fn read_case(text: &str, start: usize, raw: RawCase) -> Result<Case, ScenarioError> {
    let fail = |needle: &str, message: String| locate(text, start, needle, &format!("case `{}`: {message}", raw.name));
    let codes = |names: &[String]| -> Result<Vec<Code>, ScenarioError> {
        let parse = |name: &String| Code::parse(name).ok_or_else(|| fail(name, format!("no code is named `{name}`")));
        names.iter().map(parse).collect()
    };
    let mut locks: Vec<LockDecl> = Vec::new();
    for lock in &raw.locks {
        let declared = parse_lock(lock).map_err(|message| fail(lock, message))?;
        if locks.iter().any(|known| known.id == declared.id) {
            return Err(fail(lock, format!("two locks are named `{}`", declared.id)));
        }
        locks.push(declared);
    }
    let mut steps = Vec::new();
    for step in &raw.steps {
        let event = parse_step(step).map_err(|message| fail(step, message))?;
        steps.push((step.clone(), event));
    }
    Ok(Case {
        expect: codes(&raw.expect)?,
        also: codes(&raw.also)?,
        suspect: codes(&raw.suspect)?,
        excused: codes(&raw.excused)?,
        name: raw.name.clone(),
        locks,
        steps,
        not: raw.not.clone(),
    })
}

/// The place of `needle` in the text, at or after byte `from`.
pub(super) fn locate(text: &str, from: usize, needle: &str, message: &str) -> ScenarioError {
    let offset = text.get(from..).and_then(|rest| rest.find(needle)).map_or(from, |found| from + found);
    let (line, column) = position(text, offset);
    ScenarioError { line, column, message: message.to_owned() }
}

fn position(text: &str, offset: usize) -> (usize, usize) {
    let before = &text[..text.floor_char_boundary(offset)];
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}

/// `"id: kind [class] [options]"`.
fn parse_lock(text: &str) -> Result<LockDecl, String> {
    let (id, rest) = text.split_once(':').ok_or("expected `id: kind [class] [options]`")?;
    let id = id.trim();
    let mut words = rest.split_whitespace();
    let kind = words.next().ok_or("expected a kind after the id")?;
    let kind = LockKind::parse(kind).filter(|kind| *kind != LockKind::Context).ok_or_else(|| {
        let kinds = LockKind::ALL.iter().filter(|kind| **kind != LockKind::Context);
        let kinds: Vec<&str> = kinds.map(|kind| kind.name()).collect();
        format!("no kind is named `{kind}`; expected one of {}", kinds.join(", "))
    })?;
    let (class, origin) = (id.to_owned(), Origin::Key);
    let mut lock = LockDecl { id: id.to_owned(), kind, class, origin, novalidate: false, ordered: false, wait: None };
    for word in words {
        match word.split_once('=') {
            Some(("order", "id")) => lock.ordered = true,
            Some(("wait", level)) => lock.wait = Some(parse_wait(level).ok_or_else(|| no_option(word))?),
            Some(_) => return Err(no_option(word)),
            None if word == "novalidate" => lock.novalidate = true,
            None => match word.strip_prefix("site:") {
                Some(site) => (lock.class, lock.origin) = (site.to_owned(), Origin::Birth),
                None => lock.class = word.to_owned(),
            },
        }
    }
    Ok(lock)
}

fn no_option(word: &str) -> String {
    format!("no option `{word}`; expected order=id, wait=N, wait=OUTER:INNER or novalidate")
}

/// `N`, or `OUTER:INNER` for a lock that forbids less under it than it is itself.
fn parse_wait(text: &str) -> Option<WaitType> {
    let (outer, inner) = text.split_once(':').unwrap_or((text, text));
    Some(WaitType { outer: outer.parse().ok()?, inner: inner.parse().ok()? })
}

/// `"THREAD OP [LOCK] [key=value ...]"`.
fn parse_step(text: &str) -> Result<Event, String> {
    let mut words = text.split_whitespace();
    let thread = words.next().ok_or("expected `THREAD OP [LOCK] [key=value ...]`")?;
    let op = words.next().ok_or("expected an operation after the thread")?;
    let (mut lock, mut options) = (None, BTreeMap::new());
    for word in words {
        match word.split_once('=') {
            Some((key, value)) => drop(options.insert(key, value)),
            None if lock.is_none() => lock = Some(word),
            None => return Err(format!("`{word}` is one word too many")),
        }
    }
    let op = Step { op, lock, options }.parse()?;
    Ok(Event { thread: thread.to_owned(), op })
}

struct Step<'a> {
    op: &'a str,
    lock: Option<&'a str>,
    options: BTreeMap<&'a str, &'a str>,
}

impl Step<'_> {
    fn parse(mut self) -> Result<Op, String> {
        let op = self.operation()?;
        match self.options.keys().next() {
            Some(key) => Err(format!("`{}` takes no option `{key}`", self.op)),
            None => Ok(op),
        }
    }

    fn operation(&mut self) -> Result<Op, String> {
        Ok(match self.op {
            "lock" | "write" => self.acquire(Want::Write, Manner::Block)?,
            "read" => self.acquire(Want::Read, Manner::Block)?,
            "rread" => self.acquire(Want::RecursiveRead, Manner::Block)?,
            "upgradable" => self.acquire(Want::Upgradable, Manner::Block)?,
            "try_lock" | "try_write" => self.acquire(Want::Write, Manner::Try)?,
            "try_read" => self.acquire(Want::Read, Manner::Try)?,
            "try_upgradable" => self.acquire(Want::Upgradable, Manner::Try)?,
            "upgrade" => Op::Upgrade(self.lock()?),
            "downgrade" => Op::Downgrade(self.lock()?, self.downgraded()?),
            "unlock" => Op::Unlock(self.lock()?, self.take("as")),
            "give" => Op::Give(self.lock()?, self.need("to")?),
            "wait" => Op::Wait { condvar: self.lock()?, mutex: self.need("with")? },
            "await" => Op::Await(self.lock()?),
            "spawn" => Op::Spawn(self.need("to")?),
            "join" => Op::Join(self.need("to")?),
            "might_lock" => Op::MightLock(self.lock()?),
            "assert_held" => Op::AssertHeld(self.lock()?, self.asserted()?),
            "assert_not_held" => Op::AssertNotHeld(self.lock()?),
            "assert_none_held" => Op::AssertNoneHeld,
            "set_class" => Op::SetClass(self.lock()?, self.need("class")?),
            "drop" => Op::Drop(self.lock()?),
            "end" => Op::End,
            "enter" => Op::Enter(self.lock()?),
            "exit" => Op::Exit(self.lock()?),
            "mask" => Op::Mask(self.lock()?),
            "unmask" => Op::Unmask(self.lock()?),
            "block" => {
                let level = self.lock()?;
                Op::Block(level.parse().map_err(|_| format!("`{level}` is no wait type; expected a number to 255"))?)
            }
            "notify" => {
                self.lock()?;
                Op::Nothing
            }
            other => return Err(format!("no operation is named `{other}`")),
        })
    }

    fn lock(&self) -> Result<String, String> {
        self.lock.map(str::to_owned).ok_or_else(|| format!("`{}` needs a name after it", self.op))
    }

    fn take(&mut self, key: &str) -> Option<String> {
        self.options.remove(key).map(str::to_owned)
    }

    fn need(&mut self, key: &str) -> Result<String, String> {
        self.take(key).ok_or_else(|| format!("`{}` needs {key}=", self.op))
    }

    fn number(&mut self, key: &str) -> Result<Option<u32>, String> {
        let parse = |value: String| value.parse().map_err(|_| format!("{key}={value} is no number"));
        self.take(key).map(parse).transpose()
    }

    fn acquire(&mut self, want: Want, manner: Manner) -> Result<Op, String> {
        let timeout = self.number("timeout")?;
        Ok(Op::Acquire(Acquire {
            lock: self.lock()?,
            want,
            manner: timeout.map_or(manner, Manner::Timed),
            subclass: self.number("sub")?.unwrap_or(0),
            nest: self.take("nest"),
            name: self.take("as"),
        }))
    }

    fn downgraded(&mut self) -> Result<Mode, String> {
        match self.take("to").as_deref() {
            None | Some("read") => Ok(Mode::Read),
            Some("upgradable") => Ok(Mode::Upgradable),
            Some(other) => Err(format!("to={other}: expected read or upgradable")),
        }
    }

    fn asserted(&mut self) -> Result<Option<Mode>, String> {
        match self.take("mode").as_deref() {
            None => Ok(None),
            Some("read") => Ok(Some(Mode::Read)),
            Some("write") => Ok(Some(Mode::Write)),
            Some(other) => Err(format!("mode={other}: expected read or write")),
        }
    }
}
