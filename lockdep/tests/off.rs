//! Off means off: the same machine code. That sizes are the same is asserted beside the off types.
//!
//! `tests/projects/off` is built twice, over lockdep's locks with `--cfg lockdep_off` and over parking_lot's, and what the compiler
//! made of each of its functions is compared.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

/// The assembly of the sample functions, by name.
fn functions(flags: &str) -> BTreeMap<String, Vec<String>> {
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/projects/off");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("off");
    // One file each, because a build that is up to date writes none.
    let file = folder.join(if flags.is_empty() { "off.s" } else { "plain.s" });
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(project).args(["rustc", "--quiet", "--release", "--locked", "--lib", "--", "-Ccodegen-units=1"]);
    cargo.arg(format!("--emit=asm={}", file.display())).args(flags.split(' ').filter(|flag| !flag.is_empty()));
    cargo.env("CARGO_TARGET_DIR", &folder).env("RUSTFLAGS", "--cfg lockdep_off").env_remove("CARGO_ENCODED_RUSTFLAGS");
    let output = cargo.output().expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = std::fs::read_to_string(file).expect("the assembly was asked for");
    split(&text)
}

/// Cuts assembly into functions, and takes out what names things and does nothing.
fn split(text: &str) -> BTreeMap<String, Vec<String>> {
    let (mut functions, mut current, mut labels) = (BTreeMap::new(), None, Vec::new());
    for line in text.lines().map(str::trim) {
        if let Some(name) = line.strip_suffix(':').filter(|name| name.chars().all(|letter| letter.is_ascii_lowercase()))
        {
            (current, labels) = (Some(name.to_owned()), Vec::new());
            functions.insert(name.to_owned(), Vec::new());
        } else if line.starts_with(".cfi_endproc") {
            current = None;
        } else if let Some(name) = current.as_ref().filter(|_| !line.starts_with('.') || line.ends_with(':')) {
            functions.get_mut(name).expect("it was begun").push(without_numbers(line, &mut labels));
        }
    }
    functions
}

/// Numbers labels in the order in which they appear and takes out the hashes of symbols, which depend on what else is in the crate.
fn without_numbers(line: &str, labels: &mut Vec<String>) -> String {
    let mut text = String::new();
    for word in
        line.split_inclusive(|letter: char| !letter.is_ascii_alphanumeric() && !matches!(letter, '_' | '.' | '$'))
    {
        let name = word.trim_end_matches(|letter: char| !letter.is_ascii_alphanumeric());
        let end = &word[name.len()..];
        let known = labels.iter().position(|label| label == name);
        match name.find("17h") {
            _ if name.starts_with(".L") => {
                let number = known.unwrap_or_else(|| {
                    labels.push(name.to_owned());
                    labels.len() - 1
                });
                text.push_str(&format!(".L{number}"));
            }
            Some(hash) => text.push_str(&name[..hash]),
            None => text.push_str(name),
        }
        text.push_str(end);
    }
    text
}

#[test]
fn machine_code_is_that_of_the_plain_locks() {
    let (off, plain) = (functions(""), functions("--cfg plain"));
    let names: Vec<&str> = off.keys().map(String::as_str).collect();
    let expected = ["dropped", "locked", "made", "nested", "read", "tried", "upgraded", "waited", "written"];
    assert_eq!(names, expected, "every sample is there, and is no alias of another");
    for name in names {
        assert!(off[name].len() > 1, "{name} was found");
        let [off, plain] = [&off[name], &plain[name]].map(|code| code.join("\n"));
        // A new lock is made by one store, which is of the lock alone or of its padding as well.
        let widened = |code: &str| code.replace("movb\t$0,", "movq\t$0,").replace("strb\twzr,", "str\txzr,");
        match name {
            "made" => assert_eq!(widened(&off), widened(&plain)),
            _ => assert_eq!(off, plain, "{name}"),
        }
    }
}
