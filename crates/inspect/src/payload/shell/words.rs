//! The words that separators lead to, each read once: all of a run of separators and blanks lead to the same.

use std::ops::Range;

use super::arguments::{Args, args};
use super::word::{Word, is_opening, word_at};
use crate::ascii::run_end;

pub(super) struct Words<'l> {
    line: &'l [u8],
    /// The run that was last passed.
    gap: Range<usize>,
    /// Where the last word was looked for, and whether anything stood before it.
    last: Option<(usize, bool)>,
    found: Option<(Word, Args)>,
}

impl<'l> Words<'l> {
    pub(super) fn new(line: &'l [u8]) -> Self {
        Self { line, gap: 0..0, last: None, found: None }
    }

    /// The word after `from`, and what follows it.
    pub(super) fn after(&mut self, from: usize) -> Option<&(Word, Args)> {
        if !self.gap.contains(&from) {
            self.gap = from..run_end(self.line, from, is_opening);
        }
        let start = self.gap.end;
        if self.last != Some((start, start > from)) {
            self.last = Some((start, start > from));
            self.found = word_at(self.line, from, start).map(|word| {
                let args = args(self.line, word.span.end);
                (word, args)
            });
        }
        self.found.as_ref()
    }
}
