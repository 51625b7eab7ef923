//! What is compared: one API over all crates.

/// Locks of one crate. `class` tells locks apart that have a place in one order; crates that know no classes ignore it.
pub trait Peer: Copy + Default + Send + Sync + 'static {
    const NAME: &'static str;
    type Mutex: Send + Sync + 'static;
    type RwLock: Send + Sync + 'static;

    /// Whatever must be called before the first lock.
    fn start() {}
    fn mutex(class: usize) -> Self::Mutex;
    /// A lock as a short-lived object has it.
    fn short_lived() -> Self::Mutex;
    fn rwlock(class: usize) -> Self::RwLock;
    fn lock<R>(mutex: &Self::Mutex, work: impl FnOnce(&mut u64) -> R) -> R;
    fn read<R>(lock: &Self::RwLock, work: impl FnOnce(&u64) -> R) -> R;
    fn write<R>(lock: &Self::RwLock, work: impl FnOnce(&mut u64) -> R) -> R;
}

macro_rules! peers {
    ($($Peer:ident $name:literal: $Mutex:ty, $RwLock:ty $(, unwrap $unwrap:ident)?;)*) => { $(
        #[derive(Clone, Copy, Default)]
        pub struct $Peer;

        impl Peer for $Peer {
            const NAME: &'static str = $name;
            type Mutex = $Mutex;
            type RwLock = $RwLock;

            fn mutex(_: usize) -> $Mutex {
                <$Mutex>::new(0)
            }

            #[inline]
            fn short_lived() -> $Mutex {
                <$Mutex>::new(0)
            }

            fn rwlock(_: usize) -> $RwLock {
                <$RwLock>::new(0)
            }

            #[inline]
            fn lock<R>(mutex: &$Mutex, work: impl FnOnce(&mut u64) -> R) -> R {
                work(&mut *mutex.lock()$(.$unwrap())?)
            }

            #[inline]
            fn read<R>(lock: &$RwLock, work: impl FnOnce(&u64) -> R) -> R {
                work(&*lock.read()$(.$unwrap())?)
            }

            #[inline]
            fn write<R>(lock: &$RwLock, work: impl FnOnce(&mut u64) -> R) -> R {
                work(&mut *lock.write()$(.$unwrap())?)
            }
        }
    )* };
}

peers! {
    Std "std": std::sync::Mutex<u64>, std::sync::RwLock<u64>, unwrap unwrap;
    TracingMutex "tracing-mutex": tracing_mutex::parkinglot::tracing::Mutex<u64>, tracing_mutex::parkinglot::tracing::RwLock<u64>;
    NoDeadlocks "no_deadlocks": no_deadlocks::Mutex<u64>, no_deadlocks::RwLock<u64>, unwrap unwrap;
    ParkingLot "parking_lot": parking_lot::Mutex<u64>, parking_lot::RwLock<u64>;
}

#[derive(Clone, Copy, Default)]
pub struct Deloxide;

impl Peer for Deloxide {
    const NAME: &'static str = "deloxide";
    type Mutex = deloxide::Mutex<u64>;
    type RwLock = deloxide::RwLock<u64>;

    fn start() {
        deloxide::Deloxide::new().callback(|_| {}).start().expect("it is started once");
    }

    fn mutex(_: usize) -> Self::Mutex {
        deloxide::Mutex::new(0)
    }

    fn short_lived() -> Self::Mutex {
        deloxide::Mutex::new(0)
    }

    fn rwlock(_: usize) -> Self::RwLock {
        deloxide::RwLock::new(0)
    }

    #[inline]
    fn lock<R>(mutex: &Self::Mutex, work: impl FnOnce(&mut u64) -> R) -> R {
        work(&mut mutex.lock())
    }

    #[inline]
    fn read<R>(lock: &Self::RwLock, work: impl FnOnce(&u64) -> R) -> R {
        work(&lock.read())
    }

    #[inline]
    fn write<R>(lock: &Self::RwLock, work: impl FnOnce(&mut u64) -> R) -> R {
        work(&mut lock.write())
    }
}

#[derive(Clone, Copy, Default)]
pub struct Lockdep;

fn key(class: usize) -> &'static lockdep::LockClassKey {
    let name: &'static str = Box::leak(format!("peers::{class}").into());
    Box::leak(Box::new(lockdep::LockClassKey::new(name)))
}

impl Peer for Lockdep {
    const NAME: &'static str = "lockdep";
    type Mutex = lockdep::parking_lot::Mutex<u64>;
    type RwLock = lockdep::parking_lot::RwLock<u64>;

    fn mutex(class: usize) -> Self::Mutex {
        lockdep::parking_lot::Mutex::named(key(class), 0)
    }

    #[inline]
    fn short_lived() -> Self::Mutex {
        lockdep::parking_lot::Mutex::new(0)
    }

    fn rwlock(class: usize) -> Self::RwLock {
        lockdep::parking_lot::RwLock::named(key(class), 0)
    }

    #[inline]
    fn lock<R>(mutex: &Self::Mutex, work: impl FnOnce(&mut u64) -> R) -> R {
        work(&mut mutex.lock())
    }

    #[inline]
    fn read<R>(lock: &Self::RwLock, work: impl FnOnce(&u64) -> R) -> R {
        work(&lock.read())
    }

    #[inline]
    fn write<R>(lock: &Self::RwLock, work: impl FnOnce(&mut u64) -> R) -> R {
        work(&mut lock.write())
    }
}
