//! From places in a reading to places in the text it was made from.

use std::ops::Range;

use super::Disguise;

/// Says which part of the text each part of a reading was read from.
#[derive(Debug, Default)]
pub(crate) struct Map {
    /// Where in the text the reading begins.
    start: usize,
    /// The parts that read differently, in order. Between them text and reading are the same.
    pieces: Vec<Piece>,
}

#[derive(Debug)]
struct Piece {
    /// In the reading.
    read: Range<usize>,
    /// In the text.
    from: Range<usize>,
    disguise: Disguise,
}

/// What stands so far from a disguise, in bytes, can be judged differently because of it.
const NEAR: usize = 256;

impl Map {
    pub(super) fn new(start: usize) -> Self {
        Self { start, pieces: Vec::new() }
    }

    pub(super) fn push(&mut self, read: Range<usize>, from: Range<usize>, disguise: Disguise) {
        // What is dropped in a row is dropped as a whole.
        if let Some(last) = self.pieces.last_mut()
            && (last.read.is_empty() && read.is_empty() && last.from.end == from.start)
        {
            last.from.end = from.end;
            return;
        }
        self.pieces.push(Piece { read, from, disguise });
    }

    /// Whether reading and text are the same.
    pub(super) fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// The part of the text that `span` of the reading was read from, whole units.
    pub(crate) fn source(&self, span: &Range<usize>) -> Range<usize> {
        let last = span.end.saturating_sub(1).max(span.start);
        let end = self.at(last).end;
        // A mark belongs to the letter before it.
        let next = self.pieces.partition_point(|piece| piece.from.start < end);
        let marks = self
            .pieces
            .get(next)
            .filter(|piece| piece.from.start == end && piece.disguise == Disguise::Marks);
        self.at(span.start).start..marks.map_or(end, |marks| marks.from.end)
    }

    /// How what stands in `span` was disguised, or what stands near it and lends it its meaning; `None` if nothing
    /// there reads differently, so that the text itself says all about it.
    pub(crate) fn disguise(&self, span: &Range<usize>) -> Option<Disguise> {
        let first = self.pieces.partition_point(|piece| piece.read.end + NEAR < span.start);
        let near = self.pieces.get(first..).unwrap_or_default();
        let near = near.iter().take_while(|piece| piece.read.start <= span.end + NEAR);
        let inside = |piece: &&Piece| {
            piece.read.start < span.end && piece.read.end > span.start
                || piece.read.is_empty() && span.start < piece.read.start && piece.read.start < span.end
        };
        near.clone().find(inside).or_else(|| near.clone().next()).map(|piece| piece.disguise)
    }

    /// The unit that the byte at `at` of the reading was read from.
    fn at(&self, at: usize) -> Range<usize> {
        let next = self.pieces.partition_point(|piece| piece.read.start <= at);
        match next.checked_sub(1).and_then(|last| self.pieces.get(last)) {
            Some(piece) if at < piece.read.end => piece.from.clone(),
            Some(piece) => same(piece.from.end + (at - piece.read.end)),
            None => same(self.start + at),
        }
    }
}

fn same(at: usize) -> Range<usize> {
    at..at + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_found_again() {
        // "ab%63d&amp;e" from byte 10 of a text, with something dropped after the d.
        let mut map = Map::new(10);
        map.push(2..3, 12..15, Disguise::Percent);
        map.push(4..4, 16..19, Disguise::Invisible);
        map.push(4..5, 19..24, Disguise::Entities);
        assert_eq!(map.source(&(0..2)), 10..12);
        assert_eq!(map.source(&(1..4)), 11..16);
        assert_eq!(map.source(&(2..3)), 12..15);
        assert_eq!(map.source(&(3..5)), 15..24);
        assert_eq!(map.source(&(4..6)), 19..25);
        assert_eq!(map.disguise(&(0..3)), Some(Disguise::Percent));
        assert_eq!(map.disguise(&(3..5)), Some(Disguise::Invisible));
        assert_eq!(map.disguise(&(4..6)), Some(Disguise::Entities));
        assert_eq!(map.disguise(&(1000..1001)), None);
    }
}
