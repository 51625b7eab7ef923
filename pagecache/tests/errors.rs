//! What goes wrong is told, loses nothing, and leaves no page locked and no lock held.

use pagecache::backing::{Faults, Faulty, FileBlocks, MemoryBlocks};
use pagecache::{
    Completion, Device, EXT, Error, FileSystemType, Inode, LOG, Memory, Mm, MountOptions, PAGE_SIZE, Readahead,
    Sharing, SuperBlock,
};
use std::sync::Arc;

const PAGE: u64 = PAGE_SIZE as u64;

/// A file on a device that can fail, with completion here and elsewhere.
fn faulty(fs: &'static FileSystemType, completion: Completion) -> (Arc<Inode>, Arc<Faults>) {
    let faults = Arc::new(Faults::default());
    let device = Device::with(Faulty::new(MemoryBlocks::new(16), Arc::clone(&faults)), completion);
    (SuperBlock::new(fs, device).create(), faults)
}

fn everywhere(test: impl Fn(Arc<Inode>, Arc<Faults>)) {
    for fs in [&EXT, &LOG] {
        for completion in [Completion::Inline, Completion::Thread] {
            let (file, faults) = faulty(fs, completion);
            test(file, faults);
            lockdep::assert_none_held!();
        }
    }
}

#[test]
fn a_read_that_fails_is_told_and_can_be_tried_again() {
    everywhere(|file, faults| {
        file.write_at(&[7; 3 * PAGE_SIZE], 0).unwrap();
        file.fsync().unwrap();
        file.drop_cache();
        faults.fail_reads(1);
        let mut bytes = [0; 3 * PAGE_SIZE];
        assert_eq!(file.read_at(&mut bytes, 0), Ok(PAGE_SIZE), "the first page is there");
        assert_eq!(file.read_at(&mut bytes, PAGE), Err(Error::Io));
        assert_eq!(file.read_sequentially(&mut Readahead::default(), &mut bytes, PAGE), Err(Error::Io));
        assert_eq!(file.write_at(b"part", PAGE + 5), Err(Error::Io), "the rest of the page cannot be read");
        assert_eq!(file.truncate(PAGE + 5), Err(Error::Io));
        assert_eq!((file.punch_hole(PAGE, 5), file.zero_range(PAGE + 5, 5)), (Err(Error::Io), Err(Error::Io)));
        let mm = Mm::new();
        let address = mm.map(&file, 1, 1, Sharing::Shared).unwrap();
        assert_eq!(mm.load(address, &mut [0]), Err(Error::Io));
        assert_eq!(mm.store(address, b"x"), Err(Error::Io));
        assert_eq!(file.len(), 3 * PAGE);
        file.write_at(&[8; PAGE_SIZE], PAGE).unwrap();
        faults.heal();
        assert_eq!(file.read_at(&mut bytes, 0), Ok(3 * PAGE_SIZE));
        assert_eq!((bytes[0], bytes[PAGE_SIZE], bytes[2 * PAGE_SIZE]), (7, 8, 7));
    });
}

#[test]
fn a_write_that_fails_is_told_once_and_the_page_stays_readable() {
    everywhere(|file, faults| {
        file.write_at(&[7; 2 * PAGE_SIZE], 0).unwrap();
        faults.fail_writes(0);
        assert_eq!(file.fsync(), Err(Error::Io));
        assert_eq!(file.fsync(), Ok(()), "each error is told once");
        let mut bytes = [0; 2 * PAGE_SIZE];
        assert_eq!(file.read_at(&mut bytes, 0), Ok(bytes.len()));
        assert!(bytes.iter().all(|byte| *byte == 7));
    });
}

#[test]
fn a_full_device_refuses_stores_and_moves_before_anything_is_lost() {
    for fs in [&EXT, &LOG] {
        let file = SuperBlock::new(fs, Device::new(1)).create();
        file.write_at(&[7; 3 * PAGE_SIZE], 0).unwrap();
        assert_eq!(file.fsync(), Err(Error::NoSpace));
        let mm = Mm::new();
        let address = mm.map(&file, 0, 3, Sharing::Shared).unwrap();
        assert_eq!(mm.store(address, b"x"), Ok(()), "the first page has a block");
        assert_eq!(mm.store(address + PAGE, b"x"), Err(Error::NoSpace));
        assert_eq!(file.collapse_range(0, PAGE), Err(Error::NoSpace));
        assert_eq!(file.insert_range(PAGE, PAGE), Err(Error::NoSpace));
        let mut bytes = [0; 3 * PAGE_SIZE];
        assert_eq!((file.len(), file.read_at(&mut bytes, 0)), (3 * PAGE, Ok(bytes.len())));
        assert!(bytes[0] == b'x' && bytes[1..].iter().all(|byte| *byte == 7));
        file.truncate(PAGE).unwrap();
        assert_eq!(file.insert_range(0, PAGE), Ok(()), "what is left has a block");
        lockdep::assert_none_held!();
    }
}

