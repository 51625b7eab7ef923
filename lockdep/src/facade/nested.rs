//! Acquisitions beside others of their class, for every lock that has them.

/// Defines the acquisitions that say how they stand to others of their class, by the one that takes a `Nesting`.
macro_rules! nested_acquisitions {
    ($Output:ty: $in:ident, $nested:ident, $ranked:ident, $under:ident) => {
        /// Acquires the lock at nesting level `subclass`: what a program says that takes two locks of one class, and has an
        /// order between them.
        #[inline]
        #[track_caller]
        pub fn $nested(&self, subclass: u32) -> $Output {
            self.$in(crate::raw::Nesting::level(subclass))
        }

        /// Acquires the lock at its place in a declared order of its class: a thread may take several of them in ascending
        /// order of `rank`. That it does so is checked every time.
        ///
        /// ```
        /// use lockdep::parking_lot::Mutex;
        ///
        /// struct Account { id: u64, balance: Mutex<i64> }
        ///
        /// fn transfer(from: &Account, to: &Account, amount: i64) {
        ///     let (first, second) = if from.id < to.id { (from, to) } else { (to, from) };
        ///     let mut one = first.balance.lock_ranked(first.id);
        ///     let mut other = second.balance.lock_ranked(second.id);
        ///     let (from, to) = if from.id < to.id { (&mut one, &mut other) } else { (&mut other, &mut one) };
        ///     **from -= amount;
        ///     **to += amount;
        /// }
        ///
        /// let account = |id| Account { id, balance: Mutex::new(10) };
        /// let (rook, knight) = (account(1), account(2));
        /// transfer(&knight, &rook, 4);
        /// assert_eq!(*rook.balance.lock(), 14);
        /// assert!(lockdep::findings().is_empty());
        /// ```
        #[inline]
        #[track_caller]
        pub fn $ranked(&self, rank: u64) -> $Output {
            self.$in(crate::raw::Nesting::rank(rank))
        }

        /// Acquires the lock beside others of its class, which only the holder of `outer` takes: the holder may take any
        /// number of them in any order. That `outer` is held is checked.
        #[inline]
        #[track_caller]
        pub fn $under<L: crate::annotate::Watched + ?Sized>(&self, outer: &L) -> $Output {
            self.$in(crate::raw::Nesting::under(outer.word()))
        }
    };
}

pub(super) use nested_acquisitions;
