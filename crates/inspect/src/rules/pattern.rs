//! Regular expressions, tried where one of their words stands.

use std::{ops::Range, sync::OnceLock};

use regex::bytes::{Regex, RegexBuilder};

use super::RuleError;
use crate::ascii::slice;
use crate::pack::{self, Rule};

/// Compiled when first needed: most rules never meet their words.
#[derive(Debug)]
pub(super) struct Pattern {
    given: pack::Pattern,
    regex: OnceLock<Option<Regex>>,
}

/// Memory one compiled expression may take, in bytes.
const SIZE: usize = 1 << 20;

impl Pattern {
    pub(super) fn compile(_: &Rule, given: &pack::Pattern) -> Self {
        Self { given: given.clone(), regex: OnceLock::new() }
    }

    /// The part of a text in which a match may lie that has a word at `anchor`.
    pub(super) fn reach(&self, text: &[u8], anchor: &Range<usize>) -> Range<usize> {
        let end = anchor.end.saturating_add(self.given.after.into());
        anchor.start.saturating_sub(self.given.before.into())..end.min(text.len())
    }

    /// Calls `report` with each match in a part of the text.
    pub(super) fn each(&self, text: &[u8], part: Range<usize>, mut report: impl FnMut(Range<usize>)) {
        let regex = self.regex.get_or_init(|| builder(&self.given.regex, self.given.unicode).build().ok());
        // Cannot fail for packs that were verified, as all are.
        let Some(regex) = regex else { return };
        let text = slice(text, 0..part.end);
        let mut at = part.start;
        while let Some(found) = regex.find_at(text, at) {
            let whole = found.range();
            let value = match regex.capture_names().flatten().any(|name| name == "value") {
                true => regex
                    .captures_at(text, whole.start)
                    .and_then(|captures| captures.name("value").map(|value| value.range()))
                    .unwrap_or(whole.clone()),
                false => whole.clone(),
            };
            if !value.is_empty() {
                report(value);
            }
            at = whole.end.max(at + 1);
            if at > text.len() {
                return;
            }
        }
    }
}

/// Compiles the expression of a rule.
pub(super) fn build(rule: &Rule, given: &pack::Pattern) -> Result<Regex, RuleError> {
    builder(&given.regex, given.unicode).build().map_err(|source| RuleError::Pattern {
        rule: rule.id.clone(),
        pattern: given.regex.clone(),
        source: Box::new(source),
    })
}

pub(super) fn builder(pattern: &str, unicode: bool) -> RegexBuilder {
    let mut builder = RegexBuilder::new(pattern);
    builder.unicode(unicode).size_limit(SIZE).dfa_size_limit(SIZE);
    builder
}
