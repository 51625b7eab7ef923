//! The race that `invalidate_lock` closes: a page comes back from a block that is on its way to another file.

use pagecache::PAGE_SIZE;
use pagecache::hooks::{Hook, Point};
use pagecache::{Device, EXT, FileSystemType, Inode, LOG, Mm, MountOptions, Readahead, Sharing, SuperBlock};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;

/// What one side tells the other. Both ends can be used from a hook.
struct Signal(Sender<()>, Mutex<Receiver<()>>);

impl Signal {
    fn new() -> Signal {
        let (sender, receiver) = channel();
        Signal(sender, Mutex::new(receiver))
    }

    fn send(&self) {
        self.0.send(()).expect("the receiver is in the same value");
    }

    fn wait(&self) {
        self.1.lock().expect("nobody panics with it").recv().expect("the sender is in the same value");
    }
}

/// How a page comes into the cache.
#[derive(Clone, Copy, Debug)]
enum Filler {
    Read,
    Readahead,
    Fault,
}

impl Filler {
    const ALL: [Filler; 3] = [Filler::Read, Filler::Readahead, Filler::Fault];

    /// The first byte of the file.
    fn first(self, file: &Arc<Inode>) -> u8 {
        let mut byte = [0xff];
        match self {
            Filler::Read => assert_eq!(file.read_at(&mut byte, 0), Ok(1)),
            Filler::Readahead => assert_eq!(file.read_sequentially(&mut Readahead::default(), &mut byte, 0), Ok(1)),
            Filler::Fault => {
                let mm = Mm::new();
                mm.load(mm.map(file, 0, 1, Sharing::Shared).unwrap(), &mut byte).unwrap();
            }
        }
        byte[0]
    }
}

/// Punches out the only page of a file. When the page is gone and its block is not, a reader of the same file starts; when
/// the reader has gone as far as the locks let it, the block is freed, and another file puts an `s` there. Returns what the
/// reader reads.
fn punch_against(filler: Filler, fs: &'static FileSystemType, locks: bool) -> u8 {
    let [start, reached, resume] = [(); 3].map(|()| Arc::new(Signal::new()));
    let hook: Hook = {
        let (start, reached, resume) = (Arc::clone(&start), Arc::clone(&reached), Arc::clone(&resume));
        Box::new(move |point, _| match point {
            Point::PagesRemoved => {
                start.send();
                reached.wait();
            }
            Point::BeforeInvalidateLock if locks => reached.send(),
            Point::BlockMapped if !locks => {
                reached.send();
                resume.wait();
            }
            _ => {}
        })
    };
    let device = Device::new(1);
    let file = SuperBlock::mount(
        fs,
        Arc::clone(&device),
        MountOptions { hook: Some(hook), locks_invalidation: locks, ..MountOptions::default() },
    )
    .create();
    let other = SuperBlock::new(fs, device).create();
    file.write_at(&[b'a'; PAGE_SIZE], 0).unwrap();
    file.fsync().expect("there is a block");
    let reader = {
        let file = Arc::clone(&file);
        thread::spawn(move || {
            start.wait();
            filler.first(&file)
        })
    };
    file.punch_hole(0, PAGE_SIZE as u64).unwrap();
    other.write_at(&[b's'; PAGE_SIZE], 0).unwrap();
    other.fsync().expect("the freed block is free");
    resume.send();
    reader.join().expect("the reader reads")
}

/// All of them lock the page while they fill it: page locks cannot close the race, because in between there is no page to lock. Nor can
/// `i_rwsem`, which the punch holds all the time: a fault may not take it (`tests/scenarios/pagecache.toml`).
#[test]
fn without_invalidate_lock_another_files_data_is_seen() {
    for filler in Filler::ALL {
        assert_eq!(
            (punch_against(filler, &EXT, false), punch_against(filler, &LOG, false)),
            (b's', b's'),
            "{filler:?}"
        );
    }
}

#[test]
fn with_invalidate_lock_the_hole_is_seen() {
    for filler in Filler::ALL {
        assert_eq!((punch_against(filler, &EXT, true), punch_against(filler, &LOG, true)), (0, 0), "{filler:?}");
    }
}

/// As above, but the reader finishes between the two steps, so that the old page stays in the cache.
fn page_after_punch(locks: bool) -> u8 {
    let (start, reached) = (Arc::new(Signal::new()), Arc::new(Signal::new()));
    let hook: Hook = {
        let (start, reached) = (Arc::clone(&start), Arc::clone(&reached));
        Box::new(move |point, _| match point {
            Point::PagesRemoved => {
                start.send();
                reached.wait();
            }
            Point::BeforeInvalidateLock if locks => reached.send(),
            _ => {}
        })
    };
    let file = SuperBlock::mount(
        &EXT,
        Device::new(1),
        MountOptions { hook: Some(hook), locks_invalidation: locks, ..MountOptions::default() },
    )
    .create();
    file.write_at(&[b'a'; PAGE_SIZE], 0).unwrap();
    file.fsync().expect("there is a block");
    let reader = {
        let file = Arc::clone(&file);
        thread::spawn(move || {
            start.wait();
            file.read_at(&mut [0], 0).unwrap();
            if !locks {
                reached.send();
            }
        })
    };
    file.punch_hole(0, PAGE_SIZE as u64).unwrap();
    reader.join().expect("the reader reads");
    let mut byte = [0xff];
    file.read_at(&mut byte, 0).unwrap();
    byte[0]
}

#[test]
fn a_page_from_a_freed_block_stays_in_the_cache_only_without_the_lock() {
    assert_eq!(page_after_punch(false), b'a', "stale");
    assert_eq!(page_after_punch(true), 0);
}
