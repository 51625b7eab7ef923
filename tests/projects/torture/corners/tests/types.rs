//! Traits, auto traits, variance, drop check, constants and unsizing.

use std::any::type_name;
use std::cell::{Cell, RefCell};
use std::fmt::{Debug, Display};
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::*;

/// Whether a type has a trait, told without failing to compile.
macro_rules! has {
    ($type:ty: $($bound:tt)+) => {{
        #[allow(dead_code)]
        trait No {
            const ANSWER: bool = false;
        }
        impl<T: ?Sized> No for T {}
        #[allow(dead_code)]
        struct Yes<T: ?Sized>(std::marker::PhantomData<T>);
        #[allow(dead_code)]
        impl<T: ?Sized + $($bound)+> Yes<T> {
            const ANSWER: bool = true;
        }
        <Yes<$type>>::ANSWER
    }};
}

type NotSync = Cell<u32>;
type NotSend = MutexGuard<'static, u32>;
type NotUnwind = &'static RefCell<u32>;

#[test]
fn auto_traits_are_those_of_std() {
    assert!(has!(Mutex<u32>: Send) && has!(Mutex<u32>: Sync));
    assert!(has!(Mutex<NotSync>: Send) && has!(Mutex<NotSync>: Sync));
    assert!(!has!(Mutex<NotSend>: Send) && !has!(Mutex<NotSend>: Sync));
    assert!(!has!(MutexGuard<'static, u32>: Send) && has!(MutexGuard<'static, u32>: Sync));
    assert!(!has!(MutexGuard<'static, NotSync>: Sync));
    assert!(has!(RwLock<u32>: Send) && has!(RwLock<u32>: Sync));
    assert!(has!(RwLock<NotSync>: Send) && !has!(RwLock<NotSync>: Sync));
    assert!(!has!(RwLockReadGuard<'static, u32>: Send) && has!(RwLockReadGuard<'static, u32>: Sync));
    assert!(!has!(RwLockWriteGuard<'static, u32>: Send) && has!(RwLockWriteGuard<'static, u32>: Sync));
    assert!(has!(OnceLock<NotSync>: Send) && !has!(OnceLock<NotSync>: Sync));
    assert!(has!(LazyLock<u32>: Sync) && !has!(LazyLock<NotSync>: Sync));
    assert!(has!(Once: Send) && has!(Once: Sync) && has!(Condvar: Send) && has!(Condvar: Sync));
}

#[test]
fn auto_traits_of_channels_and_threads_are_those_of_std() {
    use std::thread::{JoinHandle, Scope, ScopedJoinHandle};
    assert!(has!(mpsc::Sender<u32>: Send) && has!(mpsc::Sender<u32>: Sync));
    assert!(has!(mpsc::Sender<NotSync>: Send) && has!(mpsc::Sender<NotSync>: Sync));
    assert!(!has!(mpsc::Sender<NotSend>: Send) && !has!(mpsc::Sender<NotSend>: Sync));
    assert!(has!(mpsc::SyncSender<NotSync>: Sync) && !has!(mpsc::SyncSender<NotSend>: Send));
    assert!(has!(mpsc::Receiver<u32>: Send) && !has!(mpsc::Receiver<u32>: Sync));
    assert!(!has!(mpsc::Receiver<NotSend>: Send) && has!(mpsc::IntoIter<u32>: Send) && !has!(mpsc::Iter<'static, u32>: Send));
    assert!(has!(Barrier: Send) && has!(Barrier: Sync) && has!(Barrier: RefUnwindSafe) && has!(BarrierWaitResult: Debug));
    assert!(has!(JoinHandle<NotSync>: Send) && has!(JoinHandle<NotSend>: Send) && has!(JoinHandle<NotSend>: Sync));
    assert!(has!(ScopedJoinHandle<'static, NotSync>: Send) && !has!(ScopedJoinHandle<'static, NotSend>: Send));
    assert!(has!(Scope<'static, 'static>: Send) && has!(Scope<'static, 'static>: Sync));
    assert!(!has!(Scope<'static, 'static>: UnwindSafe) && !has!(JoinHandle<u32>: UnwindSafe));
}

#[test]
fn traits_of_channels_and_threads_are_those_of_std() {
    use std::error::Error;
    use std::thread::JoinHandle;
    assert!(has!(mpsc::Sender<NotSend>: Clone) && has!(mpsc::SyncSender<u32>: Clone) && !has!(mpsc::Receiver<u32>: Clone));
    assert!(has!(mpsc::Receiver<u32>: IntoIterator<Item = u32>) && has!(&'static mpsc::Receiver<u32>: IntoIterator<Item = u32>));
    assert!(has!(mpsc::Iter<'static, u32>: Iterator<Item = u32>) && has!(mpsc::TryIter<'static, u32>: Iterator<Item = u32>));
    assert!(has!(mpsc::RecvError: Error) && has!(mpsc::SendError<NotSend>: Error) && has!(mpsc::RecvTimeoutError: Error));
    assert!(has!(mpsc::TrySendError<u32>: From<mpsc::SendError<u32>>) && has!(mpsc::TryRecvError: From<mpsc::RecvError>));
    assert!(!has!(JoinHandle<u32>: Clone) && has!(JoinHandle<NotSend>: Debug) && has!(std::thread::Thread: Clone));
    let (sender, receiver) = mpsc::channel::<NotSend>();
    assert_eq!(format!("{sender:?} {receiver:?}"), "Sender { .. } Receiver { .. }");
    assert_eq!(format!("{:?}", receiver.iter()), "Iter { rx: Receiver { .. } }");
    assert_eq!(format!("{:?}", mpsc::sync_channel::<u32>(1)), "(SyncSender { .. }, Receiver { .. })");
    assert_eq!(format!("{:?} {:?}", Barrier::new(1), std::thread::spawn(|| 1)), "Barrier { .. } JoinHandle { .. }");
    assert!(std::thread::scope(|scope| format!("{scope:?}")).starts_with("Scope {"));
}

#[test]
fn types_are_inferred() {
    let (sender, receiver) = mpsc::channel();
    let handles = [1_u8, 2].map(|n| std::thread::spawn(move || n));
    for handle in handles {
        sender.send(handle.join().unwrap()).unwrap();
    }
    drop(sender);
    assert_eq!(receiver.into_iter().map(u32::from).sum::<u32>(), 3);
    let (sender, receiver) = mpsc::sync_channel(2);
    let send: fn(&mpsc::SyncSender<_>, _) -> _ = mpsc::SyncSender::send;
    let results: Vec<Result<(), mpsc::SendError<&str>>> = ["a", "b"].map(|text| send(&sender, text)).into();
    assert!(results.iter().all(Result::is_ok) && receiver.try_iter().eq(["a", "b"]));
    let joined: Vec<std::thread::Result<_>> = vec![std::thread::spawn(|| 1)].into_iter().map(std::thread::JoinHandle::join).collect();
    assert!(matches!(joined[..], [Ok(1)]));
}

#[test]
fn channels_and_scopes_may_hold_what_is_borrowed() {
    let text = String::from("short-lived");
    let (sender, receiver) = mpsc::channel();
    sender.send(text.as_str()).unwrap();
    let mut counts = [0, 0];
    let longest = std::thread::scope(|scope| {
        for count in &mut counts {
            scope.spawn(|| *count = text.len());
        }
        let within = scope.spawn(|| scope.spawn(|| text.as_str()).join().unwrap());
        within.join().unwrap()
    });
    assert_eq!((receiver.recv(), counts, longest), (Ok("short-lived"), [11, 11], "short-lived"));
}

#[test]
fn unwind_safety_is_that_of_std() {
    assert!(has!(Mutex<NotUnwind>: UnwindSafe) && has!(Mutex<NotUnwind>: RefUnwindSafe));
    assert!(has!(RwLock<NotUnwind>: UnwindSafe) && has!(RwLock<NotUnwind>: RefUnwindSafe));
    assert!(has!(MutexGuard<'static, NotUnwind>: UnwindSafe) && has!(RwLockWriteGuard<'static, NotUnwind>: UnwindSafe));
    assert!(!has!(RwLockReadGuard<'static, RefCell<u32>>: UnwindSafe) && has!(RwLockReadGuard<'static, u32>: UnwindSafe));
    assert!(has!(OnceLock<u32>: RefUnwindSafe) && !has!(OnceLock<NotUnwind>: RefUnwindSafe));
    assert!(has!(LazyLock<u32>: RefUnwindSafe) && !has!(LazyLock<NotUnwind>: RefUnwindSafe));
    assert!(has!(Once: RefUnwindSafe) && has!(Condvar: RefUnwindSafe));
}

#[test]
fn traits_are_those_of_std() {
    assert!(has!(Mutex<u32>: Default) && has!(Mutex<u32>: From<u32>) && has!(Mutex<u32>: Debug));
    assert!(!has!(Mutex<u32>: Clone) && !has!(Mutex<NotSend>: Default));
    assert!(has!(MutexGuard<'static, u32>: Display) && has!(RwLockReadGuard<'static, str>: Debug));
    assert!(has!(OnceLock<u32>: Clone) && has!(OnceLock<u32>: Eq) && !has!(OnceLock<f32>: Eq));
    assert!(!has!(Once: Default) && has!(Condvar: Default));
    assert_eq!(type_name::<Mutex<u32>>().split("::").next(), Some("std"));
    assert_eq!(format!("{:?}", Mutex::new(1)), "Mutex { data: 1, poisoned: false, .. }");
    assert_eq!(format!("{:?}", RwLock::new(1)), "RwLock { data: 1, poisoned: false, .. }");
    assert_eq!(format!("{:?}", OnceLock::from(1)), "OnceLock(1)");
}

/// A guard's lifetime can be shortened.
fn shorten<'short, 'long: 'short>(guard: RwLockReadGuard<'long, u32>, _: &'short u32) -> RwLockReadGuard<'short, u32> {
    guard
}

#[test]
fn guards_are_covariant_in_their_lifetime() {
    let lock = RwLock::new(1);
    let guard = shorten(lock.read().unwrap(), &2);
    assert_eq!(*guard, 1);
}

/// Borrows what the mutex stands after, as drop check allows.
struct Tied<'a> {
    lock: Mutex<Option<&'a str>>,
    once: OnceLock<&'a str>,
}

#[test]
fn locks_may_hold_what_dies_with_them() {
    let tied = Tied { lock: Mutex::new(None), once: OnceLock::new() };
    let text = String::from("short-lived");
    *tied.lock.lock().unwrap() = Some(&text);
    tied.once.set(&text).unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| assert_eq!(*tied.lock.lock().unwrap(), tied.once.get().copied()));
    });
}

struct Strict<'a>(&'a Cell<u32>);

impl Drop for Strict<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get() + 1);
    }
}

