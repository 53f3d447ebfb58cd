//! The one pass for the literals of all rules.

use std::ops::Range;

use super::{
    Compiled, Finder, How, Mentioned, Notes, RuleError, Surroundings,
    literals::{Literal, Literals},
    near::{Nearby, Vocabulary},
    phrase, pieces,
    shape::Shapes,
    signals,
    values::Values,
};
use crate::pack::{Find, Rule};
use crate::place::Places;
use crate::scanner::{DetectorId, Hit, Text};

/// The enabled rules of all packs.
#[derive(Debug, Default)]
pub(crate) struct Rules {
    literals: Literals,
    /// The finders that want to know of a literal, by its number.
    served: Vec<Vec<Served>>,
    finders: Vec<Finder>,
    shapes: Shapes,
    rules: Vec<Compiled>,
    /// Beginnings of values, sorted.
    pub(super) marks: Vec<String>,
    /// Finders of values that the words before them explain.
    values: Option<Values>,
    /// The words near findings that rules ask for.
    vocabulary: Vocabulary,
}

/// A finder that wants to know of a literal.
#[derive(Clone, Copy, Debug)]
struct Served {
    finder: usize,
    /// Which of the finder's literals it is.
    own: usize,
    rule: usize,
    places: Places,
    /// It means nothing before another literal of the finder was met.
    follows: bool,
}

/// What is remembered of a text while it is read.
#[derive(Default)]
struct Reading {
    /// By finder, one more than where its state stands in `states`; empty until there is one.
    known: Vec<u32>,
    states: Vec<(usize, State)>,
}

/// What is remembered for one finder.
enum State {
    /// Part of a text that an expression will be tried on; grows while words stand close together, so that no byte is
    /// read twice.
    Pending(Range<usize>),
    Phrase(phrase::Progress),
    Signals(signals::Seen),
}

impl Rules {
    /// Compiles rules, each with the id of its detector and the places it looks in.
    pub(crate) fn compile<'r>(
        given: impl Iterator<Item = (DetectorId, &'r Rule, Places)>,
    ) -> Result<Self, RuleError> {
        let mut compiled = Self::default();
        let mut literals: Vec<Literal> = Vec::new();
        let mut numbers = std::collections::HashMap::new();
        let mut explained = Vec::new();
        let given: Vec<_> = given.collect();
        for &(id, rule, places) in &given {
            let checks = super::Checks::compile(rule, &mut compiled.vocabulary)?;
            let named =
                |name: &String| given.iter().find(|(_, other, _)| other.id == *name).map(|(id, ..)| *id);
            let mentioned =
                rule.mentioned.as_ref().map_or(Mentioned::Counts, |name| Mentioned::As(named(name)));
            let order = pieces::is_order(rule);
            compiled.rules.push(Compiled { id, places, checks, mentioned, order });
            for find in &rule.find {
                compiled.marks.extend(pieces::marks(find));
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
                let Some(Finder { how, rule: index }) = compiled.finders.last() else { continue };
                for (own, anchor) in anchors.into_iter().enumerate() {
                    let opens = how.opens(own) && anchor.starts_with(|c: char| c.is_ascii_alphanumeric());
                    let number = *numbers.entry(anchor.to_ascii_lowercase()).or_insert_with_key(|text| {
                        literals.push(Literal { text: text.clone(), opens: true });
                        compiled.served.push(Vec::new());
                        literals.len() - 1
                    });
                    if let Some(literal) = literals.get_mut(number) {
                        literal.opens &= opens;
                    }
                    if let Some(served) = compiled.served.get_mut(number) {
                        let (finder, follows) = (compiled.finders.len() - 1, how.follows(own));
                        served.push(Served { finder, own, rule: *index, places, follows });
                    }
                }
            }
        }
        compiled.marks.sort_unstable();
        compiled.values = Values::new(&explained);
        compiled.literals = Literals::new(literals);
        Ok(compiled)
    }

    pub(crate) fn scan(&self, text: Text<'_>, hits: &mut Vec<Hit>) {
        let mut notes = self.notes();
        self.shapes.scan(&self.rules, text, &mut notes, hits);
        if let Some(values) = &self.values {
            values.scan(text, |finder, find| {
                if let Some((rule, keyed)) =
                    self.keyed(finder).filter(|(rule, _)| rule.places.include(text.place))
                    && let Some(span) = find(keyed)
                {
                    rule.report(text, &mut notes, span, hits);
                }
            });
        }
        let mut reading = Reading::default();
        self.literals.each(text.text.as_bytes(), |literal, anchor| {
            for served in self.served.get(literal).into_iter().flatten() {
                if served.places.include(text.place) && (!served.follows || reading.knows(served.finder)) {
                    self.look(served, anchor.clone(), text, &mut reading, &mut notes, hits);
                }
            }
        });
        self.finish(reading, text, &mut notes, hits);
        self.scan_member(text, &mut notes, hits);
    }

