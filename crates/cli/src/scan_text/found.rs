//! What was found in a text, and where people and programs count that to be.

use std::ops::Range;

use inspect::{Action, Hit, Severity, Text};
use policy::{ContentRules, Flow};

/// One thing that was found.
#[derive(Debug)]
pub(super) struct Found {
    /// Family and name.
    pub(super) rule: String,
    pub(super) title: String,
    pub(super) severity: Severity,
    /// In percent.
    pub(super) confidence: u8,
    /// What would follow in a message.
    pub(super) action: Action,
    pub(super) tags: Vec<String>,
    /// Masked evidence, if the thing itself must not be shown.
    pub(super) masked: Option<String>,
    /// In bytes.
    pub(super) span: Range<usize>,
    pub(super) start: Position,
    /// After the last character.
    pub(super) end: Position,
}

/// A place in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Position {
    /// From 1.
    pub(super) line: usize,
    /// In characters, from 1.
    pub(super) column: usize,
    /// In characters, from 0.
    pub(super) offset: usize,
}

/// Everything that rules find in a text and that does not simply pass, in its order.
pub(super) fn all(rules: &ContentRules, text: Text<'_>, flow: Flow) -> Vec<Found> {
    let mut hits = Vec::new();
    rules.scan(text, flow, &mut hits);
    hits.retain(|hit| {
        hit.confidence >= rules.threshold() && rules.action(hit.detector, flow).0 > Action::Allow
    });
    let mut at = Cursor { text: text.text, byte: 0, position: Position { line: 1, column: 1, offset: 0 } };
    hits.iter().filter_map(|hit| Found::of(rules, &mut at, hit, flow)).collect()
}

impl Found {
    fn of(rules: &ContentRules, at: &mut Cursor<'_>, hit: &Hit, flow: Flow) -> Option<Self> {
        let detector = rules.scanner().detector(hit.detector)?;
        let matched = at.text.get(hit.span.clone())?;
        Some(Self {
            rule: detector.id(),
            title: detector.title.to_string(),
            severity: detector.severity,
            confidence: hit.confidence.percent(),
            action: rules.action(hit.detector, flow).0,
            tags: detector.tags.iter().map(ToString::to_string).collect(),
            masked: detector.family.is_confidential().then(|| inspect::evidence(detector, matched)),
            span: hit.span.clone(),
            start: at.go(hit.span.start),
            end: at.go(hit.span.end),
        })
    }
}

/// Counts lines and characters on the way through a text.
struct Cursor<'t> {
    text: &'t str,
    byte: usize,
    position: Position,
}

impl Cursor<'_> {
    /// Goes on to a byte that is not before the one it stands at.
    fn go(&mut self, byte: usize) -> Position {
        for c in self.text.get(self.byte..byte).unwrap_or_default().chars() {
            self.position.offset += 1;
            self.position.column += 1;
            if c == '\n' {
                self.position.line += 1;
                self.position.column = 1;
            }
        }
        self.byte = byte;
        self.position
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_count_characters_from_one() {
        let text = "aé\n→b\n";
        let mut at = Cursor { text, byte: 0, position: Position { line: 1, column: 1, offset: 0 } };
        assert_eq!(at.go(1), Position { line: 1, column: 2, offset: 1 });
        assert_eq!(at.go(4), Position { line: 2, column: 1, offset: 3 });
        assert_eq!(at.go(7), Position { line: 2, column: 2, offset: 4 });
    }
}
