//! Files leave memory while nobody uses them, and come back as they were; who meets one on its way out waits.

use pagecache::backing::{Faults, Faulty, MemoryBlocks};
use pagecache::hooks::{Hook, Point};
use pagecache::{
    Completion, Device, Directory, EXT, Error, FileSystemType, Inode, LOG, Memory, Mm, MountOptions, PAGE_SIZE,
    Sharing, SuperBlock,
};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, OnceLock, Weak};
use std::thread;

const PAGE: u64 = PAGE_SIZE as u64;

/// A directory with room for so many pages.
fn directory(fs: &'static FileSystemType, device: &Arc<Device>, limit: usize) -> (Directory, Arc<Memory>) {
    let memory = Memory::new(limit);
    let options = MountOptions { memory: Arc::clone(&memory), ..MountOptions::default() };
    (Directory::new(&SuperBlock::mount(fs, Arc::clone(device), options)), memory)
}

/// A file of two pages that are on the device and not in the cache, and that nobody uses.
fn file(directory: &Directory, name: &str) {
    let file = directory.create(name).unwrap();
    file.write_at(&[b'a'; 2 * PAGE_SIZE], 0).unwrap();
    file.fsync().unwrap();
    file.drop_cache();
}

fn byte(file: &Inode, at: u64) -> u8 {
    let mut byte = [0];
    assert_eq!(file.read_at(&mut byte, at), Ok(1));
    byte[0]
}

#[test]
fn a_file_that_was_evicted_is_as_it_was() {
    for fs in [&EXT, &LOG] {
        let device = Device::new(16);
        let (directory, _) = directory(fs, &device, 64);
        file(&directory, "name");
        let found = directory.lookup("name").unwrap();
        let before = (found.ino(), found.version());
        drop(found);
        assert_eq!((directory.in_memory(), directory.evict_unused(), directory.in_memory()), (1, 1, 0));
        let file = directory.lookup("name").unwrap();
        assert_eq!((file.ino(), file.version()), before);
        assert_eq!((file.len(), file.blocks(), byte(&file, PAGE)), (2 * PAGE, 2, b'a'));
        file.write_at(b"more", 2 * PAGE).unwrap();
        file.fsync().unwrap();
        drop(file);
        directory.unlink("name").unwrap();
        drop(directory);
        assert_eq!(device.free_blocks(), 16, "{}", fs.name);
    }
}

#[test]
fn a_file_stays_while_it_is_used_or_cached_or_has_an_error_to_tell() {
    let faults = Arc::new(Faults::default());
    let device = Device::with(Faulty::new(MemoryBlocks::new(16), Arc::clone(&faults)), Completion::Inline);
    let (directory, _) = directory(&EXT, &device, 64);
    file(&directory, "name");
    let open = directory.lookup("name").unwrap().open();
    assert_eq!(directory.evict_unused(), 0, "it is open");
    drop(open);
    let mm = Mm::new();
    let address = mm.map(&directory.lookup("name").unwrap(), 0, 1, Sharing::Shared).unwrap();
    assert_eq!(directory.evict_unused(), 0, "it is mapped");
    mm.unmap(address).unwrap();
    byte(&directory.lookup("name").unwrap(), 0);
    assert_eq!(directory.evict_unused(), 0, "it has a page");
    let file = directory.lookup("name").unwrap();
    faults.fail_writes(file.block_of(0).unwrap());
    file.write_at(b"b", 0).unwrap();
    device.write_out();
    faults.heal();
    file.drop_cache();
    drop(file);
    assert_eq!(directory.evict_unused(), 0, "nobody was told that it could not be written");
    assert_eq!(directory.lookup("name").unwrap().fsync(), Err(Error::Io));
    assert_eq!(directory.evict_unused(), 1);
}

