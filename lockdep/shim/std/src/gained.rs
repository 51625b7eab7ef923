//! On a newer `std` than this was compared with, methods that its types have gained are the real ones, and not checked.

use crate::sync::{mpsc, Barrier, Condvar, Mutex, Once, OnceLock, RwLock};
use crate::thread::{JoinHandle, ScopedJoinHandle};
use ::std::ops::Deref;
use ::std::{sync, thread};

macro_rules! reach {
    ($([$($param:tt)*] $Type:ty => $Real:ty,)*) => { $(
        impl<$($param)*> Deref for $Type {
            type Target = $Real;

            fn deref(&self) -> &$Real {
                &self.inner
            }
        }
    )* };
}

reach! {
    [T: ?Sized] Mutex<T> => sync::Mutex<T>,
    [T: ?Sized] RwLock<T> => sync::RwLock<T>,
    [] Condvar => sync::Condvar,
    [] Once => sync::Once,
    [T] OnceLock<T> => sync::OnceLock<T>,
    [] Barrier => sync::Barrier,
    [T] mpsc::Sender<T> => sync::mpsc::Sender<T>,
    [T] mpsc::SyncSender<T> => sync::mpsc::SyncSender<T>,
    [T] mpsc::Receiver<T> => sync::mpsc::Receiver<T>,
    [T] JoinHandle<T> => thread::JoinHandle<T>,
    ['scope, T] ScopedJoinHandle<'scope, T> => thread::ScopedJoinHandle<'scope, T>,
}
