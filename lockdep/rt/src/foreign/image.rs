//! The program and its libraries in memory: which locks are `static`s, and which one each is.

use super::memory::Grown;
use super::sys;
use std::ffi::{c_char, c_int, c_void, CStr};
use std::ops::Range;

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
const NAME: usize = 512;

/// The writable part of one file that is loaded.
#[derive(Clone, Copy)]
pub(super) struct Loaded {
    start: usize,
    end: usize,
    /// Where it starts in the file's own addresses.
    offset: usize,
    name: [u8; NAME],
}

/// The files that were loaded when a copy of this runtime saw its first lock; what is loaded later, and has no copy of its own, is no
/// `static` here, which costs excuses and nothing else.
pub(super) struct Image {
    files: Grown<Loaded>,
}

/// The file that a copy of this runtime came in.
#[derive(Clone, Copy)]
pub(super) struct Module {
    pub(super) start: usize,
    pub(super) end: usize,
    /// Whether it stays for as long as the process: it is the program, or of this runtime alone.
    pub(super) stays: bool,
}

/// Where a `static` is: the file it came in, and its address there.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) file: usize,
    pub(super) offset: usize,
}

/// How the library in which this runtime is for programs that are linked dynamically ends; it is linked so that it is never unloaded.
const OWN_LIBRARY: &[u8] = b"/liblockdep_rt-lockdep.so";

impl Image {
    pub(super) const fn new() -> Image {
        Image { files: Grown::new() }
    }

    /// What is loaded. Takes the loader's lock, so it must not be called under another.
    pub(super) fn look() -> Image {
        let mut image = Image::new();
        // SAFETY: `each` gets the image back, while it is borrowed here.
        unsafe { dl_iterate_phdr(each, std::ptr::from_mut(&mut image).cast()) };
        image
    }

    /// Goes on with what is loaded now. A file keeps its number, also if it was unloaded and comes back, at whatever address.
    pub(super) fn update(&mut self, now: Image) {
        self.files.iter_mut().for_each(|file| (file.start, file.end) = (0, 0));
        for file in now.files.iter() {
            match self.files.iter_mut().find(|known| known.offset == file.offset && known.name == file.name) {
                Some(known) => *known = *file,
                None => drop(self.files.push(*file)),
            }
        }
        now.files.free();
    }

    /// Where the object at an address is, if that is a `static`.
    pub(super) fn place(&self, address: usize) -> Option<Place> {
        let file = self.files.iter().position(|file| (file.start..file.end).contains(&address))?;
        let Loaded { start, offset, .. } = self.files[file];
        Some(Place { file, offset: address - start + offset })
    }

    /// The path of a file.
    pub(super) fn name(&self, place: Place) -> &[u8] {
        let name = &self.files[place.file].name;
        &name[..name.iter().position(|byte| *byte == 0).unwrap_or(NAME)]
    }
}

impl Module {
    /// That of this copy. Takes the loader's lock.
    pub(super) fn own() -> Module {
        static HERE: u8 = 0;
        let mut search = Search { here: std::ptr::from_ref(&HERE) as usize, is_program: true, found: None };
        // SAFETY: `find` gets the search back, while it is borrowed here.
        unsafe { dl_iterate_phdr(find, std::ptr::from_mut(&mut search).cast()) };
        search.found.unwrap_or(Module { start: 0, end: 0, stays: true })
    }
}

struct Search {
    here: usize,
    /// The program comes first.
    is_program: bool,
    found: Option<Module>,
}

impl Info {
    fn loaded(&self) -> impl Iterator<Item = &Header> {
        // SAFETY: the loader has made it, and `count` headers are there.
        let headers = unsafe { std::slice::from_raw_parts(self.headers, usize::from(self.count)) };
        headers.iter().filter(|header| header.kind == LOAD)
    }

    fn range(&self, header: &Header) -> std::ops::Range<usize> {
        let start = self.base + header.address as usize;
        start..start + header.size as usize
    }

    /// The path; empty for the program.
    fn name(&self) -> &[u8] {
        // SAFETY: the name, if there is one, ends with a zero and stays while the loader calls.
        let name = if self.name.is_null() { c"" } else { unsafe { CStr::from_ptr(self.name) } };
        name.to_bytes()
    }
}

extern "C" fn find(info: *const Info, _: usize, search: *mut c_void) -> c_int {
    // SAFETY: the loader passes its own description, and `own` a search.
    let (info, search) = unsafe { (&*info, &mut *search.cast::<Search>()) };
    if info.loaded().any(|header| info.range(header).contains(&search.here)) {
        let starts = info.loaded().map(|header| info.range(header).start).min();
        let ends = info.loaded().map(|header| info.range(header).end).max();
        let stays = search.is_program || info.name().ends_with(OWN_LIBRARY);
        search.found = Some(Module { start: starts.unwrap_or(0), end: ends.unwrap_or(0), stays });
    }
    search.is_program = false;
    c_int::from(search.found.is_some())
}

extern "C" fn each(info: *const Info, _: usize, image: *mut c_void) -> c_int {
    // SAFETY: the loader passes its own description, and `look` an image.
    let (info, image) = unsafe { (&*info, &mut *image.cast::<Image>()) };
    for header in info.loaded().filter(|header| header.flags & WRITABLE != 0) {
        let Range { start, end } = info.range(header);
        let mut loaded = Loaded { start, end, offset: header.address as usize, name: [0; NAME] };
        let name = info.name();
        if name.is_empty() {
            sys::link(c"/proc/self/exe", &mut loaded.name);
        } else {
            let len = name.len().min(NAME);
            loaded.name[..len].copy_from_slice(&name[..len]);
        }
        image.files.push(loaded);
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
        let image = Image::look();
        let is_static = |address: usize| image.place(address).is_some();
        assert!(is_static(std::ptr::from_ref(&DATA) as usize) && is_static(std::ptr::from_ref(&ZERO) as usize));
        assert!(!is_static(std::ptr::from_ref(&*boxed) as usize) && !is_static(std::ptr::from_ref(&local) as usize));
    }
}
