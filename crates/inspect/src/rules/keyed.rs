//! What a value looks like that an issuer's name and a word for credentials stand before.

use std::{ops::Range, sync::OnceLock};

use regex::bytes::Regex;

use super::{RuleError, chars::Chars, pattern};
use crate::ascii::{before, byte, is_alnum, is_varied, run_end, run_start, slice};
use crate::pack::{self, Rule};

#[derive(Debug)]
pub(super) struct Keyed {
    /// Whether the issuer's name says enough.
    pub(super) name_suffices: bool,
    form: Option<(String, OnceLock<Option<Regex>>)>,
    chars: Chars,
    least: usize,
    most: usize,
}

/// Values shorter than this may consist of a few different bytes without being placeholders.
const LONG: usize = 16;

/// How far into a run a value may begin, in bytes.
const NEAR: usize = 64;

/// How far a form may go on beyond the characters of its rule, in bytes.
const FORM: usize = 512;

/// Up to where the characters of each set have been read: where a piece ends does not depend on where it begins.
#[derive(Default)]
pub(super) struct Ends(Vec<Range<usize>>);

impl Keyed {
    pub(super) fn compile(rule: &Rule, keyed: &pack::Keyed) -> Result<Self, RuleError> {
        let chars = Chars::parse(&keyed.chars)
            .ok_or_else(|| RuleError::Chars { rule: rule.id.clone(), chars: keyed.chars.clone() })?;
        let (least, most) = keyed.length.bounds();
        let form = keyed.form.clone().map(|written| (written, OnceLock::new()));
        Ok(Self { name_suffices: keyed.name_suffices, form, chars, least, most })
    }

    /// The first value in a run, the last piece of which may go on beyond it.
    pub(super) fn within(
        &self,
        text: &[u8],
        run: Range<usize>,
        set: usize,
        ends: &mut Ends,
    ) -> Option<Range<usize>> {
        let mut at = run.start;
        // What begins further on belongs to something else.
        while at < run.end.min(run.start + NEAR) {
            let end = ends.of(set, at, || run_end(text, at, |byte| self.chars.has(byte)));
            // A full stop ends a sentence, not a value.
            let value = run_start(text, at, end, |byte| byte == b'.');
            let piece = slice(text, at..value);
            let opens = at == run.start || !is_alnum(before(text, at, 1));
            let closes = !is_alnum(byte(text, end)) && byte(text, end) != b'(';
            let fits = (self.least..=self.most).contains(&piece.len());
            if opens && closes && fits && (piece.len() < LONG || is_varied(piece)) {
                return self.formed(text, at..value);
            }
            at = end + 1;
        }
        None
    }

    fn formed(&self, text: &[u8], found: Range<usize>) -> Option<Range<usize>> {
        let Some((written, regex)) = &self.form else { return Some(found) };
        // Cannot fail for packs that were verified, as all are.
        let regex = regex.get_or_init(|| begins_with(written).ok()).as_ref()?;
        let reach = slice(text, found.start..text.len().min(found.end + FORM));
        let end = found.start + regex.find(reach)?.end();
        (!is_alnum(byte(text, end))).then_some(found.start..end)
    }
}

/// Whether the form of a value can be compiled.
pub(super) fn verify(rule: &Rule, keyed: &pack::Keyed) -> Result<(), RuleError> {
    let Some(written) = &keyed.form else { return Ok(()) };
    begins_with(written).map(drop).map_err(|source| RuleError::Pattern {
        rule: rule.id.clone(),
        pattern: written.clone(),
        source: Box::new(source),
    })
}

/// An expression for what a text begins with.
fn begins_with(written: &str) -> Result<Regex, regex::Error> {
    pattern::builder(&format!("^(?:{written})"), false).build()
}

impl Ends {
    fn of(&mut self, set: usize, at: usize, read: impl FnOnce() -> usize) -> usize {
        if self.0.len() <= set {
            self.0.resize(set + 1, 0..0);
        }
        match self.0.get_mut(set) {
            Some(known) if known.contains(&at) => known.end,
            Some(known) => {
                *known = at..read();
                known.end
            }
            None => read(),
        }
    }
}
