//! Values told by their form: identifiers that begin with no literal, of which only the groups of letters and digits
//! are known. One walk along the groups around each digit finds all rules that have such a form.

use std::ops::Range;

use super::form::{Between, Form};
use super::groups::{Group, begins, each_start, ends, is_common, is_separator};
use super::{Compiled, Notes, RuleError};
use crate::ascii::{before, byte, is_alnum, slice};
use crate::catalogue::Confidence;
use crate::pack::{self, Rule};
use crate::scanner::{Hit, Text};

/// The forms of all rules, as a tree of the lengths of their groups.
#[derive(Debug, Default)]
pub(super) struct Shapes {
    nodes: Vec<Node>,
    forms: Vec<Entry>,
}

#[derive(Debug, Default)]
struct Node {
    /// By length of the next group; 0 where no form goes on.
    next: Vec<usize>,
    /// Forms that end here.
    forms: Vec<usize>,
}

#[derive(Debug)]
struct Entry {
    form: Form,
    rule: usize,
    /// How sure it is without any word near, if not as the rule says.
    confidence: Option<Confidence>,
}

/// Groups of one value at most: an IBAN's in fours.
const MOST_GROUPS: usize = 10;

impl Shapes {
    /// Adds the forms of a rule, which is the one of number `index`.
    pub(super) fn add(&mut self, rule: &Rule, index: usize, shape: &pack::Shape) -> Result<(), RuleError> {
        for written in &shape.forms {
            let bad = || RuleError::Form { rule: rule.id.clone(), form: written.clone() };
            for form in Form::parse(written).ok_or_else(bad)? {
                if form.groups.len() > MOST_GROUPS {
                    return Err(bad());
                }
                let confidence = shape.confidence.map(Confidence::new);
                self.insert(Entry { form, rule: index, confidence });
            }
        }
        Ok(())
    }

    fn insert(&mut self, entry: Entry) {
        if self.nodes.is_empty() {
            self.nodes.push(Node::default());
        }
        let mut at = 0;
        for &len in &entry.form.groups {
            let len = usize::from(len);
            let fresh = self.nodes.len();
            let Some(node) = self.nodes.get_mut(at) else { return };
            node.next.resize(node.next.len().max(len + 1), 0);
            let Some(next) = node.next.get_mut(len) else { return };
            if *next == 0 {
                *next = fresh;
                at = fresh;
                self.nodes.push(Node::default());
            } else {
                at = *next;
            }
        }
        if let Some(node) = self.nodes.get_mut(at) {
            node.forms.push(self.forms.len());
            self.forms.push(entry);
        }
    }

    pub(super) fn scan(
        &self,
        rules: &[Compiled],
        text: Text<'_>,
        notes: &mut Notes<'_>,
        hits: &mut Vec<Hit>,
    ) {
        if !self.forms.is_empty() {
            each_start(text.text.as_bytes(), |start| self.walk(rules, text, start, notes, hits));
        }
    }

    /// Reports the values that begin with the group at `start`; returns the end of the longest that is sure.
    fn walk(
        &self,
        rules: &[Compiled],
        text: Text<'_>,
        start: usize,
        notes: &mut Notes<'_>,
        hits: &mut Vec<Hit>,
    ) -> Option<usize> {
        let bytes = text.text.as_bytes();
        if !begins(bytes, start) {
            return None;
        }
        let mut node = self.nodes.first()?;
        let mut value = Value { start, end: start, len: 0, letters: 0, between: [0; MOST_GROUPS], groups: 0 };
        let mut sure = None;
        while let Some(group) = Group::at(bytes, value.next()) {
            let next = node.next.get(group.len()).filter(|next| **next > 0);
            let Some(grown) = next.and_then(|next| self.nodes.get(*next)) else { break };
            node = grown;
            if !value.push(group) {
                break;
            }
            let fits = node.forms.iter().filter_map(|form| self.forms.get(*form));
            let mut fits = fits.filter(|entry| value.is(&entry.form)).peekable();
            if fits.peek().is_some() && value.stands_alone(bytes) {
                for entry in fits {
                    let Some(rule) = rules.get(entry.rule) else { continue };
                    let spelled =
                        || value.range().filter_map(|at| bytes.get(at).copied()).filter(|b| is_alnum(*b));
                    if rule.places.include(text.place)
                        && entry.form.spells(spelled())
                        && rule.report_as(text, value.range(), entry.confidence, notes, hits)
                            >= Some(Confidence::SURE)
                    {
                        sure = Some(value.end);
                    }
                }
            }
            if !value.continues(bytes) {
                break;
            }
        }
        sure
    }
}

/// Groups that may be a value, or the beginning of one.
struct Value {
    start: usize,
    end: usize,
    /// Letters and digits.
    len: usize,
    letters: u64,
    between: [u8; MOST_GROUPS],
    groups: usize,
}

impl Value {
    /// Where the next group would begin.
    fn next(&self) -> usize {
        self.end + usize::from(self.groups > 0)
    }

    /// Whether it had room for one more group.
    fn push(&mut self, group: Group) -> bool {
        let shifted = u32::try_from(self.len).ok().and_then(|len| group.letters.checked_shl(len));
        let Some(letters) = shifted.filter(|_| self.len + group.len() <= super::form::LONGEST) else {
            return false;
        };
        self.letters |= letters;
        self.len += group.len();
        self.end = group.end;
        self.groups += 1;
        true
    }

    /// Whether another group may follow; remembers the separator.
    fn continues(&mut self, text: &[u8]) -> bool {
        let separator = byte(text, self.end);
        let slot = self.groups.checked_sub(1).and_then(|at| self.between.get_mut(at));
        slot.is_some_and(|slot| {
            *slot = separator;
            is_separator(separator)
        })
    }

    fn is(&self, form: &Form) -> bool {
        let mut common = None;
        let has_digit = usize::try_from(self.letters.count_ones()).is_ok_and(|letters| letters < self.len);
        has_digit
            && form.fits(self.letters)
            && form.between.iter().zip(&self.between).all(|(wanted, &given)| match wanted {
                Between::Exactly(byte) => *byte == given,
                Between::Same => is_common(given) && *common.get_or_insert(given) == given,
            })
    }

    /// Whether it is no part of a longer value.
    fn stands_alone(&self, text: &[u8]) -> bool {
        ends(text, self.end) && !(self.is_spaced() && self.is_in_row(text))
    }

    /// Digits only, with blanks between.
    fn is_spaced(&self) -> bool {
        self.letters == 0 && slice(&self.between, 0..self.groups.saturating_sub(1)).contains(&b' ')
    }

    /// Whether more numbers stand beside it, as in a table.
    fn is_in_row(&self, text: &[u8]) -> bool {
        let lead = before(text, self.start, 1) == b' ' && before(text, self.start, 2).is_ascii_digit();
        lead || (byte(text, self.end) == b' ' && byte(text, self.end + 1).is_ascii_digit())
    }

    fn range(&self) -> Range<usize> {
        self.start..self.end
    }
}
