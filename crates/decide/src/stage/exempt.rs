//! Findings that the configuration says are none, in one place and for a while.

use inspect::{DetectorId, Hit};
use policy::{Exemption, Flow};
use wire::pointer_at;

use super::Passage;
use crate::{Finding, Stage, Verdict};

/// The exemptions that may apply to a frame, and how often each did.
pub(super) struct Exemptions<'p> {
    /// Each with the number of findings it covered.
    held: Vec<(&'p Exemption, usize)>,
    /// How many places may still be looked up: each takes a walk over the frame.
    lookups: usize,
}

/// In so many strings of one frame findings can be exempt. What comes after counts as if nothing were.
const LOOKUPS: usize = 64;

impl<'p> Exemptions<'p> {
    pub(super) fn of(passage: &Passage<'p>) -> Self {
        let exemptions = passage.policy.content.exemptions().iter();
        let held = exemptions.filter(|exemption| exemption.holds(passage.context.now));
        Self { held: held.map(|exemption| (exemption, 0)).collect(), lookups: LOOKUPS }
    }

    /// The detectors among those that hit a string, which begins at this byte of the line, whose findings there count
    /// as none.
    pub(super) fn cover(&mut self, passage: &Passage<'_>, hits: &[Hit], at: usize) -> Vec<DetectorId> {
        let mut exempt = Vec::new();
        if self.held.is_empty() || hits.is_empty() {
            return exempt;
        }
        let asked = asked(passage);
        let mut pointer = None;
        for hit in hits {
            let Some(detector) = passage.policy.content.scanner().detector(hit.detector) else { continue };
            let rule = detector.id();
            for (exemption, count) in &mut self.held {
                if !exemption.concerns(&rule, asked) {
                    continue;
                }
                if pointer.is_none() {
                    let Some(left) = self.lookups.checked_sub(1) else { return exempt };
                    self.lookups = left;
                }
                let pointer = pointer.get_or_insert_with(|| pointer_at(passage.frame.line(), at));
                if exemption.pointer.matches(pointer) {
                    *count += 1;
                    exempt.push(hit.detector);
                    break;
                }
            }
        }
        exempt
    }

    /// Whether a finding of this rule counts as none at the place with this pointer.
    pub(super) fn covers(&mut self, passage: &Passage<'_>, rule: &str, pointer: &str) -> bool {
        let asked = asked(passage);
        let mut held = self.held.iter_mut();
        let found = held.find(|(one, _)| one.concerns(rule, asked) && one.pointer.matches(pointer));
        found.map(|(_, count)| *count += 1).is_some()
    }

    /// What was exempt, for the record.
    pub(super) fn findings(self, passage: &Passage<'_>) -> Vec<Finding> {
        let used = self.held.into_iter().filter(|(_, count)| *count > 0);
        used.map(|(exemption, count)| {
            let Exemption { rule, reason, until, at, .. } = exemption;
            let reason = format!("exempt until {until}: {}", super::shown(passage.policy, reason));
            let mut finding = Finding::new(Stage::Content, rule.clone(), Verdict::Allow, reason)
                .from(at)
                .remedy("it passed; without the exemption it would count");
            finding.count = count;
            finding
        })
        .collect()
    }
}

/// The tool, prompt or resource that is asked for, or that answers.
fn asked<'a>(passage: &'a Passage<'_>) -> Option<&'a str> {
    match passage.context.flow {
        Flow::Request => match passage.facts.targets.as_slice() {
            [only] => Some(&only.name),
            _ => None,
        },
        Flow::Response => passage.context.answers.and_then(|about| about.target.as_deref()),
    }
}
