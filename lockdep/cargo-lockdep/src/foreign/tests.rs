//! The transformation on tiny sources, and on the copies of the real crates that cargo has fetched for this workspace.

use super::copy::Untracked;
use super::edit::Misfit;
use super::{condvar, lock_api, once, prepare};
use std::path::{Path, PathBuf};
use std::process::Command;

const MUTEX: &str = "
pub struct Mutex<R, T: ?Sized> { raw: R, data: UnsafeCell<T> }
pub struct MappedMutexGuard<'a, R, T> { raw: &'a R, data: *mut T }
impl<R: RawMutex, T> Mutex<R, T> {
    pub const fn new(val: T) -> Self { Mutex { raw: R::INIT, data: UnsafeCell::new(val) } }
    pub fn into_inner_with_raw(self) -> (R, T) { (self.raw, self.data.into_inner()) }
}
impl<R: RawMutex, T: ?Sized> Mutex<R, T> {
    #[track_caller]
    pub fn lock(&self) { self.raw.lock(); }
    pub unsafe fn raw(&self) -> &R { &self.raw }
}
impl<R: RawMutex, T: Default> Default for Mutex<R, T> {
    fn default() -> Self { Mutex::new(T::default()) }
}
impl<R, T> Drop for MappedMutexGuard<'_, R, T> {
    fn drop(&mut self) { self.raw.unlock(); }
}
";

const TRACKED_MUTEX: &str = "
pub struct Mutex<R, T: ?Sized> { pub(crate) raw: crate::lockdep_tracked::Tracked<R, crate::lockdep_tracked::Exclusive>, data: UnsafeCell<T> }
pub struct MappedMutexGuard<'a, R, T> { raw: &'a crate::lockdep_tracked::Tracked<R, crate::lockdep_tracked::Exclusive>, data: *mut T }
impl<R: RawMutex, T> Mutex<R, T> {
    #[track_caller] pub const fn new(val: T) -> Self { Mutex { raw: crate::lockdep_tracked::Tracked::born(R::INIT), data: UnsafeCell::new(val) } }
    #[track_caller] pub fn into_inner_with_raw(self) -> (R, T) { (self.raw.raw, self.data.into_inner()) }
}
impl<R: RawMutex, T: ?Sized> Mutex<R, T> {
    #[track_caller]
    pub fn lock(&self) { self.raw.of::<T>().lock(); }
    #[track_caller] pub unsafe fn raw(&self) -> &R { &self.raw.raw }
}
impl<R: RawMutex, T: Default> Default for Mutex<R, T> {
    #[track_caller] fn default() -> Self { Mutex::new(T::default()) }
}
impl<R, T> Drop for MappedMutexGuard<'_, R, T> {
    fn drop(&mut self) { self.raw.unlock(); }
}
";

#[test]
fn fields_constructors_and_accessors_change_and_calls_do_not() {
    assert_eq!(lock_api::instrument("mutex.rs", MUTEX).as_deref(), Ok(TRACKED_MUTEX));
}

#[test]
fn a_line_stays_a_line() {
    let lines = |text: &str| text.lines().count();
    assert_eq!(lines(TRACKED_MUTEX), lines(MUTEX));
}

#[test]
fn the_mutex_of_a_reentrant_one_is_told_who_called() {
    let text = "
pub struct RawReentrantMutex<R, G> { owner: usize, mutex: R, get: G }
impl<R: RawMutex, G> RawReentrantMutex<R, G> {
    pub const INIT: Self = RawReentrantMutex { owner: 0, mutex: R::INIT, get: G::INIT };
    pub fn lock(&self) { self.inside(|| { self.mutex.lock(); true }) }
    pub fn try_lock_for(&self, timeout: u8) -> bool { self.inside(|| self.mutex.try_lock_for(timeout)) }
    pub fn unlock(&self) { self.mutex.unlock() }
}
impl<R: RawMutex, G, T> ReentrantMutex<R, G, T> {
    pub const fn new(val: T) -> Self { ReentrantMutex { raw: RawReentrantMutex { owner: 0, mutex: R::INIT, get: G::INIT }, val } }
    pub fn lock(&self) { self.raw.lock(); }
    pub fn try_lock(&self) -> bool { if self.raw.try_lock() { true } else { false } }
    pub unsafe fn raw(&self) -> &R { &self.raw.mutex }
}
";
    let tracked = lock_api::instrument("remutex.rs", text).unwrap();
    for part in [
        "pub(crate) mutex: crate::lockdep_tracked::Tracked<R, crate::lockdep_tracked::Reentrant>",
        "mutex: crate::lockdep_tracked::Tracked::unborn(R::INIT), get: G::INIT };",
        "mutex: crate::lockdep_tracked::Tracked::born(R::INIT), get: G::INIT }, val }",
        "{ let lockdep_site = core::panic::Location::caller(); self.inside(|| { self.mutex.lock_at(lockdep_site); true }) }",
        "self.inside(|| self.mutex.try_lock_for_at(lockdep_site, timeout))",
        "pub fn unlock(&self) { self.mutex.unlock() }",
        "pub fn lock(&self) { { self.raw.mutex.of::<T>(); self.raw.lock() }; }",
        "if { self.raw.mutex.of::<T>(); self.raw.try_lock() } { true }",
        "&self.raw.mutex.raw }",
    ] {
        assert!(tracked.contains(part), "{part} is not in {tracked}");
    }
}

