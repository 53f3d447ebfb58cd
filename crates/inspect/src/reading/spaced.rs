//! Words whose letters stand apart: `i g n o r e`, `i.g.n.o.r.e`, `i-g-n-o-r-e`; and words that the end of a line cuts.

use super::{
    Disguise,
    unit::{Reads, Search, Unit},
};
use crate::ascii::{before, byte, slice};

/// Shorter words are lists and abbreviations, in letters.
const LETTERS: usize = 5;

pub(super) fn find(search: &Search<'_>) -> Option<Unit> {
    let text = search.bytes();
    let mut at = search.range.start;
    // Any row of four letters covers four bytes at a multiple of four.
    while at < search.range.end {
        let chunk = slice(text, at..at + 4);
        let [a, b, c, d] = *chunk else { return None };
        if (a == c && divides(a)) || (b == d && divides(b)) {
            let first = if divides(a) { at + 1 } else { at };
            let start = begin(text, first, search.range.start);
            let (read, end) = row(text, start);
            let longest = read.split(' ').map(str::len).max().unwrap_or_default();
            if longest >= LETTERS && start >= search.range.start {
                return Some(Unit::new(start..end, Reads::Text(read), Disguise::Spaced));
            }
            at = end.max(at + 4);
        } else {
            at += 4;
        }
    }
    None
}

/// A word that goes on in the next line.
pub(super) fn find_hyphen(search: &Search<'_>) -> Option<Unit> {
    let text = search.bytes();
    search.each(b'-').find_map(|at| {
        let next = match (byte(text, at + 1), byte(text, at + 2)) {
            (b'\n', _) => at + 2,
            (b'\r', b'\n') => at + 3,
            _ => return None,
        };
        let within = before(text, at, 1).is_ascii_lowercase() && byte(text, next).is_ascii_lowercase();
        within.then(|| Unit::new(at..next, Reads::Nothing, Disguise::Spaced))
    })
}

fn divides(byte: u8) -> bool {
    matches!(byte, b' ' | b'.' | b'-' | b'_' | b'*' | b'/' | b'|' | b',' | b'+' | b'~' | b'\n' | b'\t')
}

/// The first letter of the row that `at` is in.
fn begin(text: &[u8], mut at: usize, floor: usize) -> usize {
    let separator = byte(text, at + 1);
    while at >= floor + 2
        && before(text, at, 1) == separator
        && before(text, at, 2).is_ascii_alphabetic()
        && !before(text, at, 3).is_ascii_alphanumeric()
    {
        at -= 2;
    }
    at
}

/// The words of a row of letters from `start` on, and its end. A wider gap, or another one, parts words.
fn row(text: &[u8], start: usize) -> (String, usize) {
    let separator = byte(text, start + 1);
    let mut read = String::new();
    let mut at = start;
    let alone =
        |at: usize| byte(text, at).is_ascii_alphabetic() && !byte(text, at + 1).is_ascii_alphanumeric();
    if before(text, start, 1).is_ascii_alphanumeric() {
        return (read, start);
    }
    while alone(at) {
        read.push(char::from(byte(text, at)));
        at += 1;
        if byte(text, at) == separator && alone(at + 1) {
            at += 1;
            continue;
        }
        let gap = slice(text, at..at + GAP).iter().take_while(|byte| divides(**byte)).count();
        let next = at + gap;
        let goes_on = gap > 0 && alone(next) && byte(text, next + 1) == separator && alone(next + 2);
        if !goes_on {
            break;
        }
        read.push(' ');
        at = next;
    }
    (read, at)
}

/// The widest gap between two words, in bytes.
const GAP: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<(String, String)> {
        let search = Search { text, range: 0..text.len(), probing: false, most: 100 };
        let unit = find(&search)?;
        let Reads::Text(read) = unit.reads else { return None };
        Some((text[unit.span].to_owned(), read))
    }

    #[test]
    fn letters_that_stand_apart_are_words() {
        for (text, row, words) in [
            ("say i g n o r e now", "i g n o r e", "ignore"),
            ("i.g.n.o.r.e", "i.g.n.o.r.e", "ignore"),
            ("x: i-g-n-o-r-e a-l-l!", "i-g-n-o-r-e a-l-l", "ignore all"),
            ("(i g n o r e   a l l)", "i g n o r e   a l l", "ignore all"),
            ("....i_g_n_o_r_e", "i_g_n_o_r_e", "ignore"),
        ] {
            assert_eq!(read(text), Some((row.to_owned(), words.to_owned())), "{text}");
        }
    }

    #[test]
    fn lists_and_numbers_stay() {
        for text in [
            "a b c d",
            "e.g. i.e. a.m.",
            "1 2 3 4 5 6 7",
            "ab cd ef gh",
            "x, y, z, w, v",
            "- - - - - -",
            "/a/b",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
