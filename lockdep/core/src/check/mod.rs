//! The checks that look at one observation or one dependency. Each module states its theorem, then its hole.
//! Cycles, which need the whole graph, are found in [`crate::search`] and weighed in [`crate::judge`].

pub mod guard_lost;
pub mod hierarchy;
pub mod same_class;
pub mod wait_type;
