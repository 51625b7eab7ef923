//! How programs use locks: in statics, unsized, generically, from many threads.

use super::pl;
use std::collections::HashMap;
use std::sync::Arc;
use std::thread;

static MUTEX: pl::Mutex<Vec<u8>> = pl::Mutex::new(Vec::new());
static FAIR: pl::FairMutex<u8> = pl::FairMutex::new(1);
static REENTRANT: pl::ReentrantMutex<u8> = pl::ReentrantMutex::new(2);
static RWLOCK: pl::RwLock<Option<&'static str>> = pl::RwLock::new(None);
static RECURSIVE: pl::RecursiveRwLock<u8> = pl::RecursiveRwLock::new(3);
static CONDVAR: pl::Condvar = pl::Condvar::new();
static ONCE: pl::Once = pl::Once::new();

#[test]
fn locks_live_in_statics() {
    MUTEX.lock().push(7);
    assert_eq!(*MUTEX.lock(), [7]);
    assert_eq!(*FAIR.lock() + *REENTRANT.lock() + *RECURSIVE.read(), 6);
    *RWLOCK.write() = Some("set");
    assert_eq!(*RWLOCK.read(), Some("set"));
    assert!(!CONDVAR.notify_one());
    ONCE.call_once(|| ());
    assert_eq!(ONCE.state(), pl::OnceState::Done);
}

#[test]
fn locks_protect_unsized_data() {
    let slice: &pl::Mutex<[u8]> = &pl::Mutex::new([1, 2, 3]);
    slice.lock()[0] = 9;
    assert_eq!(format!("{slice:?}"), "Mutex { data: [9, 2, 3] }");
    let objects: Vec<Arc<pl::Mutex<dyn Fn() -> u8 + Send>>> =
        vec![Arc::new(pl::Mutex::new(|| 1)), Arc::new(pl::Mutex::new(|| 2))];
    assert_eq!(objects.iter().map(|object| (object.lock())()).sum::<u8>(), 3);
    let boxed: Box<pl::RwLock<dyn std::fmt::Debug>> = Box::new(pl::RwLock::new("text"));
    assert_eq!(format!("{:?} {boxed:?}", boxed.read()), "\"text\" RwLock { data: \"text\" }");
    let reentrant: &pl::ReentrantMutex<[u8]> = &pl::ReentrantMutex::new([1]);
    assert_eq!(reentrant.lock().len(), 1);
    let fair: Arc<pl::FairMutex<[u8]>> = Arc::new(pl::FairMutex::new([1, 2]));
    assert_eq!(fair.lock().len(), 2);
    let recursive: Box<pl::RecursiveRwLock<[u8]>> = Box::new(pl::RecursiveRwLock::new([1, 2, 3]));
    assert_eq!(recursive.read().len(), 3);
}

#[test]
fn code_generic_over_lock_api_accepts_the_locks() {
    use pl::lock_api;
    fn bump<R: lock_api::RawMutex>(lock: &lock_api::Mutex<R, u32>) -> u32 {
        let mut guard = lock.lock();
        *guard += 1;
        *guard
    }
    fn peek<R: lock_api::RawRwLock>(lock: &lock_api::RwLock<R, u32>) -> u32 {
        *lock.read()
    }
    assert_eq!(bump(&pl::Mutex::new(1)) + bump(&pl::FairMutex::new(1)), 4);
    assert_eq!(peek(&pl::RwLock::new(1)) + peek(&pl::RecursiveRwLock::new(1)), 2);
    assert_eq!(bump::<pl::RawMutex>(&lock_api::Mutex::new(1)), 2);
    assert_eq!(bump::<pl::RawFairMutex>(&lock_api::Mutex::new(1)), 2);
    assert_eq!(peek::<pl::RawRwLock>(&lock_api::RwLock::new(1)), 1);
    assert_eq!(peek::<pl::RawRwLockRecursive>(&lock_api::RwLock::new(1)), 1);
}

#[test]
fn many_threads_count_right() {
    let counts = pl::RwLock::new(HashMap::new());
    let total = pl::Mutex::new(0);
    thread::scope(|s| {
        for id in 0..4 {
            let (counts, total) = (&counts, &total);
            s.spawn(move || {
                for _ in 0..200 {
                    *counts.write().entry(id).or_insert(0) += 1;
                    *total.lock() += counts.read()[&id].min(1);
                }
            });
        }
    });
    assert_eq!(counts.into_inner().values().sum::<u32>(), 800);
    assert_eq!(total.into_inner(), 800);
}

#[cfg(feature = "serde")]
#[test]
fn locks_serialize_as_their_data() {
    let locks = (pl::Mutex::new(1), pl::FairMutex::new(2), pl::ReentrantMutex::new(3), pl::RwLock::new(4));
    assert_eq!(serde_json::to_string(&locks).unwrap(), "[1,2,3,4]");
    assert_eq!(serde_json::from_str::<pl::Mutex<u8>>("5").unwrap().into_inner(), 5);
    assert_eq!(serde_json::from_str::<pl::RecursiveRwLock<u8>>("6").unwrap().into_inner(), 6);
    assert_eq!(serde_json::from_str::<pl::ReentrantMutex<u8>>("7").unwrap().into_inner(), 7);
}
