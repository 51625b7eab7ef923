//! Contexts of this process: which of them can interrupt a thread now, and what that means for what it holds.
//!
//! Once a context is declared, every stack gets a mark at its bottom, so that locks which are taken alone are asked about as
//! well, and the marks that contexts and masks put on the stack give the chains above them other keys.

use super::fault::Concerned;
use super::state::{State, Work};
use super::thread::make_room;
use super::{Busy, how, mode_in, node, push, state, to_site};
use lockdep_core::acquisition::{Acquisition, Held, Instance};
use lockdep_core::class::{ClassId, Node, SiteId};
use lockdep_core::context;
use lockdep_core::finding::Code;
use lockdep_core::log::{ClassRecord, Record};
use lockdep_core::mode::{Manner, Want};
use lockdep_rt::{Beside, Block, ClassWord, Entry, Token};
use std::panic::Location;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// How many contexts there are. It orders nothing: a thread that reads an old number is one to which the declaration has not
/// come yet.
static DECLARED: AtomicU32 = AtomicU32::new(0);

/// The contexts that a thread runs in, outermost first, and those that it keeps out.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Contexts {
    running: Vec<u32>,
    masked: Vec<u32>,
}

/// Sees to it that a thread is asked about all it acquires, if there are contexts. At the start of its cold work.
pub(super) fn watch(block: &Block) {
    let declared = DECLARED.load(Relaxed);
    if declared != 0 && block.strictness() != Some(declared) {
        make_room(block, 1);
        block.make_strict(declared);
    }
}

/// Declares a context: from now on it can interrupt every thread. Returns its number; two of one name have one. `None` if this
/// thread cannot be tracked now.
pub(crate) fn declare(name: &str) -> Option<u32> {
    let busy = Busy::start()?;
    let mut work = Work::new();
    let number = {
        let mut state = state();
        let class = state.registry.register(context::class(name));
        match state.contexts.iter().position(|known| *known == class) {
            Some(index) => index,
            None => {
                state.contexts.push(class);
                work.records.push(Record::Class(ClassRecord::new(&state.registry, class)));
                DECLARED.store(state.contexts.len() as u32, Relaxed);
                // What they know was judged without it.
                lockdep_rt::blocks().for_each(Block::forget);
                watch(busy.0);
                state.contexts.len() - 1
            }
        }
    };
    busy.note(&work);
    Some(number as u32)
}

/// A context interrupts this thread. Returns where that begins, 0 if there was no room.
pub(crate) fn enter(number: u32, site: &'static Location<'static>) -> Option<Token> {
    let busy = Busy::start()?;
    let block = busy.0;
    let (word, place) = {
        let mut state = state();
        let (class, serial) = (state.contexts[number as usize], state.next_serial());
        state.registry.get_mut(class).instances += 1;
        let word = word_of(class, serial);
        let contexts = state.contexts_of(block);
        contexts.running.push(number);
        let contexts = contexts.clone();
        let next = state.context_states.len() as u32;
        (word, *state.context_states.entry(contexts).or_insert(next))
    };
    make_room(block, 2);
    drop(busy);
    let mark = block.mark(place, true);
    push(&word, how(Want::Write, 0), site, None);
    Some(mark)
}

/// The context that interrupted last is done, and with it all that it still holds.
pub(crate) fn exit(mark: Token) {
    let Some(busy) = Busy::start() else { return };
    let (block, mut work) = (busy.0, Work::new());
    let mut state = state();
    let number = state.contexts_of(block).running.pop();
    let base = block.held().iter().position(|entry| mark != 0 && entry.token() == mark);
    let entries = base.map_or(&[][..], |base| &block.held()[base..]);
    // The first two are the mark and the context itself.
    for entry in entries.iter().skip(2).filter(|entry| entry.is_lock()) {
        let (Some(site), Some(mode), Some(number)) = (entry.site(), mode_in(entry), number) else { continue };
        let name = state.registry.get(state.contexts[number as usize]).spec.name.clone();
        let name = context::name_in(&name).unwrap_or_default();
        let held = node(entry.word(), entry.how());
        let concerned = Concerned { node: Some(held), want: mode.into(), site };
        let title = |lock: &str, _: &str| format!("context `{name}` ended while it held `{lock}`");
        state.fault(block, Code::HeldAtExit, concerned, title, &mut work);
    }
    drop(state);
    entries.iter().for_each(Entry::release);
    busy.note(&work);
}

/// Keeps a context out of this thread. Returns where that begins, 0 if there was no room.
pub(crate) fn mask(number: u32) -> Option<Token> {
    let busy = Busy::start()?;
    let block = busy.0;
    state().contexts_of(block).masked.push(number);
    make_room(block, 1);
    drop(busy);
    Some(block.mark(number, false))
}

/// Lets a context in again, with all that this thread still holds.
///
/// # Panics
/// As [`judge`](super::judge), unless the thread is panicking already.
pub(crate) fn unmask(number: u32, mark: Token, site: &'static Location<'static>) {
    let Some(busy) = Busy::start() else { return };
    let mut work = Work::new();
    let block = busy.0;
    block.release(mark);
    {
        let mut state = state();
        let masked = &mut state.contexts_of(block).masked;
        if let Some(index) = masked.iter().rposition(|masked| *masked == number) {
            masked.remove(index);
        }
        // The other contexts could interrupt before, and were asked about with each acquisition. This one comes on top of all that is
        // held: a chain like any other. The mark is part of its key, because a released one stays in its place during cold work.
        let word = word_of(state.contexts[number as usize], 0);
        let chain = block.chain(word.load(), how(Want::Write, 0), Beside::default());
        if !block.knows(chain) {
            let held = state.held(block);
            let site = state.registry.site(to_site(site));
            let is_known = state.interruptions(block, &held, site, &mut work);
            work.known = is_known.then_some(chain);
        }
    }
    busy.finish(work);
}

/// The word of a context, as that of a lock of its class.
fn word_of(class: ClassId, serial: u32) -> ClassWord {
    let word = ClassWord::unknown();
    word.bind(word.load(), class.0, serial);
    word
}

impl State {
    fn contexts_of(&mut self, block: &Block) -> &mut Contexts {
        &mut self.thread_mut(block).contexts
    }

    /// Takes in that every context which is not kept out can interrupt this thread, with all that it holds. Returns whether
    /// that need not be asked again.
    pub(super) fn interruptions(&mut self, block: &Block, held: &[Held], site: SiteId, work: &mut Work) -> bool {
        if self.contexts.is_empty() || held.is_empty() {
            return true;
        }
        let Contexts { running, masked } = self.contexts_of(block).clone();
        let mut known = true;
        for number in 0..self.contexts.len() {
            let is_out = |numbers: &[u32]| numbers.contains(&(number as u32));
            if is_out(&running) || is_out(&masked) {
                continue;
            }
            let next = Acquisition {
                node: Node { class: self.contexts[number], subclass: 0 },
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
