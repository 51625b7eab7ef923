//! A project of a usual size, five crates and fifty locks: observe, freeze, enforce.

use crate::support::copy;

/// What somebody adds a month later: two orders that nobody had, one against the document and one that it does not have.
const LATER: &str = "
impl Store {
    /// Shrinks the log.
    pub fn vacuum(&self) {
        let mut wal = self.wal.lock();
        let catalog = self.catalog.read();
        wal.truncate(catalog.len());
    }

    /// Gives back what is free.
    pub fn reclaim(&self) {
        let mut quota = self.quota.lock();
        *quota += self.free.lock().drain(..).count();
    }
}

#[test]
fn the_log_is_vacuumed() {
    Store::new(Arc::default()).vacuum();
}

#[test]
fn what_is_free_is_reclaimed() {
    Store::new(Arc::default()).reclaim();
}
";

#[test]
fn observe_freeze_enforce_takes_two_commands() {
    let project = copy("jobserver", "walkthrough");
    let observed = project.expect(&["test"], 0);
    assert!(observed.err.contains("Observed 50 lock classes"), "{}", observed.err);
    let frozen = project.expect(&["order"], 0);
    assert!(frozen.err.contains("Created locks.order"), "{}", frozen.err);
    let order = project.read("locks.order");
    assert!(order.contains("\nMetrics::sinks\n  Metrics::buffer                       (flush)\n"), "{order}");

    let enforced = project.expect(&["test", "-p", "store"], 0);
    assert!(enforced.err.contains("Hierarchy locks.order declares all"), "{}", enforced.err);
    let store = project.read("store/src/lib.rs");
    project.write("store/src/lib.rs", &(store + LATER));
    let later = project.expect(&["test", "-p", "store", "--message-format", "short"], 1);
    for finding in [
        "error[lockdep::hierarchy]: taking `Store::catalog` while holding `Store::wal` contradicts",
        "error[lockdep::undeclared]: taking `Store::free` while holding `Store::quota` is not in",
        "error[lockdep::inversion]: taking `Store::catalog` while holding `Store::wal` closes a lock cycle",
    ] {
        assert!(later.err.contains(finding), "{finding}: {}", later.err);
    }
    let added = project.expect(&["order", "--check"], 1).out;
    assert!(added.contains("# contradicts: Store::wal -> Store::catalog  (vacuum)"), "{added}");
    assert!(added.contains("Store::quota\n  Store::free                           (reclaim)"), "{added}");
}
