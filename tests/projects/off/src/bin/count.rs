//! `count LOCKS WHAT DEPTH N`: takes so many locks inside each other and releases them, N times, for somebody who counts instructions.

use lockdep::parking_lot as checked;
use std::hint::black_box;

macro_rules! nested {
    ($lock:ident $locks:ident;) => { 1 };
    ($lock:ident $locks:ident; $first:literal $($rest:literal)*) => {{
        let guard = black_box(&$locks[$first]).$lock();
        *guard + nested!($lock $locks; $($rest)*)
    }};
}

/// One function per depth, so that the code is the same for all kinds of locks.
macro_rules! depths {
    ($lock:ident $locks:ident $depth:ident $times:ident) => {
        depths!(@ $lock $locks $depth $times;
            1: 0;
            2: 0 1;
            4: 0 1 2 3;
            8: 0 1 2 3 4 5 6 7;
            16: 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15;
        )
    };
    (@ $lock:ident $locks:ident $depth:ident $times:ident; $($number:literal: $($index:literal)*;)*) => {
        match $depth {
            $($number => (0..$times).for_each(|_| _ = black_box(nested!($lock $locks; $($index)*))),)*
            depth => panic!("nothing is {depth} deep"),
        }
    };
}

macro_rules! scenarios {
    ($locks:ident; $mutex:expr, $rwlock:expr; $what:ident $depth:ident $times:ident) => {{
        use $locks::{Mutex, RwLock};
        let mutexes: [Mutex<u64>; 16] = std::array::from_fn($mutex);
        let rwlocks: [RwLock<u64>; 16] = std::array::from_fn($rwlock);
        match $what {
            "lock" => depths!(lock mutexes $depth $times),
            "read" => depths!(read rwlocks $depth $times),
            "write" => depths!(write rwlocks $depth $times),
            what => panic!("there is no `{what}`"),
        }
    }};
}

fn key(class: usize) -> &'static lockdep::LockClassKey {
    let name: &'static str = Box::leak(format!("count::{class}").into_boxed_str());
    Box::leak(Box::new(lockdep::LockClassKey::new(name)))
}

/// Locks of one class in a declared order.
fn ranked(depth: usize, times: u64) {
    let family: [lockdep::parking_lot::Mutex<u8>; 16] = std::array::from_fn(|_| lockdep::parking_lot::Mutex::new(0));
    let mut guards = Vec::with_capacity(16);
    for _ in 0..times {
        guards.extend((0..).zip(&family[..depth]).map(|(rank, lock)| lock.lock_ranked(rank)));
        while guards.pop().is_some() {}
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, locks, what, depth, times] = &arguments[..] else { panic!("usage: count LOCKS WHAT DEPTH TIMES") };
    let (what, depth, times) = (&what[..], depth.parse().expect("a depth"), times.parse::<u64>().expect("a number"));
    match &locks[..] {
        "bare" => {
            scenarios!(parking_lot; |_| parking_lot::Mutex::new(0), |_| parking_lot::RwLock::new(0); what depth times)
        }
        "ranked" => ranked(depth, times),
        // The same while another class has a declared order.
        "beside" | "lockdep" => {
            if locks == "beside" {
                ranked(4, 10);
            }
            scenarios!(checked; |class| checked::Mutex::named(key(class), 0), |class| checked::RwLock::named(key(100 + class), 0); what depth times);
        }
        locks => panic!("there are no `{locks}` locks"),
    }
}
