//! Values that a name before them explains, in any of the ways in which configuration, code and prose assign.

use std::{ops::Range, sync::OnceLock};

use regex::bytes::Regex;

use super::{RuleError, chars::Chars, pattern};
use crate::ascii::{byte, is_alnum, run_end, slice};
use crate::pack::{self, Rule};

#[derive(Debug)]
pub(super) struct Assigned {
    chars: Chars,
    least: usize,
    most: usize,
    regex: Option<(String, OnceLock<Option<Regex>>)>,
}

/// The rest of a name after the word that was recognised, in bytes: `_API_KEY`.
const NAME: usize = 32;

/// Quotes, blanks and operators between a name and its value, in bytes each.
const BETWEEN: usize = 6;

impl Assigned {
    pub(super) fn compile(rule: &Rule, assigned: &pack::Assigned) -> Result<Self, RuleError> {
        let chars = Chars::parse(&assigned.chars)
            .ok_or_else(|| RuleError::Chars { rule: rule.id.clone(), chars: assigned.chars.clone() })?;
        let (least, most) = assigned.length.bounds();
        if let Some(written) = &assigned.regex {
            whole(written).map_err(|source| RuleError::Pattern {
                rule: rule.id.clone(),
                pattern: written.clone(),
                source: Box::new(source),
            })?;
        }
        let regex = assigned.regex.clone().map(|written| (written, OnceLock::new()));
        Ok(Self { chars, least, most, regex })
    }

    /// The value of the name in which `anchor` stands, if there is one.
    pub(super) fn after(&self, text: &[u8], anchor: Range<usize>) -> Option<Range<usize>> {
        let part = |byte: u8| is_alnum(byte) || matches!(byte, b'_' | b'.' | b'-' | b' ' | b'\t');
        let window = slice(text, 0..text.len().min(anchor.end + NAME));
        let name = run_end(window, anchor.end, part);
        let closing = |byte: u8| matches!(byte, b'\'' | b'"' | b'`' | b'\\' | b']' | b')' | b' ' | b'\t');
        let closed = run_end(slice(text, 0..text.len().min(name + BETWEEN)), name, closing);
        let operator = |byte: u8| matches!(byte, b'=' | b':' | b'>' | b'|' | b'?' | b',');
        let operated = run_end(slice(text, 0..text.len().min(closed + 3)), closed, operator);
        if operated == closed {
            return None;
        }
        let opening = |byte: u8| {
            matches!(byte, b'\'' | b'"' | b'`' | b'\\' | b' ' | b'\t' | b'\n' | b'\r' | b'=' | b'(' | b'[')
                && !(self.chars.has(byte) && byte != b' ')
        };
        let start = run_end(slice(text, 0..text.len().min(operated + BETWEEN)), operated, opening);
        self.value(text, start)
    }

    /// The whole text as the value, if it is one.
    pub(super) fn whole(&self, text: &[u8]) -> Option<Range<usize>> {
        let start = run_end(text, 0, |byte| byte.is_ascii_whitespace());
        let value = self.value(text, start)?;
        let rest = slice(text, value.end..text.len());
        rest.iter().all(u8::is_ascii_whitespace).then_some(value)
    }

    fn value(&self, text: &[u8], start: usize) -> Option<Range<usize>> {
        let window = slice(text, 0..text.len().min(start + self.most + 1));
        let end = run_end(window, start, |byte| self.chars.has(byte));
        let fits = (self.least..=self.most).contains(&(end - start)) && !is_alnum(byte(text, end));
        let value = slice(text, start..end);
        let matches = match &self.regex {
            None => true,
            Some((written, regex)) => {
                let regex = regex.get_or_init(|| whole(written).ok());
                // Cannot fail: it was compiled at load.
                regex.as_ref().is_none_or(|regex| regex.is_match(value))
            }
        };
        (fits && matches).then_some(start..end)
    }
}

fn whole(written: &str) -> Result<Regex, regex::Error> {
    pattern::builder(&format!("^(?:{written})$"), false).build()
}
