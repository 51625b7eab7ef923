//! Stable identifiers of findings.
//!
//! An id is `LD-` and eight Crockford base32 characters: 40 bits of a frozen hash over a canonical text. The text of
//! a cycle is its code and its edges as `from KIND to` lines, rotated so that the smallest label comes first
//! (never reversed: direction matters). The text of any other finding is its code and its labels. Lines,
//! addresses, threads and counts stay out of it, so an id survives moving code; renaming a class changes it.

use crate::finding::{Code, CycleEdge};

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// First line of every canonical text. A change of the text or the hash must change it.
const VERSION: &str = "lockdep id v1";

/// The id of a cycle. The edges must already start at the smallest label.
#[must_use]
pub fn of_cycle(code: Code, edges: &[CycleEdge]) -> String {
    let lines = edges.iter().map(|edge| format!("{} {} {}", edge.from, edge.kind, edge.to));
    of_lines(code, lines)
}

/// The id of a finding that concerns these labels.
#[must_use]
pub fn of_labels<'a>(code: Code, labels: impl IntoIterator<Item = &'a str>) -> String {
    of_lines(code, labels.into_iter().map(str::to_owned))
}

fn of_lines(code: Code, lines: impl Iterator<Item = String>) -> String {
    let mut text = format!("{VERSION}\n{code}\n");
    for line in lines {
        text.push_str(&line);
        text.push('\n');
    }
    let bits = frozen_hash(text.as_bytes()) >> 24;
    let mut id = String::from("LD-");
    for group in (0..8).rev() {
        id.push(ALPHABET[(bits >> (group * 5) & 31) as usize] as char);
    }
    id
}

/// FNV-1a, 64 bits, finished by the mixer of MurmurHash3. Frozen: ids in people's configuration depend on it.
fn frozen_hash(bytes: &[u8]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for &byte in bytes {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    hash = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash = (hash ^ (hash >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    hash ^ (hash >> 33)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_frozen() {
        assert_eq!(of_labels(Code::Recursion, ["Board::square"]), of_labels(Code::Recursion, ["Board::square"]));
        assert_ne!(of_labels(Code::Recursion, ["Board::square"]), of_labels(Code::Limit, ["Board::square"]));
        assert_eq!(of_labels(Code::Recursion, ["Board::square"]), "LD-2MW35V0F");
    }
}