#[test]
fn values_are_dropped_once() {
    let drops = Cell::new(0);
    drop(Mutex::new(Strict(&drops)));
    drop(RwLock::new(Strict(&drops)).into_inner().unwrap());
    let once = OnceLock::new();
    assert!(once.set(Strict(&drops)).is_ok());
    drop(once.into_inner());
    drop(OnceLock::<Strict>::new());
    assert_eq!(drops.get(), 3);
}

static ARRAY: [Mutex<u32>; 4] = [const { Mutex::new(1) }; 4];
static LAZY: LazyLock<Vec<u32>> = LazyLock::new(|| ARRAY.iter().map(|lock| *lock.lock().unwrap()).collect());
const EMPTY: Mutex<Vec<u32>> = Mutex::new(Vec::new());

thread_local! {
    static LATER: Mutex<u32> = Mutex::new(1);
    static NOW: Mutex<u32> = const { Mutex::new(2) };
}

#[test]
fn locks_are_made_by_constants() {
    assert_eq!(LAZY.iter().sum::<u32>(), 4);
    assert!(EMPTY.lock().unwrap().is_empty());
    assert_eq!(LATER.with(|lock| *lock.lock().unwrap()) + NOW.with(|lock| *lock.lock().unwrap()), 3);
}

trait Count {
    fn count(&self) -> usize;
}

