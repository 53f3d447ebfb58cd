//! One text, looked at as it stands and as it reads where something in it is disguised.

use std::ops::Range;

use crate::overlap;
use crate::reading::{Budget, DEPTH, Unfolder};
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

    /// Appends what is disguised in the text, where the disguise stands.
    pub(crate) fn uncover(&mut self, text: Text<'_>, hits: &mut Vec<Hit>) {
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
            self.uncover(read, &mut found);
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

    /// The finding that what stands in `span` is not looked into to its end.
    fn nested(&self, span: Range<usize>) -> Option<Hit> {
        self.scanner.builtins.nested(span).filter(|hit| !self.without.contains(&hit.detector))
    }

    /// One finding per place.
    pub(crate) fn resolve(&self, hits: &mut Vec<Hit>, from: usize) {
        overlap::resolve(hits, from, &self.rank);
    }
}
