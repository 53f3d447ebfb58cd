//! Statements behind the query, or in its place.

use super::fragment::Fragment;
use super::tokens::{Key, Token};
use super::{
    Verdict,
    Verdict::{Certain, Doubtful},
};

impl Fragment<'_> {
    pub(super) fn stacked(&self, at: usize) -> Option<Verdict> {
        let next = at + 1;
        let word = self.get(next + 1);
        match self.get(next) {
            Token::Key(Key::Select) => self.select(next).map(|_| Certain),
            Token::Key(Key::Insert) if word == Token::Key(Key::Into) => Some(Certain),
            Token::Key(Key::Drop | Key::Create | Key::Alter | Key::Truncate)
                if matches!(word, Token::Key(Key::Object)) =>
            {
                Some(Certain)
            }
            Token::Key(Key::Delete) if word == Token::Key(Key::From) => Some(Certain),
            Token::Key(Key::Delete) if self.get(next + 2) == Token::Key(Key::From) => Some(Doubtful),
            Token::Key(Key::Drop) if self.is_closed() => Some(Doubtful),
            Token::Word | Token::Call(_)
                if matches!(self.before(at), Some(Token::Number | Token::Text))
                    && ["call", "do", "while", "handler"].iter().any(|verb| self.named(next, verb)) =>
            {
                matches!(word, Token::Left | Token::Call(_) | Token::Number).then_some(Doubtful)
            }
            Token::Key(Key::Update) if self.get(next + 2) == Token::Key(Key::Set) => Some(Certain),
            Token::Key(Key::Exec | Key::Declare)
                if matches!(word, Token::Variable | Token::Word | Token::Left | Token::Text) =>
            {
                Some(Certain)
            }
            Token::Key(Key::Shutdown) if self.is_end(next + 1) => Some(Certain),
            Token::Key(Key::Set) if word == Token::Variable => Some(Doubtful),
            Token::Key(Key::Begin) if self.quote != 0 => Some(Doubtful),
            Token::Comment if next < self.tokens.len() && self.quote != 0 && at == 1 => Some(Certain),
            _ => None,
        }
    }

    /// A statement inside a fragment, or as one.
    pub(super) fn statement(&self, at: usize, length: usize) -> Option<Verdict> {
        let object = matches!(
            self.get(at + length),
            Token::Word
                | Token::Text
                | Token::Key(Key::Object | Key::Where | Key::Values)
                | Token::Left
                | Token::Comment
                | Token::Call(_)
                | Token::Semicolon
        ) || self.get(at + 1) == Token::Key(Key::Object);
        // After the name of a table a sentence goes on with another word.
        let sentence =
            length == 2 && self.get(at + length) == Token::Word && self.get(at + length + 1) == Token::Word;
        (object && !sentence).then_some(if self.quote != 0 && at == 1 { Certain } else { Doubtful })
    }
}
