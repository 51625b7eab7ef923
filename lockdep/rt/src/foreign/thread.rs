//! Threads: they get a block before their first lock and give it back when they end.

use super::memory::{keep, zeroed};
use super::shared::state;
use super::state::State;
use super::{process, segment, sentinel, sys};
use crate::block::{current, set_current, Block};
use crate::blocks::publish;
use crate::entry::Entry;
use crate::stack::{Stack, DEEPEST};
use std::cell::Cell;
use std::ffi::c_int;

const NAME: usize = 128;

/// A thread that has, or had, a block.
#[derive(Clone, Copy)]
pub(super) struct Thread {
    pub(super) block: &'static Block,
    /// Its first segment; 0 while it is in none.
    pub(super) home: u32,
    name: [u8; NAME],
    len: usize,
    /// Which thread it is, for copies of this runtime that it has not used before. The second number is 0 in a forked child for all but
    /// the one that lives there.
    id: (usize, c_int),
    /// Whether it takes no more locks, but for those of the last of its thread-locals.
    has_ended: bool,
    /// Whether it is about to fork.
    forks: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// No lock was taken yet.
    Fresh,
    /// It has a block, is getting one, or is not to have any.
    Running,
}

thread_local! {
    static PHASE: Cell<Phase> = const { Cell::new(Phase::Fresh) };
}

/// Ends the tracking of a thread.
pub(super) fn ended() {
    let Some(block) = current().filter(|block| block.begin()) else { return };
    state().tell_all_left(block);
    empty(block);
    // From here on locks go through untracked: there is no block, and the phase is not fresh. Other copies of this runtime may go on
    // with the block, which is why nobody else gets it before the thread is gone.
    set_current(None);
    for thread in state().threads.iter_mut().filter(|thread| std::ptr::eq(thread.block, block)) {
        thread.has_ended = true;
    }
}

/// Takes everything off a block on which cold work has begun, and ends that.
fn empty(block: &Block) {
    block.held().iter().for_each(Entry::release);
    block.rest();
    block.set_segment(0);
}

impl Thread {
    pub(super) fn name(&self) -> &[u8] {
        &self.name[..self.len]
    }

    fn is_gone(&self) -> bool {
        self.id.1 == 0 || sys::is_gone(self.id.1)
    }

    /// The thread that forks is the one that its child will have.
    pub(super) fn before_fork(&mut self) {
        self.forks = self.id == sys::thread();
    }

    pub(super) fn in_child(&mut self) {
        self.id.1 = if self.forks { sys::thread().1 } else { 0 };
    }

    fn rename(&mut self, name: &str) {
        let mut len = name.len().min(NAME);
        while !name.is_char_boundary(len) {
            len -= 1;
        }
        self.name[..len].copy_from_slice(&name.as_bytes()[..len]);
        self.len = len;
    }
}

/// Gives this thread a block, unless it has had one or nothing is recorded.
#[cold]
#[inline(never)]
pub(super) fn arrive() {
    if PHASE.get() != Phase::Fresh {
        return;
    }
    PHASE.set(Phase::Running);
    // A library that leaves something with the thread cannot be unloaded while the thread lives, so one that can be does not: what
    // the thread holds at its end is found out when its block is needed again.
    if process::is_recording() && (process::is_visiting() || sentinel::watch()) {
        with_name(|name| {
            let Some((block, is_new)) = state().give(name) else { return };
            set_current(Some(block));
            if is_new && sys::is_main_thread() {
                segment::root();
            }
        });
    }
}

/// The name of this thread as its program knows it. To ask `std` for it can allocate, where `std` has not started the thread; the
/// program's allocator may then take locks, but this thread has none yet, and is past being [fresh](Phase::Fresh). Threads that nobody
/// named are not asked, nor the `std` of a library, which would not be told.
fn with_name(tell: impl FnOnce(&str)) {
    let (mut own, mut first) = ([0; 16], [0; 16]);
    let own = sys::short_name(&mut own);
    let first = sys::read_file(c"/proc/self/comm", &mut first);
    if sys::is_main_thread() {
        tell("main");
    } else if own == first.strip_suffix(b"\n").unwrap_or(first) {
        tell("unnamed");
    } else if process::is_visiting() {
        tell(std::str::from_utf8(own).unwrap_or("unnamed"));
    } else {
        tell(std::thread::current().name().unwrap_or("unnamed"));
    }
}

/// How many threads are few.
const FEW: usize = 64;

/// How many locks a thread can hold before its stack grows.
const DEPTH: usize = 16;

/// Memory for a stack of so many locks, if there is any left.
fn stack_for(locks: usize) -> Option<&'static Stack> {
    // SAFETY: all bits of an empty entry are zero.
    keep(Stack::new(unsafe { zeroed(locks + 1) }?)?)
}

/// Makes room for one more lock on a stack, up to a limit.
pub(super) fn make_room(block: &Block) {
    let capacity = block.capacity();
    if block.is_full() && capacity < DEEPEST {
        stack_for((capacity * 2).min(DEEPEST)).into_iter().for_each(|stack| block.grow(stack));
    }
}

impl State {
    /// The block of this thread, and whether it is new to the thread: another copy of this runtime may have given it one.
    fn give(&mut self, name: &str) -> Option<(&'static Block, bool)> {
        let id = sys::thread();
        if let Some(thread) = self.threads.iter().find(|thread| thread.id == id) {
            return Some((thread.block, false));
        }
        let place = match self.free_place() {
            Some(place) => place,
            None => {
                let block = keep(Block::new(stack_for(DEPTH)?))?;
                let thread = Thread { block, home: 0, name: [0; NAME], len: 0, id, has_ended: false, forks: false };
                if !self.threads.push(thread) {
                    return None;
                }
                publish(block);
                self.threads.len() - 1
            }
        };
        let thread = &mut self.threads[place];
        (thread.id, thread.has_ended, thread.home) = (id, false, 0);
        thread.rename(name);
        Some((thread.block, true))
    }

    /// A thread that is gone, whose block can be had. Those that could not say that they ended are looked for when there are twice as
    /// many as there were.
    fn free_place(&mut self) -> Option<usize> {
        // A fork may have taken a thread away from its child in the middle of its cold work.
        let ended = |thread: &Thread| thread.has_ended && !thread.block.is_busy() && thread.is_gone();
        let place = self.threads.iter().position(ended).or_else(|| {
            if self.threads.len() < self.look_at_threads.max(FEW) {
                return None;
            }
            self.threads.iter_mut().for_each(|thread| thread.has_ended |= thread.is_gone());
            self.look_at_threads = 2 * self.threads.iter().filter(|thread| !thread.has_ended).count();
            self.threads.iter().position(ended)
        })?;
        // It was the other thread's, which is gone; the system has told so, after all that it did.
        let block = self.threads[place].block;
        if block.begin() {
            // Those that a forked child has not got have not ended.
            if self.threads[place].id.1 != 0 {
                self.tell_all_left(block);
            }
            empty(block);
        }
        Some(place)
    }

    /// Tells what a thread holds at its end.
    fn tell_all_left(&mut self, block: &Block) {
        block.held().iter().filter(|entry| entry.is_lock()).for_each(|entry| self.tell_left(block, entry));
    }
}
