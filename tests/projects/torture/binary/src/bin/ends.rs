//! Ends in the way that it is asked to, after taking two locks in both orders.

use std::cell::RefCell;
use std::process::Command;
use std::sync::{Mutex, MutexGuard};

static FIRST: Mutex<u32> = Mutex::new(0);
static SECOND: Mutex<u32> = Mutex::new(0);

extern "C" {
    fn fork() -> i32;
    fn waitpid(pid: i32, status: *mut i32, options: i32) -> i32;
    fn _exit(status: i32) -> !;
    fn kill(pid: i32, signal: i32) -> i32;
    fn getpid() -> i32;
}

fn ascend() {
    let first = FIRST.lock().unwrap();
    *SECOND.lock().unwrap() += *first;
}

fn descend() {
    let second = SECOND.lock().unwrap();
    *FIRST.lock().unwrap() += *second;
}

/// Takes a lock when its thread's locals are destroyed.
struct Late;

impl Drop for Late {
    fn drop(&mut self) {
        ascend();
    }
}

thread_local! {
    static LATE: Late = const { Late };
    static KEPT: RefCell<Option<MutexGuard<'static, u32>>> = const { RefCell::new(None) };
}

fn main() {
    let how = std::env::args().nth(1).unwrap_or_default();
    ascend();
    match how.as_str() {
        "return" => descend(),
        "abort" => {
            descend();
            std::process::abort();
        }
        "kill" => {
            descend();
            unsafe { kill(getpid(), 9) };
        }
        "_exit" => {
            descend();
            unsafe { _exit(0) }
        }
        // One half each.
        "fork" => unsafe {
            match fork() {
                0 => {
                    descend();
                    _exit(0)
                }
                child => drop(waitpid(child, &mut 0, 0)),
            }
        },
        "exec" => {
            let error = std::os::unix::process::CommandExt::exec(
                Command::new(std::env::current_exe().unwrap()).arg("second half"),
            );
            panic!("{error}");
        }
        "second half" => descend(),
        "locals" => {
            std::thread::spawn(|| {
                LATE.with(|_| ());
                descend();
            })
            .join()
            .unwrap();
            ascend();
        }
        // The order of the other thread comes when this one's is over.
        "spawned" => drop(std::thread::spawn(descend).join()),
        // A thread ends with a lock that nobody can release any more.
        "left" => std::thread::spawn(|| std::mem::forget(FIRST.lock())).join().unwrap(),
        // One that is gone as well.
        "left and gone" => std::thread::spawn(|| std::mem::forget(Mutex::new(0).lock())).join().unwrap(),
        // One that is released when the thread's locals are destroyed, which are older than its first lock.
        "kept" => std::thread::spawn(|| KEPT.with(|kept| *kept.borrow_mut() = FIRST.lock().ok())).join().unwrap(),
        // Threads that each hold what the other wants.
        "hang" => {
            let (to_here, from_there) = std::sync::mpsc::channel();
            let (to_there, from_here) = std::sync::mpsc::channel();
            std::thread::spawn(move || {
                let _second = SECOND.lock().unwrap();
                to_here.send(()).unwrap();
                from_here.recv().unwrap();
                drop(FIRST.lock());
            });
            let _first = FIRST.lock().unwrap();
            to_there.send(()).unwrap();
            from_there.recv().unwrap();
            drop(SECOND.lock());
        }
        "self" => {
            let _first = FIRST.lock().unwrap();
            drop(FIRST.lock());
        }
        _ => println!("one order only"),
    }
}
