//! What is known of this process, behind one lock: the classes, and which acquisitions were told already.
//!
//! Nothing is judged here. A chain is told up to [`SAMPLES`] times, with different locks, because a class-level key says nothing of
//! instances; a lock that is taken again by its holder is looked at every time, so that a thread that is about to wait for
//! a lock that it holds has told so before.

use super::image::{Image, Place};
use super::line::Line;
use super::log::Log;
use super::memory::{Grown, Table, Texts};
use super::thread::Thread;
use super::{Kind, Wanted};
use crate::block::{Beside, Block};
use crate::entry::{Entry, How};
use crate::word::{Birth, ClassWord};
use std::panic::Location;

/// How often a chain is told, each time with other locks.
const SAMPLES: u32 = 4;

/// What identifies a class, and what has been told of it.
#[derive(Clone, Copy)]
struct Class {
    name: &'static str,
    kind: Kind,
    site: Option<Site>,
    /// Which `static` it is, where the site does not say.
    place: Option<Place>,
    is_static: bool,
    instances: u64,
}

/// A place in a source file.
#[derive(Clone, Copy)]
struct Site {
    file: &'static str,
    line: u32,
    column: u32,
}

/// What was told of a chain.
#[derive(Clone, Copy)]
struct Told {
    times: u32,
    /// The locks of the last time, mixed.
    locks: u64,
}

/// Everything that the runtime knows.
pub(super) struct State {
    pub(super) image: Image,
    pub(super) log: Log,
    pub(super) line: Line,
    pub(super) threads: Grown<Thread>,
    /// How many threads there have to be before it is worth looking which of them are gone.
    pub(super) look_at_threads: usize,
    /// How many segments there are; their numbers begin with 1.
    pub(super) segments: u32,
    /// Acquisitions of the process that this one was forked from.
    pub(super) inherited: u64,
    /// Whether it was told that a stack was full.
    is_limit_told: bool,
    texts: Texts,
    classes: Grown<Class>,
    by_key: Table<u32>,
    told: Table<Told>,
    locks: u32,
}

// SAFETY: what it points to is `static` and shared.
unsafe impl Send for State {}

/// FNV-1a.
pub(super) const fn hash(bytes: &[u8]) -> u64 {
    hash_on(0xcbf2_9ce4_8422_2325, bytes)
}

/// The same, after what came before.
const fn hash_on(mut hash: u64, bytes: &[u8]) -> u64 {
    let mut at = 0;
    while at < bytes.len() {
        hash = (hash ^ bytes[at] as u64).wrapping_mul(0x100_0000_01b3);
        at += 1;
    }
    hash
}

/// Whether a place may say little about whose lock it is: it is in the standard library or a dependency. Cargo has the files of a
/// workspace relative to its root.
fn is_elsewhere(site: &Site) -> bool {
    site.file.starts_with('/')
}

impl Class {
    fn key(&self) -> u64 {
        let mut key = hash(self.name.as_bytes());
        key = hash_on(key, &[self.kind as u8]);
        if let Some(site) = self.site {
            key = hash_on(key, site.file.as_bytes());
            key = hash_on(key, &site.line.to_le_bytes());
            key = hash_on(key, &site.column.to_le_bytes());
        }
        if let Some(place) = self.place {
            key = hash_on(key, &place.file.to_le_bytes());
            key = hash_on(key, &place.offset.to_le_bytes());
        }
        key
    }
}

impl State {
    pub(super) const fn new() -> State {
        State {
            image: Image::new(),
            log: Log::new(),
            line: Line::new(),
            threads: Grown::new(),
            look_at_threads: 0,
            segments: 0,
            inherited: 0,
            is_limit_told: false,
            texts: Texts::new(),
            classes: Grown::new(),
            by_key: Table::new(),
            told: Table::new(),
            locks: 0,
        }
    }

