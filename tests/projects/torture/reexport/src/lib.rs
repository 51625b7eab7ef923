//! `std` through another crate's name, and through macros.

#[doc(hidden)]
pub extern crate std as __std;

/// A lock, by a path that the caller does not have.
#[macro_export]
macro_rules! guarded {
    ($value:expr) => {
        $crate::__std::sync::Mutex::new($value)
    };
}

/// A static of its own.
#[macro_export]
macro_rules! registry {
    ($name:ident: $type:ty) => {
        static $name: $crate::__std::sync::OnceLock<$crate::__std::sync::Mutex<$type>> =
            $crate::__std::sync::OnceLock::new();
    };
}

#[cfg(test)]
mod tests {
    use std::sync::{Mutex, MutexGuard};

    registry!(NAMES: Vec<String>);

    fn takes_std(lock: &Mutex<u32>) -> MutexGuard<'_, u32> {
        lock.lock().unwrap()
    }

    #[test]
    fn a_macro_makes_the_same_type() {
        let lock = guarded!(1);
        assert_eq!(*takes_std(&lock), 1);
        NAMES.get_or_init(Mutex::default).lock().unwrap().push("a".to_owned());
        assert_eq!(NAMES.get().unwrap().lock().unwrap().len(), 1);
    }

    #[test]
    fn a_type_crosses_crates() {
        let words = bare::Words::default();
        let guard: MutexGuard<'_, Vec<String>> = words.0.lock().unwrap();
        assert!(guard.is_empty());
    }
}
