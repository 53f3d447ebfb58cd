//! A fragment of SQL in tokens, and how to walk over it.

use super::tokens::{Token, Tokens};
use crate::ascii::slice;

/// The tokens of a fragment, and the quote it stands after.
pub(super) struct Fragment<'t> {
    pub(super) tokens: &'t [Token],
    pub(super) all: &'t Tokens,
    pub(super) text: &'t [u8],
    pub(super) quote: u8,
}

impl Fragment<'_> {
    pub(super) fn get(&self, at: usize) -> Token {
        self.tokens.get(at).copied().unwrap_or(Token::Comment)
    }

    pub(super) fn before(&self, at: usize) -> Option<Token> {
        at.checked_sub(1).and_then(|at| self.tokens.get(at)).copied()
    }

    pub(super) fn is_end(&self, at: usize) -> bool {
        at >= self.tokens.len() || self.get(at) == Token::Comment
    }

    /// Whether it ends in a comment or a string that what follows ends: the rest of the query is taken care of.
    pub(super) fn is_closed(&self) -> bool {
        let start = self.all.starts.last().copied().unwrap_or_default();
        match self.tokens.last() {
            Some(Token::Comment) => true,
            Some(Token::Open) => {
                slice(self.text, start..self.text.len().min(start + 2)).contains(&self.quote)
            }
            _ => false,
        }
    }

    /// Past parentheses, signs and the like.
    pub(super) fn skip(&self, mut at: usize) -> usize {
        while matches!(self.get(at), Token::Left | Token::Unary | Token::Operator) && at < self.tokens.len() {
            at += 1;
        }
        at
    }

    pub(super) fn skip_right(&self, mut at: usize) -> usize {
        while self.get(at) == Token::Right {
            at += 1;
        }
        at
    }

    /// Whether `&&` and `||` stand for the word.
    pub(super) fn symbol(&self, at: usize) -> bool {
        self.all.starts.get(at).is_some_and(|start| matches!(self.text.get(*start), Some(b'&' | b'|')))
    }

    /// Past a value: one token, or a call with its arguments.
    pub(super) fn past(&self, at: usize) -> usize {
        if !matches!(self.get(at), Token::Call(_)) {
            return at + 1;
        }
        let mut depth = 0_usize;
        for next in at + 1..self.tokens.len().min(at + 64) {
            match self.get(next) {
                Token::Left => depth += 1,
                Token::Right if depth <= 1 => return next + 1,
                Token::Right => depth -= 1,
                _ => {}
            }
        }
        self.tokens.len()
    }

    pub(super) fn word(&self, at: usize) -> Vec<u8> {
        let start = self.all.starts.get(at).copied().unwrap_or(self.text.len());
        let rest = slice(self.text, start..self.text.len());
        rest.iter()
            .take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_')
            .take(64)
            .map(u8::to_ascii_lowercase)
            .collect()
    }

    pub(super) fn named(&self, at: usize, name: &str) -> bool {
        at < self.tokens.len() && self.word(at) == name.as_bytes()
    }

    pub(super) fn starts(&self, at: usize, lead: &[u8]) -> bool {
        at < self.tokens.len() && self.word(at).starts_with(lead)
    }
}
