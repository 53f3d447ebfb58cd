//! Rows of character codes: `69 67 6e`, `0x69,0x67`, `69:67:6e`, `105, 103, 110`, `01101001 01100111`.

use std::ops::Range;

use super::{
    Disguise, plausible,
    unit::{Reads, Search, Unit},
};
use crate::ascii::{before, byte, run_end, run_start, slice};

/// Shorter rows are addresses and dates, in codes. So many take at least [`STEP`] + [`WINDOW`] - 1 bytes.
const SHORTEST: usize = 8;

/// Of every so many bytes one is looked at, and those after it.
const STEP: usize = 16;
const WINDOW: usize = 8;

/// Between two codes stand no more bytes.
const GAP: usize = 12;

pub(super) fn find(search: &Search<'_>) -> Option<Unit> {
    let text = search.bytes();
    let (mut at, mut floor) = (search.range.start, search.range.start);
    while at < search.range.end {
        if !is_row(slice(text, at..at + WINDOW)) {
            at += STEP;
            continue;
        }
        let mut start = run_start(text, floor, at, is_part);
        // The end of a word is no code.
        if joins(before(text, start, 1)) {
            start = run_end(text, start, joins);
        }
        let end = run_end(text, at, is_part);
        while start < end.min(search.range.end) {
            let row = Row::at(text, start);
            let end = row.end.max(start + 1);
            if let Some(unit) = row.unit(text) {
                return Some(unit);
            }
            start = end;
        }
        floor = end;
        at = end.max(at + STEP);
    }
    None
}

/// Whether it may be part of a row. Numbers of four digits and more are none, unless they are binary.
fn is_row(window: &[u8]) -> bool {
    let (mut all, mut row, mut binary) = (0, 0, true);
    for byte in window {
        if !is_part(*byte) {
            return false;
        }
        if byte.is_ascii_hexdigit() {
            row += 1;
            binary &= matches!(byte, b'0' | b'1');
            if row > 3 && !binary {
                return false;
            }
        } else {
            (row, binary) = (0, true);
        }
        all += usize::from(byte.is_ascii_digit());
    }
    all >= 2
}

/// What may stand in a row of codes.
fn is_part(byte: u8) -> bool {
    byte.is_ascii_hexdigit() || byte == b'x' || divides(byte)
}

fn divides(byte: u8) -> bool {
    matches!(
        byte,
        b' ' | b',' | b':' | b';' | b'-' | b'_' | b'|' | b'.' | b'/' | b'+' | b'\t' | b'\n' | b'\r'
    )
}

fn joins(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
}

/// Codes that stand in a row.
struct Row {
    span: Range<usize>,
    /// Where to go on if it is none.
    end: usize,
    count: usize,
    /// Which of [`RADICES`] the codes can all be of.
    fits: [bool; RADICES.len()],
    /// What stands between its codes besides blanks; `None` as long as there is one code.
    mark: Option<u8>,
}

const RADICES: [u32; 3] = [16, 10, 2];

impl Row {
    /// The longest row that begins at `start`.
    fn at(text: &[u8], start: usize) -> Self {
        let mut row =
            Self { span: start..start, end: start, count: 0, fits: [true; RADICES.len()], mark: None };
        let mut at = start;
        loop {
            let marked = slice(text, at..at + 2) == b"0x";
            let digits = at + if marked { 2 } else { 0 };
            let stop =
                run_end(slice(text, 0..text.len().min(digits + 10)), digits, |b| b.is_ascii_hexdigit());
            let code = slice(text, digits..stop);
            if stop == digits || joins(byte(text, stop)) || !row.take(code, marked) {
                // Whatever comes next begins after what could be no code.
                row.end = run_end(text, stop, joins).max(at + 1);
                if row.count > 0 {
                    row.end = at;
                }
                return row;
            }
            row.count += 1;
            row.span.end = stop;
            let gap = run_end(slice(text, 0..text.len().min(stop + GAP)), stop, divides);
            let mut marks = slice(text, stop..gap).iter().filter(|byte| !byte.is_ascii_whitespace());
            let mark = marks.next().copied().unwrap_or(b' ');
            let same = *row.mark.get_or_insert(mark) == mark && marks.next().is_none();
            if gap == stop || !same {
                // Of two rows with other marks the second begins with this code.
                row.end = if row.count > 1 { at } else { gap };
                return row;
            }
            (at, row.end) = (gap, gap);
        }
    }

