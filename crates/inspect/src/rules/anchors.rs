//! The one pass for the literals of all rules.

use std::ops::Range;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use super::{Compiled, Finder, How, RuleError};
use crate::pack::Rule;
use crate::place::Places;
use crate::scanner::{DetectorId, Hit, Text};

/// The enabled rules of all packs.
#[derive(Debug, Default)]
pub(crate) struct Rules {
    /// Finds every literal, also those inside others, in any case; `None` when there are none.
    automaton: Option<AhoCorasick>,
    /// The finders that want to know of a literal, by its number.
    served: Vec<Vec<usize>>,
    finders: Vec<Finder>,
    rules: Vec<Compiled>,
}

/// Part of a text that an expression will be tried on; grows while words stand close together, so that no byte is
/// read twice.
struct Pending {
    finder: usize,
    part: Range<usize>,
}

impl Rules {
    /// Compiles rules, each with the id of its detector and the places it looks in.
    pub(crate) fn compile<'r>(
        given: impl Iterator<Item = (DetectorId, &'r Rule, Places)>,
    ) -> Result<Self, RuleError> {
        let mut compiled = Self::default();
        let mut literals: Vec<String> = Vec::new();
        let mut numbers = std::collections::HashMap::new();
        for (id, rule, places) in given {
            let checks = super::Checks::compile(rule)?;
            compiled.rules.push(Compiled { id, places, checks });
            for find in &rule.find {
                let Some((finder, anchors)) = Finder::compile(compiled.rules.len() - 1, rule, find)? else {
                    continue;
                };
                compiled.finders.push(finder);
                for anchor in anchors {
                    let number = *numbers.entry(anchor.to_ascii_lowercase()).or_insert_with_key(|literal| {
                        literals.push(literal.clone());
                        compiled.served.push(Vec::new());
                        literals.len() - 1
                    });
                    if let Some(served) = compiled.served.get_mut(number) {
                        served.push(compiled.finders.len() - 1);
                    }
                }
            }
        }
        if !literals.is_empty() {
            let automaton = AhoCorasick::builder()
                .match_kind(MatchKind::Standard)
                .kind(Some(AhoCorasickKind::DFA))
                .ascii_case_insensitive(true)
                .prefilter(false)
                .build(&literals);
            compiled.automaton = automaton.ok();
        }
        Ok(compiled)
    }

    pub(crate) fn scan(&self, text: Text<'_>, hits: &mut Vec<Hit>) {
        let Some(automaton) = &self.automaton else { return };
        let bytes = text.text.as_bytes();
        let mut pending: Vec<Pending> = Vec::new();
        for found in automaton.find_overlapping_iter(bytes) {
            let anchor = found.start()..found.end();
            for (finder, rule, how) in self.interested(found.pattern().as_usize(), text) {
                match how {
                    How::Token(token) => {
                        if let Some(span) = token.at(bytes, anchor.clone()) {
                            rule.report(text, span, hits);
                        }
                    }
                    How::Assigned(assigned) => {
                        if let Some(span) = assigned.after(bytes, anchor.clone()) {
                            rule.report(text, span, hits);
                        }
                    }
                    How::Pattern(pattern) => {
                        let part = pattern.reach(bytes, &anchor);
                        match pending.iter_mut().find(|pending| pending.finder == finder) {
                            Some(open) if part.start <= open.part.end => {
                                open.part.end = open.part.end.max(part.end);
                            }
                            Some(open) => {
                                let done = std::mem::replace(&mut open.part, part);
                                self.search(finder, text, done, hits);
                            }
                            None => pending.push(Pending { finder, part }),
                        }
                    }
                }
            }
        }
        for Pending { finder, part } in pending {
            self.search(finder, text, part, hits);
        }
        self.scan_member(automaton, text, hits);
    }

    /// The value of a member whose name says what it is.
    fn scan_member(&self, automaton: &AhoCorasick, text: Text<'_>, hits: &mut Vec<Hit>) {
        let Some(key) = text.key.filter(|key| key.len() <= KEY) else { return };
        for found in automaton.find_overlapping_iter(key) {
            for (_, rule, how) in self.interested(found.pattern().as_usize(), text) {
                let How::Assigned(assigned) = how else { continue };
                if let Some(span) = assigned.whole(text.text.as_bytes()) {
                    rule.report(text, span, hits);
                }
            }
        }
    }

    fn interested(&self, literal: usize, text: Text<'_>) -> impl Iterator<Item = (usize, &Compiled, &How)> {
        let served = self.served.get(literal).map(Vec::as_slice).unwrap_or_default();
        served.iter().filter_map(move |&number| {
            let finder = self.finders.get(number)?;
            let rule = self.rules.get(finder.rule)?;
            rule.places.include(text.place).then_some((number, rule, &finder.how))
        })
    }

    fn search(&self, finder: usize, text: Text<'_>, part: Range<usize>, hits: &mut Vec<Hit>) {
        let Some(Finder { rule, how: How::Pattern(pattern) }) = self.finders.get(finder) else { return };
        let Some(rule) = self.rules.get(*rule) else { return };
        pattern.each(text.text.as_bytes(), part, |span| {
            let start = text.text.floor_char_boundary(span.start);
            rule.report(text, start..text.text.ceil_char_boundary(span.end), hits);
        });
    }
}

/// Longer names of members explain nothing.
const KEY: usize = 128;
