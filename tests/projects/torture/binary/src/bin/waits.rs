//! Waits for other threads in the way that it is asked to, and never so that it hangs.

use std::sync::mpsc::{channel, sync_channel};
use std::sync::{Barrier, Mutex};
use std::thread;

static FIRST: Mutex<u32> = Mutex::new(0);
static SECOND: Mutex<u32> = Mutex::new(0);

fn ascend() {
    let first = FIRST.lock().unwrap();
    *SECOND.lock().unwrap() += *first;
}

fn descend() {
    let second = SECOND.lock().unwrap();
    *FIRST.lock().unwrap() += *second;
}

/// A thread that has taken the first lock, and has ended but for being joined.
fn ended() -> thread::JoinHandle<()> {
    let thread = thread::spawn(|| drop(FIRST.lock()));
    while !thread.is_finished() {
        thread::yield_now();
    }
    thread
}

/// The end of a scope whose thread has taken the first lock, and has ended but for that.
fn scoped<T>(last: impl FnOnce() -> T) -> T {
    thread::scope(|scope| {
        let thread = scope.spawn(|| drop(FIRST.lock()));
        while !thread.is_finished() {
            thread::yield_now();
        }
        last()
    })
}

fn main() {
    match std::env::args().nth(1).unwrap_or_default().as_str() {
        "join under a lock" => {
            let thread = ended();
            let _first = FIRST.lock().unwrap();
            thread.join().unwrap();
        }
        "join" => {
            let thread = ended();
            drop(FIRST.lock());
            thread.join().unwrap();
        }
        "end a scope under a lock" => drop(scoped(|| FIRST.lock().unwrap())),
        "end a scope" => scoped(|| drop(FIRST.lock())),
        "in order by a join" => {
            thread::spawn(ascend).join().unwrap();
            descend();
        }
        "in order by a scope" => {
            thread::scope(|scope| drop(scope.spawn(ascend)));
            descend();
        }
        "in no order" => {
            let (sender, receiver) = channel();
            thread::spawn(move || {
                ascend();
                sender.send(()).unwrap();
            });
            receiver.recv().unwrap();
            descend();
        }
        "receive under a lock" => {
            let (sender, receiver) = channel();
            thread::spawn(move || {
                let _first = FIRST.lock().unwrap();
                sender.send(()).unwrap();
                sender.send(()).unwrap();
            });
            receiver.recv().unwrap();
            let _first = FIRST.lock().unwrap();
            receiver.iter().for_each(drop);
        }
        "receive" => {
            let (sender, receiver) = sync_channel(1);
            thread::spawn(move || {
                let _first = FIRST.lock().unwrap();
                sender.send(()).unwrap();
                sender.try_send(()).unwrap_or_default();
            });
            receiver.iter().for_each(drop);
            drop(FIRST.lock());
        }
        "receive what it has sent" => {
            let (sender, receiver) = channel();
            let _first = FIRST.lock().unwrap();
            sender.send(()).unwrap();
            receiver.recv().unwrap();
        }
        "receive under another lock" => {
            let (sender, receiver) = sync_channel(1);
            thread::spawn(move || {
                let _first = FIRST.lock().unwrap();
                sender.send(()).unwrap();
            });
            let _second = SECOND.lock().unwrap();
            receiver.recv().unwrap();
        }
        "meet under a lock" => {
            let barrier = Barrier::new(2);
            thread::scope(|scope| {
                scope.spawn(|| barrier.wait());
                let _first = FIRST.lock().unwrap();
                barrier.wait();
            });
        }
        other => panic!("{other}?"),
    }
}
