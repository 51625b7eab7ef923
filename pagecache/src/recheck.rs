//! Re-checks that can be switched off one at a time, to see that some test notices.
//!
//! `recheck!("name", condition)` is `condition`. Only with the feature `mutants`, which nothing but the mutation tests turn on, it
//! is false while the re-check of this name is off.

/// A condition that was true before, and may not be any more.
macro_rules! recheck {
    ($name:literal, $condition:expr) => {{
        #[cfg(feature = "mutants")]
        let on = $crate::recheck::is_on($name);
        #[cfg(not(feature = "mutants"))]
        let on = true;
        on && $condition
    }};
}

/// The re-check that is off, in the whole process.
#[cfg(feature = "mutants")]
static OFF: std::sync::Mutex<&'static str> = std::sync::Mutex::new("");

#[cfg(feature = "mutants")]
pub(crate) fn is_on(name: &str) -> bool {
    *OFF.lock().unwrap_or_else(std::sync::PoisonError::into_inner) != name
}

/// Runs `f` without a re-check, in the whole process.
#[cfg(feature = "mutants")]
pub fn without<T>(name: &'static str, f: impl FnOnce() -> T) -> T {
    let set = |name| std::mem::replace(&mut *OFF.lock().unwrap_or_else(std::sync::PoisonError::into_inner), name);
    let before = set(name);
    let result = f();
    set(before);
    result
}
