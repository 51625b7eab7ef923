//! What threads do with locks: who gets in, who waits, who comes next.

use super::{Malformed, Validator, Waiter, not_held, plain};
use crate::acquisition::Instance;
use crate::class::LockKind;
use crate::event::Acquire;
use crate::finding::Code;
use crate::held::{Entry, HeldStack};
use crate::mode::{Blocked, Manner, Mode, Want};

impl Validator {
    pub(super) fn acquire(&mut self, thread: &str, acquire: &Acquire) -> Result<(), Malformed> {
        let lock = self.lock(&acquire.lock)?.clone();
        let want = match (acquire.want, lock.kind) {
            (Want::Read, LockKind::RecursiveRwLock | LockKind::SpinRwLock) => Want::RecursiveRead,
            (want, _) => want,
        };
        let next = self.acquisition(acquire, want)?;
        let stack = self.stack(thread);
        if next.reentrant && stack.holds(lock.instance, None) {
            stack.newest(lock.instance, None).expect("just found").again += 1;
            return Ok(());
        }
        let blocked = self.is_blocked(lock.instance, want, None);
        if blocked && next.manner == Manner::Try {
            return Err(Malformed(format!("`{}` is held, so no try of it succeeds", acquire.lock)));
        }
        self.observe(thread, &next);
        let held = next.held();
        let entry = Entry { held, name: acquire.name.clone(), again: 0 };
        self.enter(thread, entry, want, blocked);
        Ok(())
    }

    pub(super) fn enter(&mut self, thread: &str, entry: Entry, want: Want, blocked: bool) {
        if blocked {
            self.waiting.push(Waiter { thread: thread.to_owned(), entry, want });
        } else {
            self.stack(thread).push(entry);
            self.interruptible(thread);
        }
    }

    /// Whether anyone's hold, or a writer queued before position `place`, makes this wait.
    fn is_blocked(&self, instance: Instance, want: Want, place: Option<usize>) -> bool {
        let queued = self.waiting[..place.unwrap_or(self.waiting.len())]
            .iter()
            .any(|waiter| waiter.entry.held.instance == instance && waiter.want.mode() == Mode::Write);
        let entries = self.threads.values().flat_map(HeldStack::entries);
        entries.filter(|entry| entry.held.instance == instance).any(|entry| {
            let blocked = want.blocked_by(entry.held.mode);
            blocked == Blocked::Always || (blocked == Blocked::BehindWriter && queued)
        })
    }

    /// Lets in everyone whose way has become free, first come first served.
    pub(super) fn wake(&mut self) {
        let mut place = 0;
        while let Some(waiter) = self.waiting.get(place) {
            if self.is_blocked(waiter.entry.held.instance, waiter.want, Some(place)) {
                place += 1;
                continue;
            }
            let waiter = self.waiting.remove(place);
            let stack = self.threads.get_mut(&waiter.thread).expect("a waiter is a thread");
            match stack.newest(waiter.entry.held.instance, None) {
                Some(entry) if waiter.want == Want::Upgrade => entry.held.mode = Mode::Write,
                _ => stack.push(waiter.entry),
            }
            self.interruptible(&waiter.thread);
            place = 0;
        }
    }

    pub(super) fn upgrade(&mut self, thread: &str, lock: &str) -> Result<(), Malformed> {
        let next = self.acquisition(&plain(lock), Want::Upgrade)?;
        let stack = self.stack(thread);
        let entry = stack
            .entries()
            .iter()
            .rev()
            .find(|entry| entry.held.instance == next.instance && entry.held.mode == Mode::Upgradable);
        let entry = entry.ok_or_else(|| Malformed(format!("`{thread}` holds no upgradable `{lock}`")))?.clone();
        self.observe(thread, &next);
        if self.is_blocked(next.instance, Want::Upgrade, None) {
            self.waiting.push(Waiter { thread: thread.to_owned(), entry, want: Want::Upgrade });
            return Ok(());
        }
        let stack = self.stack(thread);
        stack.newest(next.instance, None).expect("just found").held.mode = Mode::Write;
        Ok(())
    }

    pub(super) fn unlock(&mut self, thread: &str, lock: &str, name: Option<&str>) -> Result<(), Malformed> {
        let instance = self.lock(lock)?.instance;
        let stack = self.stack(thread);
        if let Some(entry) = stack.newest(instance, name) {
            match entry.again.checked_sub(1) {
                Some(fewer) => entry.again = fewer,
                None => drop(stack.remove(instance, name)),
            }
        } else {
            self.fault(thread, Code::BadRelease, lock, "is released by a thread that does not hold it")?;
        }
        self.wake();
        Ok(())
    }

    /// A condition variable lets go of the mutex and takes it again with everything else still held.
    pub(super) fn wait(&mut self, thread: &str, mutex: &str) -> Result<(), Malformed> {
        let next = self.acquisition(&plain(mutex), Want::Write)?;
        let stack = self.stack(thread);
        let entry = stack.remove(next.instance, None).ok_or_else(|| not_held(thread, mutex))?;
        self.wake();
        self.observe(thread, &next);
        let blocked = self.is_blocked(next.instance, Want::Write, None);
        self.enter(thread, entry, Want::Write, blocked);
        Ok(())
    }

    pub(super) fn drop_lock(&mut self, thread: &str, lock: &str) -> Result<(), Malformed> {
        let (class, instance) = (self.lock(lock)?.class, self.lock(lock)?.instance);
        if self.threads.values().any(|stack| stack.holds(instance, None)) {
            self.fault(thread, Code::BadRelease, lock, "is destroyed while it is held")?;
            self.threads.values_mut().for_each(|stack| while stack.remove(instance, None).is_some() {});
        }
        self.serial += 1;
        self.registry.get_mut(class).instances += 1;
        let fresh = Instance { process: 1, serial: self.serial };
        self.locks.get_mut(lock).expect("just looked up").instance = fresh;
        Ok(())
    }
}
