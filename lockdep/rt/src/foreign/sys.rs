//! The operating system, asked directly: nothing here allocates, and nothing goes through the program's own `std`.

use std::ffi::{c_char, c_int, c_long, c_uint, c_ulong, c_void, CStr};

extern "C" {
    fn mmap(at: *mut c_void, len: usize, prot: c_int, flags: c_int, fd: c_int, offset: c_long) -> *mut c_void;
    fn munmap(at: *mut c_void, len: usize) -> c_int;
    fn open(path: *const c_char, flags: c_int, ...) -> c_int;
    fn read(fd: c_int, into: *mut c_void, len: usize) -> isize;
    fn write(fd: c_int, from: *const c_void, len: usize) -> isize;
    fn close(fd: c_int) -> c_int;
    fn readlink(path: *const c_char, into: *mut c_char, len: usize) -> isize;
    fn getenv(name: *const c_char) -> *const c_char;
    fn access(path: *const c_char, mode: c_int) -> c_int;
    fn getauxval(kind: c_ulong) -> c_ulong;
    fn pthread_self() -> usize;
    fn kill(pid: c_int, signal: c_int) -> c_int;
    fn __errno_location() -> *mut c_int;
    fn getpid() -> c_int;
    fn gettid() -> c_int;
    fn prctl(option: c_int, ...) -> c_int;
    fn sched_yield() -> c_int;
    fn atexit(hook: extern "C" fn()) -> c_int;
    fn pthread_key_create(key: *mut c_uint, end: extern "C" fn(*mut c_void)) -> c_int;
    fn pthread_setspecific(key: c_uint, value: *const c_void) -> c_int;
    fn pthread_atfork(prepare: extern "C" fn(), parent: extern "C" fn(), child: extern "C" fn()) -> c_int;
}

const PROT_READ_WRITE: c_int = 3;
const MAP_PRIVATE_ANONYMOUS: c_int = 0x22;
const O_WRONLY: c_int = 1;
const O_CREAT_EXCL: c_int = 0o300;
const O_APPEND_CLOEXEC: c_int = 0o2_002_000;
const PR_GET_NAME: c_int = 16;
const MAP_FIXED_NOREPLACE: c_int = 0x10_0000;
const AT_RANDOM: c_ulong = 25;
const ESRCH: c_int = 3;
const EFAULT: c_int = 14;

/// Zeroed memory of this process's own; null if there is none.
pub(super) fn map(bytes: usize) -> *mut u8 {
    // SAFETY: an anonymous mapping at an address of the kernel's choice touches nothing that exists.
    let at = unsafe { mmap(std::ptr::null_mut(), bytes, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS, -1, 0) };
    if at as isize == -1 {
        std::ptr::null_mut()
    } else {
        at.cast()
    }
}

/// What became of memory at an address.
pub(super) enum MappedAt {
    /// It is new, zero, and nobody had it before.
    New(*mut u8),
    /// Something is there, and can be read.
    Taken(*mut u8),
    /// Neither.
    Not,
}

/// Memory at an address, which is one of a page.
pub(super) fn map_at(place: usize, bytes: usize) -> MappedAt {
    let wanted = place as *mut c_void;
    let flags = MAP_PRIVATE_ANONYMOUS | MAP_FIXED_NOREPLACE;
    // SAFETY: a mapping that replaces nothing touches nothing that exists.
    let at = unsafe { mmap(wanted, bytes, PROT_READ_WRITE, flags, -1, 0) };
    if at == wanted {
        return MappedAt::New(at.cast());
    }
    if at as isize != -1 {
        // Before Linux 4.17 the address is a wish.
        // SAFETY: it was mapped just now.
        unsafe { unmap(at.cast(), bytes) };
    }
    // The system looks itself, and says so if it cannot read there.
    // SAFETY: the path may be anything; it is not read here.
    let is_readable = unsafe { access(wanted.cast(), 0) == 0 || *__errno_location() != EFAULT };
    if is_readable {
        MappedAt::Taken(wanted.cast())
    } else {
        MappedAt::Not
    }
}

/// Gives memory back.
///
/// # Safety
/// It came from [`map`] with the same length, and nobody uses it any more.
pub(super) unsafe fn unmap(at: *mut u8, bytes: usize) {
    // SAFETY: the caller's.
    unsafe { munmap(at.cast(), bytes) };
}

/// Makes a file that did not exist. Returns whether it did so.
pub(super) fn create(path: &CStr) -> bool {
    // SAFETY: `path` ends with a zero; the mode is the third argument that O_CREAT asks for.
    let fd = unsafe { open(path.as_ptr(), O_WRONLY | O_CREAT_EXCL | O_APPEND_CLOEXEC, 0o644 as c_int) };
    if fd >= 0 {
        // SAFETY: this function has opened it.
        unsafe { close(fd) };
    }
    fd >= 0
}

