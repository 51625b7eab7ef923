//! What FUSE asks, answered by a [`Volume`].

use crate::error::errno;
use crate::volume::Volume;
use fuser::{
    BackgroundSession, BsdFileFlags, Config, CopyFileRangeFlags, Errno, FileAttr, FileHandle, FileType, Filesystem,
    FopenFlags, Generation, INodeNo, InitFlags, KernelConfig, LockOwner, MountOption, OpenFlags, ReplyAttr,
    ReplyCreate, ReplyData, ReplyDirectory, ReplyEmpty, ReplyEntry, ReplyOpen, ReplyStatfs, ReplyWrite, Request,
    TimeOrNow, WriteFlags,
};
use pagecache::{File, Inode, MAX_NAME, PAGE_SIZE, Result};
use std::ffi::OsStr;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// How long the system may believe what it was told of a file. Nothing changes behind its back.
const BELIEVED: Duration = Duration::from_secs(1);
/// Blocks of `stat(2)`.
const STAT_BLOCK: u64 = 512;

/// Whose cache answers reads and writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caching {
    /// Ours alone: `FOPEN_DIRECT_IO`.
    Ours,
    /// The system's first, and ours behind it.
    System,
}

struct Mounted {
    volume: Arc<Volume>,
    caching: Caching,
    since: SystemTime,
}

/// Shows a volume at a directory, and serves it with so many threads until the session is dropped or somebody unmounts it.
///
/// # Errors
/// If it cannot be mounted: `/dev/fuse` is not there or not ours, the directory does not exist.
pub fn mount(
    volume: &Arc<Volume>,
    directory: &Path,
    caching: Caching,
    threads: usize,
) -> io::Result<BackgroundSession> {
    let mut config = Config::default();
    config.mount_options = vec![MountOption::FSName("pagecache".into()), MountOption::RW];
    config.n_threads = Some(threads);
    config.clone_fd = threads > 1;
    fuser::spawn_mount(Mounted { volume: Arc::clone(volume), caching, since: SystemTime::now() }, directory, &config)
}

/// The system calls the root 1, which is no file of ours.
fn number(ino: u64) -> INodeNo {
    INodeNo(ino + 1)
}

fn ino(number: INodeNo) -> u64 {
    number.0 - 1
}

fn name(name: &OsStr) -> std::result::Result<&str, Errno> {
    name.to_str().ok_or(Errno::EILSEQ)
}

impl Mounted {
    fn attributes(&self, number: INodeNo, kind: FileType, size: u64, blocks: u64) -> FileAttr {
        let since = self.since;
        FileAttr {
            ino: number,
            size,
            blocks: blocks * PAGE_SIZE as u64 / STAT_BLOCK,
            atime: since,
            mtime: since,
            ctime: since,
            crtime: since,
            kind,
            perm: if kind == FileType::Directory { 0o777 } else { 0o666 },
            nlink: 1,
            uid: 0,
            gid: 0,
            rdev: 0,
            blksize: PAGE_SIZE as u32,
            flags: 0,
        }
    }

    fn file(&self, inode: &Inode) -> FileAttr {
        self.attributes(number(inode.ino()), FileType::RegularFile, inode.len(), inode.blocks())
    }

    fn stat(&self, number: INodeNo) -> Result<FileAttr> {
        match number {
            INodeNo::ROOT => Ok(self.attributes(number, FileType::Directory, 0, 0)),
            _ => self.volume.inode(ino(number)).map(|inode| self.file(&inode)),
        }
    }

    fn opened(&self) -> FopenFlags {
        match self.caching {
            Caching::Ours => FopenFlags::FOPEN_DIRECT_IO,
            Caching::System => FopenFlags::empty(),
        }
    }

