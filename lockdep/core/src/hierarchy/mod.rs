//! The documented lock hierarchy: which class may be taken under which.

/// A parsed order file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hierarchy {}
