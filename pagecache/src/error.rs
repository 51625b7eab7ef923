//! What can go wrong, under the names that the kernel's numbers have.

use crate::sync::atomic::AtomicU64;
use std::fmt;
use std::io;
use std::sync::atomic::Ordering::Relaxed;

/// Why an operation did not succeed, or not in full.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Error {
    /// `EAGAIN`: it would have to wait, and must not.
    Again,
    /// `EIOCBQUEUED`: it has to wait for a page that somebody else is filling, and may not do so here.
    Queued,
    /// `EFAULT`: the memory of the caller is not there.
    BadAddress,
    /// `EINVAL`: the range is misaligned or does not fit the file.
    Invalid,
    /// `EIO`: the device failed.
    Io,
    /// `ENOMEM`: no page could be had.
    NoMemory,
    /// `ENOSPC`: the device has no free block. What was written stays in the cache, dirty.
    NoSpace,
    /// `EFBIG`: beyond the largest position of a file.
    TooBig,
    /// `EBUSY`: a page is in use and cannot be dropped.
    Busy,
    /// `ETXTBSY`: the file is a device, and only what is on the device may change it.
    TextBusy,
    /// `ELOOP`: there would be more file systems on one another than [`MAX_STACK_DEPTH`](crate::locks::MAX_STACK_DEPTH) allows.
    TooDeep,
    /// `EXDEV`: the files are not of one file system.
    OtherDevice,
    /// `EEXIST`: there is an entry of this name.
    Exists,
    /// `ENOENT`: there is no entry of this name.
    NotFound,
    /// `ENAMETOOLONG`: a name has one byte at least and 55 at most.
    BadName,
    /// `EHWPOISON`: the memory of the page has failed.
    MemoryFailed,
    /// `EINTR`: whoever waits was told to give up.
    Interrupted,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Error::Again => "it would have to wait",
            Error::Queued => "somebody else is filling the page",
            Error::BadAddress => "no memory is mapped at the address",
            Error::Invalid => "the range is misaligned or does not fit the file",
            Error::Io => "the device failed",
            Error::NoMemory => "no page could be had",
            Error::NoSpace => "the device has no free block",
            Error::TooBig => "beyond the largest position of a file",
            Error::Busy => "a page is in use",
            Error::TextBusy => "the file is a device, and only what is on the device may change it",
            Error::TooDeep => "too many file systems on one another",
            Error::OtherDevice => "the files are not of one file system",
            Error::Exists => "there is an entry of this name",
            Error::NotFound => "there is no entry of this name",
            Error::BadName => "a name has one byte at least and 55 at most",
            Error::MemoryFailed => "the memory of the page has failed",
            Error::Interrupted => "the wait was given up",
        })
    }
}

impl std::error::Error for Error {}

impl From<Error> for io::Error {
    fn from(error: Error) -> io::Error {
        let kind = match error {
            Error::Again | Error::Queued => io::ErrorKind::WouldBlock,
            Error::BadAddress | Error::Invalid | Error::BadName => io::ErrorKind::InvalidInput,
            Error::Io | Error::MemoryFailed => io::ErrorKind::Other,
            Error::NoMemory => io::ErrorKind::OutOfMemory,
            Error::NoSpace => io::ErrorKind::StorageFull,
            Error::TooBig => io::ErrorKind::FileTooLarge,
            Error::Busy => io::ErrorKind::ResourceBusy,
            Error::TextBusy => io::ErrorKind::ExecutableFileBusy,
            Error::TooDeep => io::ErrorKind::Unsupported,
            Error::OtherDevice => io::ErrorKind::CrossesDevices,
            Error::Exists => io::ErrorKind::AlreadyExists,
            Error::NotFound => io::ErrorKind::NotFound,
            Error::Interrupted => io::ErrorKind::Interrupted,
        };
        io::Error::new(kind, error)
    }
}

/// What most operations return.
pub type Result<T> = std::result::Result<T, Error>;

/// The last error of something that many may ask about, and how many there were, so that each who asks is told once: `errseq_t`. From the
/// lowest bit: which error, whether anybody was told, how many. Relaxed: the error is the whole message.
#[derive(Debug, Default)]
pub(crate) struct ErrorSequence(AtomicU64);

const ERRORS: [Error; 2] = [Error::Io, Error::NoSpace];
const CODE: u64 = 1;
const TOLD: u64 = 1 << 1;
const ONE: u64 = 1 << 2;

impl ErrorSequence {
    /// Remembers an error of writing: `Io` or `NoSpace`; any other counts as `Io`.
    pub(crate) fn set(&self, error: Error) {
        let code = ERRORS.iter().position(|known| *known == error).unwrap_or(0) as u64;
        let next = |now: u64| Some(((now & !(CODE | TOLD)) + ONE) | code);
        let _ = self.0.fetch_update(Relaxed, Relaxed, next);
    }

    /// Whether there was an error that nobody was told of.
    pub(crate) fn is_untold(&self) -> bool {
        let now = self.0.load(Relaxed);
        now != 0 && now & TOLD == 0
    }

    /// Where the sequence stands now, for [`ErrorSequence::since`].
    pub(crate) fn sample(&self) -> u64 {
        self.0.load(Relaxed) & !TOLD
    }

    /// The same for somebody new, who is told of an error that nobody was told of.
    pub(crate) fn open(&self) -> u64 {
        let now = self.0.load(Relaxed);
        if now & TOLD == 0 { 0 } else { now & !TOLD }
    }

    /// The last error after `seen`, which moves on.
    ///
    /// # Errors
    /// That error.
    pub(crate) fn since(&self, seen: &AtomicU64) -> Result<()> {
        let now = self.sample();
        if recheck!("an error is told once", seen.swap(now, Relaxed) == now) {
            return Ok(());
        }
        // If there is another error by now, that is told next time.
        let _ = self.0.compare_exchange(now, now | TOLD, Relaxed, Relaxed);
        Err(ERRORS[(now & CODE) as usize])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_told_once_to_each() {
        let (sequence, one, other) = (ErrorSequence::default(), AtomicU64::new(0), AtomicU64::new(0));
        assert_eq!(sequence.since(&one), Ok(()));
        assert!(!sequence.is_untold(), "there was none");
        sequence.set(Error::NoSpace);
        assert!(sequence.is_untold());
        assert_eq!((sequence.since(&one), sequence.since(&one)), (Err(Error::NoSpace), Ok(())));
        assert_eq!(sequence.since(&sequence.open().into()), Ok(()), "somebody was told");
        assert!(!sequence.is_untold());
        sequence.set(Error::Io);
        assert_eq!(sequence.since(&sequence.open().into()), Err(Error::Io), "nobody was told yet");
        assert_eq!((sequence.since(&other), sequence.since(&one)), (Err(Error::Io), Err(Error::Io)));
        assert_eq!(AtomicU64::new(sequence.sample()).into_inner(), other.into_inner());
    }
}
