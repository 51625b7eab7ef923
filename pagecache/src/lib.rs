//! Placeholder of the crate; its modules land with the milestones.
