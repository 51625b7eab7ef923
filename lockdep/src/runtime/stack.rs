//! Stacks of acquisitions, captured unresolved when they are first seen, symbolised when somebody wants to read one.

use crate::config;
use backtrace::{Backtrace, BacktraceFrame, BacktraceSymbol};
use lockdep_core::class::Site;
use lockdep_core::finding::Witness;
use std::collections::HashMap;
use std::fmt::Write;
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

/// Where a lock was taken, and where the next one was wanted.
type Place = (Option<Site>, Site);

/// The stack of the first acquisition at each place. A leaf: nothing else is locked while it is held.
static STACKS: LazyLock<Mutex<HashMap<Place, Backtrace>>> = LazyLock::new(Mutex::default);

/// All stacks.
pub(super) type Guard = MutexGuard<'static, HashMap<Place, Backtrace>>;

pub(super) fn lock() -> Guard {
    STACKS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Remembers this stack for these places, if the settings ask for stacks and one of them is new.
pub(super) fn capture(places: impl Iterator<Item = Place>) {
    if !config::get().stacks {
        return;
    }
    let new: Vec<Place> = places.filter(|place| !lock().contains_key(place)).collect();
    if !new.is_empty() {
        let stack = Backtrace::new_unresolved();
        new.into_iter().for_each(|place| drop(lock().insert(place, stack.clone())));
    }
}

/// The stack of the acquisition that a witness tells of, as text: from the acquisition outwards to the start of the thread
/// or test. `None` unless [stacks](crate::config::Builder::stacks) were asked for.
#[must_use]
pub fn stack(witness: &Witness) -> Option<String> {
    let site = &witness.site;
    let place = (witness.held.as_ref().map(|held| held.site.clone()), site.clone());
    let mut stack = lock().get(&place)?.clone();
    stack.resolve();
    let symbols: Vec<_> = stack.frames().iter().flat_map(BacktraceFrame::symbols).collect();
    let is_site = |symbol: &&BacktraceSymbol| {
        symbol.lineno() == Some(site.line) && symbol.filename().is_some_and(|file| file.ends_with(&*site.file))
    };
    let start = symbols.iter().position(is_site).unwrap_or(0);
    let mut text = String::new();
    for symbol in &symbols[start..] {
        let Some(name) = symbol.name().map(|name| format!("{name:#}")) else { continue };
        if STARTS.iter().any(|start| name.contains(start)) {
            break;
        }
        let _ = writeln!(text, "        {name}");
        if let (Some(file), Some(line)) = (symbol.filename(), symbol.lineno()) {
            let _ = writeln!(text, "          at {}:{line}", file.display());
        }
    }
    Some(text)
}

/// Functions of the standard library that call a thread's or a test's own first function.
const STARTS: [&str; 2] = ["__rust_begin_short_backtrace", "core::ops::function::FnOnce"];
