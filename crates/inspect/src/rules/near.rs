//! The words near a finding that make it surer. Those of all rules are looked for together, and what stands around a
//! place is read once for all rules that find something there.

use std::{collections::HashMap, ops::Range, sync::OnceLock};

use super::literals::{Literal, Literals};
use crate::ascii::{before, byte, slice};
use crate::scanner::Text;

/// The words of all rules, by number.
#[derive(Debug, Default)]
pub(super) struct Vocabulary {
    words: Vec<String>,
    numbers: HashMap<String, usize>,
    /// Made when a rule first asks.
    search: OnceLock<Spellings>,
}

/// The ways in which the words are written, and which words each is.
#[derive(Debug)]
struct Spellings {
    literals: Literals,
    words: Vec<Vec<usize>>,
}

/// What is known of the words around places of one text.
#[derive(Debug)]
pub(super) struct Nearby<'v> {
    vocabulary: &'v Vocabulary,
    /// The part that was read, and the words in it.
    read: Range<usize>,
    found: Vec<(usize, Range<usize>)>,
    /// The words in the name of the member.
    key: Option<Vec<(usize, Range<usize>)>>,
}

/// What is read beyond what was asked for, in bytes: the next places come soon.
const AHEAD: usize = 512;

/// Words this short, in bytes, are not found at the beginning of others: `tin` is not in `tiny`.
const SHORT: usize = 3;

impl Vocabulary {
    /// The numbers of the given words, in order.
    pub(super) fn number(&mut self, words: &[String]) -> Vec<usize> {
        let number = |word: &String| {
            *self.numbers.entry(word.clone()).or_insert_with(|| {
                self.words.push(word.clone());
                self.words.len() - 1
            })
        };
        let mut numbers: Vec<_> = words.iter().map(number).collect();
        numbers.sort_unstable();
        numbers
    }

    fn each(&self, text: &[u8], mut found: impl FnMut(usize, Range<usize>)) {
        let search = self.search.get_or_init(|| Spellings::of(&self.words));
        search.literals.each(text, |spelling, place| {
            let words = search.words.get(spelling).map(Vec::as_slice).unwrap_or_default();
            words.iter().for_each(|word| found(*word, place.clone()));
        });
    }
}

impl Spellings {
    fn of(words: &[String]) -> Self {
        let (mut literals, mut spelt) = (Vec::new(), Vec::<Vec<usize>>::new());
        let mut numbers = HashMap::new();
        for (word, written) in words.iter().enumerate() {
            for spelling in spellings(written) {
                let number = *numbers.entry(spelling.to_ascii_lowercase()).or_insert_with_key(|text| {
                    literals.push(Literal { text: text.clone(), opens: false });
                    spelt.push(Vec::new());
                    literals.len() - 1
                });
                if let Some(known) = spelt.get_mut(number).filter(|known| known.last() != Some(&word)) {
                    known.push(word);
                }
            }
        }
        Self { literals: Literals::new(literals), words: spelt }
    }
}

impl<'v> Nearby<'v> {
    pub(super) fn new(vocabulary: &'v Vocabulary) -> Self {
        Self { vocabulary, read: 0..0, found: Vec::new(), key: None }
    }

    /// Whether one of the words, which are sorted, stands within so many bytes of `span`, or in the name of the member.
    pub(super) fn has(
        &mut self,
        words: &[usize],
        text: Text<'_>,
        span: &Range<usize>,
        within: usize,
    ) -> bool {
        let bytes = text.text.as_bytes();
        let lead = span.start.saturating_sub(within)..span.start;
        let tail = span.end..bytes.len().min(span.end + within);
        let vocabulary = self.vocabulary;
        let key = text.key.unwrap_or_default().as_bytes();
        let named = self.key.get_or_insert_with(|| {
            let mut named = Vec::new();
            vocabulary.each(key, |word, place| named.push((word, place)));
            named
        });
        let stands = |found: &[(usize, Range<usize>)], text: &[u8], part: &Range<usize>| {
            found.iter().any(|(word, place)| {
                part.start <= place.start
                    && place.end <= part.end
                    && words.binary_search(word).is_ok()
                    && is_word(slice(text, part.clone()), place.start - part.start..place.end - part.start)
            })
        };
        if stands(named, key, &(0..key.len())) {
            return true;
        }
        [lead, tail].into_iter().any(|part| stands(self.around(bytes, &part), bytes, &part))
    }

    /// The words in a part of the text, and others.
    fn around(&mut self, text: &[u8], part: &Range<usize>) -> &[(usize, Range<usize>)] {
        if part.start < self.read.start || self.read.end < part.end {
            self.read = part.start..text.len().min(part.end + AHEAD);
            self.found.clear();
            let (from, found) = (part.start, &mut self.found);
            self.vocabulary.each(slice(text, self.read.clone()), |word, place| {
                found.push((word, from + place.start..from + place.end));
            });
        }
        &self.found
    }
}

/// `bankAccount` has the word account, `discount` has not the word count.
fn is_word(part: &[u8], at: Range<usize>) -> bool {
    let (last, first) = (before(part, at.start, 1), byte(part, at.start));
    let begins = !last.is_ascii_alphabetic() || (last.is_ascii_lowercase() && first.is_ascii_uppercase());
    begins && (at.len() > SHORT || ends_word(part, at.end))
}

fn ends_word(part: &[u8], at: usize) -> bool {
    let at = at + usize::from(byte(part, at) == b's');
    let (last, next) = (before(part, at, 1), byte(part, at));
    !next.is_ascii_alphabetic() || (last.is_ascii_lowercase() && next.is_ascii_uppercase())
}

/// Words of several parts are found in the names of members and columns too: `tax id`, `tax_id`, `tax-id`, `taxId`. Case is
/// ignored in ASCII only, so other words are looked for in capitals as well.
fn spellings(word: &str) -> impl Iterator<Item = String> {
    [" ", "_", "-", ""].into_iter().flat_map(move |joint| {
        let spelled = word.replace(' ', joint);
        [spelled.to_uppercase(), spelled]
    })
}
