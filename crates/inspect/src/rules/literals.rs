//! Finds the literals of all rules in one pass.
//!
//! Where a literal may begin is told by three bytes, in a table that stays in the nearest cache: hardly more than every
//! tenth place of a text is looked at closer. Unlike an automaton for thousands of literals this takes no time to build.

use std::ops::Range;

use crate::ascii::{before, byte, is_alnum, opens, slice};

/// The literals, by number. They are found in any (ASCII) case, also inside others.
#[derive(Debug)]
pub(super) struct Literals {
    /// Of all literals, and of those that are also found in the middle of a word.
    opening: Beginnings,
    inside: Beginnings,
    /// By the first three bytes: the end of the bucket in `entries`, of which it is one of [`BUCKETS`].
    ends: Vec<u32>,
    entries: Vec<Entry>,
    all: Vec<Literal>,
}

/// What is looked for.
#[derive(Clone, Debug)]
pub(super) struct Literal {
    /// Compared without regard to the case of ASCII letters.
    pub(super) text: String,
    /// Found only where nothing that is a letter or digit of ASCII stands before it.
    pub(super) opens: bool,
}

/// How literals begin: by the classes of the first and the second byte, a bit for each class of third bytes.
#[derive(Debug)]
struct Beginnings(Box<[u64; CLASSES * CLASSES]>);

/// A literal in its bucket, with what tells most others from it.
#[derive(Clone, Copy, Debug)]
struct Entry {
    /// Its first bytes, in small letters.
    head: u64,
    /// Which of them it has.
    mask: u64,
    number: u32,
    len: u32,
    opens: bool,
}

/// A literal found in a text.
struct Found {
    end: usize,
    start: usize,
    number: usize,
}

const CLASSES: usize = 64;
const BUCKETS: usize = 1 << 13;

/// Bytes by the kinds that [`Literals::thirds`] tells apart: letters without case, digits, common signs; the others share
/// what is left.
static CLASS: [u8; 256] = {
    let mut classes = [0; 256];
    let mut at = 0;
    while at < 256 {
        let this = at as u8;
        #[allow(clippy::indexing_slicing)] // Within bounds, and evaluated by the compiler.
        {
            classes[at] = match this {
                b'a'..=b'z' => this - b'a',
                b'A'..=b'Z' => this - b'A',
                b'0'..=b'9' => this - b'0' + 26,
                b' '..=b'/' => this - b' ' + 36,
                b':'..=b'@' => this - b':' + 52,
                b'['..=b'`' => 59 + (this & 1),
                b'{'..=b'~' => 61 + (this & 1),
                0x80.. => this & 63,
                _ => 63,
            };
        }
        at += 1;
    }
    classes
};

fn class(byte: u8) -> usize {
    CLASS.get(usize::from(byte)).copied().unwrap_or(0).into()
}

fn bucket(first: usize, second: usize, third: usize) -> usize {
    // Fibonacci hashing: neighbours are spread.
    let key = first << 12 | second << 6 | third;
    (key.wrapping_mul(0x9E37_79B1) & 0xFFFF_FFFF) >> (32 - BUCKETS.trailing_zeros())
}

/// How many bytes of a literal its entry has.
const HEAD: usize = 8;

/// The bytes from `at` on, in small letters.
fn head(text: &[u8], at: usize) -> u64 {
    let mut bytes = [0; HEAD];
    match text.get(at..at + HEAD) {
        Some(whole) => bytes.copy_from_slice(whole),
        None => bytes.iter_mut().zip(text.get(at..).unwrap_or_default()).for_each(|(to, from)| *to = *from),
    }
    // Adding makes the highest bit of each byte say whether it is at least `A`, and whether it is beyond `Z`.
    let all = |byte: u8| u64::from_le_bytes([byte; HEAD]);
    let word = u64::from_le_bytes(bytes);
    let low = word & all(0x7F);
    let capital = (low + all(0x80 - b'A')) & !(low + all(0x7F - b'Z')) & !word & all(0x80);
    word | capital >> 2
}