    fn allocate(&self, handle: FileHandle, offset: u64, len: u64, mode: i32) -> std::result::Result<(), Errno> {
        let handle = self.volume.handle(handle.0).map_err(errno)?;
        let keeps_size = mode & libc::FALLOC_FL_KEEP_SIZE != 0;
        match mode & !libc::FALLOC_FL_KEEP_SIZE {
            libc::FALLOC_FL_PUNCH_HOLE if keeps_size => handle.file().punch_hole(offset, len),
            // Within the file the two are the same.
            libc::FALLOC_FL_ZERO_RANGE if keeps_size => handle.file().punch_hole(offset, len),
            libc::FALLOC_FL_ZERO_RANGE => handle.file().zero_range(offset, len),
            0 => handle.file().allocate_range(offset, len, keeps_size),
            _ => return Err(Errno::EOPNOTSUPP),
        }
        .map_err(errno)
    }
}

/// Answers with what there is, or with the number of the error.
macro_rules! answer {
    ($reply:ident, $result:expr, $value:ident => $answer:expr) => {
        match $result {
            Ok($value) => $answer,
            Err(error) => $reply.error(error),
        }
    };
}

impl Filesystem for Mounted {
    fn init(&mut self, _: &Request, config: &mut KernelConfig) -> io::Result<()> {
        // Where the system can do it, files that it keeps no pages of can be mapped all the same.
        let _ = config.add_capabilities(InitFlags::FUSE_DIRECT_IO_ALLOW_MMAP);
        Ok(())
    }

    fn lookup(&self, _: &Request, _: INodeNo, child: &OsStr, reply: ReplyEntry) {
        let found = name(child).and_then(|name| self.volume.lookup(name).map_err(errno));
        answer!(reply, found, inode => reply.entry(&BELIEVED, &self.file(&inode), Generation(0)));
    }

    fn forget(&self, _: &Request, number: INodeNo, times: u64) {
        if number != INodeNo::ROOT {
            self.volume.forget(ino(number), times);
        }
    }

    fn getattr(&self, _: &Request, number: INodeNo, _: Option<FileHandle>, reply: ReplyAttr) {
        answer!(reply, self.stat(number).map_err(errno), attributes => reply.attr(&BELIEVED, &attributes));
    }

    fn setattr(
        &self,
        _: &Request,
        number: INodeNo,
        mode: Option<u32>,
        uid: Option<u32>,
        gid: Option<u32>,
        size: Option<u64>,
        _: Option<TimeOrNow>,
        _: Option<TimeOrNow>,
        _: Option<SystemTime>,
        _: Option<FileHandle>,
        _: Option<SystemTime>,
        _: Option<SystemTime>,
        _: Option<SystemTime>,
        _: Option<BsdFileFlags>,
        reply: ReplyAttr,
    ) {
        if mode.is_some() || uid.is_some() || gid.is_some() {
            return reply.error(Errno::EOPNOTSUPP);
        }
        let resized = match size {
            Some(size) => self.volume.inode(ino(number)).and_then(|inode| inode.truncate(size)),
            None => Ok(()),
        };
        let attributes = resized.and_then(|()| self.stat(number)).map_err(errno);
        answer!(reply, attributes, attributes => reply.attr(&BELIEVED, &attributes));
    }

    fn create(&self, _: &Request, _: INodeNo, child: &OsStr, _: u32, _: u32, _: i32, reply: ReplyCreate) {
        let created = name(child).and_then(|name| {
            let inode = self.volume.create(name).map_err(errno)?;
            self.volume.open(inode.ino()).map(|handle| (inode, handle)).map_err(errno)
        });
        answer!(reply, created, both => {
            let (inode, handle) = both;
            reply.created(&BELIEVED, &self.file(&inode), Generation(0), FileHandle(handle), self.opened());
        });
    }

    fn unlink(&self, _: &Request, _: INodeNo, child: &OsStr, reply: ReplyEmpty) {
        let unlinked = name(child).and_then(|name| self.volume.unlink(name).map_err(errno));
        answer!(reply, unlinked, _done => reply.ok());
    }

    fn open(&self, _: &Request, number: INodeNo, _: OpenFlags, reply: ReplyOpen) {
        let opened = self.volume.open(ino(number)).map_err(errno);
        answer!(reply, opened, handle => reply.opened(FileHandle(handle), self.opened()));
    }

