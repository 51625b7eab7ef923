//! The locks and guards have the auto traits of the plain ones, compared at compile time.

use std::cell::Cell;
use std::marker::PhantomData;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::rc::Rc;

/// Tells which auto traits a type has by which of two equally named constants is in reach: an inherent one exists
/// only where its bounds hold, and then wins over the trait's.
struct Is<T: ?Sized>(PhantomData<T>);

trait Not {
    const SEND: bool = false;
    const SYNC: bool = false;
    const UNPIN: bool = false;
    const UNWIND_SAFE: bool = false;
    const REF_UNWIND_SAFE: bool = false;
}

impl<T: ?Sized> Not for Is<T> {}

impl<T: ?Sized + Send> Is<T> {
    const SEND: bool = true;
}

impl<T: ?Sized + Sync> Is<T> {
    const SYNC: bool = true;
}

impl<T: ?Sized + Unpin> Is<T> {
    const UNPIN: bool = true;
}

impl<T: ?Sized + UnwindSafe> Is<T> {
    const UNWIND_SAFE: bool = true;
}

impl<T: ?Sized + RefUnwindSafe> Is<T> {
    const REF_UNWIND_SAFE: bool = true;
}

macro_rules! probe {
    ($T:ty) => {
        [<Is<$T>>::SEND, <Is<$T>>::SYNC, <Is<$T>>::UNPIN, <Is<$T>>::UNWIND_SAFE, <Is<$T>>::REF_UNWIND_SAFE]
    };
}

/// Compares what `plain` and `checked` name, at compile time.
macro_rules! same {
    ($($($Type:ident)::+($($arg:tt)*);)*) => { $(
        const _: () = {
            const PLAIN: [bool; 5] = probe!(plain::$($Type)::+<$($arg)*>);
            const CHECKED: [bool; 5] = probe!(checked::$($Type)::+<$($arg)*>);
            let mut index = 0;
            while index < PLAIN.len() {
                assert!(PLAIN[index] == CHECKED[index], stringify!($($Type)::+));
                index += 1;
            }
        };
    )* };
}

mod parking_lot {
    use super::{Cell, Is, Not, Rc};
    use lockdep::parking_lot as checked;
    use parking_lot as plain;

    macro_rules! same_for {
        ($($T:ty),*) => { $(same! {
            Mutex($T); FairMutex($T); ReentrantMutex($T); RwLock($T); RecursiveRwLock($T);
            MutexGuard('static, $T); MappedMutexGuard('static, $T);
            FairMutexGuard('static, $T); MappedFairMutexGuard('static, $T);
            ReentrantMutexGuard('static, $T); MappedReentrantMutexGuard('static, $T);
            RwLockReadGuard('static, $T); RwLockWriteGuard('static, $T); RwLockUpgradableReadGuard('static, $T);
            MappedRwLockReadGuard('static, $T); MappedRwLockWriteGuard('static, $T);
            RecursiveRwLockReadGuard('static, $T); RecursiveRwLockWriteGuard('static, $T);
            RecursiveRwLockUpgradableReadGuard('static, $T);
            MappedRecursiveRwLockReadGuard('static, $T); MappedRecursiveRwLockWriteGuard('static, $T);
        })* };
    }

    same_for!(u8, Cell<u8>, Rc<u8>);
    same! {
        Condvar(); Once(); OnceState(); WaitTimeoutResult(); RawThreadId(); RawMutex(); RawFairMutex(); RawCondvar();
        RawRwLock(); RawRwLockRecursive();
    }
}

mod std_sync {
    use super::{Cell, Is, Not, Rc};
    use lockdep::std::sync as checked;
    use std::sync as plain;

    macro_rules! same_for {
        ($($T:ty),*) => { $(same! {
            Mutex($T); RwLock($T); OnceLock($T); LazyLock($T); LazyLock($T, Cell<u8>);
            MutexGuard('static, $T); RwLockReadGuard('static, $T); RwLockWriteGuard('static, $T);
            mpsc::Receiver($T); mpsc::SyncSender($T); mpsc::Sender($T); mpsc::Iter('static, $T); mpsc::IntoIter($T);
        })* };
    }

    same_for!(u8, Cell<u8>, Rc<u8>);
    same!(Condvar(); Once(); Barrier(););
}

#[cfg(feature = "parking_lot_0_12")]
mod parking_lot_0_12 {
    use super::{Cell, Is, Not, Rc};
    use lockdep::parking_lot_0_12 as checked;
    use parking_lot_0_12 as plain;

    macro_rules! same_for {
        ($($T:ty),*) => { $(same! {
            Mutex($T); FairMutex($T); ReentrantMutex($T); RwLock($T);
            MutexGuard('static, $T); MappedMutexGuard('static, $T);
            FairMutexGuard('static, $T); MappedFairMutexGuard('static, $T);
            ReentrantMutexGuard('static, $T); MappedReentrantMutexGuard('static, $T);
            RwLockReadGuard('static, $T); RwLockWriteGuard('static, $T); RwLockUpgradableReadGuard('static, $T);
            MappedRwLockReadGuard('static, $T); MappedRwLockWriteGuard('static, $T);
        })* };
    }

    same_for!(u8, Cell<u8>, Rc<u8>);
    same! {
        Condvar(); Once(); OnceState(); WaitTimeoutResult(); RawThreadId(); RawMutex(); RawFairMutex(); RawRwLock();
    }
}

#[cfg(feature = "spin")]
mod spin_locks {
    use super::{Cell, Is, Not, Rc};
    use lockdep::spin as checked;
    use spin::lock_api as plain;

    macro_rules! same_for {
        ($($T:ty),*) => { $(same! {
            Mutex($T); RwLock($T); MutexGuard('static, $T); MappedMutexGuard('static, $T);
            RwLockReadGuard('static, $T); RwLockWriteGuard('static, $T); RwLockUpgradableReadGuard('static, $T);
        })* };
    }

    same_for!(u8, Cell<u8>, Rc<u8>);

    mod once {
        use super::super::{Cell, Is, Not, Rc};
        use lockdep::spin as checked;
        use spin as plain;

        same!(Once(u8); Once(Cell<u8>); Once(Rc<u8>););
    }
}

#[test]
fn the_probe_tells_types_apart() {
    assert_eq!(probe!(u8), [true; 5]);
    assert_eq!(probe!(Rc<u8>), [false, false, true, true, true]);
    assert_eq!(probe!(Cell<u8>), [true, false, true, true, false]);
    assert_eq!(probe!(std::marker::PhantomPinned), [true, true, false, true, true]);
}
