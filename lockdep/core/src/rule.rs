//! Rules that can be switched off one at a time, to see that some test notices.
//!
//! `rule!("name", condition)` is `condition`. Only with the feature `mutants`, which nothing but the mutation test turns on, it is
//! false while the rule of this name is off.

/// A condition that is a rule of its own.
macro_rules! rule {
    ($name:literal, $condition:expr) => {{
        #[cfg(feature = "mutants")]
        let on = $crate::rule::is_on($name);
        #[cfg(not(feature = "mutants"))]
        let on = true;
        on && $condition
    }};
}
pub(crate) use rule;

#[cfg(feature = "mutants")]
thread_local! {
    static OFF: std::cell::Cell<&'static str> = const { std::cell::Cell::new("") };
}

/// Whether a rule holds on this thread.
#[cfg(feature = "mutants")]
pub(crate) fn is_on(name: &str) -> bool {
    OFF.get() != name
}

/// Runs `f` on this thread without a rule.
#[cfg(feature = "mutants")]
pub fn without<T>(name: &'static str, f: impl FnOnce() -> T) -> T {
    let before = OFF.replace(name);
    let result = f();
    OFF.set(before);
    result
}
