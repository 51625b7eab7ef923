//! The program and its libraries in memory: which locks are `static`s, and which one each is.

use super::sys;
use std::ffi::{c_char, c_int, c_void, CStr};

/// The start of what `dl_iterate_phdr` tells of one file.
#[repr(C)]
struct Info {
    base: usize,
    name: *const c_char,
    headers: *const Header,
    count: u16,
}

/// A program header of a 64-bit ELF file.
#[repr(C)]
struct Header {
    kind: u32,
    flags: u32,
    offset: u64,
    address: u64,
    physical: u64,
    in_file: u64,
    size: u64,
    alignment: u64,
}

extern "C" {
    fn dl_iterate_phdr(each: extern "C" fn(*const Info, usize, *mut c_void) -> c_int, data: *mut c_void) -> c_int;
}

const LOAD: u32 = 1;
const WRITABLE: u32 = 2;
const FILES: usize = 64;
const NAME: usize = 512;

/// The writable part of one file that is loaded.
#[derive(Clone, Copy)]
pub(super) struct Loaded {
    start: usize,
    end: usize,
    base: usize,
    name: [u8; NAME],
}

/// The files that were loaded when the first lock was used; at most 64, and what is loaded later is no `static`
/// here, which costs excuses and nothing else.
pub(super) struct Image {
    files: [Loaded; FILES],
    len: usize,
}

/// Where a `static` is: the file it came in, and its address there.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) file: usize,
    pub(super) offset: usize,
}

impl Image {
    pub(super) const fn new() -> Image {
        Image { files: [Loaded { start: 0, end: 0, base: 0, name: [0; NAME] }; FILES], len: 0 }
    }

    /// Looks at what is loaded. Takes the loader's lock, so it must not be called under another.
    pub(super) fn look(&mut self) {
        // SAFETY: `each` gets `self` back, while it is borrowed here.
        unsafe { dl_iterate_phdr(each, std::ptr::from_mut(self).cast()) };
    }

    /// Where the object at an address is, if that is a `static`.
    pub(super) fn place(&self, address: usize) -> Option<Place> {
        let files = &self.files[..self.len];
        let file = files.iter().position(|file| (file.start..file.end).contains(&address))?;
        Some(Place { file, offset: address - files[file].base })
    }

    /// The path of a file.
    pub(super) fn name(&self, place: Place) -> &[u8] {
        let name = &self.files[place.file].name;
        &name[..name.iter().position(|byte| *byte == 0).unwrap_or(NAME)]
    }
}

extern "C" fn each(info: *const Info, _: usize, image: *mut c_void) -> c_int {
    // SAFETY: the loader passes its own description, and `look` an image.
    let (info, image) = unsafe { (&*info, &mut *image.cast::<Image>()) };
    // SAFETY: `count` headers are there.
    let headers = unsafe { std::slice::from_raw_parts(info.headers, usize::from(info.count)) };
    for header in headers.iter().filter(|header| header.kind == LOAD && header.flags & WRITABLE != 0) {
        let Some(loaded) = image.files.get_mut(image.len) else { return 1 };
        let start = info.base + header.address as usize;
        *loaded = Loaded { start, end: start + header.size as usize, base: info.base, name: [0; NAME] };
        // The program itself has no name here.
        // SAFETY: the name, if there is one, ends with a zero and stays while the loader calls.
        let name = if info.name.is_null() { c"" } else { unsafe { CStr::from_ptr(info.name) } }.to_bytes();
        if name.is_empty() {
            sys::link(c"/proc/self/exe", &mut loaded.name);
        } else {
            let len = name.len().min(NAME);
            loaded.name[..len].copy_from_slice(&name[..len]);
        }
        image.len += 1;
    }
    0
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicU32;

    #[test]
    fn statics_are_told_from_the_stack_and_the_heap() {
        static DATA: AtomicU32 = AtomicU32::new(7);
        static ZERO: AtomicU32 = AtomicU32::new(0);
        let (boxed, local) = (Box::new(7), 7);
        let mut image = Image::new();
        image.look();
        let is_static = |address: usize| image.place(address).is_some();
        assert!(is_static(std::ptr::from_ref(&DATA) as usize) && is_static(std::ptr::from_ref(&ZERO) as usize));
        assert!(!is_static(std::ptr::from_ref(&*boxed) as usize) && !is_static(std::ptr::from_ref(&local) as usize));
    }
}
