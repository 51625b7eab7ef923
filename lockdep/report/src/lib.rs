//! Findings and lock graphs of lockdep, rendered for people and machines. Finished data in, text out: nothing here knows
//! a live lock.
//!
//! ```
//! use lockdep_core::class::{ClassSpec, LockKind, Origin};
//! use lockdep_core::validator::Validator;
//! use lockdep_report::{background::Background, human, source::Sources};
//!
//! let mut program = Validator::new();
//! program.declare("a", LockKind::Mutex, "Rook", Origin::Key);
//! let findings = program.findings();
//! let mut background = Background::new(Sources::none()).with_findings(&findings);
//! let text = findings.first().map(|finding| human::render(finding, &mut background, human::Style::plain()));
//! assert_eq!(text, None, "nothing has happened yet");
//! ```

pub mod source;

pub mod cut;
pub mod names;

pub mod background;
mod words;

pub mod explain;
pub mod summary;

pub mod github;
pub mod human;
pub mod json;
pub mod junit;
pub mod sarif;
pub mod short;

pub mod layout;

pub mod html;
pub mod svg;
