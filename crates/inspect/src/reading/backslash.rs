//! Escapes of strings in program text and JSON.

use super::{
    Disguise,
    percent::{hexadecimal, wide},
    unit::{Reads, Search, Unit},
};
use crate::ascii::{byte, run_end, slice};

pub(super) fn find(search: &Search<'_>) -> Option<Unit> {
    let text = search.bytes();
    search.each(b'\\').find_map(|at| {
        let (reads, end, weak) = read(text, at)?;
        let unit = Unit { weak, ..Unit::new(at..end, reads, Disguise::Escapes) };
        search.counts(&unit).then_some(unit)
    })
}

/// What an escape at `at` stands for, its end, and whether it is a common one.
fn read(text: &[u8], at: usize) -> Option<(Reads, usize, bool)> {
    // Text that was escaped several times has several backslashes.
    let kind = run_end(slice(text, 0..text.len().min(at + NESTED)), at, |byte| byte == b'\\');
    let number = match byte(text, kind) {
        b'x' | b'0'..=b'3' => byte_by_byte(text, at),
        b'u' if byte(text, kind + 1) == b'{' => braced(text, kind + 2),
        b'u' => surrogates(text, kind + 1),
        b'U' => fixed(text, kind + 1, 8),
        _ => None,
    };
    if let Some((value, end)) = number {
        let read = char::from_u32(value)?;
        return Some((Reads::Char(read), end, matches!(read, '\n' | '\t' | '\r')));
    }
    let read = match byte(text, kind) {
        b'/' => return Some((Reads::Char('/'), kind + 1, false)),
        b'n' => '\n',
        b't' => '\t',
        b'r' => '\r',
        quote @ (b'"' | b'\'') => char::from(quote),
        _ => return None,
    };
    Some((Reads::Char(read), kind + 1, true))
}

/// A character as `\x41` or `\101`, or of several bytes as `\xC3\xA9` or `\303\251`.
fn byte_by_byte(text: &[u8], at: usize) -> Option<(u32, usize)> {
    let one = |at: usize| {
        let kind = run_end(slice(text, 0..text.len().min(at + NESTED)), at, |byte| byte == b'\\');
        let (value, end) = match byte(text, kind) {
            _ if kind == at => return None,
            b'x' => fixed(text, kind + 1, 2)?,
            _ => octal(text, kind)?,
        };
        Some((u8::try_from(value).ok()?, end))
    };
    let (first, end) = one(at)?;
    let wide = if first >= 0xC2 { wide(first, end, one) } else { None };
    // Others above ASCII are numbers of groups in replacements, or ends of paths.
    let alone = || (first < 0x80 || byte(text, end - 3) == b'x').then_some((u32::from(first), end));
    wide.map(|(read, end)| (u32::from(read), end)).or_else(alone)
}

/// More backslashes in a row are none of an escape.
const NESTED: usize = 16;

fn fixed(text: &[u8], at: usize, digits: usize) -> Option<(u32, usize)> {
    Some((hexadecimal(slice(text, at..at + digits), digits)?, at + digits))
}

fn braced(text: &[u8], at: usize) -> Option<(u32, usize)> {
    let end = run_end(slice(text, 0..text.len().min(at + 8)), at, |byte| byte.is_ascii_hexdigit());
    let value = hexadecimal(slice(text, at..end), end - at).filter(|_| end > at)?;
    (byte(text, end) == b'}').then_some((value, end + 1))
}

/// `\u0041`, or two of them for a character beyond the first 65,536.
fn surrogates(text: &[u8], at: usize) -> Option<(u32, usize)> {
    let (high, end) = fixed(text, at, 4)?;
    if !(0xD800..0xDC00).contains(&high) {
        return Some((high, end));
    }
    let next = run_end(slice(text, 0..text.len().min(end + NESTED)), end, |byte| byte == b'\\');
    let (low, end) = fixed(text, next + 1, 4).filter(|_| next > end && byte(text, next) == b'u')?;
    let low = low.checked_sub(0xDC00).filter(|low| *low < 0x400)?;
    Some((0x10000 + ((high - 0xD800) << 10) + low, end))
}

fn octal(text: &[u8], at: usize) -> Option<(u32, usize)> {
    let value = slice(text, at..at + 3)
        .iter()
        .try_fold(0_u32, |value, digit| Some(value << 3 | char::from(*digit).to_digit(8)?))?;
    // Controls are numbers of groups in replacements, or ends of paths.
    matches!(value, 0x9 | 0xA | 0xD | 0x20..=0x7E | 0x80..=0xFF).then_some((value, at + 3))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn char(text: &str) -> Option<char> {
        match read(text.as_bytes(), 0)? {
            (Reads::Char(read), end, _) if end == text.len() => Some(read),
            _ => None,
        }
    }

    #[test]
    fn escapes_are_read() {
        for (text, read) in [
            (r"\x41", 'A'),
            (r"\u0041", 'A'),
            (r"\\\\u0041", 'A'),
            (r"\u{41}", 'A'),
            (r"\u{1F600}", '😀'),
            (r"\ud83d\ude00", '😀'),
            (r"\\ud83d\\ude00", '😀'),
            (r"\U00000041", 'A'),
            (r"\101", 'A'),
            (r"\xC3\xA9", 'é'),
            (r"\\xd0\\xb8", 'и'),
            (r"\320\270", 'и'),
            (r"\xE9", 'é'),
            (r"\/", '/'),
            (r"\n", '\n'),
            (r#"\\\""#, '"'),
        ] {
            assert_eq!(char(text), Some(read), "{text}");
        }
    }

    #[test]
    fn other_backslashes_stay() {
        for text in
            [r"\", r"\x4", r"\u{}", r"\u{D800}", r"\ud83d", r"\ud83d\x41", r"\dir", r"\1", r"\000", r"\351"]
        {
            assert_eq!(char(text), None, "{text}");
        }
    }
}
