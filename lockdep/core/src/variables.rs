//! The variables of the environment that lockdep reads, and what a misspelt one was probably meant to be.

use crate::hierarchy::closest;

const PREFIX: &str = "LOCKDEP";

/// What users may set.
const SETTINGS: [&str; 6] =
    ["LOCKDEP", "LOCKDEP_DIR", "LOCKDEP_ORDER", "LOCKDEP_HANG", "LOCKDEP_SIGQUIT", "LOCKDEP_STACKS"];

/// What `cargo lockdep` sets for itself, and what the workspace's own tests read.
const OTHERS: [&str; 4] =
    ["LOCKDEP_SHIMS", "LOCKDEP_INNER_RUSTC_WRAPPER", "LOCKDEP_INNER_RUSTDOC", "LOCKDEP_TESTS_UPDATE"];

/// A sentence on each of these variables that looks like one of lockdep's and is none, in the order of their names.
///
/// ```
/// let told = lockdep_core::variables::misspelt(["LOCKDEP_STACK", "LOCKDEP", "HOME"].map(String::from));
/// assert_eq!(told, ["LOCKDEP_STACK is no setting; did you mean LOCKDEP_STACKS?"]);
/// ```
#[must_use]
pub fn misspelt(names: impl IntoIterator<Item = String>) -> Vec<String> {
    let is_known = |name: &str| SETTINGS.contains(&name) || OTHERS.contains(&name);
    let mut unknown: Vec<_> = names.into_iter().filter(|name| name.starts_with(PREFIX) && !is_known(name)).collect();
    unknown.sort();
    let tell = |name: String| match closest(&name, SETTINGS.into_iter()) {
        Some(meant) => format!("{name} is no setting; did you mean {meant}?"),
        None => format!("{name} is no setting; there are {}", SETTINGS.join(", ")),
    };
    unknown.into_iter().map(tell).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_or_somebody_elses_is_passed_over() {
        let names = SETTINGS.into_iter().chain(OTHERS).chain(["PATH", "lockdep_dir", "MY_LOCKDEP"]);
        assert_eq!(misspelt(names.map(str::to_owned)), [""; 0]);
    }

    #[test]
    fn what_resembles_nothing_gets_the_list() {
        let told = misspelt(["LOCKDEP_COLOUR_OF_REPORTS".to_owned(), "LOCKDEP_DRI".to_owned()]);
        assert!(told[0].contains("LOCKDEP_HANG") && told[1].ends_with("did you mean LOCKDEP_DIR?"), "{told:?}");
    }
}
