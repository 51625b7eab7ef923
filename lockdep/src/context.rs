//! Code that interrupts threads wherever they are: signal handlers, inline completions, callbacks of a debugger.
//!
//! A handler that takes a lock deadlocks with the thread it interrupts if that thread holds the lock, or holds one whose other users
//! hold the handler's; the checker reports both (`context`) in runs in which no interruption comes at the wrong time. The
//! kernel's rules for interrupts are these.
//!
//! A context runs on the thread that it interrupts. What runs on a thread of its own is no context.

use crate::facade::chosen::IS_ON;
use crate::runtime::{self, Declared};
use lockdep_rt::Token;
use std::marker::PhantomData;
use std::panic::Location;
use std::sync::OnceLock;

/// A named context.
///
/// ```
/// use lockdep::{Context, LockClassKey, parking_lot::Mutex};
///
/// static COMPLETION: Context = Context::new("completion");
/// static QUEUE: LockClassKey = LockClassKey::new("Device::queue");
///
/// COMPLETION.declare();
/// let queue = Mutex::named(&QUEUE, vec![1]);
/// {
///     let _inside = COMPLETION.enter();
///     queue.lock().pop();
/// }
/// {
///     let _masked = COMPLETION.mask();
///     queue.lock().push(2); // safe: no completion can come in between
/// }
/// assert!(lockdep::findings().is_empty());
/// queue.lock().push(3); // reported: a completion that comes now waits for this thread for ever
/// # if cfg!(debug_assertions) {
/// assert_eq!(lockdep::findings().len(), 1);
/// # }
/// ```
#[derive(Debug)]
pub struct Context {
    name: &'static str,
    declared: OnceLock<&'static Declared>,
}

/// The calling thread is interrupted until this is dropped.
#[derive(Debug)]
#[must_use = "the interruption ends when this is dropped"]
pub struct Inside {
    mark: Option<Token>,
    _not_send: PhantomData<*const ()>,
}

/// A context is kept out of the calling thread until this is dropped.
#[derive(Debug)]
#[must_use = "the context may interrupt again when this is dropped"]
pub struct Masked {
    mark: Option<(&'static Declared, Token)>,
    site: &'static Location<'static>,
    _not_send: PhantomData<*const ()>,
}

impl Context {
    /// A context with this name. Two of one name are one context.
    #[must_use]
    pub const fn new(name: &'static str) -> Context {
        Context { name, declared: OnceLock::new() }
    }

    /// Says that from now on the context can interrupt any thread that does not [mask](Context::mask) it. Declare it
    /// before the program takes its first locks: what a thread holds until it hears of the declaration, which
    /// is the next time it does something new, cannot have been interrupted.
    pub fn declare(&self) {
        self.declared();
    }

    /// The context interrupts the calling thread here. Locks that the thread holds already are not the context's.
    #[track_caller]
    pub fn enter(&self) -> Inside {
        let site = Location::caller();
        let mark = self.declared().and_then(|context| runtime::enter_context(context, site));
        Inside { mark, _not_send: PhantomData }
    }

    /// Keeps the context out of the calling thread. Masks nest.
    #[track_caller]
    pub fn mask(&self) -> Masked {
        let mark = self.declared().and_then(|context| runtime::mask(context).map(|mark| (context, mark)));
        Masked { mark, site: Location::caller(), _not_send: PhantomData }
    }

    /// The same, declared now if it has not been. `None` where nothing is checked.
    #[inline]
    fn declared(&self) -> Option<&'static Declared> {
        if !IS_ON {
            return None;
        }
        self.declared.get().copied().or_else(|| self.declare_now())
    }

    #[cold]
    fn declare_now(&self) -> Option<&'static Declared> {
        let declared = runtime::declare(self.name)?;
        Some(self.declared.get_or_init(|| declared))
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        if let Some(mark) = self.mark {
            runtime::exit_context(mark);
        }
    }
}

impl Drop for Masked {
    fn drop(&mut self) {
        if let Some((context, mark)) = self.mark {
            runtime::unmask(context, mark, self.site);
        }
    }
}
