//! The page cache's errors as the system's numbers.

use fuser::Errno;
use pagecache::Error;

/// The number of an error.
pub(crate) fn errno(error: Error) -> Errno {
    match error {
        Error::Again | Error::Queued => Errno::EAGAIN,
        Error::BadAddress => Errno::EFAULT,
        Error::Invalid => Errno::EINVAL,
        Error::Io => Errno::EIO,
        Error::NoMemory => Errno::ENOMEM,
        Error::NoSpace => Errno::ENOSPC,
        Error::TooBig => Errno::EFBIG,
        Error::Busy => Errno::EBUSY,
        Error::TextBusy => Errno::ETXTBSY,
        Error::TooDeep => Errno::ELOOP,
        Error::OtherDevice => Errno::EXDEV,
        Error::Exists => Errno::EEXIST,
        Error::NotFound => Errno::ENOENT,
        Error::BadName => Errno::ENAMETOOLONG,
        Error::Interrupted => Errno::EINTR,
        Error::MemoryFailed => Errno::from_i32(libc::EHWPOISON),
    }
}