/// Appends to a file in one write. No descriptor is kept: programs close those that they do not know, and the number would then
/// be one of their own files.
pub(super) fn append(path: &CStr, bytes: &[u8]) -> bool {
    // SAFETY: `path` ends with a zero.
    let fd = unsafe { open(path.as_ptr(), O_WRONLY | O_APPEND_CLOEXEC) };
    if fd < 0 {
        return false;
    }
    // SAFETY: `bytes` is valid for its length, and this function has opened the file.
    unsafe {
        let written = write(fd, bytes.as_ptr().cast(), bytes.len());
        close(fd);
        written == bytes.len() as isize
    }
}

/// Tells the user something.
pub(super) fn complain(text: &str) {
    // SAFETY: `text` is valid for its length; whether anybody reads it does not matter.
    unsafe { write(2, text.as_ptr().cast(), text.len()) };
}

/// The beginning of a file, as much as there is room for.
pub(super) fn read_file<'a>(path: &CStr, into: &'a mut [u8]) -> &'a [u8] {
    // SAFETY: `path` ends with a zero, `into` is valid for its length, and this function has opened the file.
    let len = unsafe {
        let fd = open(path.as_ptr(), 0);
        let len = if fd < 0 { 0 } else { read(fd, into.as_mut_ptr().cast(), into.len()) };
        close(fd);
        len
    };
    &into[..usize::try_from(len).unwrap_or(0)]
}

/// What a symbolic link points to, as much as there is room for.
pub(super) fn link<'a>(path: &CStr, into: &'a mut [u8]) -> &'a [u8] {
    // SAFETY: `path` ends with a zero, and `into` is valid for its length.
    let len = unsafe { readlink(path.as_ptr(), into.as_mut_ptr().cast(), into.len()) };
    &into[..usize::try_from(len).unwrap_or(0)]
}

/// A variable of the environment.
pub(super) fn variable(name: &CStr) -> Option<&'static CStr> {
    // SAFETY: `name` ends with a zero. The value is part of the environment as the process was given it; a program that changes
    // the same variable while it takes its first lock is asking for more than libc promises.
    unsafe {
        let value = getenv(name.as_ptr());
        (!value.is_null()).then(|| CStr::from_ptr(value))
    }
}

/// The process.
pub(super) fn process() -> u32 {
    // SAFETY: it always succeeds.
    unsafe { getpid() as u32 }
}

/// This thread, as no other that exists: what the library calls it, which stays in a forked child, and what the system does.
pub(super) fn thread() -> (usize, c_int) {
    // SAFETY: both always succeed.
    unsafe { (pthread_self(), gettid()) }
}

/// Whether there is no such thread, nor any process of that number.
pub(super) fn is_gone(thread: c_int) -> bool {
    // SAFETY: signal 0 is sent to nobody.
    unsafe { kill(thread, 0) == -1 && *__errno_location() == ESRCH }
}

/// Whether this is the thread that the process began with.
pub(super) fn is_main_thread() -> bool {
    // SAFETY: both always succeed.
    unsafe { getpid() == gettid() }
}

/// Bytes that the system has chosen for this execution of a program.
pub(super) fn random() -> &'static [u8] {
    // SAFETY: there are 16, and they stay while the program does.
    unsafe {
        let at = getauxval(AT_RANDOM) as *const u8;
        if at.is_null() {
            &[]
        } else {
            std::slice::from_raw_parts(at, 16)
        }
    }
}

/// The name that the system has for this thread, a prefix of its own.
pub(super) fn short_name(into: &mut [u8; 16]) -> &[u8] {
    // SAFETY: the kernel writes at most 16 bytes, with a zero at the end.
    unsafe { prctl(PR_GET_NAME, into.as_mut_ptr()) };
    let len = into.iter().position(|byte| *byte == 0).unwrap_or(into.len());
    &into[..len]
}

/// Lets others run.
pub(super) fn pause() {
    // SAFETY: it always succeeds.
    unsafe { sched_yield() };
}

/// Has functions called at the end of the process and around its forks. Where there is no room for them a log lacks its last
/// line, which its readers know how to take.
pub(super) fn hook(exit: extern "C" fn(), fork: extern "C" fn(), parent: extern "C" fn(), child: extern "C" fn()) {
    // SAFETY: the functions are of the right types and live as long as this code.
    unsafe {
        atexit(exit);
        pthread_atfork(fork, parent, child);
    }
}

/// A key whose values in threads have `end` called when these end; `None` if there are no more.
pub(super) fn key(end: extern "C" fn(*mut c_void)) -> Option<u32> {
    let mut key = 0;
    // SAFETY: `key` outlives the call, and the function lives as long as this code.
    (unsafe { pthread_key_create(&mut key, end) } == 0).then_some(key)
}

/// Gives a key a value that is not 0 in this thread.
pub(super) fn set(key: u32, value: usize) -> bool {
    let value = std::ptr::null::<c_void>().wrapping_byte_add(value);
    // SAFETY: the key was created and is never deleted; its values are no addresses.
    unsafe { pthread_setspecific(key, value) == 0 }
}
