//! What of the rules takes part where texts are put together: values that begin like nothing else, and orders.

use super::{Compiled, How, Rules, phrase};
use crate::catalogue::Family;
use crate::pack::{Find, Rule};
use crate::scanner::{Hit, Text};

/// What is shorter stands at the beginning of other things too, in bytes.
const MARK: usize = 4;

/// The beginnings of values that are told by them, in lower case.
pub(super) fn marks(find: &Find) -> impl Iterator<Item = String> {
    let prefixes = match find {
        Find::Token(token) => &token.prefix[..],
        _ => &[],
    };
    prefixes.iter().filter(|prefix| prefix.len() >= MARK).map(|prefix| prefix.to_ascii_lowercase())
}

/// Whether a rule is about orders.
pub(super) fn is_order(rule: &Rule) -> bool {
    rule.id.split_once('.').is_some_and(|(family, _)| Family::named(family) == Some(Family::Injection))
}

impl Rules {
    /// Appends the values in `text` that say by their beginning what they are.
    pub(crate) fn scan_marked(&self, text: Text<'_>, hits: &mut Vec<Hit>) {
        let mut notes = self.notes();
        self.each(text, |_, _, rule, how, anchor| {
            if let How::Token(token) = how
                && anchor.len() >= MARK
                && let Some(span) = token.at(text.text.as_bytes(), anchor)
            {
                rule.report(text, &mut notes, span, hits);
            }
        });
    }

    /// Where the first beginning of such a value stands.
    pub(crate) fn first_mark(&self, text: &str) -> Option<usize> {
        self.first(Text::new(text), |_, _, how, length| matches!(how, How::Token(_)) && length >= MARK)
    }

    /// Whether the beginning of such a value itself begins with `begun`.
    pub(crate) fn has_mark(&self, begun: &str) -> bool {
        let begun = begun.as_bytes();
        let before = |mark: &String| mark.bytes().lt(begun.iter().map(u8::to_ascii_lowercase));
        let next = self.marks.get(self.marks.partition_point(before));
        let begins = next.and_then(|mark| mark.as_bytes().get(..begun.len()));
        begins.is_some_and(|begins| begins.eq_ignore_ascii_case(begun))
    }

    /// Appends the orders in `text`.
    pub(crate) fn scan_orders(&self, text: Text<'_>, hits: &mut Vec<Hit>) {
        let mut notes = self.notes();
        let mut reached: Vec<(usize, phrase::Progress)> = Vec::new();
        self.each(text, |finder, own, rule, how, anchor| {
            let How::Phrase(phrase) = how else { return };
            if !rule.order {
                return;
            }
            let at = reached.iter().position(|(known, _)| *known == finder).unwrap_or_else(|| {
                reached.push((finder, phrase::Progress::default()));
                reached.len() - 1
            });
            if let Some((_, progress)) = reached.get_mut(at)
                && let Some(span) = phrase.advance(progress, text.text, own, anchor)
            {
                rule.report(text, &mut notes, span, hits);
            }
        });
    }

    /// Where the first word stands that an order may begin with.
    pub(crate) fn first_order(&self, text: Text<'_>) -> Option<usize> {
        self.first(text, |own, rule, how, _| {
            rule.order && matches!(how, How::Phrase(phrase) if phrase.begins_with(own))
        })
    }

    /// Where the first literal stands that `counts`: its number among those of its finder, the rule, the finder, and how
    /// long it is.
    fn first(&self, text: Text<'_>, counts: impl Fn(usize, &Compiled, &How, usize) -> bool) -> Option<usize> {
        let mut first: Option<usize> = None;
        self.each(text, |_, own, rule, how, anchor| {
            if counts(own, rule, how, anchor.len()) {
                first = Some(first.map_or(anchor.start, |first| first.min(anchor.start)));
            }
        });
        first
    }
}
