//! The next unit of any kind.

use std::ops::Range;

use super::{
    backslash, codes, entity, island, leet, percent, printable, spaced, terminal, unicode,
    unit::{Search, Unit},
};

type Find = for<'s, 't> fn(&'s Search<'t>) -> Option<Unit>;

/// The kinds of units, each with the classes of bytes without which there is none. Where units of two kinds begin at
/// one place, the first counts.
const KINDS: [(u16, Find); 11] = [
    (PERCENT, percent::find),
    (AMPERSAND, entity::find),
    (BACKSLASH, backslash::find),
    (EQUALS, printable::find),
    (CONTROL, terminal::find),
    (WIDE, unicode::find),
    (NUMERAL, codes::find),
    (DIGIT, island::find),
    (NUMERAL, leet::find),
    (DIGIT, spaced::find),
    (HYPHEN, spaced::find_hyphen),
];

const PERCENT: u16 = 1;
const AMPERSAND: u16 = 2;
const BACKSLASH: u16 = 4;
const EQUALS: u16 = 8;
const CONTROL: u16 = 16;
const WIDE: u16 = 32;
const DIGIT: u16 = 64;
const HYPHEN: u16 = 128;
const NUMERAL: u16 = 256;

static CLASSES: [u16; 256] = {
    let mut classes = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        #[allow(clippy::indexing_slicing)] // Within bounds, and evaluated by the compiler.
        {
            classes[byte] = match byte as u8 {
                b'%' => PERCENT,
                b'&' => AMPERSAND,
                b'\\' => BACKSLASH,
                b'=' => EQUALS,
                b'-' => HYPHEN,
                this if terminal::is_control(this) => CONTROL,
                0x80.. => WIDE,
                b'0'..=b'9' => DIGIT | NUMERAL,
                b'A'..=b'Z' | b'a'..=b'z' => DIGIT,
                _ => 0,
            };
        }
        byte += 1;
    }
    classes
};

/// Finds units in order. Every kind searches a text once, however many units others have.
#[derive(Debug)]
pub(super) struct Finder<'t> {
    search: Search<'t>,
    /// The next unit of each kind, where it is known, and one more than where it begins: [`UNKNOWN`] if it must be
    /// searched for, [`NONE`] if there is no other.
    next: [Option<Unit>; KINDS.len()],
    begins: [usize; KINDS.len()],
}

const UNKNOWN: usize = 0;
const NONE: usize = usize::MAX;

impl<'t> Finder<'t> {
    pub(super) fn new(search: Search<'t>) -> Self {
        let part = search.bytes().get(search.range.clone()).unwrap_or_default();
        let classes =
            part.iter().fold(0, |seen, byte| seen | CLASSES.get(usize::from(*byte)).copied().unwrap_or(0));
        let begins = KINDS.map(|(needs, _)| if classes & needs == 0 { NONE } else { UNKNOWN });
        Self { search, next: KINDS.map(|_| None), begins }
    }

    /// The first unit that begins at `from` or later.
    pub(super) fn next(&mut self, from: usize) -> Option<Unit> {
        let range = Range { start: from, end: self.search.range.end };
        let (mut first, mut earliest) = (None, NONE);
        for (kind, ((_, find), begins)) in KINDS.iter().zip(&mut self.begins).enumerate() {
            if *begins <= from {
                let search = Search { range: range.clone(), ..self.search.clone() };
                let unit = if range.is_empty() { None } else { find(&search) };
                *begins = unit.as_ref().map_or(NONE, |unit| unit.span.start + 1);
                if let Some(next) = self.next.get_mut(kind) {
                    *next = unit;
                }
            }
            if *begins < earliest {
                (first, earliest) = (Some(kind), *begins);
            }
        }
        let first = first?;
        *self.begins.get_mut(first)? = UNKNOWN;
        self.next.get_mut(first)?.take()
    }
}
