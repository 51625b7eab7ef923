//! Contexts of this process: which of them can interrupt a thread now, and what that means for what it holds.
//!
//! Once a context is declared, every stack gets a mark at its bottom, so that locks which are taken alone are asked about as
//! well, and the marks that contexts and masks put on the stack give the chains above them other keys.

use super::fault::Concerned;
use super::grant::Grant;
use super::state::{State, Work};
use super::thread::make_room;
use super::{Busy, how, mode_in, node, state, to_site};
use lockdep_core::acquisition::{Acquisition, Held, Instance};
use lockdep_core::class::{ClassId, LockKind, Node, SiteId};
use lockdep_core::context;
use lockdep_core::finding::Code;
use lockdep_core::log::{ClassRecord, Record};
use lockdep_core::mode::{Manner, Want};
use lockdep_rt::{Beside, Block, ClassWord, Entry, Token};
use std::cell::Cell;
use std::panic::Location;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// How many contexts there are. It orders nothing: a thread that reads an old number is one to which the declaration has not
/// come yet.
static DECLARED: AtomicU32 = AtomicU32::new(0);

/// The contexts that a thread runs in, outermost first, and those that it keeps out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Contexts {
    running: Vec<u32>,
    masked: Vec<u32>,
}

/// What a mark at the beginning of a context stands for: the context, and what its thread ran in and kept out then.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Place {
    context: u32,
    inside: Contexts,
}

/// A context that is declared.
#[derive(Debug)]
pub(crate) struct Declared {
    number: u32,
    /// The word that a lock of its class would have.
    word: usize,
    /// Numbers for the next times that it interrupts.
    grant: &'static Grant,
}

/// How many beginnings of contexts a thread remembers.
const REMEMBERED: usize = 32;

thread_local! {
    /// The numbers of places where contexts have begun on this thread, by what was held then. Const and without `Drop`, so that it can be
    /// used while other thread-locals are being destroyed.
    static PLACES: [Cell<(u64, u32)>; REMEMBERED] = const { [const { Cell::new((0, 0)) }; REMEMBERED] };
}

/// Sees to it that a thread is asked about all it acquires, if there are contexts. At the start of its cold work.
pub(super) fn watch(block: &Block) {
    let declared = DECLARED.load(Relaxed);
    if declared != 0 && block.strictness() != Some(declared) {
        make_room(block, 1);
        block.make_strict(declared);
    }
}

/// Declares a context: from now on it can interrupt every thread. Two of one name are one. `None` if this thread cannot be tracked
/// now.
pub(crate) fn declare(name: &str) -> Option<&'static Declared> {
    let busy = Busy::start()?;
    let mut work = Work::new();
    let declared = {
        let mut state = state();
        let class = state.registry.register(context::class(name));
        match state.contexts.iter().position(|known| known.class() == class) {
            Some(index) => state.contexts[index],
            None => {
                let word = ClassWord::unknown();
                word.bind(word.load(), class.0, 0);
                let grant = state.new_grant((word.load(), LockKind::Map, 0), class);
                let declared = Declared { number: state.contexts.len() as u32, word: word.load(), grant };
                let declared: &'static Declared = Box::leak(Box::new(declared));
                state.contexts.push(declared);
                work.records.push(Record::Class(ClassRecord::new(&state.registry, class)));
                DECLARED.store(state.contexts.len() as u32, Relaxed);
                // What they know was judged without it.
                lockdep_rt::blocks().for_each(Block::forget);
                watch(busy.0);
                declared
            }
        }
    };
    busy.note(&work);
    Some(declared)
}

/// A context interrupts this thread. Returns where that begins, 0 if there was no room.
pub(crate) fn enter(context: &'static Declared, site: &'static Location<'static>) -> Option<Token> {
    let known = lockdep_rt::current().and_then(|block| enter_known(block, context, site));
    known.or_else(|| enter_new(context, site))
}