#[test]
fn what_is_evicted_while_it_is_evicted_already_is_evicted_once() {
    let device = Device::new(16);
    let (directory, _) = directory(&EXT, &device, 200);
    (0..100).for_each(|number| drop(directory.create(&number.to_string()).unwrap()));
    let evicted: usize = thread::scope(|scope| {
        let threads: Vec<_> = (0..3).map(|_| scope.spawn(|| directory.evict_unused())).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert_eq!((evicted, directory.in_memory()), (100, 0));
}

/// A directory whose hook knows it, and what it does when a file is about to be evicted, and when somebody waits for that.
fn hooked(act: impl Fn(Point, &Arc<Directory>) + Send + Sync + 'static) -> Arc<Directory> {
    let place: Arc<OnceLock<Weak<Directory>>> = Arc::default();
    let hook: Hook = {
        let place = Arc::clone(&place);
        Box::new(move |point, _| {
            if let Some(directory) = place.get().and_then(Weak::upgrade) {
                act(point, &directory);
            }
        })
    };
    let options = MountOptions { hook: Some(hook), ..MountOptions::default() };
    let directory = Arc::new(Directory::new(&SuperBlock::mount(&EXT, Device::new(16), options)));
    file(&directory, "name");
    place.set(Arc::downgrade(&directory)).unwrap();
    directory
}

/// Something that another thread does with a file that is on its way out. Returns what became of it, once that thread waits or is done.
fn meanwhile(act: impl Fn(&Directory) -> Result<u8, Error> + Send + Sync + 'static) -> Result<u8, Error> {
    let (waits, did_wait): (Sender<()>, Receiver<()>) = channel();
    let did_wait = Mutex::new(did_wait);
    let (done, outcome) = channel();
    let act = Arc::new(act);
    let directory = hooked(move |point, directory| match point {
        Point::InodeFreeing => {
            let (act, directory, done, waits) = (Arc::clone(&act), Arc::clone(directory), done.clone(), waits.clone());
            thread::spawn(move || {
                done.send(act(&directory)).unwrap();
                let _ = waits.send(());
            });
            did_wait.lock().unwrap().recv().unwrap();
        }
        Point::InodeAwaited => waits.send(()).unwrap(),
        _ => {}
    });
    assert_eq!(directory.evict_unused(), 1);
    outcome.recv().unwrap()
}

#[test]
fn whoever_looks_up_opens_or_unlinks_a_file_on_its_way_out_waits_and_has_it() {
    assert_eq!(meanwhile(|directory| directory.lookup("name").map(|file| byte(&file, 0))), Ok(b'a'));
    assert_eq!(meanwhile(|directory| directory.lookup("name").map(|file| byte(&file.open(), PAGE))), Ok(b'a'));
    assert_eq!(meanwhile(|directory| directory.unlink("name").map(|()| 0)), Ok(0));
    assert_eq!(meanwhile(|directory| directory.create("name").map(|_| 0)), Err(Error::Exists));
    assert_eq!(meanwhile(|directory| directory.lookup("other").map(|_| 0)), Err(Error::NotFound));
}

#[test]
fn a_file_that_is_being_written_out_is_not_evicted() {
    let faults = Arc::new(Faults::default());
    let device = Device::with(Faulty::new(MemoryBlocks::new(16), Arc::clone(&faults)), Completion::Inline);
    let (directory, _) = directory(&EXT, &device, 64);
    directory.create("name").unwrap().write_at(&[b'a'; 3 * PAGE_SIZE], 0).unwrap();
    thread::scope(|scope| {
        faults.hold(2);
        let writing = scope.spawn(|| device.write_out());
        faults.wait_for_waiter();
        assert_eq!(directory.evict_unused(), 0);
        faults.heal();
        writing.join().unwrap();
    });
    directory.lookup("name").unwrap().drop_cache();
    assert_eq!(directory.evict_unused(), 1);
    assert_eq!(byte(&directory.lookup("name").unwrap(), 2 * PAGE), b'a');
}

#[test]
fn what_reclaim_remembers_of_pages_goes_with_their_file() {
    for (evicts, known) in [(false, 1), (true, 0)] {
        let (directory, memory) = directory(&EXT, &Device::new(64), 8);
        file(&directory, "name");
        let other = directory.create("other").unwrap();
        byte(&directory.lookup("name").unwrap(), 0);
        for page in 0.. {
            if directory.lookup("name").unwrap().cached_pages() == 0 {
                break;
            }
            other.write_at(&[1], page * PAGE).unwrap();
            other.fsync().unwrap();
        }
        // Reclaim gives a file that was looked for another chance.
        assert_eq!(if evicts { directory.evict_unused() } else { 0 }, usize::from(evicts));
        let before = memory.refaulted();
        byte(&directory.lookup("name").unwrap(), 0);
        assert_eq!(memory.refaulted() - before, known, "evicted: {evicts}");
    }
}

#[test]
fn far_more_files_are_touched_than_there_is_memory_for() {
    const FILES: u64 = 500;
    for fs in [&EXT, &LOG] {
        let (directory, memory) = directory(fs, &Device::new(FILES as usize + 40), 20);
        let open: Vec<_> = (0..5).map(|number| directory.create(&format!("open-{number}")).unwrap()).collect();
        for number in 0..FILES {
            let file = directory.create(&number.to_string()).unwrap();
            file.write_at(&number.to_le_bytes(), 0).unwrap();
            assert!(memory.inodes() <= 20 + 5 + 32, "{}", memory.inodes());
        }
        // Those with dirty pages have to be written first.
        assert!(directory.in_memory() <= 20 + 5 + 32, "{}: {}", fs.name, directory.in_memory());
        for number in (0..FILES).step_by(37) {
            let mut bytes = [0; 8];
            directory.lookup(&number.to_string()).unwrap().read_at(&mut bytes, 0).unwrap();
            assert_eq!(u64::from_le_bytes(bytes), number);
        }
        assert!(open.iter().all(|file| file.is_empty()));
    }
}

/// All at once, and every file always reads as what was written to it last.
#[test]
fn lookups_writes_and_evictions_at_once_lose_nothing() {
    for fs in [&EXT, &LOG] {
        let device = Device::with(MemoryBlocks::new(64), Completion::Thread);
        let (directory, _) = directory(fs, &device, 6);
        thread::scope(|scope| {
            for number in 0..3u64 {
                let directory = &directory;
                scope.spawn(move || {
                    let name = |round: u64| format!("{number}-{}", round % 4);
                    (0..4).for_each(|round| drop(directory.create(&name(round)).unwrap()));
                    for round in 4..400 {
                        let file = directory.lookup(&name(round)).unwrap();
                        let mut last = [0; 8];
                        file.read_at(&mut last, 0).unwrap();
                        assert_eq!(u64::from_le_bytes(last), if round < 8 { 0 } else { round - 4 });
                        file.write_at(&round.to_le_bytes(), 0).unwrap();
                        if round % 7 == 0 {
                            drop(file);
                            directory.evict_unused();
                        }
                    }
                });
            }
        });
        drop(directory);
        device.write_out();
        assert_eq!(device.free_blocks(), 64);
        lockdep::assert_none_held!();
    }
}
