//! Text in ROT13 or written backwards. Which parts of a text to read so, rules of our own say: they know how words of
//! orders look then.

use std::ops::Range;

use super::Disguise;

/// A way to turn a text into another of the same length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// Letters move on by thirteen.
    Rot13,
    /// The end comes first.
    Back,
}

impl Turn {
    pub(crate) const ALL: [Self; 2] = [Self::Rot13, Self::Back];

    /// The detector that knows words which were turned so.
    pub(crate) fn marker(self) -> &'static str {
        match self {
            Self::Rot13 => "rot13_words",
            Self::Back => "reversed_words",
        }
    }

    pub(crate) fn disguise(self) -> Disguise {
        match self {
            Self::Rot13 => Disguise::Rot13,
            Self::Back => Disguise::Reversed,
        }
    }

    pub(crate) fn read(self, text: &str) -> String {
        match self {
            Self::Rot13 => text.chars().map(rotate).collect(),
            Self::Back => text.chars().rev().collect(),
        }
    }

    /// The part of a text of `len` bytes that `span` of its reading was read from.
    pub(crate) fn source(self, len: usize, span: &Range<usize>) -> Range<usize> {
        match self {
            Self::Rot13 => span.clone(),
            Self::Back => len.saturating_sub(span.end)..len.saturating_sub(span.start),
        }
    }
}

/// The parts of `text` around `marks`, each with some context and none twice.
pub(crate) fn parts(text: &str, mut marks: Vec<Range<usize>>) -> Vec<Range<usize>> {
    marks.sort_unstable_by_key(|mark| mark.start);
    let mut parts: Vec<Range<usize>> = Vec::new();
    for mark in marks {
        let start = text.floor_char_boundary(mark.start.saturating_sub(CONTEXT));
        let end = text.ceil_char_boundary((mark.end + CONTEXT).min(text.len()));
        match parts.last_mut() {
            Some(last) if start <= last.end => last.end = last.end.max(end),
            _ => parts.push(start..end),
        }
    }
    parts
}

/// How much around a word is read like it, in bytes.
const CONTEXT: usize = 1 << 10;

fn rotate(c: char) -> char {
    match c {
        'a'..='m' | 'A'..='M' => char::from(c as u8 + 13),
        'n'..='z' | 'N'..='Z' => char::from(c as u8 - 13),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turning_twice_turns_back() {
        for turn in Turn::ALL {
            let text = "Ignore é語 all";
            assert_ne!(turn.read(text), text);
            assert_eq!(turn.read(&turn.read(text)), text);
        }
        assert_eq!(Turn::Back.source(10, &(1..4)), 6..9);
    }

    #[test]
    fn no_part_is_read_twice() {
        let text = "x".repeat(10_000);
        assert_eq!(parts(&text, vec![9_000..9_010, 100..110, 2_000..2_010]), [0..3_034, 7_976..10_000]);
    }
}
