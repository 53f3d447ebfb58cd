//! What a found text must pass to count.

use std::ops::Range;

use aho_corasick::AhoCorasick;

use super::RuleError;
use super::near::{Nearby, Vocabulary};
use crate::ascii::slice;
use crate::catalogue::Confidence;
use crate::pack::{Check, Rule};
use crate::scanner::Text;
use crate::valid;

#[derive(Debug)]
pub(super) struct Checks {
    confidence: Confidence,
    checks: Vec<Compiled>,
    near: Option<Near>,
    unless: Option<AhoCorasick>,
}

#[derive(Debug)]
enum Compiled {
    Entropy(f32),
    Varied(u8),
    Digits(u8),
    Valid(valid::Validator),
    Whole,
}

#[derive(Debug)]
struct Near {
    /// By their numbers, sorted.
    words: Vec<usize>,
    within: usize,
    /// `None` where the word is needed.
    confidence: Option<Confidence>,
}

impl Checks {
    pub(super) fn compile(rule: &Rule, vocabulary: &mut Vocabulary) -> Result<Self, RuleError> {
        let unknown = |name: &str| RuleError::Unknown {
            rule: rule.id.clone(),
            what: "validator",
            name: name.to_owned(),
        };
        let check = |check: &Check| {
            Ok(match check {
                Check::Entropy(bits) => Compiled::Entropy(*bits),
                Check::Varied(bytes) => Compiled::Varied(*bytes),
                Check::Digits(digits) => Compiled::Digits(*digits),
                Check::Valid(name) => Compiled::Valid(valid::named(name).ok_or_else(|| unknown(name))?),
                Check::Whole => Compiled::Whole,
            })
        };
        let near = rule.near.as_ref().map(|near| Near {
            words: vocabulary.number(&near.words),
            within: near.within.into(),
            confidence: near.confidence.map(Confidence::new),
        });
        Ok(Self {
            confidence: rule.confidence(),
            checks: rule.checks.iter().map(check).collect::<Result<_, _>>()?,
            near,
            unless: if rule.unless.is_empty() { None } else { words(&rule.unless) },
        })
    }

    /// How sure it is that what lies in `span` is what the rule looks for; `None` if it is not.
    /// Without a word near it is as sure as `own`, if given.
    pub(super) fn judge(
        &self,
        text: Text<'_>,
        span: &Range<usize>,
        own: Option<Confidence>,
        nearby: &mut Nearby<'_>,
    ) -> Option<Confidence> {
        let bytes = text.text.as_bytes();
        let value = slice(bytes, span.clone());
        let passes = |check: &Compiled| match check {
            Compiled::Entropy(bits) => entropy(value) >= *bits,
            Compiled::Varied(least) => varied(value) >= u32::from(*least),
            Compiled::Digits(least) => {
                value.iter().filter(|byte| byte.is_ascii_digit()).count() >= usize::from(*least)
            }
            Compiled::Valid(valid) => valid(value),
            Compiled::Whole => is_whole(text, span),
        };
        if !self.checks.iter().all(passes) || self.unless.as_ref().is_some_and(|words| words.is_match(value))
        {
            return None;
        }
        let alone = own.unwrap_or(self.confidence);
        let Some(near) = &self.near else { return Some(alone) };
        match (nearby.has(&near.words, text, span, near.within), near.confidence) {
            (true, sure) => Some(sure.unwrap_or(self.confidence).max(alone)),
            (false, Some(_)) => Some(alone),
            (false, None) => own,
        }
    }
}

/// Whether nothing but blanks stands around the value, and the name of its member says nothing of it.
fn is_whole(text: Text<'_>, span: &Range<usize>) -> bool {
    const SAY_NOTHING: [&str; 9] =
        ["text", "content", "value", "input", "data", "message", "query", "result", "output"];
    let bytes = text.text.as_bytes();
    let around = [slice(bytes, 0..span.start), slice(bytes, span.end..bytes.len())];
    text.key.is_none_or(|key| SAY_NOTHING.contains(&key))
        && around.iter().all(|part| part.iter().all(u8::is_ascii_whitespace))
}

fn words(words: &[String]) -> Option<AhoCorasick> {
    AhoCorasick::builder().ascii_case_insensitive(true).build(words).ok()
}

/// Shannon entropy over the bytes of a value, in bits a byte.
fn entropy(value: &[u8]) -> f32 {
    let mut counts = [0_u32; 256];
    for byte in value {
        if let Some(count) = counts.get_mut(usize::from(*byte)) {
            *count += 1;
        }
    }
    #[allow(clippy::cast_precision_loss)] // Values are short.
    let total = value.len() as f32;
    #[allow(clippy::cast_precision_loss)]
    let shares = counts.iter().filter(|count| **count > 0).map(|count| *count as f32 / total);
    -shares.map(|share| share * share.log2()).sum::<f32>()
}

fn varied(value: &[u8]) -> u32 {
    value.iter().fold(0_u128, |seen, &byte| seen | 1 << (byte & 0x7F)).count_ones()
}
