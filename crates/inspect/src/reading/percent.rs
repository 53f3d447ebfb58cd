//! Percent-encoding (RFC 3986 §2.1), to a fixed point, and the `%u0041` of old browsers.

use super::{
    Disguise,
    unit::{Reads, Search, Unit},
};
use crate::ascii::{byte, slice};

pub(super) fn find(search: &Search<'_>) -> Option<Unit> {
    let text = search.bytes();
    search.each(b'%').find_map(|at| {
        let (read, end) = read(text, at)?;
        let weak = read == ' ';
        let unit = Unit { weak, ..Unit::new(at..end, Reads::Char(read), Disguise::Percent) };
        search.counts(&unit).then_some(unit)
    })
}

/// The character that stands at `at` in escapes, and where its escapes end.
fn read(text: &[u8], at: usize) -> Option<(char, usize)> {
    if let [b'%', b'u' | b'U', digits @ ..] = slice(text, at..at + 6) {
        return Some((char::from_u32(hexadecimal(digits, 4)?)?, at + 6));
    }
    let (first, end) = escape(text, at)?;
    match first {
        // Controls are formats such as `%02d` more often than escapes; but the zero ends a name for some.
        0 | b'\t' | b'\n' | b'\r' | 0x20..=0x7E => Some((char::from(first), end)),
        0xC0..=0xF4 => wide(first, end, |at| escape(text, at)),
        _ => None,
    }
}

/// One escape: its byte and its end. `%2541` is `%41` is `A`.
fn escape(text: &[u8], at: usize) -> Option<(u8, usize)> {
    if byte(text, at) != b'%' {
        return None;
    }
    let mut digits = at + 1;
    while slice(text, digits..digits + 2) == b"25"
        && hexadecimal(slice(text, digits + 2..digits + 4), 2).is_some()
    {
        digits += 2;
    }
    let value = hexadecimal(slice(text, digits..digits + 2), 2)?;
    Some((u8::try_from(value).ok()?, digits + 2))
}

/// A character of several bytes (RFC 3629 §3), each escaped: the first ends at `end`, `escape` reads the others. Overlong
/// forms of ASCII count as what careless decoders make of them.
pub(super) fn wide(
    first: u8,
    mut end: usize,
    escape: impl Fn(usize) -> Option<(u8, usize)>,
) -> Option<(char, usize)> {
    let (more, mut value) = match first {
        0xC0..=0xDF => (1, u32::from(first & 0x1F)),
        0xE0..=0xEF => (2, u32::from(first & 0x0F)),
        _ => (3, u32::from(first & 0x07)),
    };
    for _ in 0..more {
        let (next, after) = escape(end)?;
        if next & 0xC0 != 0x80 {
            return None;
        }
        value = value << 6 | u32::from(next & 0x3F);
        end = after;
    }
    Some((char::from_u32(value)?, end))
}

/// The value of exactly `count` hexadecimal digits.
pub(super) fn hexadecimal(digits: &[u8], count: usize) -> Option<u32> {
    if digits.len() != count {
        return None;
    }
    digits.iter().try_fold(0_u32, |value, digit| Some(value << 4 | char::from(*digit).to_digit(16)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_read_to_the_end() {
        for (text, char) in [
            ("%41", 'A'),
            ("%2541", 'A'),
            ("%25252541", 'A'),
            ("%2e", '.'),
            ("%c0%ae", '.'),
            ("%e0%80%ae", '.'),
            ("%C3%A9", 'é'),
            ("%F0%9F%98%80", '😀'),
            ("%u002f", '/'),
            ("%25", '%'),
            ("%00", '\0'),
        ] {
            assert_eq!(read(text.as_bytes(), 0), Some((char, text.len())), "{text}");
        }
    }

    #[test]
    fn other_percent_signs_stay() {
        for text in ["%", "% 41", "%4", "%zz", "%02d", "%C3", "%C3A9", "%80", "%ff", "%uD800"] {
            assert_eq!(read(text.as_bytes(), 0), None, "{text}");
        }
    }
}