impl Beginnings {
    fn none() -> Self {
        Self(Box::new([0; CLASSES * CLASSES]))
    }

    fn add(&mut self, first: usize, second: usize, third: usize) {
        if let Some(thirds) = self.0.get_mut(first * CLASSES + second) {
            *thirds |= 1 << third;
        }
    }

    fn has(&self, first: u8, second: u8, third: u8) -> bool {
        let thirds = self.0.get(class(first) * CLASSES + class(second)).copied().unwrap_or(0);
        thirds >> class(third) & 1 == 1
    }
}

impl Literals {
    /// Literals of fewer than two bytes are not looked for; the check of rules refuses them.
    pub(super) fn new(all: Vec<Literal>) -> Self {
        let (mut opening, mut inside) = (Beginnings::none(), Beginnings::none());
        let mut placed = Vec::with_capacity(all.len());
        for (number, literal) in (0_u32..).zip(&all) {
            let (&[first, second, ref rest @ ..], Ok(len)) =
                (literal.text.as_bytes(), u32::try_from(literal.text.len()))
            else {
                continue;
            };
            let (first, second) = (class(first), class(second));
            let (head, opens) = (head(literal.text.as_bytes(), 0), literal.opens);
            let entry = Entry { head, mask: u64::MAX >> (64 - 8 * len.min(8)), number, len, opens };
            // After one of two bytes anything may stand.
            let third = rest.first().map_or(0..CLASSES, |third| class(*third)..class(*third) + 1);
            for third in third {
                opening.add(first, second, third);
                if !literal.opens {
                    inside.add(first, second, third);
                }
                placed.push((bucket(first, second, third), entry));
            }
        }
        placed.sort_by_key(|(bucket, entry)| (*bucket, entry.len));
        let mut ends = vec![0; BUCKETS];
        for (bucket, _) in &placed {
            if let Some(count) = ends.get_mut(*bucket) {
                *count += 1;
            }
        }
        let mut sum = 0;
        for end in &mut ends {
            sum += *end;
            *end = sum;
        }
        Self { opening, inside, ends, entries: placed.into_iter().map(|(_, entry)| entry).collect(), all }
    }

    /// Calls `found` with the number and the place of every literal in `text`, in the order of their ends, and of their
    /// beginnings where they end together.
    pub(super) fn each(&self, text: &[u8], mut found: impl FnMut(usize, Range<usize>)) {
        let mut pending: Vec<Found> = Vec::new();
        // A word may also begin after an escape, which ends with a letter or digit.
        let escapes = memchr::memchr3(b'\\', b'%', b'\x1b', text).is_some();
        let mut within = false;
        for (at, bytes) in text.windows(3).enumerate() {
            let &[first, second, third] = bytes else { continue };
            let beginnings = if within && !escapes { &self.inside } else { &self.opening };
            if beginnings.has(first, second, third) {
                self.closer(text, at, &mut pending, &mut found);
            }
            within = is_alnum(first);
        }
        // Nothing stands after the last two.
        if let [lead @ .., first, second] = text
            && self.opening.has(*first, *second, 0)
        {
            self.closer(text, lead.len(), &mut pending, &mut found);
        }
        flush(&mut pending, usize::MAX, &mut found);
    }