    /// What is to be remembered of a text for the checks of rules.
    pub(super) fn notes(&self) -> Notes<'_> {
        Notes { around: Surroundings::default(), nearby: Nearby::new(&self.vocabulary) }
    }

    /// Takes note of a literal for one finder, and reports what it finds there.
    fn look(
        &self,
        served: &Served,
        anchor: Range<usize>,
        text: Text<'_>,
        reading: &mut Reading,
        notes: &mut Notes<'_>,
        hits: &mut Vec<Hit>,
    ) {
        let bytes = text.text.as_bytes();
        let Some(Finder { how, .. }) = self.finders.get(served.finder) else { return };
        let found = match how {
            How::Token(token) => token.at(bytes, anchor),
            How::Assigned(assigned) => assigned.after(bytes, anchor),
            How::Keyed(_) => None,
            How::Pattern(pattern) => {
                let part = pattern.reach(bytes, &anchor);
                if let Some(done) = reading.reach(served.finder, self.finders.len(), part) {
                    self.search(served.finder, text, done, notes, hits);
                }
                None
            }
            How::Phrase(phrase) => {
                let state =
                    reading.of(served.finder, self.finders.len(), || State::Phrase(Default::default()));
                match state {
                    Some(State::Phrase(progress)) => phrase.advance(progress, text.text, served.own, anchor),
                    _ => None,
                }
            }
            How::Signals(signals) => {
                let state = reading.of(served.finder, self.finders.len(), || State::Signals(signals.begin()));
                if let Some(State::Signals(seen)) = state {
                    signals.advance(seen, text.text, served.own, anchor);
                }
                None
            }
        };
        if let (Some(rule), Some(span)) = (self.rules.get(served.rule), found) {
            rule.report(text, notes, span, hits);
        }
    }

    /// Calls `found` for each literal and each finder that wants to know of it: the finder's number, which of its literals
    /// it is, its rule, how it finds, and where the literal stands.
    pub(super) fn each(
        &self,
        text: Text<'_>,
        mut found: impl FnMut(usize, usize, &Compiled, &How, Range<usize>),
    ) {
        self.literals.each(text.text.as_bytes(), |literal, anchor| {
            for served in self.served.get(literal).into_iter().flatten() {
                let (finder, rule) = (self.finders.get(served.finder), self.rules.get(served.rule));
                if let (true, Some(finder), Some(rule)) = (served.places.include(text.place), finder, rule) {
                    found(served.finder, served.own, rule, &finder.how, anchor.clone());
                }
            }
        });
    }

    /// Reports what is known only when the whole text was read.
    fn finish(&self, reading: Reading, text: Text<'_>, notes: &mut Notes<'_>, hits: &mut Vec<Hit>) {
        for (finder, state) in reading.states {
            match (self.finders.get(finder), state) {
                (_, State::Pending(part)) => self.search(finder, text, part, notes, hits),
                (Some(Finder { rule, how: How::Signals(signals) }), State::Signals(seen)) => {
                    if let (Some(rule), Some(span)) = (self.rules.get(*rule), signals.verdict(seen)) {
                        rule.report(text, notes, span, hits);
                    }
                }
                _ => {}
            }
        }
    }

    /// The value of a member whose name says what it is.
    fn scan_member(&self, text: Text<'_>, notes: &mut Notes<'_>, hits: &mut Vec<Hit>) {
        let Some(key) = text.key.filter(|key| key.len() <= KEY) else { return };
        self.literals.each(key.as_bytes(), |literal, _| {
            for served in self.served.get(literal).into_iter().flatten() {
                let Some(Finder { how: How::Assigned(assigned), .. }) = self.finders.get(served.finder)
                else {
                    continue;
                };
                if served.places.include(text.place)
                    && let Some(rule) = self.rules.get(served.rule)
                    && let Some(span) = assigned.whole(text.text.as_bytes())
                {
                    rule.report(text, notes, span, hits);
                }
            }
        });
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
        notes: &mut Notes<'_>,
        hits: &mut Vec<Hit>,
    ) {
        let Some(Finder { rule, how: How::Pattern(pattern) }) = self.finders.get(finder) else { return };
        let Some(rule) = self.rules.get(*rule) else { return };
        pattern.each(text.text.as_bytes(), part, |span| {
            let start = text.text.floor_char_boundary(span.start);
            rule.report(text, notes, start..text.text.ceil_char_boundary(span.end), hits);
        });
    }
}

impl How {
    /// Whether one of its literals counts only where no letter or digit stands before it.
    fn opens(&self, own: usize) -> bool {
        match self {
            Self::Phrase(phrase) => phrase.opens(own),
            Self::Signals(signals) => signals.opens(own),
            _ => false,
        }
    }

    /// Whether one of its literals means nothing by itself.
    fn follows(&self, own: usize) -> bool {
        match self {
            Self::Phrase(phrase) => phrase.follows(own),
            Self::Signals(signals) => signals.follows(own),
            _ => false,
        }
    }
}

impl Reading {
    fn knows(&self, finder: usize) -> bool {
        self.known.get(finder).is_some_and(|at| *at > 0)
    }

    /// What is remembered for a finder, from now on if nothing was; there are so many `finders`.
    fn of(&mut self, finder: usize, finders: usize, new: impl FnOnce() -> State) -> Option<&mut State> {
        if self.known.is_empty() {
            self.known = vec![0; finders];
        }
        let known = self.known.get_mut(finder)?;
        if *known == 0 {
            self.states.push((finder, new()));
            *known = u32::try_from(self.states.len()).ok()?;
        }
        let at = usize::try_from(*known).ok()?.checked_sub(1)?;
        self.states.get_mut(at).map(|(_, state)| state)
    }

    /// Takes note of a part to search; returns one that is complete.
    fn reach(&mut self, finder: usize, finders: usize, part: Range<usize>) -> Option<Range<usize>> {
        let State::Pending(open) = self.of(finder, finders, || State::Pending(part.clone()))? else {
            return None;
        };
        if part.start <= open.end {
            open.end = open.end.max(part.end);
            return None;
        }
        Some(std::mem::replace(open, part))
    }
}

/// Longer names of members explain nothing.
const KEY: usize = 128;
