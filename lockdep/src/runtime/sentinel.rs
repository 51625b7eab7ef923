//! The end of a thread, after its thread-locals were destroyed: what they still held is released by then.
//!
//! When the process ends, its threads do not: whoever calls `exit` under a lock keeps nobody waiting who would have gone on.

#[cfg(unix)]
mod imp {
    use std::ffi::c_void;
    use std::ptr::without_provenance_mut;
    use std::sync::OnceLock;

    /// The key whose value, in a thread that is watched, is how many more rounds of destructors there are to be. Keys come after
    /// the thread-locals of C++ and Rust where the system knows those, and in any order where they are keys themselves; a
    /// value that is set again comes after all others.
    static KEY: OnceLock<Option<libc::pthread_key_t>> = OnceLock::new();

    pub(in super::super) fn watch() -> bool {
        let new = || {
            let mut key = 0;
            // SAFETY: `key` outlives the call, and the destructor is a function of the right type that lives as long as the process.
            (unsafe { libc::pthread_key_create(&raw mut key, Some(ended)) } == 0).then_some(key)
        };
        KEY.get_or_init(new).is_some_and(|key| set(key, 2))
    }

    fn set(key: libc::pthread_key_t, rounds: usize) -> bool {
        // SAFETY: the key was created and is never deleted; its values are no addresses.
        unsafe { libc::pthread_setspecific(key, without_provenance_mut(rounds)) == 0 }
    }

    extern "C" fn ended(rounds: *mut c_void) {
        match KEY.get() {
            Some(&Some(key)) if rounds.addr() > 1 && set(key, rounds.addr() - 1) => {}
            _ => super::super::thread::ended(),
        }
    }
}

#[cfg(not(unix))]
mod imp {
    struct Sentinel;

    impl Drop for Sentinel {
        fn drop(&mut self) {
            super::super::thread::ended();
        }
    }

    thread_local!(static SENTINEL: Sentinel = const { Sentinel });

    pub(in super::super) fn watch() -> bool {
        SENTINEL.try_with(|_| ()).is_ok()
    }
}

/// Sees to it that `thread::ended` is called at the end of this thread. False if it is too late for that.
pub(super) use imp::watch;
