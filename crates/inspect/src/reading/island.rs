//! Islands: runs of base64, base32 or hexadecimal digits that hold text.

use super::{
    Disguise, base64, hex, inflate, plausible,
    unit::{Reads, Search, Unit},
};
use crate::ascii::{byte, run_end, run_start, slice};

/// Shorter runs are words, in bytes.
const SHORTEST: usize = 12;

/// Shorter runs of hexadecimal digits are numbers.
const SHORTEST_HEX: usize = 16;

/// Shorter runs hold nothing that was worth compressing.
const PACKED: usize = 22;

/// What follows a separator can be an island of its own if it has so many letters and digits.
const PART: usize = 8;

pub(super) fn find(search: &Search<'_>) -> Option<Unit> {
    let text = search.bytes();
    let mut at = search.range.start;
    while let Some(start) = next_run(text, at, search.range.end) {
        let end = run_end(text, start, is_digit);
        let mut part = start;
        while end - part >= SHORTEST && part < search.range.end {
            if let Some(unit) = open(search, part, end) {
                return Some(unit);
            }
            part = next_part(text, part, end);
        }
        at = end;
    }
    None
}

/// Where the next run of at least [`SHORTEST`] digits begins. Looks at every twelfth byte where there is none.
fn next_run(text: &[u8], from: usize, limit: usize) -> Option<usize> {
    let mut at = from;
    while at < limit {
        let window = slice(text, at..at + SHORTEST);
        if window.len() < SHORTEST {
            return None;
        }
        match window.iter().rposition(|byte| !is_digit(*byte)) {
            Some(other) => at += other + 1,
            None => return Some(at),
        }
    }
    None
}

/// The next place in a run at which an island may begin: after a separator or a `0x`.
fn next_part(text: &[u8], mut at: usize, end: usize) -> usize {
    while at < end {
        let separator = run_end(slice(text, 0..end), at, |byte| byte.is_ascii_alphanumeric());
        let next = run_end(slice(text, 0..end), separator, |byte| !byte.is_ascii_alphanumeric());
        if run_end(slice(text, 0..end.min(next + PART)), next, |byte| byte.is_ascii_alphanumeric()) - next
            >= PART
        {
            return next;
        }
        at = next.max(at + 1);
    }
    end
}

fn is_digit(byte: u8) -> bool {
    DIGITS.get(usize::from(byte)).copied().unwrap_or(false)
}

static DIGITS: [bool; 256] = {
    let mut digits = [false; 256];
    let mut byte = 0;
    while byte < 128 {
        let this = byte as u8;
        #[allow(clippy::indexing_slicing)] // Within bounds, and evaluated by the compiler.
        {
            digits[byte] = this.is_ascii_alphanumeric() || matches!(this, b'+' | b'/' | b'-' | b'_');
        }
        byte += 1;
    }
    digits
};

/// The island that begins at `start`; the run ends at `end`.
fn open(search: &Search<'_>, start: usize, end: usize) -> Option<Unit> {
    let text = search.bytes();
    hexadecimal(text, start, end).or_else(|| base(search, start, end)).or_else(|| base32(text, start, end))
}

fn hexadecimal(text: &[u8], start: usize, end: usize) -> Option<Unit> {
    let digits = if slice(text, start..start + 2).eq_ignore_ascii_case(b"0x") { start + 2 } else { start };
    let stop = run_end(slice(text, 0..end), digits, |byte| byte.is_ascii_hexdigit());
    if stop - digits < SHORTEST_HEX || (stop - digits) % 2 != 0 || byte(text, stop).is_ascii_alphanumeric() {
        return None;
    }
    if !plausible::begins(&hex::decode(slice(text, digits..digits + SHORTEST_HEX))?) {
        return None;
    }
    let read = plausible::text(&hex::decode(slice(text, digits..stop))?)?;
    Some(Unit::new(start..stop, Reads::Text(read), Disguise::Hex))
}

fn base(search: &Search<'_>, start: usize, end: usize) -> Option<Unit> {
    let text = search.bytes();
    let head = base64::decode(slice(text, start..end.min(start + plausible::HEAD)).iter().copied())?;
    let plain = plausible::begins(&head);
    let (stop, padded) = lines(text, start, end);
    let size = stop - start;
    let packed = inflate::begins(&head) || size >= PACKED && !plain && is_mixed(slice(text, start..end));
    if !(plain || packed) {
        return None;
    }
    let digits = slice(text, start..stop).iter().copied().filter(|byte| is_digit(*byte));
    let bytes = base64::decode(digits)?;
    if plain && let Some(read) = plausible::text(&bytes) {
        return Some(Unit::new(start..padded, Reads::Text(read), Disguise::Base64));
    }
    let (bytes, cut) = inflate::inflate(&bytes, search.most)?;
    let read = plausible::text(&bytes)?;
    let reads = if cut { Reads::Cut(read) } else { Reads::Text(read) };
    Some(Unit::new(start..padded, reads, Disguise::Compressed))
}

/// Where an island ends that may be broken into lines, without and with its padding.
fn lines(text: &[u8], start: usize, first_end: usize) -> (usize, usize) {
    let width = first_end - start;
    let mut end = first_end;
    let mut length = width;
    while width >= LINE && length == width && byte(text, end) != b'=' {
        let next = match (byte(text, end), byte(text, end + 1)) {
            (b'\n', _) => end + 1,
            (b'\r', b'\n') => end + 2,
            _ => break,
        };
        let next = run_end(text, next, |byte| byte == b' ' || byte == b'\t');
        let stop = run_end(slice(text, 0..text.len().min(next + width + 1)), next, is_digit);
        let after = byte(text, stop);
        // The last line may be followed by a word, or be one.
        let whole = (stop - next).is_multiple_of(4);
        if stop == next
            || stop - next > width
            || !(matches!(after, b'=' | b'\n' | b'\r' | 0 | b'"' | b'<') || after == b' ' && whole)
        {
            break;
        }
        (end, length) = (stop, stop - next);
    }
    (end, run_end(slice(text, 0..text.len().min(end + 2)), end, |byte| byte == b'='))
}

/// Lines that a longer text is broken into are at least so long, in bytes.
const LINE: usize = 32;

/// Compressed data has letters of both cases and digits.
fn is_mixed(run: &[u8]) -> bool {
    let head = slice(run, 0..64.min(run.len()));
    head.iter().any(u8::is_ascii_uppercase)
        && head.iter().any(u8::is_ascii_lowercase)
        && head.iter().any(u8::is_ascii_digit)
        && run_start(head, 0, head.len(), |byte| byte.is_ascii_hexdigit()) > 0
}

fn base32(text: &[u8], start: usize, end: usize) -> Option<Unit> {
    let is_digit = |byte: u8| byte.is_ascii_uppercase() || matches!(byte, b'2'..=b'7');
    let stop = run_end(slice(text, 0..end), start, is_digit);
    if stop - start < SHORTEST_HEX || byte(text, stop).is_ascii_alphanumeric() {
        return None;
    }
    let head = base64::decode32(slice(text, start..start + SHORTEST_HEX).iter().copied())?;
    if !plausible::begins(&head) {
        return None;
    }
    let read = plausible::text(&base64::decode32(slice(text, start..stop).iter().copied())?)?;
    let padded = run_end(slice(text, 0..text.len().min(stop + 6)), stop, |byte| byte == b'=');
    Some(Unit::new(start..padded, Reads::Text(read), Disguise::Base64))
}