    /// Binds a lock to its class at its first use. False if there is no memory left.
    pub(super) fn bind(&mut self, word: &ClassWord, wanted: &Wanted) -> bool {
        if word.is_bound() {
            return true;
        }
        let site = match word.birth_of() {
            Birth::Site(site) => Some(Site { file: site.file(), line: site.line(), column: site.column() }),
            Birth::Unknown | Birth::Key(_) => None,
        };
        let place = self.image.place(std::ptr::from_ref(word) as usize);
        let class = Class {
            name: (wanted.name)(),
            kind: wanted.kind,
            site,
            place: place.filter(|_| site.as_ref().map_or(true, is_elsewhere)),
            is_static: place.is_some(),
            instances: 0,
        };
        let Some(number) = self.register(class) else { return false };
        let known = &mut self.classes[number as usize];
        known.instances += 1;
        let instances = known.instances;
        let was_static = known.is_static;
        known.is_static &= class.is_static;
        if was_static && !class.is_static {
            self.tell_class(number);
        }
        // The second instance ends what holds only for a class with one; after that, powers of two will do.
        if instances.is_power_of_two() {
            self.tell_instances(number);
        }
        self.locks += 1;
        word.bind(word.load(), number, self.locks)
    }

    fn register(&mut self, mut class: Class) -> Option<u32> {
        let next = self.classes.len() as u32;
        let number = *self.by_key.entry(class.key(), next)?;
        if number == next {
            self.begin_log();
            // The library that has the originals may be unloaded; S3.
            class.name = self.texts.keep(class.name)?;
            if let Some(site) = &mut class.site {
                site.file = self.texts.keep(site.file)?;
            }
            if !self.classes.push(class) {
                return None;
            }
            self.tell_class(number);
        }
        Some(number)
    }

    /// Tells an acquisition on top of what a thread holds, unless it was told already.
    pub(super) fn observe(&mut self, block: &Block, word: &ClassWord, wanted: &Wanted, site: &Location<'_>) {
        self.sample(block, word, wanted, |state| state.tell_chain(block, word, wanted, site));
        if block.is_full() && !std::mem::replace(&mut self.is_limit_told, true) {
            self.tell_limit(block, word, wanted, site);
        }
    }

    /// Tells about a lock and what a thread holds, unless that was done often enough.
    pub(super) fn sample(&mut self, block: &Block, word: &ClassWord, wanted: &Wanted, tell: impl FnOnce(&mut State)) {
        let bound = word.load();
        let serial = ClassWord::serial_in(bound);
        let how = wanted.how();
        let chain = block.chain(bound, how, Beside::default());
        let held = || block.held().iter().filter(|entry| entry.is_lock()).map(Entry::word);
        let is_again = held().any(|word| ClassWord::serial_in(word) == serial);
        let locks =
            held().chain([bound]).fold(1, |mixed, word| hash_on(mixed, &ClassWord::serial_in(word).to_le_bytes()));
        let Some(&mut Told { times, locks: last }) = self.told.entry(chain.tag, Told { times: 0, locks: 0 }) else {
            return;
        };
        let is_enough = times >= if block.held().is_empty() { 1 } else { SAMPLES };
        if !is_enough && (times == 0 || last != locks) {
            tell(self);
        }
        if let Some(told) = self.told.entry(chain.tag, Told { times, locks }) {
            *told = Told { times: times + 1, locks };
        }
        word.mark_used(word.load(), how.writes());
        if is_enough && !is_again {
            block.remember(chain);
        }
    }

    /// How many acquisitions this process has made; about, while it does.
    pub(super) fn acquisitions(&self) -> u64 {
        let all: u64 = self.threads.iter().map(|thread| thread.block.acquisitions()).sum();
        all.saturating_sub(self.inherited)
    }

    /// Begins the log, if it has not begun: a forked child repeats the classes that it has from its parent.
    fn begin_log(&mut self) {
        if self.log.open(&mut self.line) {
            for number in 0..self.classes.len() as u32 {
                self.tell_class(number);
                self.tell_instances(number);
            }
        }
    }

    fn tell_class(&mut self, number: u32) {
        let class = self.classes[number as usize];
        let line = self.line.begin().raw("{\"t\":\"class\",\"id\":").number(number.into()).raw(",\"name\":\"");
        line.text(class.name.as_bytes()).raw("\",\"origin\":\"birth\",\"kind\":\"").raw(class.kind.name());
        match class.site {
            Some(site) => {
                line.raw("\",\"site\":[\"").text(site.file.as_bytes()).raw("\",").number(site.line.into());
                line.raw(",").number(site.column.into()).raw("]");
            }
            None => drop(line.raw("\",\"site\":null")),
        }
        line.raw(if class.is_static { ",\"static\":true" } else { ",\"static\":false" });
        if let Some(place) = class.place {
            line.raw(",\"at\":[\"").text(self.image.name(place)).raw("\",").number(place.offset as u64).raw("]");
        }
        line.raw("}");
        self.log.write(&mut self.line);
    }

