//! A project that changed nothing but its `use` line: its planted inversion is found from one single-threaded test.

use std::process::Command;

#[test]
fn the_bank_is_told_about_its_inversion() {
    let bank = concat!(env!("CARGO_MANIFEST_DIR"), "/projects/bank");
    let output = Command::new(env!("CARGO"))
        .args(["test", "--quiet", "--test", "bank", "--", "--nocapture"])
        .current_dir(bank)
        .env("CARGO_TARGET_DIR", concat!(env!("CARGO_MANIFEST_DIR"), "/../target/projects"))
        .env_remove("LOCKDEP")
        .env_remove("RUSTFLAGS")
        .output()
        .expect("cargo can be started");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "the bank's own test passes: {said}");
    let title =
        "error[lockdep::inversion]: taking `bank::Ledger (src/lib.rs)` while holding `bank::AuditLog (src/lib.rs)`";
    assert!(said.contains(title), "{said}");
    assert_eq!(said.matches("error[lockdep::").count(), 1, "once: {said}");
}
