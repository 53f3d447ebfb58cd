//! The smallest part of a text that is read differently, as a whole.

use std::ops::Range;

use super::Disguise;

/// Part of a text, and how it is read.
#[derive(Clone, Debug)]
pub(super) struct Unit {
    /// In bytes; both ends are character boundaries.
    pub(super) span: Range<usize>,
    pub(super) reads: Reads,
    pub(super) disguise: Disguise,
    /// Too common to be a reason to read a text again; read so only where there is another reason.
    pub(super) weak: bool,
}

#[derive(Clone, Debug)]
pub(super) enum Reads {
    Nothing,
    Char(char),
    Text(String),
    /// Like this, but cut short because it would not have ended.
    Cut(String),
}

impl Unit {
    pub(super) fn new(span: Range<usize>, reads: Reads, disguise: Disguise) -> Self {
        Self { span, reads, disguise, weak: false }
    }

    pub(super) fn weak(self) -> Self {
        Self { weak: true, ..self }
    }
}

/// Where and how to look for units.
#[derive(Clone, Debug)]
pub(super) struct Search<'t> {
    pub(super) text: &'t str,
    /// Where units may begin.
    pub(super) range: Range<usize>,
    /// Weak units do not count, and of those that take long to read the beginning is enough.
    pub(super) probing: bool,
    /// What decoding one unit may yield in bytes.
    pub(super) most: usize,
}

impl<'t> Search<'t> {
    pub(super) fn bytes(&self) -> &'t [u8] {
        self.text.as_bytes()
    }

    /// The places where `byte` stands.
    pub(super) fn each(&self, byte: u8) -> impl Iterator<Item = usize> + use<'t> {
        let start = self.range.start;
        let part = self.bytes().get(self.range.clone()).unwrap_or_default();
        memchr::memchr_iter(byte, part).map(move |at| start + at)
    }

    /// The unit, if it counts in this search.
    pub(super) fn counts(&self, unit: &Unit) -> bool {
        !(self.probing && unit.weak)
    }
}
