//! The language corners: a workspace whose tests pass with the checked `std` exactly as with the real one.

use super::{PROJECTS, command, lockdep, said};
use std::collections::BTreeMap;
use std::path::Path;

/// What became of each test, by name.
fn results(said: &str) -> BTreeMap<&str, &str> {
    let lines = said.lines().filter_map(|line| line.strip_prefix("test ")?.split_once(" ... "));
    lines.filter(|(name, _)| !name.starts_with("result:")).collect()
}

/// Every file of a project, by path.
fn contents(folder: &Path, found: &mut BTreeMap<String, Vec<u8>>) {
    for entry in std::fs::read_dir(folder).expect("it is a folder") {
        let path = entry.expect("it can be read").path();
        match path.is_dir() {
            true => contents(&path, found),
            false => drop(found.insert(path.display().to_string(), std::fs::read(&path).expect("it is a file"))),
        }
    }
}

#[test]
fn the_corners_of_the_language_are_the_same() {
    let all = ["test", "--workspace", "--no-fail-fast", "--locked", "--offline"];
    let files = || {
        let mut found = BTreeMap::new();
        contents(&Path::new(PROJECTS).join("torture"), &mut found);
        found
    };
    let before = files();
    let (code, plain) = said(command(env!("CARGO"), "torture").args(all));
    assert_eq!(code, Some(0), "{plain}");
    let (code, checked) = said(&mut lockdep("torture", &all));
    assert_eq!(code, Some(0), "{checked}");
    assert_eq!(results(&plain), results(&checked));
    assert!(results(&plain).len() > 30, "{plain}");
    assert!(before == files(), "nothing is written into the project");
    // Two locks of one `derive(Default)` share their birth site: a doubt, not an error. Locks of the build script and of the macro are
    // taken in both orders, and not recorded.
    let found = |severity: &str| checked.matches(&format!("{severity}[lockdep::")).count();
    assert_eq!((found("error"), found("warning")), (0, 1), "{checked}");
    assert!(checked.contains("warning[lockdep::recursion]"), "{checked}");
}
