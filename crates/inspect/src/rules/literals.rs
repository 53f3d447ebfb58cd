//! Finds the literals of all rules in one pass.

use std::{ops::Range, sync::OnceLock};

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

/// The literals, by number. They are found in any (ASCII) case, also inside others.
#[derive(Debug, Default)]
pub(super) struct Literals {
    all: Vec<String>,
    /// The fast search for those that a text of ASCII characters can hold, and their numbers.
    ascii: Option<AhoCorasick>,
    numbers: Vec<usize>,
    /// The search for all. It takes a wider alphabet, so it is made for the first text that needs it.
    wide: OnceLock<Option<AhoCorasick>>,
}

impl Literals {
    pub(super) fn new(all: Vec<String>) -> Self {
        let numbers: Vec<_> = (0..).zip(&all).filter(|(_, text)| text.is_ascii()).map(|(n, _)| n).collect();
        let ascii = all.iter().filter(|text| text.is_ascii());
        let ascii = if numbers.is_empty() { None } else { search(AhoCorasickKind::DFA, ascii) };
        Self { all, ascii, numbers, wide: OnceLock::new() }
    }

    /// Calls `found` with the number and the place of every literal in `text`, in the order of their ends.
    pub(super) fn each(&self, text: &str, mut found: impl FnMut(usize, Range<usize>)) {
        if text.is_ascii() {
            for literal in self.ascii.iter().flat_map(|ascii| ascii.find_overlapping_iter(text)) {
                if let Some(number) = self.numbers.get(literal.pattern().as_usize()) {
                    found(*number, literal.start()..literal.end());
                }
            }
            return;
        }
        let wide = self.wide.get_or_init(|| search(AhoCorasickKind::ContiguousNFA, self.all.iter()));
        for literal in wide.iter().flat_map(|wide| wide.find_overlapping_iter(text)) {
            found(literal.pattern().as_usize(), literal.start()..literal.end());
        }
    }
}

fn search<'l>(kind: AhoCorasickKind, literals: impl Iterator<Item = &'l String>) -> Option<AhoCorasick> {
    AhoCorasick::builder()
        .match_kind(MatchKind::Standard)
        .kind(Some(kind))
        .ascii_case_insensitive(true)
        .prefilter(false)
        .build(literals)
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_literal_is_the_same_in_any_text() {
        let literals = ["abc", "übe", "bc", "ü"].map(str::to_owned);
        let literals = Literals::new(literals.into());
        let found = |text: &str| {
            let mut found = Vec::new();
            literals.each(text, |number, place| found.push((number, place)));
            found
        };
        assert_eq!(found("xABC"), [(0, 1..4), (2, 2..4)]);
        assert_eq!(found("éabc"), [(0, 2..5), (2, 3..5)]);
        assert_eq!(found("übe"), [(3, 0..2), (1, 0..4)]);
        assert!(Literals::new(Vec::new()).ascii.is_none());
    }
}
