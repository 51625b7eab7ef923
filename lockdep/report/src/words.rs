//! How reports speak of threads, modes and levels.

use annotate_snippets::normalize_untrusted_str;
use lockdep_core::context;
use lockdep_core::finding::{Code, CycleEdge, Finding, HeldLabel, Level, Witness};
use lockdep_core::mode::{Manner, Mode, Want};

/// The severity that rustc would print.
pub(crate) fn severity(level: Level) -> &'static str {
    match level {
        Level::Allow => "note",
        Level::Warn => "warning",
        Level::Deny => "error",
    }
}

/// Text from outside, with control characters made visible.
pub(crate) fn clean(text: &str) -> String {
    normalize_untrusted_str(text)
}

/// The text on lines of at most `width` characters.
pub(crate) fn wrap(text: &str, width: usize) -> String {
    let mut lines: Vec<String> = vec![String::new()];
    for word in text.split(' ') {
        let line = lines.last_mut().expect("it starts with a line");
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > width {
            lines.push(word.to_owned());
        } else {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines.join("\n")
}

/// The thread, and the test it ran in unless that is the same name.
pub(crate) fn who(witness: &Witness) -> String {
    if witness.test.is_empty() || witness.test == witness.thread {
        clean(&format!("`{}`", witness.thread))
    } else {
        clean(&format!("`{}` (test `{}`)", witness.thread, witness.test))
    }
}

/// `` `A` for reading ``
pub(crate) fn held_as(held: &HeldLabel) -> String {
    let how = match held.mode {
        Mode::Write => "",
        Mode::Read | Mode::RecursiveRead | Mode::Downgraded => " for reading",
        Mode::Upgradable => " upgradably",
    };
    clean(&format!("`{}`{how}", held.label))
}

/// ``took `A` for reading``, or ``entered context `signal` ``
pub(crate) fn took(held: &HeldLabel, article: &str) -> String {
    match context::name_in(&held.label) {
        Some(name) => clean(&format!("entered context `{name}`")),
        None => format!("took {article}{}", held_as(held)),
    }
}

/// ``wants `A` for reading``, or ``can be interrupted by context `signal` ``
pub(crate) fn wants(witness: &Witness) -> String {
    match context::name_in(&witness.wanted) {
        Some(name) => clean(&format!("can be interrupted by context `{name}`")),
        None => format!("wants {}", wanted_as(witness)),
    }
}

/// `` `A` for reading, for at most 250 ms ``
pub(crate) fn wanted_as(witness: &Witness) -> String {
    let how = match witness.want {
        Want::Write => "",
        Want::Read | Want::RecursiveRead => " for reading",
        Want::Upgradable => " upgradably",
        Want::Upgrade => " upgraded",
    };
    let limit = match witness.manner {
        Manner::Timed(limit) => format!(", for at most {limit} ms"),
        Manner::Block | Manner::Try => String::new(),
    };
    clean(&format!("`{}`{how}{limit}", witness.wanted))
}

/// Who was seen where, one line per edge and numbered as reports number their sites, for formats that have no source.
pub(crate) fn observed(finding: &Finding) -> Vec<String> {
    let line = |(number, edge): (usize, &CycleEdge)| {
        let witness = &edge.witness;
        let held =
            witness.held.as_ref().map(|held| format!("{} at {}, then ", took(held, ""), clean(&held.site.to_string())));
        let (who, held, site) = (who(witness), held.unwrap_or_default(), clean(&witness.site.to_string()));
        format!("({})({}) {who} {held}{} at {site}", 2 * number + 1, 2 * number + 2, wants(witness))
    };
    newest_first(finding).into_iter().enumerate().map(line).collect()
}

/// The edges, starting with the one that closed the cycle.
pub(crate) fn newest_first(finding: &Finding) -> Vec<&CycleEdge> {
    let closing = finding.cycle.iter().position(|edge| edge.closing).unwrap_or(0);
    finding.cycle[closing..].iter().chain(&finding.cycle[..closing]).collect()
}

/// What to do about a finding.
pub(crate) fn advice(finding: &Finding) -> String {
    match finding.code {
        Code::Inversion => return inversion_advice(finding),
        Code::SelfDeadlock => {
            "release the first guard before the second acquisition, or pass the guard on instead of locking again"
        }
        Code::Recursion => {
            "if these nest in a fixed order, say so: `lock_nested(1)` for the inner one, or `lock_under(&outer)` if a \
             lock that is held serialises them; if not, take them in a fixed order, by address or by key"
        }
        Code::WrongNest => "hold the nest lock while taking these, or take them in a declared order",
        Code::Hierarchy => "take them in the documented order, or change the document if this order is the right one",
        Code::Undeclared => {
            "add the pair to the order file where it belongs, or avoid holding the one while taking the other"
        }
        Code::Context => {
            "keep the context out while the lock is held, or let it try the lock and come back later; what a handler waits \
             for must never be held by what it interrupts"
        }
        Code::WaitType => {
            "take the lock that may block more first, or use one here that blocks no more than what is held"
        }
        Code::BadRelease => "release a lock on the thread that acquired it, and before it is destroyed",
        Code::HeldAtExit => "drop the guard before the thread ends; `mem::forget` and `leak` keep it locked for ever",
        Code::HeldAcrossAwait => {
            "drop the guard before the await, in a block of its own or by `drop(guard)`; or use an asynchronous lock"
        }
        Code::AssertHeld => "the caller has to take (or release) the lock before it calls this",
        Code::Deadlock => "these threads have to be ended; take the locks in one order everywhere",
        Code::GuardLost => "take the guard here as well, or take the locks of the cycle in one order everywhere",
        Code::UnmatchedAllow => "remove the suppression, or run what it was written for",
        Code::Limit => "the verdict is incomplete: split the run, or raise the limit",
    }
    .to_owned()
}

/// Which edge to turn round: the one that completed the cycle, which is the newest, the rarest, or the one that the document
/// speaks against.
fn inversion_advice(finding: &Finding) -> String {
    let newest = finding.cycle.iter().find(|edge| edge.closing).or(finding.cycle.first());
    let Some(newest) = newest else { return "take these locks in one order everywhere".to_owned() };
    let (from, to) = (clean(&newest.from), clean(&newest.to));
    let others = finding.cycle.iter().filter(|edge| *edge != newest).map(|edge| edge.count).min();
    let rarer = match others {
        Some(others) if newest.count < others => {
            let seen = if newest.count == 1 { "once".to_owned() } else { format!("{} times", newest.count) };
            match finding.cycle.len() {
                2 => format!(" (recorded {seen}, the other order {others} times)"),
                _ => format!(" (recorded {seen}, the other orders at least {others} times)"),
            }
        }
        _ => String::new(),
    };
    format!(
        "take `{to}` before `{from}` at (1)(2), or release `{from}` before (2){rarer}; \
         any other edge of the cycle will do as well, one has to go"
    )
}
