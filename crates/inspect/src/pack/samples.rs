//! Rules tried on their own samples.

use super::{Rule, Sample, Where};
use crate::catalogue::Confidence;
use crate::place::Place;
use crate::scanner::{Scanner, Text};

/// A sample on which a rule is wrong.
#[derive(Clone, Copy, Debug)]
pub enum Fault<'r> {
    /// Nothing is found in it.
    Missed(&'r Sample),
    /// Something is found in it, and should not be.
    Found(&'r Sample),
}

impl Rule {
    /// The samples on which it is wrong. `scanner` knows this rule, best alone, and `places` are those it looks in.
    pub fn faults(&self, scanner: &Scanner, places: &[Where]) -> Vec<Fault<'_>> {
        let place = places.first().map_or(Place::UNKNOWN, |kind| Place::new(*kind));
        let finds = |sample: &Sample| {
            let mut hits = Vec::new();
            let text = sample.text();
            scanner.scan(Text { text: &text, key: sample.key(), place }, &mut hits);
            hits.iter().any(|hit| {
                hit.confidence >= Confidence::SURE
                    && scanner.detector(hit.detector).is_some_and(|found| found.id() == self.id)
            })
        };
        let missed = self.matches.iter().filter(|sample| !finds(sample)).map(Fault::Missed);
        missed.chain(self.no_match.iter().filter(|sample| finds(sample)).map(Fault::Found)).collect()
    }
}

impl Sample {
    /// The text as it is looked at, without `~`.
    pub fn text(&self) -> String {
        let (Self::Text(text) | Self::Member { text, .. }) = self;
        text.replace('~', "")
    }

    /// Name of the member it is the value of.
    pub fn key(&self) -> Option<&str> {
        match self {
            Self::Text(_) => None,
            Self::Member { key, .. } => Some(key),
        }
    }
}
