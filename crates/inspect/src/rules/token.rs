//! Values that say what they are: a fixed beginning, then characters of a set.

use std::ops::Range;

use super::{RuleError, chars::Chars};
use crate::ascii::{byte, is_alnum, is_varied, opens, run_end, slice};
use crate::pack::{self, Rule};

#[derive(Debug)]
pub(super) struct Token {
    prefixes: Vec<Vec<u8>>,
    any_case: bool,
    chars: Chars,
    least: usize,
    most: usize,
}

/// Bodies shorter than this may consist of a few different bytes without being placeholders.
const LONG: usize = 16;

impl Token {
    pub(super) fn compile(rule: &Rule, token: &pack::Token) -> Result<Self, RuleError> {
        let chars = Chars::parse(&token.chars)
            .ok_or_else(|| RuleError::Chars { rule: rule.id.clone(), chars: token.chars.clone() })?;
        let (least, most) = token.length.bounds();
        let prefixes = token.prefix.iter().map(|prefix| prefix.clone().into_bytes()).collect();
        Ok(Self { prefixes, any_case: token.any_case, chars, least, most })
    }

    /// The token whose beginning stands at `anchor`, if there is one.
    pub(super) fn at(&self, text: &[u8], anchor: Range<usize>) -> Option<Range<usize>> {
        let begins = slice(text, anchor.clone());
        if !self.any_case && !self.prefixes.iter().any(|prefix| prefix == begins) {
            return None;
        }
        // A row of beginnings would be read over and over if one could stand inside another's body.
        let joining = |byte| {
            if is_alnum(byte) {
                true
            } else {
                self.most > LONG * 4 && self.chars.has(byte) && byte != b'=' && byte != b'/'
            }
        };
        if !opens(text, anchor.start, joining) {
            return None;
        }
        let end = run_end(slice(text, 0..text.len().min(anchor.end + self.most + 1)), anchor.end, |byte| {
            self.chars.has(byte)
        });
        let body = slice(text, anchor.end..end);
        let fits = (self.least..=self.most).contains(&body.len()) && !is_alnum(byte(text, end));
        (fits && (body.len() < LONG || is_varied(body))).then_some(anchor.start..end)
    }
}
