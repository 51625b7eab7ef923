//! Which addresses belong to `static`s: two runs of a program have the same static lock, and different other ones.

use std::ops::Range;
use std::sync::OnceLock;

/// Whether an object at this address is a `static` of the program or of a library that was loaded when the first lock was
/// used. False where that cannot be told, which only costs excuses: a static gate is then not known to be one gate
/// in several processes.
pub(super) fn is_static(address: usize) -> bool {
    static IMAGE: OnceLock<Vec<Range<usize>>> = OnceLock::new();
    IMAGE.get_or_init(image).iter().any(|range| range.contains(&address))
}

/// The mappings of executables and libraries, and the zeroed data that follows them.
#[cfg(target_os = "linux")]
fn image() -> Vec<Range<usize>> {
    std::fs::read_to_string("/proc/self/maps").map_or_else(|_| Vec::new(), |maps| parse(&maps))
}

#[cfg(not(target_os = "linux"))]
fn image() -> Vec<Range<usize>> {
    Vec::new()
}

/// Reads `start-end perms offset device inode path` lines: those with the path of a file, and those without any path
/// that begin where one of them ends, which is where uninitialised data is.
#[cfg(any(target_os = "linux", test))]
fn parse(maps: &str) -> Vec<Range<usize>> {
    let mut image: Vec<Range<usize>> = Vec::new();
    for line in maps.lines() {
        let mut fields = line.split_ascii_whitespace();
        let Some((start, end)) = fields.next().and_then(|range| range.split_once('-')) else { continue };
        let (Ok(start), Ok(end)) = (usize::from_str_radix(start, 16), usize::from_str_radix(end, 16)) else { continue };
        let is_data = match fields.nth(4) {
            Some(path) => path.starts_with('/'),
            None => image.last().is_some_and(|range| range.end == start),
        };
        if is_data {
            image.push(start..end);
        }
    }
    image
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_and_the_zeroed_data_behind_them_are_the_image() {
        let maps = "1000-2000 r-xp 00000000 08:01 42 /bin/a b\n2000-3000 rw-p 00001000 08:01 42 /bin/a b\n\
                    3000-4000 rw-p 00000000 00:00 0\n5000-6000 rw-p 00000000 00:00 0 [heap]\n7000-8000 rw-p 0 0 0\nx\n";
        assert_eq!(parse(maps), [0x1000..0x2000, 0x2000..0x3000, 0x3000..0x4000]);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn statics_are_told_from_the_stack_and_the_heap() {
        static DATA: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(7);
        static ZERO: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
        let (boxed, local) = (Box::new(7), 7);
        assert!(is_static(std::ptr::from_ref(&DATA).addr()) && is_static(std::ptr::from_ref(&ZERO).addr()));
        assert!(!is_static(std::ptr::from_ref(&*boxed).addr()) && !is_static(std::ptr::from_ref(&local).addr()));
    }
}