#[test]
fn no_memory_is_told_and_memory_that_is_given_back_can_be_had() {
    let options = MountOptions { memory: Memory::new(2), ..MountOptions::default() };
    let file = SuperBlock::mount(&EXT, Device::new(1), options).create();
    assert_eq!(file.write_at(&[7; 4 * PAGE_SIZE], 0), Ok(3 * PAGE_SIZE), "one page has a block, and two have memory");
    assert_eq!(file.write_at(&[7], 3 * PAGE), Err(Error::NoMemory));
    assert_eq!(file.read_at(&mut [0; PAGE_SIZE], 0), Err(Error::NoMemory));
    let mm = Mm::new();
    assert_eq!(mm.load(mm.map(&file, 0, 1, Sharing::Private).unwrap(), &mut [0]), Err(Error::NoMemory));
    file.truncate(PAGE).unwrap();
    let mut bytes = [0; PAGE_SIZE];
    assert_eq!((file.read_at(&mut bytes, 0), bytes), (Ok(PAGE_SIZE), [7; PAGE_SIZE]));
    lockdep::assert_none_held!();
}

#[cfg(target_os = "linux")]
#[test]
fn a_real_file_is_a_device_past_the_cache_of_the_system() {
    use std::os::unix::fs::OpenOptionsExt;
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("direct-blocks");
    std::fs::write(&path, vec![0; 8 * PAGE_SIZE]).unwrap();
    let blocks = match std::fs::File::options().read(true).write(true).custom_flags(libc::O_DIRECT).open(&path) {
        Ok(file) => FileBlocks::direct(file).unwrap(),
        #[allow(clippy::print_stderr, reason = "that a test was skipped is to be seen")]
        Err(error) => return eprintln!("skipped: {}: {error}; its file system knows no O_DIRECT", path.display()),
    };
    let file = SuperBlock::new(&EXT, Device::with(blocks, Completion::Thread)).create();
    file.write_at(&[1; 2 * PAGE_SIZE], 0).unwrap();
    file.fsync().unwrap();
    file.drop_cache();
    // Whole sectors, which are written alone where that can be done.
    file.write_at(&[2; 512], 512).unwrap();
    file.fsync().unwrap();
    file.drop_cache();
    let mut bytes = [0; PAGE_SIZE];
    assert_eq!(file.read_at(&mut bytes, 0), Ok(PAGE_SIZE));
    assert_eq!((&bytes[..512], &bytes[512..1024], &bytes[1024..]), (&[1; 512][..], &[2; 512][..], &[1; 3072][..]));
    assert_eq!(
        (file.write_direct(&[3; PAGE_SIZE], PAGE), file.read_direct(&mut bytes, PAGE)),
        (Ok(PAGE_SIZE), Ok(PAGE_SIZE))
    );
    assert_eq!(bytes, [3; PAGE_SIZE]);
}

#[test]
fn a_real_file_is_a_device() {
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("blocks");
    std::fs::write(&path, vec![0; 8 * PAGE_SIZE]).unwrap();
    let open = || std::fs::File::options().read(true).write(true).open(&path).unwrap();
    let file = SuperBlock::new(&EXT, Device::with(FileBlocks::new(open()).unwrap(), Completion::Thread)).create();
    file.write_at(b"on disk", PAGE - 3).unwrap();
    file.fsync().unwrap();
    file.drop_cache();
    let mut bytes = [0; 7];
    assert_eq!(file.read_at(&mut bytes, PAGE - 3), Ok(7));
    assert_eq!(&bytes, b"on disk");
    assert!(std::fs::read(&path).unwrap().windows(4).any(|window| window == b"disk"));
    open().set_len(0).unwrap();
    file.drop_cache();
    assert_eq!(file.read_at(&mut bytes, 0), Err(Error::Io), "the device shrank");
}
