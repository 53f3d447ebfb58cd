//! Conditions that are joined to those of the query.

use super::fragment::Fragment;
use super::tokens::{Call, Key, Token};
use super::{
    Verdict,
    Verdict::{Certain, Doubtful},
};
use crate::ascii::before;

impl Fragment<'_> {
    /// `or 1=1` and its kin.
    pub(super) fn logic(&self, at: usize) -> Option<Verdict> {
        let opens = match self.before(at) {
            None => true,
            Some(
                Token::Number
                | Token::Text
                | Token::Right
                | Token::Variable
                | Token::Key(Key::Constant)
                | Token::Word
                | Token::Semicolon
                | Token::Operator
                | Token::Left,
            ) => true,
            Some(_) => false,
        };
        let value = self.skip(at + 1);
        let first = self.get(value);
        if !opens || value >= self.tokens.len() {
            return None;
        }
        let mut after = self.skip_right(self.past(value));
        for _ in 0..8 {
            if self.get(after) != Token::Operator || after >= self.tokens.len() {
                break;
            }
            after = self.skip_right(self.past(self.skip(after)));
        }
        let literal = |token: Token| {
            matches!(
                token,
                Token::Number | Token::Text | Token::Open | Token::Variable | Token::Key(Key::Constant)
            )
        };
        if self.get(after) == Token::Compare && after < self.tokens.len() {
            let other = self.skip(after + 1);
            let right = self.get(other);
            if other >= self.tokens.len() {
                return literal(first).then_some(Doubtful);
            }
            let fragment =
                self.quote != 0 || !matches!(self.before(at), Some(Token::Word)) || self.is_closed();
            return match (first, right) {
                (left, right) if literal(left) && literal(right) => {
                    Some(if fragment || left == Token::Number { Certain } else { Doubtful })
                }
                (Token::Word, Token::Word) if self.word(value) == self.word(other) => Some(Certain),
                (_, Token::Key(Key::Select)) | (Token::Key(Key::Select), _) => Some(Certain),
                (Token::Call(Call::Telling | Call::Dangerous), _)
                | (_, Token::Call(Call::Telling | Call::Dangerous)) => Some(Certain),
                // Conditions on names are what filters are made of.
                (Token::Word | Token::Key(_) | Token::Call(_), right)
                    if self.quote != 0 && self.is_closed() && (literal(right) || right == Token::Word) =>
                {
                    Some(Certain)
                }
                (Token::Word | Token::Call(_), right)
                    if at == 0 && (literal(right) || right == Token::Word) =>
                {
                    Some(if self.is_closed() { Certain } else { Doubtful })
                }
                (Token::Word, right)
                    if self.quote != 0
                        && at == 1
                        && self.before(at) == Some(Token::Text)
                        && literal(right) =>
                {
                    Some(Doubtful)
                }
                (Token::Word, right)
                    if self.symbol(at)
                        && matches!(self.before(at), Some(Token::Number))
                        && literal(right) =>
                {
                    Some(Doubtful)
                }
                (left, _) if literal(left) => Some(Doubtful),
                _ => None,
            };
        }
        let ends = self.is_end(after) || matches!(self.get(after), Token::Semicolon);
        // `'` and `')`: out of the string, and of what it stands in.
        let lead = self.tokens.get(..at).unwrap_or_default();
        let joins = self.quote != 0
            && lead.len() <= 8
            && matches!(lead, [Token::Text, rest @ ..] if rest.iter().all(|token| *token == Token::Right));
        match first {
            Token::Key(Key::Select) => Some(Certain),
            _ if !ends && !matches!(self.get(after), Token::Logic) => None,
            Token::Number | Token::Variable | Token::Key(Key::Constant) | Token::Text if joins => {
                Some(if self.is_closed() || self.get(after) == Token::Logic { Certain } else { Doubtful })
            }
            // `x' or '` with nothing around: the quotes hold it together.
            Token::Open if joins => {
                let tight =
                    self.all.starts.get(at).is_some_and(|start| before(self.text, *start, 1) == self.quote);
                let bare = self.text.first() == Some(&self.quote) && self.text.len() <= 12;
                (tight || bare || self.symbol(at) || self.named(at, "xor")).then_some(Doubtful)
            }
            Token::Key(Key::Constant) => Some(Doubtful),
            Token::Call(_) if self.symbol(at) && at == 1 && self.before(at) == Some(Token::Number) => {
                Some(Doubtful)
            }
            Token::Number | Token::Text | Token::Variable
                if self.is_end(after) && after < self.tokens.len() =>
            {
                Some(Doubtful)
            }
            Token::Word if joins && self.get(after) == Token::Comment && after < self.tokens.len() => {
                Some(Doubtful)
            }
            _ => None,
        }
    }
}
