//! Parts of a text, read with all that is disguised in them uncovered by one layer.

use std::ops::Range;

use super::{
    Budget, Map,
    finder::Finder,
    unit::{Reads, Search, Unit},
};

/// A part of a text, as it reads.
#[derive(Debug)]
pub(crate) struct Reading {
    pub(crate) text: String,
    pub(crate) map: Map,
    /// It was made of the whole text.
    pub(crate) whole: bool,
}

/// What stands so far around a disguise is read together with it, in bytes: the longest thing that is found.
const CONTEXT: usize = 4 << 10;

/// How far a part reaches that begins at a disguise, in bytes. Bounds the memory for its map.
const PART: usize = 32 << 10;

/// Makes the readings of a text, part by part.
#[derive(Debug)]
pub(crate) struct Unfolder<'t> {
    text: &'t str,
    finder: Finder<'t>,
    at: usize,
    /// The end of the part before.
    end: usize,
    /// Something that was not read to its end.
    left: Option<Range<usize>>,
}

impl<'t> Unfolder<'t> {
    pub(crate) fn new(text: &'t str) -> Self {
        let search = Search { text, range: 0..text.len(), probing: true, most: CONTEXT };
        Self { text, finder: Finder::new(search), at: 0, end: 0, left: None }
    }

    /// Where the next disguise stands.
    fn find(&mut self) -> Option<Unit> {
        self.finder.next(self.at)
    }

    /// Where the next text stands that is still encoded.
    pub(crate) fn find_encoded(&mut self) -> Option<Range<usize>> {
        loop {
            let unit = self.find()?;
            self.at = unit.span.end;
            if unit.disguise.encodes() {
                return Some(unit.span);
            }
        }
    }

    /// The next part in which something reads differently, as far as the budget goes.
    pub(crate) fn next(&mut self, budget: &mut Budget) -> Option<Reading> {
        loop {
            let first = self.find()?.span;
            if budget.bytes == 0 {
                self.left = Some(first);
                return None;
            }
            let start = self.text.floor_char_boundary(
                first.start.saturating_sub(CONTEXT).max(self.end.saturating_sub(CONTEXT)),
            );
            self.at = self.text.ceil_char_boundary(first.end.max(first.start + PART).min(self.text.len()));
            let end = self.text.ceil_char_boundary((self.at + CONTEXT).min(self.text.len()));
            let reading = self.read(start..end, budget);
            self.end = self.at;
            if !reading.map.is_empty() {
                return Some(reading);
            }
        }
    }

    /// What was not read to its end because the budget ended first.
    pub(crate) fn left(self) -> Option<Range<usize>> {
        self.left
    }

    /// A part of the text as it reads; a unit that begins in it is read to its end.
    fn read(&mut self, part: Range<usize>, budget: &mut Budget) -> Reading {
        let (text, most) = (self.text, budget.bytes);
        let mut finder = Finder::new(Search { text, range: part.clone(), probing: false, most });
        let mut map = Map::new(part.start);
        let mut out = String::with_capacity(part.len().min(most));
        let mut at = part.start;
        while let Some(unit) = finder.next(at) {
            out.push_str(text.get(at..unit.span.start).unwrap_or_default());
            let begins = out.len();
            match unit.reads {
                Reads::Nothing => {}
                Reads::Char(c) => out.push(c),
                Reads::Text(read) => out.push_str(&read),
                Reads::Cut(read) => {
                    out.push_str(&read);
                    self.left = Some(unit.span.clone());
                }
            }
            at = unit.span.end;
            map.push(begins..out.len(), unit.span, unit.disguise);
            if out.len() >= most {
                break;
            }
        }
        out.push_str(text.get(at..part.end).unwrap_or_default());
        budget.bytes = budget.bytes.saturating_sub(out.len());
        Reading { text: out, map, whole: part == (0..text.len()) }
    }
}
