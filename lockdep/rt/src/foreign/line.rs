//! One line of a log, in the words of `lockdep log v1`; `lockdep-core` has its reader.

use super::memory::Grown;
use super::Kind;
use crate::entry::How;
use std::panic::Location;

/// A line that is being written. What there is no memory for is missing, and the line then does not count for its reader.
pub(super) struct Line {
    bytes: Grown<u8>,
}

impl Line {
    pub(super) const fn new() -> Line {
        Line { bytes: Grown::new() }
    }

    /// Starts over.
    pub(super) fn begin(&mut self) -> &mut Line {
        self.bytes.clear();
        self
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Text that is JSON already.
    pub(super) fn raw(&mut self, text: &str) -> &mut Line {
        self.all(text.as_bytes())
    }

    /// Bytes as they are.
    pub(super) fn all(&mut self, bytes: &[u8]) -> &mut Line {
        for &byte in bytes {
            self.bytes.push(byte);
        }
        self
    }

    /// Text within a string.
    pub(super) fn text(&mut self, text: &[u8]) -> &mut Line {
        for &byte in text {
            match byte {
                b'"' | b'\\' => self.all(&[b'\\', byte]),
                0..=0x1f => self.all(&[b'\\', b'u', b'0', b'0', b'0' + (byte >> 4), hex(byte & 15)]),
                _ => self.all(&[byte]),
            };
        }
        self
    }

    pub(super) fn number(&mut self, number: u64) -> &mut Line {
        let mut digits = [0; 20];
        let mut first = digits.len();
        let mut rest = number;
        loop {
            first -= 1;
            digits[first] = b'0' + (rest % 10) as u8;
            rest /= 10;
            if rest == 0 {
                return self.all(&digits[first..]);
            }
        }
    }

    /// A place, as chains have it.
    pub(super) fn place(&mut self, site: &Location<'_>) -> &mut Line {
        self.raw("\"").text(site.file().as_bytes()).raw(":").number(u64::from(site.line()));
        self.raw(":").number(u64::from(site.column())).raw("\"")
    }

    /// How a lock is held.
    pub(super) fn mode(&mut self, how: How) -> &mut Line {
        self.raw(match How(how.0 & How::MODE) {
            How::READ => "read",
            How::RECURSIVE_READ => "rread",
            How::UPGRADABLE => "upgradable",
            How(How::DOWNGRADED) => "downgraded",
            _ => "write",
        })
    }

    /// How a lock is wanted, or was when it was got.
    pub(super) fn want(&mut self, how: How) -> &mut Line {
        match How(how.0 & How::MODE) {
            How::UPGRADE => self.raw("upgrade"),
            How(How::DOWNGRADED) => self.raw("write"),
            _ => self.mode(how),
        }
    }
}

fn hex(digit: u8) -> u8 {
    if digit < 10 {
        b'0' + digit
    } else {
        b'a' + digit - 10
    }
}

impl Kind {
    /// The word for it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Kind::Mutex => "mutex",
            Kind::FairMutex => "fair_mutex",
            Kind::Reentrant => "reentrant",
            Kind::RwLock => "rwlock",
            Kind::RecursiveRwLock => "recursive_rwlock",
            Kind::Spin => "spin",
            Kind::SpinRwLock => "spin_rwlock",
            Kind::Once => "once",
            Kind::Map => "map",
            Kind::Channel => "channel",
            Kind::Thread => "thread",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_numbers_are_json() {
        let mut line = Line::new();
        line.begin().raw("[\"").text("a\"b\\c\u{1}\u{1f}é".as_bytes()).raw("\",").number(0).raw(",").number(u64::MAX);
        let text = std::str::from_utf8(line.bytes()).expect("it is text");
        assert_eq!(text, "[\"a\\\"b\\\\c\\u0001\\u001fé\",0,18446744073709551615");
        assert_eq!(line.begin().number(7).bytes(), b"7");
    }
}
