//! Findings and lock graphs of lockdep, rendered for people and machines.
