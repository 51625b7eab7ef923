//! A file system over the page cache, for programs that know nothing of it: [`Volume`] is one directory of files, and [`mount`] shows it
//! to the system through FUSE.
//!
//! ```text
//! mkdir /tmp/volume
//! cargo run --release -p pagecache-fuse -- /tmp/volume --size 256MiB --memory 32MiB
//! # elsewhere
//! cp file /tmp/volume; fusermount3 -u /tmp/volume
//! ```
//!
//! Every read and write reaches the page cache one to one, from several threads at once: files are opened with `FOPEN_DIRECT_IO`, so that
//! the system's own cache keeps nothing. What it cannot show is faults: a program that maps a file maps the system's pages, and our
//! `filemap_fault` is never asked. Nor do `collapse` and `insert` come through, which the system's FUSE refuses.
//!
//! What a volume does not have: directories in directories, names of more than 55 bytes, links, owners, modes and times, and a memory
//! beyond the mount: blocks are on the device, but which file has which is not, so a volume is empty whenever it is mounted.

mod error;
mod filesystem;
mod volume;

pub use filesystem::{Caching, mount};
pub use volume::{Handle, Volume};