/// The same where one has begun on top of these locks before.
fn enter_known(block: &Block, context: &'static Declared, site: &'static Location<'static>) -> Option<Token> {
    let key = block.interruption(context.word)?;
    let (_, place) = Some(with_remembered(key, Cell::get)).filter(|(known, _)| *known == key)?;
    block.interrupt(place, context.word_with(context.grant.take()?), site)
}

#[cold]
#[inline(never)]
fn enter_new(context: &'static Declared, site: &'static Location<'static>) -> Option<Token> {
    let busy = Busy::start()?;
    let block = busy.0;
    make_room(block, 2);
    let (place, serial) = {
        let mut state = state();
        state.count(context.class());
        state.fill(context.grant);
        let inside = state.contexts_of(block);
        if block.is_full() {
            state.more_unplaced(block).running.push(context.number);
        }
        let place = state.place(context.number, inside);
        if state.unplaced(block).is_empty() {
            let key = block.chain(context.word, how(Want::Write, 0), Beside::default()).tag;
            with_remembered(key, |remembered| remembered.set((key, place)));
        }
        (place, state.next_serial())
    };
    drop(busy);
    let mark = block.mark(place, true);
    block.push(context.word_with(serial), how(Want::Write, 0), site, 0);
    Some(mark)
}

/// The context that interrupted last is done, and with it all that it still holds.
pub(crate) fn exit(mark: Token) {
    if !lockdep_rt::current().is_some_and(|block| block.resume(mark)) {
        exit_holding(mark);
    }
}

#[cold]
#[inline(never)]
fn exit_holding(mark: Token) {
    let Some(busy) = Busy::start() else { return };
    let (block, mut work) = (busy.0, Work::new());
    let mut state = state();
    if mark == 0 {
        state.unplaced(block).running.pop();
    }
    let base = block.held().iter().position(|entry| mark != 0 && entry.token() == mark);
    let entries = base.map_or(&[][..], |base| &block.held()[base..]);
    let number = entries.first().and_then(Entry::mark).map(|place| state.places[place as usize].context);
    // The first two are the mark and the context itself.
    for entry in entries.iter().skip(2).filter(|entry| entry.is_lock()) {
        let (Some(site), Some(mode), Some(number)) = (entry.site(), mode_in(entry), number) else { continue };
        let name = state.registry.get(state.contexts[number as usize].class()).spec.name.clone();
        let name = context::name_in(&name).unwrap_or_default();
        let held = node(entry.word(), entry.how());
        let concerned = Concerned { node: Some(held), want: mode.into(), site };
        let title = |lock: &str, _: &str| format!("context `{name}` ended while it held `{lock}`");
        state.fault(block, Code::HeldAtExit, concerned, title, &mut work);
    }
    drop(state);
    // What it keeps out stays out until its mask ends.
    entries.iter().filter(|entry| entry.is_lock() || entry.is_base()).for_each(Entry::release);
    busy.note(&work);
}

/// Keeps a context out of this thread. Returns where that begins, 0 if there was no room.
pub(crate) fn mask(context: &'static Declared) -> Option<Token> {
    let known = lockdep_rt::current().and_then(|block| block.mask(context.number));
    known.or_else(|| mask_new(context))
}

#[cold]
#[inline(never)]
fn mask_new(context: &'static Declared) -> Option<Token> {
    let busy = Busy::start()?;
    let block = busy.0;
    make_room(block, 1);
    if block.is_full() {
        state().more_unplaced(block).masked.push(context.number);
        return Some(0);
    }
    drop(busy);
    Some(block.mark(context.number, false))
}

/// Lets a context in again, with all that this thread still holds.
///
/// # Panics
/// As [`judge`](super::judge), unless the thread is panicking already.
pub(crate) fn unmask(context: &'static Declared, mark: Token, site: &'static Location<'static>) {
    if !lockdep_rt::current().is_some_and(|block| block.unmask(mark, context.word)) {
        unmask_new(context, mark, site);
    }
}

