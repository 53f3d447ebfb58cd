//! The pass for numbers: payment cards, social security and phone numbers all
//! begin with a run of digits, whose length says which of them it can be.

use super::{Scan, card, phone, ssn};
use crate::ascii::{before, byte, is_alnum, is_word, opens, run_end};

const CHUNK: usize = 64;

pub(super) fn scan(scan: &mut Scan<'_>) {
    let text = scan.text;
    let mut done = 0_usize;
    for (index, chunk) in text.chunks(CHUNK).enumerate() {
        // Branchless, so that the compiler looks at many bytes at once.
        if !chunk.iter().fold(false, |any, byte| any | byte.is_ascii_digit()) {
            continue;
        }
        let base = index * CHUNK;
        let mut digits = digit_places(chunk);
        // What the chunk before, or a number found there, has taken.
        digits &= u64::MAX.checked_shl(u32::try_from(done.saturating_sub(base)).unwrap_or(64)).unwrap_or(0);
        while digits != 0 {
            let first = digits.trailing_zeros();
            let start = base + first as usize;
            let inside = start + (digits >> first).trailing_ones() as usize;
            let end =
                if inside == base + CHUNK { run_end(text, inside, |b| b.is_ascii_digit()) } else { inside };
            done = number(scan, start, end).unwrap_or(end);
            digits &= u64::MAX.checked_shl(u32::try_from(done - base).unwrap_or(64)).unwrap_or(0);
        }
    }
}

/// One bit for every digit of a chunk, the first byte's the lowest.
fn digit_places(chunk: &[u8]) -> u64 {
    let (eights, rest) = chunk.as_chunks::<8>();
    let places = eights.iter().rev().fold(0, |places, eight| places << 8 | digits_of(*eight));
    let last = rest.iter().rev().fold(0_u64, |last, &byte| last << 8 | u64::from(byte));
    places | digits_of(last.to_le_bytes()).checked_shl(8 * eights.len() as u32).unwrap_or(0)
}

fn digits_of(eight: [u8; 8]) -> u64 {
    const LOW: u64 = 0x7F7F_7F7F_7F7F_7F7F;
    // Digits become 0 to 9; adding 0x76 sets the top bit of anything more.
    let values = u64::from_le_bytes(eight) ^ 0x3030_3030_3030_3030;
    let others = ((values & LOW) + 0x7676_7676_7676_7676) | values;
    // Gathers the lowest bit of every byte in the highest byte.
    ((!others & !LOW) >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56
}

/// Reports what begins with the run of digits `start..end`; returns its end.
fn number(scan: &mut Scan<'_>, start: usize, end: usize) -> Option<usize> {
    let found = match end - start {
        4 | 12..=19 => card::scan(scan, start, end),
        3 | 9 => ssn::scan(scan, start, end),
        _ => None,
    };
    found.or_else(|| phone::scan(scan, start, end))
}

/// Whether a number may begin at `at`: not inside a word, a dotted or dashed
/// identifier, or a path.
pub(super) fn begins(text: &[u8], at: usize) -> bool {
    let inner = match before(text, at, 1) {
        b'-' => is_alnum(before(text, at, 2)),
        b'/' => before(text, at, 2).is_ascii_alphabetic(),
        b'.' => before(text, at, 2).is_ascii_digit(),
        _ => false,
    };
    opens(text, at, is_word) && !inner
}

/// Whether a number may end at `at`.
pub(super) fn ends(text: &[u8], at: usize) -> bool {
    match byte(text, at) {
        b'-' => !is_alnum(byte(text, at + 1)),
        b'.' => !byte(text, at + 1).is_ascii_digit(),
        next => !is_word(next),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_digit_has_its_place() {
        let text: Vec<u8> = (0..=255).collect();
        for chunk in text.chunks(61) {
            let places = digit_places(chunk);
            for (at, byte) in chunk.iter().enumerate() {
                assert_eq!(places >> at & 1 == 1, byte.is_ascii_digit(), "{byte}");
            }
            assert_eq!(places >> chunk.len(), 0);
        }
    }
}
