//! `pagecache-fuse`: a volume over the page cache, mounted until somebody unmounts it.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "printing is what a program is for")]

use clap::{Parser, ValueEnum};
use pagecache::backing::FileBlocks;
use pagecache::{Completion, Device, EXT, LOG, Memory, PAGE_SIZE};
use pagecache_fuse::{Caching, Volume, mount};
use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

/// A volume over the page cache, mounted until `fusermount3 -u DIRECTORY`. It is empty at first.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// Where to mount it
    directory: PathBuf,
    /// How much it can hold
    #[arg(long, default_value = "256MiB", value_parser = pages)]
    size: usize,
    /// How much of it may be cached
    #[arg(long, default_value = "64MiB", value_parser = pages)]
    memory: usize,
    /// A file to be its device, which is made as large as the volume; in memory otherwise
    #[arg(long)]
    image: Option<PathBuf>,
    /// How many threads serve it
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..))]
    threads: u16,
    /// After how many seconds dirty pages are written out without anybody asking
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..))]
    write_out_every: u64,
    /// The type of the file system: what it locks in which order
    #[arg(long = "type", value_enum, default_value_t = Type::Ext)]
    fs: Type,
    /// Let the system keep pages, too
    #[arg(long)]
    system_cache: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Type {
    Ext,
    Log,
}

/// A number of pages, from a size like `64MiB`.
fn pages(text: &str) -> Result<usize, String> {
    let wrong =
        || format!("`{text}` is no size: a number with KiB, MiB or GiB, one page of {PAGE_SIZE} bytes at least");
    let digits = text.find(|char: char| !char.is_ascii_digit()).unwrap_or(text.len());
    let unit: usize = match &text[digits..] {
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        _ => return Err(wrong()),
    };
    let bytes = text[..digits].parse().ok().and_then(|number: usize| number.checked_mul(unit)).ok_or_else(wrong)?;
    (bytes >= PAGE_SIZE).then_some(bytes / PAGE_SIZE).ok_or_else(wrong)
}

fn run(arguments: &Arguments) -> io::Result<()> {
    let device = match &arguments.image {
        None => Device::new(arguments.size),
        Some(path) => {
            let file = File::options().read(true).write(true).create(true).truncate(false).open(path)?;
            file.set_len((arguments.size * PAGE_SIZE) as u64)?;
            Device::with(FileBlocks::new(file)?, Completion::Thread)
        }
    };
    device.write_out_every(Duration::from_secs(arguments.write_out_every));
    let fs = match arguments.fs {
        Type::Ext => &EXT,
        Type::Log => &LOG,
    };
    let volume = Arc::new(Volume::new(fs, device, Memory::new(arguments.memory)));
    let caching = if arguments.system_cache { Caching::System } else { Caching::Ours };
    let session = mount(&volume, &arguments.directory, caching, arguments.threads.into())?;
    println!("mounted; `fusermount3 -u {}` ends it", arguments.directory.display());
    session.join()?;
    volume.sync()?;
    let memory = volume.memory();
    println!("{} pages were evicted, {} came back too soon", memory.evicted(), memory.refaulted());
    Ok(())
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {} cannot be mounted: {error}", arguments.directory.display());
            eprintln!(
                "Is it a directory? Is /dev/fuse there? Is fusermount3 installed (Debian: apt-get install fuse3)?"
            );
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_a_unit_and_are_a_page_at_least() {
        assert_eq!((pages("64MiB"), pages("4KiB"), pages("1GiB")), (Ok(16384), Ok(1), Ok(262_144)));
        for wrong in ["64", "MiB", "1KiB", "", "0GiB", "99999999999999999999GiB", "9999999999999GiB"] {
            assert!(pages(wrong).is_err(), "{wrong}");
        }
    }
}
