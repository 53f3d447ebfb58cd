//! One text, looked at as it stands and as it reads where something in it is disguised.

use std::ops::Range;

use crate::catalogue::Family;
use crate::overlap;
use crate::reading::{
    Budget, DEPTH, Unfolder,
    turned::{self, Turn},
};
use crate::scanner::{DetectorId, Hit, Scanner, Text};

/// What stays the same while a text and its readings are looked at.
pub(crate) struct Pass<'p, F> {
    scanner: &'p Scanner,
    /// Detectors that count as if they did not exist.
    without: &'p [DetectorId],
    rank: F,
    budget: Budget,
    /// Layers that may still be uncovered.
    depth: usize,
}

impl<'p, R: Ord, F: Fn(&Hit) -> R> Pass<'p, F> {
    pub(crate) fn new(scanner: &'p Scanner, text: &str, without: &'p [DetectorId], rank: F) -> Self {
        Self { scanner, without, rank, budget: Budget::of(text), depth: DEPTH }
    }

    /// Appends what the text says openly.
    pub(crate) fn look(&self, text: Text<'_>, hits: &mut Vec<Hit>) {
        self.scanner.look(text, self.without, hits);
    }

    /// Appends what is disguised in the text, where the disguise stands; `hits[from..]` is what it says openly.
    pub(crate) fn uncover(&mut self, text: Text<'_>, hits: &mut Vec<Hit>, from: usize) {
        if hits.len() > from {
            self.turn(text, hits, from);
        }
        let mut unfolder = Unfolder::new(text.text);
        if self.depth == 0 {
            hits.extend(unfolder.find_encoded().and_then(|left| self.nested(left)));
            return;
        }
        while let Some(reading) = unfolder.next(&mut self.budget) {
            let mut found = Vec::new();
            // A part of a member's value is not its value.
            let key = text.key.filter(|_| reading.whole);
            let read = Text { text: &reading.text, key, ..text };
            self.look(read, &mut found);
            self.depth -= 1;
            self.uncover(read, &mut found, 0);
            self.depth += 1;
            // Here, where it is still known which is the longest: an island is cut out as a whole.
            self.resolve(&mut found, 0);
            hits.extend(found.into_iter().filter_map(|hit| {
                let disguise = reading.map.disguise(&hit.span)?;
                Some(Hit { span: reading.map.source(&hit.span), disguise: Some(disguise), ..hit })
            }));
        }
        hits.extend(unfolder.left().and_then(|left| self.nested(left)));
    }

    /// Takes away the words that were turned, and appends what the text around them says when it is turned back.
    fn turn(&mut self, text: Text<'_>, hits: &mut Vec<Hit>, from: usize) {
        for (turn, marker) in Turn::ALL.into_iter().zip(self.scanner.turned) {
            let marks = take(hits, from, marker);
            for part in turned::parts(text.text, marks) {
                let len = part.len();
                let Some(left) = self.budget.bytes.checked_sub(len) else {
                    hits.extend(self.nested(part));
                    return;
                };
                self.budget.bytes = left;
                let read = turn.read(text.text.get(part.clone()).unwrap_or_default());
                let mut found = Vec::new();
                self.look(Text { text: &read, key: None, ..text }, &mut found);
                self.resolve(&mut found, 0);
                for hit in found.into_iter().filter(|hit| self.is_words(hit)) {
                    let span = turn.source(len, &hit.span);
                    let span = part.start + span.start..part.start + span.end;
                    hits.push(Hit { span, disguise: Some(turn.disguise()), ..hit });
                }
            }
        }
    }

    /// Whether what was found is more than digits and marks, which turned text is full of by chance.
    fn is_words(&self, hit: &Hit) -> bool {
        let turned = self.scanner.turned.contains(&Some(hit.detector));
        !turned && self.scanner.detector(hit.detector).is_some_and(|found| found.family != Family::Pii)
    }

    /// The finding that what stands in `span` is not looked into to its end.
    fn nested(&self, span: Range<usize>) -> Option<Hit> {
        self.scanner
            .builtins
            .nested(span)
            .filter(|hit| self.scanner.takes_part(hit.detector) && !self.without.contains(&hit.detector))
    }

    /// One finding per place.
    pub(crate) fn resolve(&self, hits: &mut Vec<Hit>, from: usize) {
        overlap::resolve(hits, from, &self.rank);
    }
}

/// Takes the hits of one detector out of `hits[from..]`.
fn take(hits: &mut Vec<Hit>, from: usize, detector: Option<DetectorId>) -> Vec<Range<usize>> {
    let Some(detector) = detector else { return Vec::new() };
    let mut taken = Vec::new();
    let mut index = 0;
    hits.retain(|hit| {
        index += 1;
        let takes = index > from && hit.detector == detector;
        if takes {
            taken.push(hit.span.clone());
        }
        !takes
    });
    taken
}
