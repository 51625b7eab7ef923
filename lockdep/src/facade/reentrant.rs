//! The text that reentrant mutexes share. `lock_api` is, where it is used, the version of that crate which the mutex is made of.
//!
//! `lock_api` counts the levels itself and asks the raw mutex only for the outermost one. So the checker sees one
//! acquisition per thread, which is right: the inner ones cannot wait for anybody. It also means that there is no
//! `lock_nested` here, because a guard of this lock carries no acquisition that could remember a subclass.

/// Defines a mutex newtype over `lock_api::ReentrantMutex` and the aliases of its guards.
macro_rules! reentrant_lock {
    ($(#[$doc:meta])* lock $Raw:ident born $birth:ident, threads $Id:ident) => {
        type Inner<T> = lock_api::ReentrantMutex<$Raw, $Id, T>;

        crate::facade::newtype::lock_newtype! {
            $(#[$doc])*
            "mutex" ReentrantMutex: $Raw born $birth, serialized in lock, threads get_thread_id: $Id
        }

        /// An RAII guard which releases one level of a [`ReentrantMutex`] when dropped.
        pub type ReentrantMutexGuard<'a, T> = lock_api::ReentrantMutexGuard<'a, $Raw, $Id, T>;

        /// An RAII guard returned by `ReentrantMutexGuard::map`, for a part of the data.
        pub type MappedReentrantMutexGuard<'a, T> = lock_api::MappedReentrantMutexGuard<'a, $Raw, $Id, T>;

        impl<T: ?Sized> ReentrantMutex<T> {
            crate::facade::acquire::acquisitions!(
                "the mutex, at once if this thread has it,": lock, try_lock;
                typed(self: &Self) -> ReentrantMutexGuard<'_, T>, with crate::facade::chosen::Caller::here()
            );
            crate::facade::acquire::timed_acquisitions!(
                "the mutex": try_lock_for, try_lock_until;
                typed(self: &Self) -> ReentrantMutexGuard<'_, T>, with crate::facade::chosen::Caller::here()
            );
            crate::facade::acquire::unchecked_guard!(
                "owned by the calling thread": make_guard_unchecked();
                typed(self: &Self) -> ReentrantMutexGuard<'_, T>
            );
            crate::facade::acquire::force_unlock!("owned by the calling thread": force_unlock());
            crate::facade::acquire::force_unlock!("owned by the calling thread": force_unlock_fair());

            /// Checks whether the calling thread holds the mutex.
            #[inline]
            #[track_caller]
            pub fn is_owned_by_current_thread(&self) -> bool {
                self.0.is_owned_by_current_thread()
            }
        }

        crate::facade::newtype::newtype_arc!(ReentrantMutex);

        #[cfg(feature = "arc_lock")]
        impl<T: ?Sized> ReentrantMutex<T> {
            crate::facade::acquire::acquisitions!(
                "the mutex through an `Arc`, at once if this thread has it,": lock_arc, try_lock_arc;
                typed_arc(self: &std::sync::Arc<Self>) -> lock_api::ArcReentrantMutexGuard<$Raw, $Id, T>,
                with crate::facade::chosen::Caller::here()
            );
            crate::facade::acquire::timed_acquisitions!(
                "the mutex through an `Arc`": try_lock_arc_for, try_lock_arc_until;
                typed_arc(self: &std::sync::Arc<Self>) -> lock_api::ArcReentrantMutexGuard<$Raw, $Id, T>,
                with crate::facade::chosen::Caller::here()
            );
            crate::facade::acquire::unchecked_guard!(
                "owned by the calling thread": make_arc_guard_unchecked();
                typed_arc(self: &std::sync::Arc<Self>) -> lock_api::ArcReentrantMutexGuard<$Raw, $Id, T>
            );
        }

        /// Unlike the other locks this one is tried through the checker: taken behind `lock_api`'s back it would have no owner,
        /// and data whose `Debug` takes the mutex again would deadlock. A try never is the later half of a lock order.
        impl<T: fmt::Debug + ?Sized> fmt::Debug for ReentrantMutex<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(self.typed(), f)
            }
        }
    };
}

pub(super) use reentrant_lock;
