//! The next unit of any kind.

use std::ops::Range;

use super::{
    backslash, entity, island, percent, printable, spaced, terminal, unicode,
    unit::{Search, Unit},
};

type Find = for<'s, 't> fn(&'s Search<'t>) -> Option<Unit>;

/// The kinds of units, each with the classes of bytes without which there is none. Where units of two kinds begin at
/// one place, the first counts.
const KINDS: [(u8, Find); 9] = [
    (PERCENT, percent::find),
    (AMPERSAND, entity::find),
    (BACKSLASH, backslash::find),
    (EQUALS, printable::find),
    (CONTROL, terminal::find),
    (WIDE, unicode::find),
    (DIGIT, island::find),
    (DIGIT, spaced::find),
    (HYPHEN, spaced::find_hyphen),
];

const PERCENT: u8 = 1;
const AMPERSAND: u8 = 2;
const BACKSLASH: u8 = 4;
const EQUALS: u8 = 8;
const CONTROL: u8 = 16;
const WIDE: u8 = 32;
const DIGIT: u8 = 64;
const HYPHEN: u8 = 128;

static CLASSES: [u8; 256] = {
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
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' => DIGIT,
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
    next: [Next; KINDS.len()],
}

#[derive(Clone, Debug)]
enum Next {
    Unknown,
    Is(Unit),
    None,
}

impl<'t> Finder<'t> {
    pub(super) fn new(search: Search<'t>) -> Self {
        let part = search.bytes().get(search.range.clone()).unwrap_or_default();
        let classes =
            part.iter().fold(0, |seen, byte| seen | CLASSES.get(usize::from(*byte)).copied().unwrap_or(0));
        let next = KINDS.map(|(needs, _)| if classes & needs == 0 { Next::None } else { Next::Unknown });
        Self { search, next }
    }

    /// The first unit that begins at `from` or later.
    pub(super) fn next(&mut self, from: usize) -> Option<Unit> {
        let range = Range { start: from, end: self.search.range.end };
        let mut first: Option<usize> = None;
        let mut begins = usize::MAX;
        for (kind, ((_, find), next)) in KINDS.iter().zip(&mut self.next).enumerate() {
            let passed = match next {
                Next::Unknown => true,
                Next::Is(unit) => unit.span.start < from,
                Next::None => false,
            };
            if passed {
                let search = Search { range: range.clone(), ..self.search.clone() };
                *next = if range.is_empty() { None } else { find(&search) }.map_or(Next::None, Next::Is);
            }
            if let Next::Is(unit) = next
                && unit.span.start < begins
            {
                begins = unit.span.start;
                first = Some(kind);
            }
        }
        match std::mem::replace(self.next.get_mut(first?)?, Next::Unknown) {
            Next::Is(unit) => Some(unit),
            _ => None,
        }
    }
}
