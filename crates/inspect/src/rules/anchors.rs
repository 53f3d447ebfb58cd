//! The one pass for the literals of all rules.

use std::ops::Range;

use super::{
    Compiled, Finder, How, Mentioned, RuleError, Surroundings, literals::Literals, phrase, shape::Shapes,
    signals, values::Values,
};
use crate::pack::{Find, Rule};
use crate::place::Places;
use crate::scanner::{DetectorId, Hit, Text};

/// The enabled rules of all packs.
#[derive(Debug, Default)]
pub(crate) struct Rules {
    literals: Literals,
    /// The finders that want to know of a literal, by its number, and which of their own literals it is.
    served: Vec<Vec<(usize, usize)>>,
    finders: Vec<Finder>,
    shapes: Shapes,
    rules: Vec<Compiled>,
    /// Finders of values that the words before them explain.
    values: Option<Values>,
}

/// What is remembered of a text while it is read, by finder.
#[derive(Default)]
struct Reading {
    pending: Vec<Pending>,
    phrases: Vec<(usize, phrase::Progress)>,
    signals: Vec<(usize, signals::Seen)>,
    around: Surroundings,
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
        let mut explained = Vec::new();
        let given: Vec<_> = given.collect();
        for &(id, rule, places) in &given {
            let checks = super::Checks::compile(rule)?;
            let named =
                |name: &String| given.iter().find(|(_, other, _)| other.id == *name).map(|(id, ..)| *id);
            let mentioned =
                rule.mentioned.as_ref().map_or(Mentioned::Counts, |name| Mentioned::As(named(name)));
            compiled.rules.push(Compiled { id, places, checks, mentioned });
            for find in &rule.find {
                if let Find::Shape(shape) = find {
                    compiled.shapes.add(rule, compiled.rules.len() - 1, shape)?;
                }
                let Some((finder, anchors)) = Finder::compile(compiled.rules.len() - 1, rule, find)? else {
                    continue;
                };
                compiled.finders.push(finder);
                if let Find::Keyed(keyed) = find {
                    explained.push((compiled.finders.len() - 1, keyed));
                }
                for (own, anchor) in anchors.into_iter().enumerate() {
                    let number = *numbers.entry(anchor.to_ascii_lowercase()).or_insert_with_key(|literal| {
                        literals.push(literal.clone());
                        compiled.served.push(Vec::new());
                        literals.len() - 1
                    });
                    if let Some(served) = compiled.served.get_mut(number) {
                        served.push((compiled.finders.len() - 1, own));
                    }
                }
            }
        }
        compiled.values = Values::new(&explained);
        compiled.literals = Literals::new(literals);
        Ok(compiled)
    }

    pub(crate) fn scan(&self, text: Text<'_>, hits: &mut Vec<Hit>) {
        self.shapes.scan(&self.rules, text, hits);
        if let Some(values) = &self.values {
            let mut around = Surroundings::default();
            values.scan(text, |finder, find| {
                if let Some((rule, keyed)) =
                    self.keyed(finder).filter(|(rule, _)| rule.places.include(text.place))
                    && let Some(span) = find(keyed)
                {
                    rule.report(text, &mut around, span, hits);
                }
            });
        }
        let bytes = text.text.as_bytes();
        let mut reading = Reading::default();
        self.literals.each(text.text, |literal, anchor| {
            for (finder, own, rule, how) in self.interested(literal, text) {
                match how {
                    How::Token(token) => {
                        if let Some(span) = token.at(bytes, anchor.clone()) {
                            rule.report(text, &mut reading.around, span, hits);
                        }
                    }
                    How::Assigned(assigned) => {
                        if let Some(span) = assigned.after(bytes, anchor.clone()) {
                            rule.report(text, &mut reading.around, span, hits);
                        }
                    }
                    How::Keyed(_) => {}
                    How::Pattern(pattern) => {
                        let part = pattern.reach(bytes, &anchor);
                        if let Some(done) = reading.reach(finder, part) {
                            self.search(finder, text, done, &mut reading.around, hits);
                        }
                    }
                    How::Phrase(phrase) => {
                        let progress = of(&mut reading.phrases, finder, Default::default);
                        if let Some(span) =
                            progress.and_then(|known| phrase.advance(known, text.text, own, anchor.clone()))
                        {
                            rule.report(text, &mut reading.around, span, hits);
                        }
                    }
                    How::Signals(signals) => {
                        if let Some(seen) = of(&mut reading.signals, finder, || signals.begin()) {
                            signals.advance(seen, text.text, own, anchor.clone());
                        }
                    }
                }
            }
        });
        self.finish(reading, text, hits);
        self.scan_member(text, hits);
    }

    /// Reports what is known only when the whole text was read.
    fn finish(&self, reading: Reading, text: Text<'_>, hits: &mut Vec<Hit>) {
        let Reading { pending, signals, mut around, .. } = reading;
        for Pending { finder, part } in pending {
            self.search(finder, text, part, &mut around, hits);
        }
        for (finder, seen) in signals {
            let Some(Finder { rule, how: How::Signals(signals) }) = self.finders.get(finder) else {
                continue;
            };
            if let (Some(rule), Some(span)) = (self.rules.get(*rule), signals.verdict(seen)) {
                rule.report(text, &mut around, span, hits);
            }
        }
    }

    /// The value of a member whose name says what it is.
    fn scan_member(&self, text: Text<'_>, hits: &mut Vec<Hit>) {
        let Some(key) = text.key.filter(|key| key.len() <= KEY) else { return };
        self.literals.each(key, |literal, _| {
            for (_, _, rule, how) in self.interested(literal, text) {
                let How::Assigned(assigned) = how else { continue };
                if let Some(span) = assigned.whole(text.text.as_bytes()) {
                    rule.report(text, &mut Surroundings::default(), span, hits);
                }
            }
        });
    }

    /// Who wants to know of a literal: the finder's number, which of its literals it is, its rule, and how it finds.
    fn interested(
        &self,
        literal: usize,
        text: Text<'_>,
    ) -> impl Iterator<Item = (usize, usize, &Compiled, &How)> {
        let served = self.served.get(literal).map(Vec::as_slice).unwrap_or_default();
        served.iter().filter_map(move |&(number, own)| {
            let finder = self.finders.get(number)?;
            let rule = self.rules.get(finder.rule)?;
            rule.places.include(text.place).then_some((number, own, rule, &finder.how))
        })
    }

    fn keyed(&self, finder: usize) -> Option<(&Compiled, &super::Keyed)> {
        let Finder { rule, how: How::Keyed(keyed) } = self.finders.get(finder)? else { return None };
        Some((self.rules.get(*rule)?, keyed))
    }

    fn search(
        &self,
        finder: usize,
        text: Text<'_>,
        part: Range<usize>,
        around: &mut Surroundings,
        hits: &mut Vec<Hit>,
    ) {
        let Some(Finder { rule, how: How::Pattern(pattern) }) = self.finders.get(finder) else { return };
        let Some(rule) = self.rules.get(*rule) else { return };
        pattern.each(text.text.as_bytes(), part, |span| {
            let start = text.text.floor_char_boundary(span.start);
            rule.report(text, around, start..text.text.ceil_char_boundary(span.end), hits);
        });
    }
}

impl Reading {
    /// Takes note of a part to search; returns one that is complete.
    fn reach(&mut self, finder: usize, part: Range<usize>) -> Option<Range<usize>> {
        match self.pending.iter_mut().find(|pending| pending.finder == finder) {
            Some(open) if part.start <= open.part.end => {
                open.part.end = open.part.end.max(part.end);
                None
            }
            Some(open) => Some(std::mem::replace(&mut open.part, part)),
            None => {
                self.pending.push(Pending { finder, part });
                None
            }
        }
    }
}

/// What is remembered for a finder, from now on if nothing was.
fn of<T>(all: &mut Vec<(usize, T)>, finder: usize, new: impl FnOnce() -> T) -> Option<&mut T> {
    let at = all.iter().position(|(number, _)| *number == finder).unwrap_or_else(|| {
        all.push((finder, new()));
        all.len() - 1
    });
    all.get_mut(at).map(|(_, known)| known)
}

/// Longer names of members explain nothing.
const KEY: usize = 128;
