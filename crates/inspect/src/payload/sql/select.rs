//! Queries inside a fragment: `union`, `select`, comparisons with one.

use super::fragment::Fragment;
use super::tokens::{Key, Token};
use super::{
    Verdict,
    Verdict::{Certain, Doubtful},
};

impl Fragment<'_> {
    pub(super) fn union(&self, at: usize) -> Option<Verdict> {
        let mut next = at + 1;
        while matches!(self.get(next), Token::Key(Key::All) | Token::Left) || self.get(next) == Token::Unary {
            next += 1;
        }
        let follows = match self.get(next) {
            Token::Key(Key::Select | Key::Values) => next < self.tokens.len(),
            Token::Call(_) => self.starts(next, b"select"),
            _ => false,
        };
        if follows {
            // `UNION SELECT` in a sentence about it has words of the sentence around.
            return Some(Certain);
        }
        let value = matches!(
            self.before(at),
            Some(Token::Number | Token::Text | Token::Right | Token::Variable | Token::Key(Key::Constant))
        );
        (value && self.is_end(next) && (self.all.commented || self.is_closed() || next > at + 1))
            .then_some(Doubtful)
    }

    pub(super) fn select(&self, at: usize) -> Option<Verdict> {
        let first = self.skip(at + 1);
        if first >= self.tokens.len() {
            return (self.quote != 0 && at > 0 || self.before(at) == Some(Token::Left)).then_some(Doubtful);
        }
        let inner =
            matches!(self.before(at), Some(Token::Left | Token::Semicolon)) || (self.quote != 0 && at == 1);
        let star =
            self.tokens.get(at + 1) == Some(&Token::Operator) && self.get(at + 2) == Token::Key(Key::From);
        match self.get(first) {
            _ if star => Some(if inner { Certain } else { Doubtful }),
            Token::Word => match self.get(first + 1) {
                Token::Comma | Token::Key(Key::From) | Token::Compare | Token::Right => {
                    let rows = self
                        .tokens
                        .get(first..self.tokens.len().min(first + 48))
                        .unwrap_or_default()
                        .contains(&Token::Key(Key::From));
                    (inner || rows).then_some(if inner && rows { Certain } else { Doubtful })
                }
                Token::Semicolon if at == 0 => Some(Doubtful),
                _ => (inner && self.quote != 0).then_some(Doubtful),
            },
            Token::Number
            | Token::Text
            | Token::Open
            | Token::Variable
            | Token::Call(_)
            | Token::Key(Key::Case | Key::Select | Key::Constant) => {
                Some(if inner { Certain } else { Doubtful })
            }
            Token::Key(Key::All | Key::Object) => Some(Doubtful),
            _ => None,
        }
    }

    /// A comparison with a query.
    pub(super) fn compared(&self, at: usize) -> Option<Verdict> {
        let value = self.skip(at + 1);
        (self.get(value) == Token::Key(Key::Select) && value > at + 1).then_some(Certain)
    }
}
