//! Detectors written by the operator as regular expressions.

use regex::{Regex, RegexBuilder};

use crate::catalogue::{Confidence, Detector};
use crate::scanner::{DetectorId, Hit, ScannerError};

/// A detector given in configuration. It counts as personal data with a
/// confidence of 85 %.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomDetector {
    /// Name in configuration, audit records and marks: 1 to 64 of `a-z`,
    /// `0-9`, `_` and `-`.
    pub name: String,
    /// Name for people.
    pub label: String,
    /// Regular expressions in the syntax of the `regex` crate (no look-around,
    /// no back-references); any one of them is enough. No match longer
    /// than 4 KiB is looked for.
    pub patterns: Vec<String>,
}

const CONFIDENCE: Confidence = Confidence::new(85);

/// Memory one compiled pattern may take, in bytes.
const SIZE_LIMIT: usize = 1 << 20;

/// How far past its starting point a match is looked for, in bytes.
const WINDOW: usize = 8 << 10;

/// Bytes that may be looked at again after matches: so many, and so many more
/// per byte of text. It takes a match every 64 bytes to come near.
const REREAD: usize = 16 << 20;
const REREAD_PER_BYTE: usize = 128;

impl CustomDetector {
    pub(crate) fn compile(&self) -> Result<(Detector, Patterns), ScannerError> {
        let name = self.name.clone();
        let usable = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-');
        if !(1..=64).contains(&name.len()) || !name.bytes().all(usable) {
            return Err(ScannerError::Name { name });
        }
        if self.patterns.is_empty() {
            return Err(ScannerError::NoPatterns { name });
        }
        let compile = |(index, pattern): (usize, &String)| self.compile_one(index, pattern);
        let patterns = self.patterns.iter().enumerate().map(compile).collect::<Result<_, _>>()?;
        let detector = Detector::custom(name, self.label.clone(), CONFIDENCE);
        Ok((detector, Patterns(patterns)))
    }

    fn compile_one(&self, index: usize, pattern: &str) -> Result<Regex, ScannerError> {
        let (name, number) = (self.name.clone(), index + 1);
        let regex =
            RegexBuilder::new(pattern).size_limit(SIZE_LIMIT).dfa_size_limit(SIZE_LIMIT).build().map_err(
                |source| ScannerError::Pattern {
                    name: name.clone(),
                    number,
                    pattern: pattern.to_owned(),
                    source: Box::new(source),
                },
            )?;
        if regex.is_match("") {
            return Err(ScannerError::EmptyMatch { name, number, pattern: pattern.to_owned() });
        }
        Ok(regex)
    }
}

/// The compiled patterns of one custom detector.
#[derive(Debug)]
pub(crate) struct Patterns(Vec<Regex>);

impl Patterns {
    pub(crate) fn scan(&self, text: &str, id: DetectorId, hits: &mut Vec<Hit>) {
        for regex in &self.0 {
            let allowance = REREAD.saturating_add(text.len().saturating_mul(REREAD_PER_BYTE));
            search(regex, text, allowance, &mut |span| {
                hits.push(Hit { detector: id, span, confidence: CONFIDENCE, disguise: None });
            });
        }
    }
}

/// Reports the matches of `regex`. One search is linear, but a pattern such as
/// `a.*b|a` makes every match look at all that follows, so the reading done
/// over again is counted; past the allowance the rest of the text counts as one
/// match, the safe way to give up.
fn search(regex: &Regex, text: &str, mut allowance: usize, report: &mut impl FnMut(std::ops::Range<usize>)) {
    let mut at = 0;
    while at < text.len() {
        let end = text.ceil_char_boundary(at.saturating_add(WINDOW));
        let half = text.ceil_char_boundary(at.saturating_add(WINDOW / 2));
        let Some(window) = text.get(..end) else { return };
        match regex.find_at(window, at) {
            // The window may cut this match off; look again from its start.
            Some(found) if end < text.len() && found.start() >= half => at = found.start(),
            Some(found) => {
                // Patterns such as `\b` match emptily in the middle of a text.
                if !found.is_empty() {
                    report(found.range());
                }
                let next = found.end().max(at + 1);
                at = text.ceil_char_boundary(next);
                let reread = end.saturating_sub(at);
                let Some(left) = allowance.checked_sub(reread) else {
                    report(at..text.len());
                    return;
                };
                allowance = left;
            }
            None if end == text.len() => return,
            None => at = half,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(pattern: &str, text: &str, allowance: usize) -> Vec<std::ops::Range<usize>> {
        let mut spans = Vec::new();
        search(&Regex::new(pattern).unwrap(), text, allowance, &mut |span| spans.push(span));
        spans
    }

    #[test]
    fn finds_every_match_like_the_crate_does() {
        let text = "EMP-1 é EMP-22EMP-3 ".repeat(9_000);
        let expected: Vec<_> = Regex::new(r"EMP-\d+").unwrap().find_iter(&text).map(|m| m.range()).collect();
        assert_eq!(found(r"EMP-\d+", &text, usize::MAX), expected);
    }

    #[test]
    fn a_match_across_windows_is_found() {
        for lead in [WINDOW / 2 - 3, WINDOW - 3, WINDOW * 2 - 3] {
            let text = format!("{}needle{}", " ".repeat(lead), " ".repeat(WINDOW));
            assert_eq!(found("needle", &text, usize::MAX), vec![lead..lead + 6]);
        }
    }

    #[test]
    fn gives_up_by_covering_the_rest() {
        let text = "a".repeat(100);
        let spans = found("a.*b|a", &text, 1_000);
        let covered: usize = spans.iter().map(ExactSizeIterator::len).sum();
        assert_eq!(covered, text.len());
        assert!(spans.len() < 20, "{spans:?}");
    }

    #[test]
    fn bad_patterns_are_named() {
        let detector = |pattern: &str| CustomDetector {
            name: "staff".to_owned(),
            label: "staff number".to_owned(),
            patterns: vec!["ok".to_owned(), pattern.to_owned()],
        };
        let error = |pattern| detector(pattern).compile().unwrap_err().to_string();
        assert!(error("(").contains("\"staff\", pattern 2"), "{}", error("("));
        assert!(error("x*").contains("empty string"));
        assert!(error(r"\w{9999}").contains("size"), "{}", error(r"\w{9999}"));
    }

    #[test]
    fn names_must_be_usable_in_marks() {
        for name in ["", "A", "a b", "a]", &"a".repeat(65)] {
            let detector = CustomDetector {
                name: name.to_owned(),
                label: String::new(),
                patterns: vec!["x".to_owned()],
            };
            assert!(matches!(detector.compile(), Err(ScannerError::Name { .. })), "{name:?}");
        }
    }
}
