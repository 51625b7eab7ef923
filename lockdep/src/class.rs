//! Stub until the runtime is merged.

/// A lock class that somebody named.
#[derive(Debug)]
pub struct LockClassKey {
    name: &'static str,
}

impl LockClassKey {
    /// A class with this name.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Self { name }
    }

    /// The name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }
}