#[test]
fn a_lock_that_is_taken_again_after_a_while_is_told_who_called() {
    let old = "
impl<R: RawMutex, T> MutexGuard<'_, R, T> {
    pub fn unlocked<F, U>(s: &mut Self, f: F) -> U {
        s.mutex.raw.unlock();
        defer!(s.mutex.raw.lock());
        f()
    }
    pub fn upgrade(s: &Self) { defer!(unsafe { s.rwlock.raw.downgrade_to_upgradable() }); }
}
";
    let new = old
        .replace("defer!(s.mutex.raw.lock())", "defer!(abort_on_panic(|| s.guard = New(s.rwlock.raw.lock_shared())))");
    let tracked = |text: &str| lock_api::instrument("guards.rs", text).unwrap();
    let begin = "#[track_caller] pub fn unlocked<F, U>(s: &mut Self, f: F) -> U { let lockdep_site = core::panic::Location::caller();";
    for (text, again) in [
        (old, "s.mutex.raw.lock_at(lockdep_site)"),
        (&*new, "s.guard = New(s.rwlock.raw.lock_shared_at(lockdep_site))"),
    ] {
        let tracked = tracked(text);
        assert!(tracked.contains(begin) && tracked.contains(again), "{tracked}");
        assert!(tracked.contains("upgrade(s: &Self) { defer!(unsafe { s.rwlock.raw.downgrade_to_upgradable() }); }"));
    }
}

#[test]
fn a_source_of_another_shape_is_left_alone_and_says_where() {
    let renamed = MUTEX.replace("raw: R,", "inner: R,");
    assert_eq!(lock_api::instrument("mutex.rs", &renamed), Err(Misfit::Count("struct Mutex".to_owned(), 0)));
    let twice = MUTEX.replace(
        "raw: R::INIT, data: UnsafeCell::new(val)",
        "raw: R::INIT, data: { Mutex { raw: R::INIT, data: val } }",
    );
    assert_eq!(lock_api::instrument("mutex.rs", &twice), Err(Misfit::Count("Mutex::new".to_owned(), 2)));
}

#[test]
fn a_constructor_for_each_of_several_compilers_is_one_place() {
    let constructor = "    pub const fn new(val: T) -> Self { Mutex { raw: R::INIT, data: UnsafeCell::new(val) } }\n";
    let old = constructor.replace("const ", "");
    let both = format!("    #[cfg(new)]\n{constructor}    #[cfg(not(new))]\n{old}");
    let tracked = lock_api::instrument("mutex.rs", &MUTEX.replace(constructor, &both)).unwrap();
    assert_eq!(tracked.matches("Tracked::born(R::INIT)").count(), 2);
}