    /// Puts a code to those before it; whether it can be one of them.
    fn take(&mut self, code: &[u8], marked: bool) -> bool {
        let decimal = !marked && matches!(code.len(), 2 | 3) && code.iter().all(u8::is_ascii_digit);
        let binary = !marked && code.len() == 8 && code.iter().all(|digit| matches!(digit, b'0' | b'1'));
        let [hexadecimal_before, decimal_before, binary_before] = self.fits;
        let fits =
            [hexadecimal_before && code.len() == 2, decimal_before && decimal, binary_before && binary];
        if fits.contains(&true) {
            self.fits = fits;
        }
        fits.contains(&true)
    }

    /// What the row says, if it says something.
    fn unit(self, text: &[u8]) -> Option<Unit> {
        if self.count < SHORTEST {
            return None;
        }
        // Some rows are both: what they say is tried in either way.
        let radices = RADICES.into_iter().zip(self.fits).filter(|(_, fits)| *fits);
        let row = slice(text, self.span.clone());
        let read: Vec<_> = radices
            .filter_map(|(radix, _)| plausible::text(&codes(row, radix)?))
            .filter(|text| is_words(text))
            .collect();
        let unit = Unit::new(self.span, Reads::Text(read.join("\n\n")), Disguise::Codes);
        (!read.is_empty()).then_some(unit)
    }
}

fn codes(row: &[u8], radix: u32) -> Option<Vec<u8>> {
    let numbers = row.split(|byte| divides(*byte)).filter(|number| !number.is_empty());
    let value = |number: &[u8]| {
        let digits = number.strip_prefix(b"0x").unwrap_or(number);
        u8::from_str_radix(str::from_utf8(digits).ok()?, radix).ok()
    };
    numbers.map(value).collect()
}

/// Whether there are letters and digits in it: what is measured gives controls and signs as often.
fn is_words(text: &str) -> bool {
    text.chars().filter(|c| c.is_alphanumeric() || *c == ' ').count() * 3 >= text.chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<(&str, String)> {
        let search = Search { text, range: 0..text.len(), probing: true, most: 100 };
        let unit = find(&search)?;
        let Reads::Text(read) = unit.reads else { return None };
        Some((&text[unit.span], read))
    }

    fn row(part: &str, code: impl Fn(u8) -> String) -> String {
        "ignore all".bytes().map(code).collect::<Vec<_>>().join(part)
    }

    #[test]
    fn rows_are_read_and_nothing_else_with_them() {
        for row in [
            row(" ", |byte| format!("{byte:02x}")),
            row(":", |byte| format!("{byte:02X}")),
            row("-", |byte| format!("{byte:02x}")),
            row(", ", |byte| format!("0x{byte:02x}")),
            row(",", |byte| byte.to_string()),
            row(",\n    ", |byte| byte.to_string()),
            row(" ", |byte| format!("{byte:08b}")),
        ] {
            for (lead, tail) in [
                ("", ""),
                (" ; ", " ;"),
                ("do: ", " now"),
                ("String.fromCharCode(", ")"),
                ("[12, 4, ", "]"),
                ("12; ", ""),
                ("see: ", " and so on"),
                ("add bad ", ""),
            ] {
                let text = format!("{lead}{row}{tail}");
                assert_eq!(read(&text), Some((row.as_str(), "ignore all".to_owned())), "{text}");
            }
        }
    }

    #[test]
    fn addresses_and_measurements_stay() {
        for text in [
            "00:1a:2b:3c:4d:5e 3c:22:fb:01:02:03",
            "12 15 14 13 12 16 18 11 12 13 15 14",
            "2031-03-10 10:30:12.123 2031-03-10 10:30:12.124",
            "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17",
            "9f:86:d0:81:88:4c:7d:65:9a:2f:ea:a0:c5:5a:d0:15:a3:bf:4f:1b:2b:0b:82:2c:d1:5d:6c:15:b0:f0:0a:08",
            "add a bad dad, ace cab, fed bee",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
