//! Findings and lock graphs of lockdep, rendered for people and machines. Finished data in, text out: nothing here knows
//! a live lock.
//!
//! ```
//! use lockdep_core::class::{ClassSpec, LockKind, Origin};
//! use lockdep_core::validator::Validator;
//! use lockdep_report::{human, source::Sources};
//!
//! let mut program = Validator::new();
//! program.declare("a", LockKind::Mutex, "Rook", Origin::Key);
//! let finding = program.findings().into_iter().next();
//! let text = finding.map(|finding| human::render(&finding, &mut Sources::none(), human::Style::plain()));
//! assert_eq!(text, None, "nothing has happened yet");
//! ```

pub mod source;

mod words;

pub mod human;
pub mod json;
pub mod short;
pub mod summary;