#[test]
fn a_wait_is_told_before_it_begins_and_a_notification_is_not() {
    let text = "
impl Condvar {
    pub fn notify_one(&self) -> bool { self.inner.notify_one() }
    pub fn wait<T>(&self, guard: &mut MutexGuard<'_, T>) { self.wait_until_internal(unsafe { MutexGuard::mutex(guard).raw() }, None); }
    #[track_caller]
    pub fn wait_until<T>(&self, guard: &mut MutexGuard<'_, T>, until: Instant) -> bool {
        self.inner.wait_until(MutexGuard::mutex(guard).raw(), &mut guard.guard, &until)
    }
}
";
    let tracked = condvar::instrument(text, "lock_api").unwrap();
    for part in [
        "#[track_caller] pub fn wait<T>",
        "{ lock_api::lockdep_waiting(MutexGuard::mutex(guard), || self.wait_until_internal(unsafe { MutexGuard::mutex(guard).raw() }, None)); }",
        "lock_api::lockdep_waiting(MutexGuard::mutex(guard), || self.inner.wait_until(MutexGuard::mutex(guard).raw(), &mut guard.guard, &until))",
        "    pub fn notify_one(&self) -> bool { self.inner.notify_one() }",
    ] {
        assert!(tracked.contains(part), "{part} is not in {tracked}");
    }
    let elsewhere = text.replace("wait_until_internal", "block");
    assert_eq!(condvar::instrument(&elsewhere, "lock_api"), Err(Misfit::Count("Condvar::wait".to_owned(), 0)));
}

#[test]
fn what_is_made_once_is_held_while_it_is_made() {
    let text = "
pub struct Once(AtomicU8);
impl Once {
    pub const fn new() -> Once { Once(AtomicU8::new(0)) }
    pub fn state(&self) -> OnceState { OnceState::New }
    #[inline]
    pub fn call_once<F>(&self, f: F) { self.slow(f) }
    pub fn call_once_force<F>(&self, f: F) { self.slow(f) }
    pub fn wait(&self) { self.slow(|| ()) }
}
impl Default for Once { fn default() -> Once { Once::new() } }
impl fmt::Debug for Once { fn fmt(&self) {} }
";
    let tracked = once::instrument(text).unwrap();
    for part in [
        "pub struct Once(AtomicU8, crate::lockdep_once::Books);",
        "#[track_caller] pub const fn new() -> Once { Once(AtomicU8::new(0), crate::lockdep_once::Books::new()) }",
        "#[track_caller] pub fn call_once<F>(&self, f: F) { let _lockdep = self.1.hold(self.state() == OnceState::Done); self.slow(f) }",
        "#[track_caller] pub fn wait(&self) { drop(self.1.hold(self.state() == OnceState::Done)); self.slow(|| ()) }",
        "#[track_caller] fn default()",
        "for Once { fn fmt(&self) {} }",
    ] {
        assert!(tracked.contains(part), "{part} is not in {tracked}");
    }
    let named = text.replace("Once(AtomicU8);", "Once { state: AtomicU8 }");
    assert_eq!(once::instrument(&named), Err(Misfit::Count("struct Once".to_owned(), 0)));
}

#[test]
fn only_the_crates_that_are_known_are_touched() {
    let (root, folder) = (Path::new("/nowhere/src/lib.rs"), Path::new("/nowhere/copy"));
    for (package, version) in [("parking_lot", "0.10.2"), ("parking_lot", "0.14.0"), ("spin", "0.12.3")] {
        assert!(prepare(package, version, root, folder).is_none());
    }
    for version in ["0.3.4", "0.6.0", "1.0.0"] {
        let unknown = prepare("lock_api", version, root, folder).expect("its locks are asked for");
        assert_eq!(unknown.unwrap_err().to_string(), "only 0.4 and 0.5 are known");
    }
    let missing = prepare("lock_api", "0.4.14", root, folder).expect("it is known");
    assert!(missing.unwrap_err().to_string().starts_with("/nowhere/src/lib.rs: "));
}

/// The crates of the registry that are on this machine: what cargo has fetched for this workspace, and older versions if they
/// are there for something else.
fn fetched() -> Vec<(String, String, PathBuf)> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version=1", "--offline", "--all-features"])
        .output()
        .expect("cargo runs");
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).expect("its metadata");
    let packages = metadata["packages"].as_array().expect("packages");
    let own = packages.iter().find(|package| package["name"] == "lock_api").expect("this workspace uses it");
    let registry =
        Path::new(own["manifest_path"].as_str().expect("a path")).ancestors().nth(2).expect("it is in a folder");
    let entries = std::fs::read_dir(registry).expect("a readable registry");
    let mut found: Vec<_> = entries
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            let (package, version) = path.file_name()?.to_str()?.rsplit_once('-')?;
            let copy = prepare(package, version, Path::new("/nowhere/lib.rs"), Path::new("/nowhere/copy"));
            let is_known = !matches!(copy, None | Some(Err(Untracked::Version)));
            is_known.then(|| (package.to_owned(), version.to_owned(), path.join("src/lib.rs")))
        })
        .collect();
    found.sort();
    found
}

#[test]
fn the_fetched_crates_have_the_shape_that_is_expected_and_stay_as_they_are() {
    let folder = std::env::temp_dir().join(format!("lockdep-foreign-{}", std::process::id()));
    let fetched = fetched();
    assert!(fetched.iter().any(|(package, version, _)| package == "lock_api" && version.starts_with("0.5.")));
    for (package, version, root) in fetched {
        let before = std::fs::read_to_string(&root).expect("a readable crate");
        let target = folder.join(format!("{package}-{version}"));
        let copy = prepare(&package, &version, &root, &target).expect("it is known");
        let copy = copy.unwrap_or_else(|why| panic!("{package} {version}: {why}"));
        assert_eq!(std::fs::read_to_string(&root).expect("a readable crate"), before);
        assert!(copy.root.starts_with(&target) && copy.root.exists());
    }
    std::fs::remove_dir_all(folder).expect("it is there");
}

#[test]
fn what_is_tried_out_is_written_nowhere_else() {
    let args =
        ["--crate-name", "a", "--emit=dep-info,link", "--out-dir", "/x", "--error-format=json", "-C", "debuginfo=2"];
    let args: Vec<_> = args.iter().map(std::ffi::OsString::from).collect();
    assert_eq!(super::checking(&args), ["--crate-name", "a", "-C", "debuginfo=2"]);
}
