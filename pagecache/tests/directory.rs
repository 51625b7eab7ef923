//! Names of files.

use pagecache::backing::{Faults, Faulty, MemoryBlocks};
use pagecache::{Completion, Device, Directory, EXT, Error, LOG, MAX_NAME, SuperBlock};
use std::sync::Arc;

#[test]
fn a_name_is_found_until_it_is_taken_away() {
    for fs in [&EXT, &LOG] {
        let sb = SuperBlock::new(fs, Device::new(64));
        let directory = Directory::new(&sb);
        // More than a page of entries.
        let names: Vec<String> = (0..100).map(|number| format!("file-{number}")).collect();
        for (number, name) in names.iter().enumerate() {
            directory.create(name).unwrap().write_at(&[number as u8], 0).unwrap();
        }
        assert_eq!(directory.names().unwrap(), names);
        directory.unlink("file-3").unwrap();
        assert_eq!(directory.lookup("file-3").unwrap_err(), Error::NotFound);
        assert_eq!(directory.unlink("file-3"), Err(Error::NotFound));
        directory.create("in its place").unwrap();
        assert_eq!(directory.names().unwrap()[3], "in its place");
        let mut byte = [0];
        assert_eq!(directory.lookup("file-77").unwrap().read_at(&mut byte, 0), Ok(1));
        assert_eq!(byte, [77]);
    }
}

#[test]
fn a_file_without_a_name_is_there_as_long_as_somebody_uses_it() {
    let device = Device::new(4);
    let directory = Directory::new(&SuperBlock::new(&EXT, device.clone()));
    let file = directory.create("name").unwrap();
    file.write_at(b"text", 0).unwrap();
    file.fsync().unwrap();
    directory.unlink("name").unwrap();
    assert_eq!((file.len(), file.blocks(), device.free_blocks()), (4, 1, 3));
    drop(file);
    assert_eq!(device.free_blocks(), 4);
}

#[test]
fn bad_names_are_refused() {
    let directory = Directory::new(&SuperBlock::new(&LOG, Device::new(4)));
    let longest = "x".repeat(MAX_NAME);
    directory.create(&longest).unwrap();
    for (name, error) in [("", Error::BadName), (&format!("{longest}x"), Error::BadName), (&longest, Error::Exists)] {
        assert_eq!(directory.create(name).unwrap_err(), error);
    }
    assert_eq!(directory.lookup("").unwrap_err(), Error::NotFound);
}

#[test]
fn a_directory_that_cannot_be_read_is_told_and_can_be_tried_again() {
    let faults = Arc::new(Faults::default());
    let device = Device::with(Faulty::new(MemoryBlocks::new(8), Arc::clone(&faults)), Completion::Inline);
    let directory = Directory::new(&SuperBlock::new(&EXT, device));
    directory.create("name").unwrap();
    directory.fsync().unwrap();
    directory.drop_cache();
    faults.fail_reads(0);
    assert_eq!(directory.lookup("name").unwrap_err(), Error::Io);
    assert_eq!(directory.create("other").unwrap_err(), Error::Io);
    assert_eq!(directory.unlink("name"), Err(Error::Io));
    faults.heal();
    directory.lookup("name").unwrap();
    lockdep::assert_none_held!();
}