    /// Takes note of the literals that begin at `at`, once those were told that end before.
    fn closer(
        &self,
        text: &[u8],
        at: usize,
        pending: &mut Vec<Found>,
        found: &mut impl FnMut(usize, Range<usize>),
    ) {
        let bucket = bucket(class(byte(text, at)), class(byte(text, at + 1)), class(byte(text, at + 2)));
        let end = self.ends.get(bucket).copied().unwrap_or(0);
        let start = bucket.checked_sub(1).and_then(|last| self.ends.get(last)).copied().unwrap_or(0);
        let head = head(text, at);
        let within = is_alnum(before(text, at, 1)) && !opens(text, at, is_alnum);
        for entry in self.entries.get(start as usize..end as usize).unwrap_or_default() {
            if (head ^ entry.head) & entry.mask != 0 || (entry.opens && within) {
                continue;
            }
            let number = entry.number as usize;
            let end = at + entry.len as usize;
            let rest = at + HEAD;
            if end > text.len() || (end > rest && !self.goes_on(number, slice(text, rest..end))) {
                continue;
            }
            flush(pending, at + 1, found);
            // Few are open at a time: those that lie in one another.
            let place = pending.partition_point(|open| (open.end, open.start) < (end, at));
            pending.insert(place, Found { end, start: at, number });
        }
    }
}

impl Literals {
    /// Whether a literal has this after its head.
    fn goes_on(&self, number: usize, rest: &[u8]) -> bool {
        let literal = self.all.get(number).and_then(|literal| literal.text.as_bytes().get(HEAD..));
        literal.is_some_and(|literal| literal.eq_ignore_ascii_case(rest))
    }
}

impl Default for Literals {
    fn default() -> Self {
        Self::new(Vec::new())
    }
}

/// Tells of those that end at `until` or before.
fn flush(pending: &mut Vec<Found>, until: usize, found: &mut impl FnMut(usize, Range<usize>)) {
    let done = pending.iter().take_while(|open| open.end <= until).count();
    pending.drain(..done).for_each(|Found { end, start, number }| found(number, start..end));
}

#[cfg(test)]
mod tests {
    use aho_corasick::AhoCorasick;
    use proptest::prelude::*;

    use super::*;

    fn literals<'l>(all: impl IntoIterator<Item = &'l str>) -> Literals {
        let literal = |text: &str| Literal { text: text.to_owned(), opens: false };
        Literals::new(all.into_iter().map(literal).collect())
    }

    fn found(literals: &Literals, text: &str) -> Vec<(usize, Range<usize>)> {
        let mut found = Vec::new();
        literals.each(text.as_bytes(), |number, place| found.push((number, place)));
        found
    }

    #[test]
    fn literals_are_found_in_any_case_and_inside_others() {
        let literals = literals(["abc", "übe", "bc", "ü", "abcd"]);
        assert_eq!(found(&literals, "xABC"), [(0, 1..4), (2, 2..4)]);
        assert_eq!(found(&literals, "éabc"), [(0, 2..5), (2, 3..5)]);
        assert_eq!(found(&literals, "übe"), [(3, 0..2), (1, 0..4)]);
        assert_eq!(found(&literals, "ABCDBC"), [(0, 0..3), (2, 1..3), (4, 0..4), (2, 4..6)]);
        assert!(found(&super::Literals::default(), "abc").is_empty());
    }

    #[test]
    fn those_that_open_begin_no_word_in_its_middle() {
        let literals = Literals::new(vec![Literal { text: "on".to_owned(), opens: true }]);
        assert_eq!(found(&literals, "On action \\non éon"), [(0, 0..2), (0, 12..14), (0, 17..19)]);
    }

    proptest! {
        #[test]
        fn what_an_automaton_finds_is_found_in_its_order(
            all in prop::collection::btree_set("[abz@`é]{2,5}|(ab){4}[abz]{1,3}", 1..12),
            text in "([abzABZ@`\\[éÉ \u{0}]|(ab|AB){4}){0,40}",
        ) {
            let all: Vec<String> = all.into_iter().filter(|text| text.len() > 1).collect();
            let automaton =
                AhoCorasick::builder().ascii_case_insensitive(true).prefilter(false).build(&all).unwrap();
            let wanted: Vec<_> = automaton
                .find_overlapping_iter(&text)
                .map(|found| (found.pattern().as_usize(), found.range()))
                .collect();
            prop_assert_eq!(found(&literals(all.iter().map(String::as_str)), &text), wanted);
        }
    }
}
