//! What code says about locks without taking them: assertions, and orders that no run may happen to show.

use crate::runtime::{self, Asked};
use core::panic::Location;
use lockdep_core::class::LockKind;
use lockdep_core::finding::Code;
use lockdep_core::mode::{Mode, Want};
use lockdep_rt::ClassWord;

/// A lock that the checker knows: every lock of [`parking_lot`](crate::parking_lot), and [`LockMap`](crate::LockMap).
/// Sealed by its method, whose type is not public API.
pub trait Watched {
    /// The lock's word in the books; `None` when the checker is switched off.
    #[doc(hidden)]
    fn word(&self) -> Option<&ClassWord>;
}

impl<L: Watched + ?Sized> Watched for &L {
    #[inline(always)]
    fn word(&self) -> Option<&ClassWord> {
        (**self).word()
    }
}

impl<L: Watched + ?Sized> Watched for std::sync::Arc<L> {
    #[inline(always)]
    fn word(&self) -> Option<&ClassWord> {
        (**self).word()
    }
}

/// Says that this point may take `lock` exclusively, whether or not it does so this time. What the thread holds here comes
/// before the lock from now on.
///
/// ```
/// use lockdep::parking_lot::Mutex;
///
/// fn flush(log: &Mutex<Vec<u8>>, dirty: bool) {
///     lockdep::might_lock(log); // callers with conflicting locks are found also in runs where nothing is dirty
///     if dirty {
///         log.lock().clear();
///     }
/// }
/// flush(&Mutex::new(Vec::new()), false);
/// ```
///
/// # Panics
/// If it makes a finding that is to be denied, and the policy is to panic.
#[inline]
#[track_caller]
pub fn might_lock<L: Watched + ?Sized>(lock: &L) {
    if let Some(word) = lock.word() {
        let (how, site) = (runtime::how(Want::Write, 0), Location::caller());
        if !lockdep_rt::check(word, how, Default::default()) {
            runtime::judge(Asked { word, kind: LockKind::Map, how, site, nest: None, rank: None });
        }
    }
}

/// Says that this point may block, at a level: what sleeps, does I/O or calls a user's callback. A lock that is held here and
/// whose [wait type](crate::LockClassKey::wait_type) is lower is reported (`wait-type`), whether or not the call blocks this time.
///
/// ```
/// lockdep::might_block(2); // nothing is held, so nothing is wrong
/// assert!(lockdep::findings().is_empty());
/// ```
///
/// # Panics
/// If it makes a finding that is to be denied, and the policy is to panic.
#[inline]
#[track_caller]
pub fn might_block(level: u8) {
    if lockdep_rt::current().is_some_and(|block| !block.is_idle()) {
        runtime::might_block(level, Location::caller());
    }
}

/// Reports `assert-held` unless the calling thread holds `lock`. See [`assert_held!`](crate::assert_held).
#[doc(hidden)]
#[track_caller]
pub fn assert_held<L: Watched + ?Sized>(lock: &L, exclusively: bool) {
    let Some(word) = lock.word() else { return };
    if lockdep_rt::is_held(word, exclusively) == Some(true) || !runtime::can_tell() {
        return;
    }
    let held = runtime::holds(word);
    let ok = held.iter().any(|mode| !exclusively || *mode == Mode::Write);
    if !ok {
        let how = match (exclusively, held.is_empty()) {
            (true, false) => "exclusively, and is held shared",
            (true, true) => "exclusively, and is not",
            (false, _) => "here, and is not",
        };
        let title = |label: &str, thread: &str| format!("`{label}` must be held by `{thread}` {how}");
        runtime::fault(Code::AssertHeld, Some(word), Want::Write, Location::caller(), title);
    }
}

/// Reports `assert-held` if the calling thread holds `lock`. See [`assert_not_held!`](crate::assert_not_held).
#[doc(hidden)]
#[track_caller]
pub fn assert_not_held<L: Watched + ?Sized>(lock: &L) {
    let Some(word) = lock.word() else { return };
    if lockdep_rt::is_held(word, false) == Some(false) || !runtime::can_tell() {
        return;
    }
    if !runtime::holds(word).is_empty() {
        let title = |label: &str, thread: &str| format!("`{label}` must not be held by `{thread}` here, and is");
        runtime::fault(Code::AssertHeld, Some(word), Want::Write, Location::caller(), title);
    }
}

/// Reports `assert-held` if the calling thread holds any lock. See [`assert_none_held!`](crate::assert_none_held).
#[doc(hidden)]
#[track_caller]
pub fn assert_none_held() {
    if runtime::holds_any() {
        let title = |_: &str, thread: &str| format!("`{thread}` holds locks where nothing may be held");
        runtime::fault(Code::AssertHeld, None, Want::Write, Location::caller(), title);
    }
}

/// Asserts that the calling thread holds a lock; with `, exclusively`, that it holds it for writing. A failure is a finding
/// (`assert-held`), so it panics exactly if the policy says so.
///
/// ```
/// use lockdep::parking_lot::RwLock;
///
/// fn grow(pages: &RwLock<Vec<u8>>) {
///     lockdep::assert_held!(pages, exclusively);
/// }
/// let pages = RwLock::new(Vec::new());
/// let _held = pages.write();
/// grow(&pages);
/// assert!(lockdep::findings().is_empty());
/// ```
#[macro_export]
macro_rules! assert_held {
    ($lock:expr $(,)?) => {
        $crate::annotate::assert_held(&$lock, false)
    };
    ($lock:expr, exclusively $(,)?) => {
        $crate::annotate::assert_held(&$lock, true)
    };
}

/// Asserts that the calling thread does not hold a lock.
///
/// ```
/// use lockdep::parking_lot::Mutex;
/// let board = Mutex::new(());
/// lockdep::assert_not_held!(board);
/// assert!(lockdep::findings().is_empty());
/// ```
#[macro_export]
macro_rules! assert_not_held {
    ($lock:expr $(,)?) => {
        $crate::annotate::assert_not_held(&$lock)
    };
}

/// Asserts that the calling thread holds no lock at all: what a callback or a long wait wants of its caller.
///
/// ```
/// lockdep::assert_none_held!();
/// assert!(lockdep::findings().is_empty());
/// ```
#[macro_export]
macro_rules! assert_none_held {
    () => {
        $crate::annotate::assert_none_held()
    };
}
