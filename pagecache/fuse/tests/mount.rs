//! A volume under programs that know nothing of it. Where something is missing, the test says what, and how to get it.
#![allow(clippy::print_stderr, reason = "that a test was skipped is to be seen")]

use lockdep::core::finding::Grade;
use pagecache::workload::Random;
use pagecache::{Completion, Device, EXT, FileSystemType, LOG, Memory, backing::MemoryBlocks};
use pagecache_fuse::{Caching, Volume, mount};
use std::fs::{self, File};
use std::os::fd::AsRawFd;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// One volume at a time: between its fork and its exec, a program that another test starts has this one's files open, and a volume with
/// open files cannot be unmounted.
static TURN: Mutex<()> = Mutex::new(());

/// A volume of 64 MiB with 2 MiB of memory, mounted in a folder of its own; what `use_it` does with it, and then that no lock was taken
/// against the order. `None` if it cannot be mounted here.
fn mounted(name: &str, fs: &'static FileSystemType, use_it: impl FnOnce(&Path)) {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    // Left over from a run that was killed.
    let _ = Command::new("fusermount3").args(["-u", "-z"]).arg(&folder).output();
    fs::create_dir_all(&folder).expect("the folder is ours");
    let device = Device::with(MemoryBlocks::new(16384), Completion::Thread);
    let volume = Arc::new(Volume::new(fs, device, Memory::new(512)));
    let session = match mount(&volume, &folder, Caching::Ours, 4) {
        Ok(session) => session,
        Err(error) => return eprintln!("skipped: {error}; needs /dev/fuse, and fusermount3 (apt-get install fuse3)"),
    };
    use_it(&folder);
    session.umount_and_join().expect("nobody uses it any more");
    assert!(volume.memory().pages() <= 512);
    let sure: Vec<_> = lockdep::findings().into_iter().filter(|finding| finding.grade >= Grade::Suspect).collect();
    assert!(sure.is_empty(), "{}", sure[0]);
}

/// Runs a program, or says how to get it.
fn run(command: &mut Command, install: &str) {
    let program = command.get_program().to_owned();
    match command.output() {
        Err(error) => eprintln!("skipped: {}: {error}; {install}", program.display()),
        Ok(output) => assert!(
            output.status.success(),
            "{}\n{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        ),
    }
}

#[test]
fn files_are_created_listed_resized_and_unlinked() {
    mounted("names", &EXT, |folder| {
        assert_eq!(fs::read_dir(folder).unwrap().count(), 0);
        fs::write(folder.join("one"), b"hello").unwrap();
        let file = File::options().read(true).write(true).create_new(true).open(folder.join("two")).unwrap();
        file.write_all_at(b"far", 1 << 20).unwrap();
        file.sync_all().unwrap();
        let mut names: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["one", "two"]);
        assert_eq!(fs::read(folder.join("one")).unwrap(), b"hello");
        assert_eq!(file.metadata().unwrap().len(), (1 << 20) + 3);
        file.set_len(10).unwrap();
        assert_eq!(fs::read(folder.join("two")).unwrap(), [0; 10]);
        fs::remove_file(folder.join("two")).unwrap();
        assert!(!folder.join("two").exists());
        file.write_all_at(b"still here", 0).unwrap();
        assert_eq!(
            fs::write(folder.join("x".repeat(99)), b"").unwrap_err().kind(),
            std::io::ErrorKind::InvalidFilename
        );
        assert_eq!(fs::create_dir(folder.join("folder")).unwrap_err().kind(), std::io::ErrorKind::Unsupported);
    });
}

#[test]
fn room_that_was_allocated_is_there_when_the_rest_is_full() {
    mounted("allocate", &EXT, |folder| {
        let file = File::options().read(true).write(true).create_new(true).open(folder.join("file")).unwrap();
        let allocate = |mode, at, len| {
            // SAFETY: the descriptor is open.
            unsafe { libc::fallocate(file.as_raw_fd(), mode, at, len) }
        };
        assert_eq!(allocate(0, 0, 1 << 20), 0);
        assert_eq!(allocate(libc::FALLOC_FL_KEEP_SIZE, 1 << 20, 1 << 20), 0);
        let status = file.metadata().unwrap();
        assert_eq!((status.len(), status.blocks()), (1 << 20, 2 << (20 - 9)));
        // More than the volume has.
        assert_eq!(allocate(0, 0, 1 << 30), -1);
        assert_eq!(std::io::Error::last_os_error().kind(), std::io::ErrorKind::StorageFull);
        file.write_all_at(&[7; 4096], (2 << 20) - 4096).unwrap();
        file.sync_all().unwrap();
        let mut byte = [9];
        file.read_exact_at(&mut byte, 12345).unwrap();
        assert_eq!(byte, [0]);
    });
}

/// Each thread has every fourth block of one file, which is far larger than the cache, and knows what it wrote there.
#[test]
fn four_threads_read_back_what_they_wrote_into_one_file() {
    const BLOCK: usize = 3000;
    mounted("threads", &LOG, |folder| {
        let path = folder.join("file");
        File::create(&path).unwrap();
        thread::scope(|scope| {
            for number in 0..4 {
                let path = &path;
                scope.spawn(move || {
                    let file = File::options().read(true).write(true).open(path).unwrap();
                    let (mut random, mut written) = (Random::new(number), vec![0_u8; 500]);
                    for _ in 0..1500 {
                        let block = random.below(500) as usize;
                        let at = ((block as u64 * 4) + number) * BLOCK as u64;
                        if random.below(2) == 0 {
                            written[block] = random.below(255) as u8 + 1;
                            file.write_all_at(&[written[block]; BLOCK], at).unwrap();
                        } else if written[block] > 0 {
                            let mut bytes = [0; BLOCK];
                            file.read_exact_at(&mut bytes, at).unwrap();
                            assert_eq!(bytes, [written[block]; BLOCK]);
                        }
                        if random.below(200) == 0 {
                            file.sync_data().unwrap();
                        }
                    }
                });
            }
        });
    });
}

/// The public `fsx`: random operations on one file, each read compared with what it should be. A mapping would be the system's pages.
#[test]
fn fsx_finds_nothing() {
    let config = Path::new(env!("CARGO_TARGET_TMPDIR")).join("fsx.toml");
    fs::write(&config, "[weights]\nmapread = 0\nmapwrite = 0\ninvalidate = 0\n").unwrap();
    let operations = std::env::var("PAGECACHE_FSX").unwrap_or_else(|_| "10000".into());
    for (name, fs) in [("fsx-ext", &EXT), ("fsx-log", &LOG)] {
        mounted(name, fs, |folder| {
            let mut fsx = Command::new("fsx");
            fsx.args(["-N", &operations, "-S", "7", "-f"]).arg(&config).arg(folder.join("file"));
            run(&mut fsx, "cargo install fsx --locked");
        });
    }
}

/// Written blocks carry checksums, which are verified when they are read back.
#[test]
fn fio_verifies_what_it_wrote() {
    mounted("fio", &EXT, |folder| {
        let mut fio = Command::new("fio");
        fio.args([
            "--name=verify",
            "--rw=randwrite",
            "--bsrange=512-64k",
            "--size=4m",
            "--numjobs=3",
            "--ioengine=psync",
        ]);
        fio.args(["--verify=crc32c", "--do_verify=1", "--fsync=64", "--group_reporting", "--randseed=7"]);
        run(fio.arg("--directory").arg(folder), "apt-get install fio");
    });
}
