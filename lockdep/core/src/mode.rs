//! How a lock is held and how it is waited for: who blocks whom.
//!
//! A lock can be *held* in five [`Mode`]s and *waited for* in five ways ([`Want`]); an upgrade is a wait
//! kind of its own. [`Want::blocked_by`] is the whole rule table; everything else in the crate is derived from
//! it. The table is the kernel's (`Documentation/locking/lockdep-design.rst`, "Recursive read locks"), extended by
//! upgradable reads, which the kernel does not have.

use std::fmt;

/// How a lock is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Mode {
    /// Exclusive: a mutex, or a writer.
    Write = 0,
    /// Shared, taken by a reader that waits behind a queued writer.
    Read = 1,
    /// Shared, taken by a reader that passes queued writers.
    RecursiveRead = 2,
    /// Shared, at most one holder, may become exclusive.
    Upgradable = 3,
    /// Shared, after having been exclusive. As a holder it is a reader; two of these exclude each other, because the
    /// second could not have been exclusive while the first was there.
    Downgraded = 4,
}

impl Mode {
    /// All modes, in the order of their discriminants.
    pub const ALL: [Mode; 5] = [Mode::Write, Mode::Read, Mode::RecursiveRead, Mode::Upgradable, Mode::Downgraded];

    /// Whether no other holder of any mode can exist beside this one.
    #[must_use]
    pub fn is_exclusive(self) -> bool {
        self == Mode::Write
    }

    /// Whether two holders, one in each mode, exclude each other at any time. This is what makes a gate.
    #[must_use]
    pub fn excludes(self, other: Mode) -> bool {
        let single = matches!(self, Mode::Upgradable | Mode::Downgraded);
        self == Mode::Write || other == Mode::Write || (single && self == other)
    }

    /// The name used in logs, scenarios and reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Mode::Write => "write",
            Mode::Read => "read",
            Mode::RecursiveRead => "rread",
            Mode::Upgradable => "upgradable",
            Mode::Downgraded => "downgraded",
        }
    }
}

/// How a lock is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Want {
    /// Wants it exclusively.
    Write = 0,
    /// Wants it shared, behind queued writers.
    Read = 1,
    /// Wants it shared, past queued writers.
    RecursiveRead = 2,
    /// Wants the upgradable slot; waits like a reader even on recursive locks.
    Upgradable = 3,
    /// Holds the upgradable slot and wants the other readers gone.
    Upgrade = 4,
}

/// What it takes for a holder to block a waiter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Blocked {
    /// Never.
    No,
    /// Only while some writer is queued on the same lock.
    BehindWriter,
    /// Always.
    Always,
}

impl Want {
    /// All ways to wait, in the order of their discriminants.
    pub const ALL: [Want; 5] = [Want::Write, Want::Read, Want::RecursiveRead, Want::Upgradable, Want::Upgrade];

    /// The rule table: does a holder in mode `held` block this waiter?
    ///
    /// ```
    /// use lockdep_core::mode::{Blocked, Mode, Want};
    /// assert_eq!(Want::Read.blocked_by(Mode::Read), Blocked::BehindWriter);
    /// assert_eq!(Want::RecursiveRead.blocked_by(Mode::Read), Blocked::No);
    /// assert_eq!(Want::Upgrade.blocked_by(Mode::Upgradable), Blocked::No);
    /// ```
    #[must_use]
    pub fn blocked_by(self, held: Mode) -> Blocked {
        use Blocked::{Always, BehindWriter, No};
        match (self, held) {
            (Want::Upgrade, Mode::Read | Mode::RecursiveRead | Mode::Downgraded) => Always,
            (Want::Upgrade, _) => No,
            (_, Mode::Write) | (Want::Write, _) | (Want::Upgradable, Mode::Upgradable) => Always,
            // A writer cannot queue up while the upgradable slot is taken (parking_lot; measured).
            (Want::RecursiveRead, _) | (Want::Read, Mode::Upgradable) => No,
            (Want::Read | Want::Upgradable, _) => BehindWriter,
        }
    }

    /// The mode in which the lock is held once the wait is over.
    #[must_use]
    pub fn mode(self) -> Mode {
        match self {
            Want::Write | Want::Upgrade => Mode::Write,
            Want::Read => Mode::Read,
            Want::RecursiveRead => Mode::RecursiveRead,
            Want::Upgradable => Mode::Upgradable,
        }
    }

    /// The name used in logs, scenarios and reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Want::Upgrade => "upgrade",
            other => other.mode().name(),
        }
    }
}

impl From<Mode> for Want {
    fn from(mode: Mode) -> Want {
        match mode {
            Mode::Write => Want::Write,
            Mode::Read | Mode::Downgraded => Want::Read,
            Mode::RecursiveRead => Want::RecursiveRead,
            Mode::Upgradable => Want::Upgradable,
        }
    }
}

/// Whether an acquisition may wait for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Manner {
    /// Waits until it succeeds.
    Block,
    /// Gave up at once if it could not succeed: it adds no incoming edge.
    Try,
    /// Waits at most this many milliseconds.
    Timed(u32),
}

/// A time limit from which on a timed acquisition counts as one that blocks, in milliseconds.
pub const TIMED_BLOCKS_FROM_MS: u32 = 1000;

/// The kernel's four dependency kinds: the held side is Exclusive or Shared, the wanted side Non-recursive or
/// Recursive. They are what the graph text and the ids print; the searches use [`Mode`] and [`Want`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum DepKind {
    /// Held exclusively, wanted non-recursively.
    EN = 0,
    /// Held exclusively, wanted recursively.
    ER = 1,
    /// Held shared, wanted non-recursively.
    SN = 2,
    /// Held shared, wanted recursively.
    SR = 3,
}

impl DepKind {
    /// All kinds in printing order.
    pub const ALL: [DepKind; 4] = [DepKind::EN, DepKind::ER, DepKind::SN, DepKind::SR];

    /// The kind of one dependency.
    #[must_use]
    pub fn of(held: Mode, want: Want) -> DepKind {
        match (held.is_exclusive(), want == Want::RecursiveRead) {
            (true, false) => DepKind::EN,
            (true, true) => DepKind::ER,
            (false, false) => DepKind::SN,
            (false, true) => DepKind::SR,
        }
    }
}

impl fmt::Display for DepKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            DepKind::EN => "EN",
            DepKind::ER => "ER",
            DepKind::SN => "SN",
            DepKind::SR => "SR",
        })
    }
}
