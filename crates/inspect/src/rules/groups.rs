//! Groups of letters and digits around the digits of a text: where a value may begin, go on and end.

use crate::ascii::{before, byte, is_alnum, is_word, opens, run_start, slice};

use super::form::LONGEST;

/// A run of letters and digits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Group {
    pub(super) start: usize,
    pub(super) end: usize,
    /// One bit for each letter, the first byte's the lowest.
    pub(super) letters: u64,
}

/// Groups of letters that may stand before the first digit of a value, and how long each may be.
const LEADING: usize = 2;
const LEADING_LENGTH: usize = 6;

const CHUNK: usize = 64;

impl Group {
    /// The group that begins at `start`; `None` if there is none, or it is longer than any value.
    pub(super) fn at(text: &[u8], start: usize) -> Option<Self> {
        let (mut end, mut letters) = (start, 0_u64);
        for &byte in slice(text, start..text.len().min(start + LONGEST + 1)) {
            if !is_alnum(byte) {
                break;
            }
            letters |= u64::from(!byte.is_ascii_digit()) << (end - start);
            end += 1;
        }
        (start < end && end - start <= LONGEST).then_some(Self { start, end, letters })
    }

    pub(super) fn len(&self) -> usize {
        self.end - self.start
    }
}

/// Calls `try_at` at every group of `text` at which a value with a digit may begin, in order. It returns up to where the
/// text is used up, if it has found something.
pub(super) fn each_start(text: &[u8], mut try_at: impl FnMut(usize) -> Option<usize>) {
    let mut from = 0;
    while let Some(digit) = next_digit(text, from) {
        let inside = run_start(text, from, digit, is_alnum);
        let end = crate::ascii::run_end(text, digit, is_alnum);
        let mut used = end;
        if end - inside <= LONGEST {
            let mut at = leading(text, from, inside);
            while at <= inside {
                if let Some(until) = try_at(at) {
                    used = used.max(until);
                    break;
                }
                at = crate::ascii::run_end(text, at, is_alnum) + 1;
            }
        }
        from = used;
    }
}

/// Where the groups of letters begin that stand right before the group at `at`, not before `floor`.
fn leading(text: &[u8], floor: usize, at: usize) -> usize {
    let mut first = at;
    for _ in 0..LEADING {
        if !is_separator(before(text, first, 1)) {
            break;
        }
        let floor = floor.max(first.saturating_sub(LEADING_LENGTH + 2));
        let start = run_start(text, floor, first - 1, |byte| byte.is_ascii_alphabetic());
        if start + 1 >= first || first - 1 - start > LEADING_LENGTH || is_word(before(text, start, 1)) {
            break;
        }
        first = start;
    }
    first
}

/// Where the next digit stands.
fn next_digit(text: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    for chunk in text.get(from..)?.chunks(CHUNK) {
        // Branchless, so that the compiler looks at many bytes at once.
        if chunk.iter().fold(false, |any, byte| any | byte.is_ascii_digit()) {
            return Some(at + chunk.iter().position(u8::is_ascii_digit)?);
        }
        at += chunk.len();
    }
    None
}

/// What may stand between two groups of a value.
pub(super) fn is_separator(byte: u8) -> bool {
    matches!(byte, b' ' | b'-' | b'.' | b'/' | b':' | b'+' | b'(')
}

/// Whether the separator is one that people put between the groups of any number.
pub(super) fn is_common(byte: u8) -> bool {
    matches!(byte, b' ' | b'-' | b'.' | b'/')
}

/// Whether a value may begin at `at`: not inside a word, a number, an identifier or a path.
pub(super) fn begins(text: &[u8], at: usize) -> bool {
    let last = before(text, at, 2);
    let inner = match before(text, at, 1) {
        b'-' | b'/' => is_alnum(last),
        b'.' | b':' => last.is_ascii_digit(),
        b'+' | b'$' | b'%' => true,
        _ => false,
    };
    opens(text, at, is_word) && !inner
}

/// Whether a value may end at `at`.
pub(super) fn ends(text: &[u8], at: usize) -> bool {
    let next = byte(text, at + 1);
    match byte(text, at) {
        b'-' | b'/' | b'+' => !is_alnum(next),
        b'.' | b':' => !next.is_ascii_digit(),
        b'@' | b'%' | b'=' => false,
        last => !is_word(last),
    }
}