impl<T: ?Sized + AsRef<[u8]>> Count for Mutex<T> {
    fn count(&self) -> usize {
        self.lock().unwrap().as_ref().len()
    }
}

#[derive(Debug, Default)]
struct Pair {
    one: Mutex<u32>,
    other: Mutex<u32>,
}

#[test]
fn locks_are_ordinary_types() {
    let shared: Arc<Mutex<dyn Fn() -> u32>> = Arc::new(Mutex::new(|| 42));
    assert_eq!(shared.lock().unwrap()(), 42);
    let bytes: Box<Mutex<[u8]>> = Box::new(Mutex::new([1, 2, 3]));
    assert_eq!(bytes.count(), 3);
    let locks: Vec<Mutex<u32>> = (0..3).map(Mutex::new).collect();
    let sum: u32 = locks.iter().map(Mutex::lock).map(|guard| *guard.unwrap()).sum();
    assert_eq!(sum, 3);
    let pair = Pair::default();
    *pair.one.lock().unwrap() += *pair.other.lock().unwrap();
    let Ok(value) = Mutex::from(5).into_inner() else { unreachable!() };
    assert_eq!(value, 5);
}

#[test]
fn sizes_grow_by_a_word() {
    let word = size_of::<usize>();
    assert!(size_of::<Mutex<u64>>() <= 24 && size_of::<Once>() <= 2 * word && size_of::<Condvar>() <= word);
}
