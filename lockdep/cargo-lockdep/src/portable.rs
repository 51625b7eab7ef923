//! Names that are the same on every machine: source files of dependencies by package, `static`s by symbol.

use lockdep_core::class::Site;
use lockdep_core::log::{ClassRecord, Record};
use object::{Object, ObjectSymbol};
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

/// What is known of the programs whose logs are read.
#[derive(Debug, Default)]
pub(crate) struct Names {
    programs: RefCell<HashMap<String, Symbols>>,
}

/// The data of a program by address: start, end and name.
type Symbols = Vec<(u64, u64, String)>;

impl Names {
    /// The record in names that do not depend on where its program was built.
    pub(crate) fn make_portable(&self, mut record: Record) -> Record {
        match &mut record {
            Record::Class(class) => self.class(class),
            Record::Chain(chain) => {
                chain.held.iter_mut().for_each(|held| site(&mut held.site));
                site(&mut chain.next.site);
            }
            Record::Fault { witness, .. } => site(&mut witness.site),
            _ => {}
        }
        record
    }

    fn class(&self, class: &mut ClassRecord) {
        class.spec.site.iter_mut().for_each(site);
        let symbol = class.place.as_ref().and_then(|(file, address)| self.symbol(file, *address));
        if let Some(symbol) = symbol {
            class.spec.name = format!("{} in {symbol}", class.spec.name).into();
            class.place = None;
        }
    }

    /// The `static` at an address of a program.
    fn symbol(&self, program: &str, address: u64) -> Option<String> {
        let mut programs = self.programs.borrow_mut();
        let symbols = programs.entry(program.to_owned()).or_insert_with(|| symbols(program).unwrap_or_default());
        let after = symbols.partition_point(|(start, ..)| *start <= address);
        let (_, end, name) = symbols.get(after.checked_sub(1)?)?;
        (address < *end).then(|| name.clone())
    }
}

/// The symbols of a program's data; `None` if it cannot be read.
fn symbols(program: &str) -> Option<Symbols> {
    let bytes = std::fs::read(program).ok()?;
    let file = object::File::parse(&*bytes).ok()?;
    let data = file.symbols().filter(|symbol| symbol.kind() == object::SymbolKind::Data && symbol.size() > 0);
    let mut symbols: Symbols = data
        .filter_map(|symbol| {
            // The alternate form leaves the hash out, which differs between builds.
            let name = format!("{:#}", rustc_demangle::demangle(symbol.name().ok()?));
            Some((symbol.address(), symbol.address() + symbol.size(), name))
        })
        .collect();
    symbols.sort_unstable();
    Some(symbols)
}

fn site(site: &mut Site) {
    if let Some(file) = portable(&site.file) {
        site.file = Arc::from(file);
    }
}

/// A path as it is on every machine; `None` for one that is so already, or of which nothing is known.
fn portable(path: &str) -> Option<String> {
    if !path.starts_with('/') {
        return None;
    }
    let after = |mark: &str| path.split_once(mark).map(|(_, rest)| rest);
    // The standard library, with its sources and without: `/rustc/HASH/library/...`.
    if let Some(rest) = after("/lib/rustlib/src/rust/library/") {
        return Some(format!("library/{rest}"));
    }
    if let Some((_, rest)) = path.strip_prefix("/rustc/").and_then(|rest| rest.split_once('/')) {
        return Some(rest.to_owned());
    }
    // `~/.cargo/registry/src/INDEX/name-version/...`
    if let Some((_, rest)) = after("/registry/src/").and_then(|rest| rest.split_once('/')) {
        return Some(rest.to_owned());
    }
    // `~/.cargo/git/checkouts/name-HASH/REVISION/...`
    if let Some((name, rest)) = after("/git/checkouts/").and_then(|rest| rest.split_once('/')) {
        return Some(format!("{}-{rest}", name.rsplit_once('-')?.0));
    }
    // Documentation tests are compiled in a folder that is gone when they have run.
    let (_, rest) = after("/rustdoctest")?.split_once('/')?;
    Some(rest.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_say_the_same_on_every_machine() {
        for (path, expected) in [
            ("src/lib.rs", None),
            ("/home/me/project/src/lib.rs", None),
            ("/rustc/59807616/library/core/src/ops/function.rs", Some("library/core/src/ops/function.rs")),
            ("/x/stable/lib/rustlib/src/rust/library/std/src/io.rs", Some("library/std/src/io.rs")),
            (
                "/home/me/.cargo/registry/src/index.crates.io-1949cf8c/once_cell-1.21.4/src/lib.rs",
                Some("once_cell-1.21.4/src/lib.rs"),
            ),
            ("/home/me/.cargo/git/checkouts/tokio-7cf47d8/ab12cd/src/lib.rs", Some("tokio-ab12cd/src/lib.rs")),
            ("/tmp/rustdoctestA1b2/doctest_bundle_2024.rs", Some("doctest_bundle_2024.rs")),
        ] {
            assert_eq!(portable(path).as_deref(), expected, "{path}");
        }
    }

    #[test]
    fn a_static_is_known_by_its_symbol() {
        static LANDMARK: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(7);
        LANDMARK.store(8, std::sync::atomic::Ordering::Relaxed);
        let program = std::env::current_exe().expect("it has a path").display().to_string();
        let names = symbols(&program).expect("it can be read");
        let (start, end, name) = names.iter().find(|(.., name)| name.ends_with("LANDMARK")).expect("it is there");
        assert_eq!(Names::default().symbol(&program, (start + end) / 2).as_ref(), Some(name));
        assert_eq!(Names::default().symbol("/nowhere", *start), None);
    }
}