    /// What a lock protects.
    pub(super) fn name_of_class(&self, word: usize) -> &'static str {
        self.classes[ClassWord::class_in(word) as usize].name
    }

    /// Whether all locks of a lock's class are `static`s.
    pub(super) fn is_static(&self, word: usize) -> bool {
        self.classes[ClassWord::class_in(word) as usize].is_static
    }

    /// Whether a lock is the pseudo-lock of a thread.
    pub(super) fn is_thread(&self, word: usize) -> bool {
        self.classes[ClassWord::class_in(word) as usize].kind == Kind::Thread
    }

    fn tell_instances(&mut self, number: u32) {
        let instances = self.classes[number as usize].instances;
        self.line.begin().raw("{\"t\":\"instances\",\"class\":").number(number.into());
        self.line.raw(",\"n\":").number(instances).raw("}");
        self.log.write(&mut self.line);
    }

    /// Tells a segment of the thread that began with `home`; of what comes before, 0 is what nothing is known of.
    pub(super) fn tell_segment(&mut self, segment: u32, home: u32, after: &[u32]) {
        self.begin_log();
        let line = self.line.begin().raw("{\"t\":\"segment\",\"id\":").number(segment.into());
        line.raw(",\"thread\":").number(home.into()).raw(",\"after\":[");
        let mut separator = "";
        for &segment in after.iter().filter(|&&segment| segment != 0) {
            line.raw(separator).number(segment.into());
            separator = ",";
        }
        line.raw("]}");
        self.log.write(&mut self.line);
    }

    /// Begins the line of a chain.
    pub(super) fn begin_chain(&mut self, block: &Block) -> &mut Line {
        self.begin_log();
        let line = self.line.begin().raw("{\"t\":\"chain\",\"thread\":\"").text(name_of(&self.threads, block));
        line.raw("\",\"seg\":").number(block.segment().into()).raw(",\"held\":[")
    }

    fn tell_chain(&mut self, block: &Block, word: &ClassWord, wanted: &Wanted, site: &Location<'_>) {
        let line = self.begin_chain(block);
        let mut separator = "{";
        for entry in block.held().iter().filter(|entry| entry.is_lock()) {
            line.raw(separator);
            tell_entry(line, entry);
            separator = ",{";
        }
        tell_lock(line.raw("],\"next\":{"), word.load());
        line.raw(",\"want\":\"").want(wanted.how).raw("\",\"manner\":\"");
        match wanted.limit_ms {
            _ if wanted.how.0 & How::TRY != 0 => line.raw("try"),
            0 => line.raw("block"),
            limit => line.raw("timed:").number(limit.into()),
        };
        line.raw("\",\"site\":").place(site);
        line.raw(if wanted.kind == Kind::Reentrant { ",\"reentrant\":true}}" } else { "}}" });
        self.log.write(&mut self.line);
    }

    /// Says once more how many locks there were, and that this is all.
    pub(super) fn end(&mut self) {
        let acquisitions = self.acquisitions();
        if acquisitions == 0 && !self.log.is_open() {
            return;
        }
        self.begin_log();
        for number in 0..self.classes.len() as u32 {
            if !self.classes[number as usize].instances.is_power_of_two() {
                self.tell_instances(number);
            }
        }
        self.line.begin().raw("{\"t\":\"exit\",\"acquisitions\":").number(acquisitions).raw("}");
        self.log.write(&mut self.line);
    }
}

/// The name of the thread that a block belongs to.
pub(super) fn name_of<'a>(threads: &'a [Thread], block: &Block) -> &'a [u8] {
    threads.iter().find(|thread| std::ptr::eq(thread.block, block)).map_or(b"?", Thread::name)
}

fn tell_entry(line: &mut Line, entry: &Entry) {
    tell_lock(line, entry.word());
    line.raw(",\"mode\":\"").mode(entry.how()).raw("\",\"site\":");
    tell_site(line, entry);
    line.raw("}");
}

pub(super) fn tell_lock(line: &mut Line, word: usize) {
    line.raw("\"class\":").number(ClassWord::class_in(word).into());
    line.raw(",\"inst\":").number(ClassWord::serial_in(word).into());
}

pub(super) fn tell_site(line: &mut Line, entry: &Entry) {
    match entry.site() {
        Some(site) => line.place(site),
        None => line.raw("\"?:0:0\""),
    };
}
