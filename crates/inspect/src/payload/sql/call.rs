//! Calls of functions that injections use.

use super::fragment::Fragment;
use super::tokens::{Call, Key, Token};
use super::{
    Verdict,
    Verdict::{Certain, Doubtful},
};
use crate::ascii::slice;

impl Fragment<'_> {
    pub(super) fn dangerous(&self, at: usize) -> Option<Verdict> {
        let joined = at > 0 && !matches!(self.before(at), Some(Token::Word | Token::Key(Key::Object)));
        let wild = self.quote != 0
            || joined
            || self.is_closed()
            || !matches!(self.get(at + 2), Token::Number | Token::Word);
        Some(if wild && self.get(at + 2) != Token::Right { Certain } else { Doubtful })
    }

    pub(super) fn telling(&self, at: usize) -> Option<Verdict> {
        let joined = matches!(
            self.before(at),
            Some(Token::Operator | Token::Compare | Token::Logic | Token::Semicolon)
        ) && at == 2
            && self.quote != 0;
        let nested =
            self.get(at + 1) == Token::Left && matches!(self.get(self.skip(at + 2)), Token::Key(Key::Select));
        if nested {
            return Some(Certain);
        }
        let inner = self.get(at + 1) == Token::Left
            && matches!(self.get(self.skip(at + 2)), Token::Call(Call::Telling));
        if inner && (at == 0 || self.before(at) == Some(Token::Operator)) {
            return Some(Doubtful);
        }
        (joined || (self.quote == 0 && at == 0 && self.get(at + 2) != Token::Word && self.is_closed()))
            .then_some(Doubtful)
    }

    pub(super) fn exec(&self, at: usize) -> Option<Verdict> {
        let procedure =
            self.starts(at + 1, b"xp_") || self.starts(at + 1, b"sp_") || self.starts(at + 1, b"master");
        (procedure || self.get(at + 1) == Token::Left && self.get(at + 2) == Token::Variable)
            .then_some(Certain)
    }

    /// `1.e(`: a number that swallows the name of a function.
    pub(super) fn scientific(&self, at: usize) -> Option<Verdict> {
        let start = self.all.starts.get(at)?;
        let rest = slice(self.text, *start..self.text.len().min(start + 8));
        let end = rest.iter().position(|byte| !byte.is_ascii_digit() && *byte != b'.')?;
        let dotted = slice(rest, 0..end).contains(&b'.');
        (dotted && matches!(rest.get(end), Some(b'e' | b'E')) && rest.get(end + 1) == Some(&b'('))
            .then_some(Doubtful)
    }
}
