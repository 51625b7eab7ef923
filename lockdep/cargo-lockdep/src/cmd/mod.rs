//! The subcommands.

pub(crate) mod baseline;
pub(crate) mod diff;
pub(crate) mod explain;
pub(crate) mod order;
pub(crate) mod project;
pub(crate) mod read;
pub(crate) mod replay;
pub(crate) mod run;