#[cold]
#[inline(never)]
fn unmask_new(context: &'static Declared, mark: Token, site: &'static Location<'static>) {
    let Some(busy) = Busy::start() else { return };
    let mut work = Work::new();
    let block = busy.0;
    block.release(mark);
    {
        let mut state = state();
        let masked = &mut state.unplaced(block).masked;
        if let Some(index) = masked.iter().rposition(|masked| mark == 0 && *masked == context.number) {
            masked.remove(index);
        }
        // The other contexts could interrupt before, and were asked about with each acquisition. This one comes on top of all that is
        // held: a chain like any other. The mark is part of its key, because a released one stays in its place during cold work.
        let chain = block.chain(context.word, how(Want::Write, 0), Beside::default());
        if !block.knows(chain) {
            let held = state.held(block);
            let site = state.registry.site(to_site(site));
            let is_known = state.interruptions(block, &held, site, &mut work);
            work.known = is_known.then_some(chain);
        }
    }
    busy.finish(work);
}

impl Declared {
    fn class(&self) -> ClassId {
        ClassId(ClassWord::class_in(self.word))
    }

    /// The word of one interruption.
    fn word_with(&self, serial: u32) -> usize {
        let word = ClassWord::unknown();
        word.bind(word.load(), self.class().0, serial);
        word.load()
    }
}

impl Contexts {
    fn is_empty(&self) -> bool {
        self.running.is_empty() && self.masked.is_empty()
    }
}

/// Where a thread remembers which place it is if a context begins a chain with this key.
fn with_remembered<T>(key: u64, look: impl FnOnce(&Cell<(u64, u32)>) -> T) -> T {
    PLACES.with(|places| look(&places[(key >> (u64::BITS - REMEMBERED.trailing_zeros())) as usize]))
}

impl State {
    /// The contexts of a thread for which its stack had no room.
    fn unplaced(&mut self, block: &Block) -> &mut Contexts {
        &mut self.thread_mut(block).unplaced
    }

    /// The same, to add one. What the thread remembers was without it.
    fn more_unplaced(&mut self, block: &Block) -> &mut Contexts {
        PLACES.with(|places| places.iter().for_each(|place| place.set((0, 0))));
        self.unplaced(block)
    }

    /// What a thread is in and keeps out, as the marks on its stack say.
    fn contexts_of(&self, block: &Block) -> Contexts {
        let mut contexts = self.thread(block).map_or_else(Contexts::default, |thread| thread.unplaced.clone());
        // The lowest mark is no context's.
        for entry in block.held().iter().skip(1) {
            match entry.mark() {
                Some(place) if entry.is_base() => contexts.running.push(self.places[place as usize].context),
                Some(number) => contexts.masked.push(number),
                None => {}
            }
        }
        contexts
    }

    /// The number of a place: contexts that begin where others are kept out have other chains.
    fn place(&mut self, context: u32, inside: Contexts) -> u32 {
        let place = Place { context, inside };
        let known = self.places.iter().position(|known| *known == place);
        let number = known.unwrap_or_else(|| {
            self.places.push(place);
            self.places.len() - 1
        });
        number as u32
    }

    /// Takes in that every context which is not kept out can interrupt this thread, with all that it holds. Returns whether
    /// that need not be asked again.
    pub(super) fn interruptions(&mut self, block: &Block, held: &[Held], site: SiteId, work: &mut Work) -> bool {
        if self.contexts.is_empty() || held.is_empty() {
            return true;
        }
        let Contexts { running, masked } = self.contexts_of(block);
        // What has no mark on the stack does not show in the chain either.
        let mut known = self.unplaced(block).is_empty();
        for number in 0..self.contexts.len() {
            let is_out = |numbers: &[u32]| numbers.contains(&(number as u32));
            if is_out(&running) || is_out(&masked) {
                continue;
            }
            let next = Acquisition {
                node: Node { class: self.contexts[number].class(), subclass: 0 },
                instance: Instance { process: 1, serial: u64::from(self.next_serial()) },
                want: Want::Write,
                manner: Manner::Block,
                site,
                nest: None,
                rank: None,
                reentrant: false,
            };
            let mut outcome = self.judge(block, held, &next, work);
            known &= outcome.cacheable;
            work.findings.append(&mut outcome.findings);
        }
        known
    }
}
