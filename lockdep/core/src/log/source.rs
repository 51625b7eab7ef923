//! Where logs come from, and how much of one may be wrong before its complaints are only counted.

use super::{Record, Warning};
use std::ops::ControlFlow;

/// A log that can be read from its start, more than once. Merging asks for the header first, then for everything, and
/// once more for everything if the logs are too big to be kept, so no log has to fit into memory.
pub trait LogSource {
    /// How warnings name the log.
    fn name(&self) -> String;

    /// Gives the text piece by piece, cut anywhere, until `take` breaks.
    ///
    /// # Errors
    /// Why the rest of it cannot be read. What was given until then counts.
    fn pieces(&self, take: &mut dyn FnMut(&[u8]) -> ControlFlow<()>) -> Result<(), String>;

    /// What is to be made of a record before it counts: whoever has the files of the process at hand may know better names.
    fn understood(&self, record: Record) -> Record {
        record
    }
}

/// A name and a whole text.
impl<N: AsRef<str>, T: AsRef<str>> LogSource for (N, T) {
    fn name(&self) -> String {
        self.0.as_ref().to_owned()
    }

    fn pieces(&self, take: &mut dyn FnMut(&[u8]) -> ControlFlow<()>) -> Result<(), String> {
        let _ = take(self.1.as_ref().as_bytes());
        Ok(())
    }
}

/// Complaints about one log: the first few in words, the others by number.
#[derive(Clone, Debug, Default)]
pub(super) struct Complaints {
    told: Vec<Warning>,
    more: u64,
}

/// How many complaints about one log are told in words.
const TOLD: usize = 5;

impl Complaints {
    pub(super) fn add(&mut self, line: usize, message: impl Into<String>) {
        if self.told.len() < TOLD {
            self.told.push(Warning { log: String::new(), line, message: message.into() });
        } else {
            self.more += 1;
        }
    }

    /// All of them, about the log of this name.
    pub(super) fn about(self, log: &str) -> Vec<Warning> {
        let Complaints { mut told, more } = self;
        if more > 0 {
            let lines = if more == 1 { "1 more line does" } else { &format!("{more} more lines do") };
            told.push(Warning { log: String::new(), line: 0, message: format!("{lines} not count either") });
        }
        told.iter_mut().for_each(|warning| log.clone_into(&mut warning.log));
        told
    }
}