    fn read(
        &self,
        _: &Request,
        _: INodeNo,
        handle: FileHandle,
        offset: u64,
        size: u32,
        _: OpenFlags,
        _: Option<LockOwner>,
        reply: ReplyData,
    ) {
        let mut bytes = vec![0; size as usize];
        let read = self.volume.handle(handle.0).and_then(|handle| handle.read(&mut bytes, offset)).map_err(errno);
        answer!(reply, read, count => reply.data(&bytes[..count]));
    }

    fn write(
        &self,
        _: &Request,
        _: INodeNo,
        handle: FileHandle,
        offset: u64,
        bytes: &[u8],
        _: WriteFlags,
        _: OpenFlags,
        _: Option<LockOwner>,
        reply: ReplyWrite,
    ) {
        let written =
            self.volume.handle(handle.0).and_then(|handle| handle.file().write_at(bytes, offset)).map_err(errno);
        answer!(reply, written, count => reply.written(count as u32));
    }

    fn flush(&self, _: &Request, _: INodeNo, _: FileHandle, _: LockOwner, reply: ReplyEmpty) {
        reply.ok();
    }

    fn release(
        &self,
        _: &Request,
        _: INodeNo,
        handle: FileHandle,
        _: OpenFlags,
        _: Option<LockOwner>,
        _: bool,
        reply: ReplyEmpty,
    ) {
        self.volume.close(handle.0);
        reply.ok();
    }

    fn fsync(&self, _: &Request, _: INodeNo, handle: FileHandle, datasync: bool, reply: ReplyEmpty) {
        let sync = |file: &File| if datasync { file.sync_data() } else { file.sync() };
        let synced = self.volume.handle(handle.0).and_then(|handle| sync(handle.file())).map_err(errno);
        answer!(reply, synced, _done => reply.ok());
    }

    fn readdir(&self, _: &Request, _: INodeNo, _: FileHandle, offset: u64, mut reply: ReplyDirectory) {
        let listed = self.volume.list().map_err(errno);
        answer!(reply, listed, files => {
            let dots = [".", ".."].map(|name| (name.to_owned(), INodeNo::ROOT, FileType::Directory));
            let files = files.into_iter().map(|(name, ino)| (name, number(ino), FileType::RegularFile));
            for ((name, ino, kind), next) in dots.into_iter().chain(files).zip(1..).skip(offset as usize) {
                if reply.add(ino, next, kind, name) {
                    break;
                }
            }
            reply.ok();
        });
    }

    fn statfs(&self, _: &Request, _: INodeNo, reply: ReplyStatfs) {
        let (all, free) = (self.volume.device().blocks(), self.volume.device().free_blocks() as u64);
        reply.statfs(all, free, free, 0, 0, PAGE_SIZE as u32, MAX_NAME as u32, PAGE_SIZE as u32);
    }

    fn fallocate(
        &self,
        _: &Request,
        _: INodeNo,
        handle: FileHandle,
        offset: u64,
        len: u64,
        mode: i32,
        reply: ReplyEmpty,
    ) {
        answer!(reply, self.allocate(handle, offset, len, mode), _done => reply.ok());
    }

    fn copy_file_range(
        &self,
        _: &Request,
        _: INodeNo,
        from: FileHandle,
        offset: u64,
        _: INodeNo,
        to: FileHandle,
        to_offset: u64,
        len: u64,
        _: CopyFileRangeFlags,
        reply: ReplyWrite,
    ) {
        // The answer has 32 bits, and fewer bytes than asked for are no error.
        let len = len.min(1 << 30);
        let both = self.volume.handle(from.0).and_then(|from| self.volume.handle(to.0).map(|to| (from, to)));
        let copied =
            both.and_then(|(from, to)| from.file().copy_range(offset, to.file(), to_offset, len)).map_err(errno);
        answer!(reply, copied, count => reply.written(count as u32));
    }
}
