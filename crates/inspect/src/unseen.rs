//! What people do not see in a text, or do not see rightly: characters without a shape, directions that swap what is
//! read, letters of one alphabet that look like those of another; and texts that are no text.
//!
//! Scripts that need such characters keep them: joiners of emoji, of Persian and of Indic scripts, marks of direction in
//! texts written from right to left, flags, one variation selector after a sign. This module says that something is
//! there; what a smuggled text says is found by reading it.

mod characters;
mod statistics;

use std::ops::Range;

use crate::catalogue::Confidence;
use crate::pack::{Find, Rule};
use crate::place::Places;
use crate::scanner::{DetectorId, Hit, Text};

/// What is found; the rule that is called by `native: { name }` says what follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unseen {
    TagCharacters,
    ZeroWidthRun,
    ZeroWidthInWord,
    VariationRun,
    BidiControl,
    MarkPile,
    MixedScript,
    Size,
    Entropy,
}

const ALL: [(Unseen, &str); 9] = [
    (Unseen::TagCharacters, "tag_characters"),
    (Unseen::ZeroWidthRun, "zero_width_run"),
    (Unseen::ZeroWidthInWord, "zero_width_in_word"),
    (Unseen::VariationRun, "variation_run"),
    (Unseen::BidiControl, "bidi_control"),
    (Unseen::MarkPile, "mark_pile"),
    (Unseen::MixedScript, "mixed_script"),
    (Unseen::Size, "size"),
    (Unseen::Entropy, "entropy"),
];

impl Unseen {
    /// The one of that name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        ALL.iter().find(|(_, known)| *known == name).map(|(unseen, _)| *unseen)
    }
}

/// Those of these detectors that are enabled.
#[derive(Debug, Default)]
pub(crate) struct Unseens([Option<Enabled>; ALL.len()]);

#[derive(Clone, Copy, Debug)]
struct Enabled {
    id: DetectorId,
    places: Places,
    confidence: Confidence,
}

impl Unseens {
    /// Enables what the rule asks for.
    pub(crate) fn enable(&mut self, id: DetectorId, rule: &Rule, places: Places) {
        let confidence = Confidence::new(rule.confidence);
        for find in &rule.find {
            let Find::Native(native) = find else { continue };
            let slot = Unseen::named(&native.name).and_then(|unseen| self.0.get_mut(unseen as usize));
            if let Some(slot) = slot {
                *slot = Some(Enabled { id, places, confidence });
            }
        }
    }

    pub(crate) fn scan(&self, text: Text<'_>, hits: &mut Vec<Hit>) {
        if self.0.iter().all(Option::is_none) {
            return;
        }
        let mut report = |unseen: Unseen, span: Range<usize>| {
            let enabled = self.0.get(unseen as usize).copied().flatten();
            let enabled = enabled.filter(|enabled| enabled.places.include(text.place));
            hits.extend(enabled.map(|Enabled { id, confidence, .. }| Hit {
                detector: id,
                span,
                confidence,
                disguise: None,
            }));
        };
        characters::scan(text.text, &mut report);
        statistics::scan(text, &mut report);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pack::packs;

    #[test]
    fn everything_unseen_has_its_rule() {
        for (number, (unseen, name)) in ALL.into_iter().enumerate() {
            assert_eq!(unseen as usize, number);
            let rules = packs().iter().flat_map(|pack| &pack.rules);
            let asks = |find: &Find| matches!(find, Find::Native(native) if native.name == name);
            assert_eq!(rules.filter(|rule| rule.find.iter().any(asks)).count(), 1, "{name}");
        }
    }
}
