//! Quoted-printable (RFC 2045 §6.7).

use super::{
    Disguise,
    percent::{hexadecimal, wide},
    unit::{Reads, Search, Unit},
};
use crate::ascii::{before, byte, slice};

pub(super) fn find(search: &Search<'_>) -> Option<Unit> {
    let text = search.bytes();
    search.each(b'=').find_map(|at| {
        let (reads, end) = read(text, at)?;
        let unit = Unit::new(at..end, reads, Disguise::QuotedPrintable);
        search.counts(&unit).then_some(unit)
    })
}

fn read(text: &[u8], at: usize) -> Option<(Reads, usize)> {
    match (byte(text, at + 1), byte(text, at + 2)) {
        // The end of a line that goes on in the next, within a word.
        (b'\n', next) if within_word(text, at, next) => return Some((Reads::Nothing, at + 2)),
        (b'\r', b'\n') if within_word(text, at, byte(text, at + 3)) => return Some((Reads::Nothing, at + 3)),
        _ => {}
    }
    let value = escape(text, at)?;
    // `a=10` is no escape; `=49=67` hardly is anything else, and nothing else writes an equals sign like that.
    let others = escape(text, at + 3).is_some() || at >= 3 && escape(text, at - 3).is_some();
    let sure = others || value == b'=';
    let (read, end) = match value {
        b'\t' | b'\n' | b'\r' | 0x20..=0x7E => (char::from(value), at + 3),
        0xC2..=0xF4 => wide(value, at + 3, |at| Some((escape(text, at)?, at + 3)))?,
        _ => return None,
    };
    sure.then_some((Reads::Char(read), end))
}

fn escape(text: &[u8], at: usize) -> Option<u8> {
    if byte(text, at) != b'=' {
        return None;
    }
    u8::try_from(hexadecimal(slice(text, at + 1..at + 3), 2)?).ok()
}

fn within_word(text: &[u8], at: usize, next: u8) -> bool {
    before(text, at, 1).is_ascii_alphanumeric() && next.is_ascii_alphanumeric()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_escapes_are_read_and_assignments_are_not() {
        assert!(matches!(read(b"=49=67", 0), Some((Reads::Char('I'), 3))));
        assert!(matches!(read(b"=49=67", 3), Some((Reads::Char('g'), 6))));
        assert!(matches!(read("=D0=B8".as_bytes(), 0), Some((Reads::Char('и'), 6))));
        assert!(matches!(read(b"=3D", 0), Some((Reads::Char('='), 3))));
        assert!(matches!(read(b"ig=\r\nnore", 2), Some((Reads::Nothing, 5))));
        for text in ["=10", "=10&b=20", "=AB", "= 41", "=\n"] {
            assert!(read(text.as_bytes(), 0).is_none(), "{text}");
        }
    }
}
