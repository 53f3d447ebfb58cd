//! Values whose form is enough: which finders may find one in a run, by its first byte or its length.

use std::ops::Range;

use crate::ascii::{before, byte, is_alnum, slice};
use crate::pack;

/// The finders of values that stand alone.
#[derive(Debug, Default)]
pub(super) struct Alone {
    /// By the first byte of what they begin with.
    beginning: Vec<Vec<(Vec<u8>, usize)>>,
    /// Those that begin with anything, each with the lengths of runs it looks at.
    formed: Vec<(usize, Range<usize>)>,
}

/// How much longer than a value the run may be that it stands in.
const BESIDE: usize = 16;

impl Alone {
    pub(super) fn new(given: &[(usize, &pack::Keyed)]) -> Self {
        let mut alone = Self { beginning: vec![Vec::new(); 256], formed: Vec::new() };
        for (finder, keyed) in given.iter().filter(|(_, keyed)| keyed.alone) {
            for begins in &keyed.begins {
                let first = begins.bytes().next().map(usize::from);
                if let Some(finders) = first.and_then(|first| alone.beginning.get_mut(first)) {
                    finders.push((begins.clone().into_bytes(), *finder));
                }
            }
            if keyed.begins.is_empty() {
                let (least, most) = keyed.length.bounds();
                alone.formed.push((*finder, least..most + BESIDE));
            }
        }
        alone
    }

    /// Calls `each` with the finders that may find something in a run, and the part of it where a value may begin.
    pub(super) fn each(&self, text: &[u8], run: &Range<usize>, mut each: impl FnMut(usize, Range<usize>)) {
        for (finder, lengths) in &self.formed {
            if lengths.contains(&run.len()) {
                each(*finder, run.clone());
            }
        }
        for at in run.clone() {
            if at > run.start && is_alnum(before(text, at, 1)) {
                continue;
            }
            for (begins, finder) in self.beginning.get(usize::from(byte(text, at))).into_iter().flatten() {
                if slice(text, at..at + begins.len()) == begins.as_slice() {
                    each(*finder, at..at + 1);
                }
            }
        }
    }
}
