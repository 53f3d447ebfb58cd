//! Signs of which each alone means little: weighed together, each counted once in a text.

use std::ops::Range;

use super::RuleError;
use super::phrase::{Phrase, Progress};
use crate::pack::{self, Rule};

#[derive(Debug)]
pub(super) struct Signals {
    threshold: u32,
    signals: Vec<(u32, Phrase)>,
    /// Which signal each literal belongs to, and which literal of that signal it is.
    literals: Vec<(usize, usize)>,
}

/// What was seen in one text.
#[derive(Debug)]
pub(super) struct Seen {
    signals: Vec<Option<Progress>>,
    weight: u32,
    /// The heaviest, with its weight: that is shown as what was found.
    heaviest: Option<(u32, Range<usize>)>,
}

impl Signals {
    pub(super) fn compile(rule: &Rule, given: &pack::Signals) -> Result<(Self, Vec<String>), RuleError> {
        let mut compiled =
            Self { threshold: given.threshold.into(), signals: Vec::new(), literals: Vec::new() };
        let mut all = Vec::new();
        for (number, signal) in given.signals.iter().enumerate() {
            let (phrase, literals) = Phrase::compile(rule, &signal.parts, signal.gap, 0)?;
            compiled.signals.push((signal.weight.into(), phrase));
            compiled.literals.extend((0..literals.len()).map(|literal| (number, literal)));
            all.extend(literals);
        }
        Ok((compiled, all))
    }

    pub(super) fn begin(&self) -> Seen {
        let signals = self.signals.iter().map(|_| Some(Progress::default())).collect();
        Seen { signals, weight: 0, heaviest: None }
    }

    /// As [`Phrase::opens`].
    pub(super) fn opens(&self, literal: usize) -> bool {
        self.phrase(literal).is_some_and(|(phrase, own)| phrase.opens(own))
    }

    /// As [`Phrase::follows`].
    pub(super) fn follows(&self, literal: usize) -> bool {
        self.phrase(literal).is_some_and(|(phrase, own)| phrase.follows(own))
    }

    fn phrase(&self, literal: usize) -> Option<(&Phrase, usize)> {
        let (signal, own) = self.literals.get(literal)?;
        self.signals.get(*signal).map(|(_, phrase)| (phrase, *own))
    }

    /// Takes note of a literal that stands in the text.
    pub(super) fn advance(&self, seen: &mut Seen, text: &str, literal: usize, found: Range<usize>) {
        let Some((signal, literal)) = self.literals.get(literal) else { return };
        let Some((weight, phrase)) = self.signals.get(*signal) else { return };
        let Some(slot) = seen.signals.get_mut(*signal) else { return };
        let Some(progress) = slot else { return };
        if let Some(span) = phrase.advance(progress, text, *literal, found) {
            *slot = None;
            seen.weight += weight;
            if seen.heaviest.as_ref().is_none_or(|(heaviest, _)| weight > heaviest) {
                seen.heaviest = Some((*weight, span));
            }
        }
    }

    /// What is reported once the whole text was read.
    pub(super) fn verdict(&self, seen: Seen) -> Option<Range<usize>> {
        seen.heaviest.filter(|_| seen.weight >= self.threshold).map(|(_, span)| span)
    }
}
