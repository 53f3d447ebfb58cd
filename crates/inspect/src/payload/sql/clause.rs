//! Clauses that are hung on to the query.

use super::fragment::Fragment;
use super::tokens::{Call, Key, Token};
use super::{
    Verdict,
    Verdict::{Certain, Doubtful},
};

impl Fragment<'_> {
    /// `order by 3`, `group by 1,2 having 1=1`: how injections count columns.
    pub(super) fn ordered(&self, at: usize) -> Option<Verdict> {
        let value = self.skip(at + 2);
        let begins = at == 0
            || (self.quote != 0 && at == 1)
            || matches!(self.before(at), Some(Token::Number | Token::Right));
        let number = matches!(self.get(value), Token::Number | Token::Call(_)) && value < self.tokens.len();
        if begins
            && self.get(at + 1) == Token::Key(Key::By)
            && matches!(self.get(value), Token::Call(Call::Telling | Call::Dangerous))
        {
            return Some(Doubtful);
        }
        let ends = self.is_end(value + 1) || matches!(self.get(value + 1), Token::Comma);
        let closed = self.quote != 0 && at == 1 && (self.is_closed() || self.all.having);
        let counts = number && self.is_end(value + 1) || self.all.having;
        let counts = counts && self.is_closed() && (at == 0 || self.quote != 0);
        (self.get(at + 1) == Token::Key(Key::By) && begins && (number && ends || closed))
            .then_some(if counts { Certain } else { Doubtful })
    }

    /// `having 1=1`, `where 1=1`.
    pub(super) fn condition(&self, at: usize) -> Option<Verdict> {
        let value = self.skip(at + 1);
        let literal = |at: usize| {
            matches!(self.get(at), Token::Number | Token::Text | Token::Variable | Token::Open)
                && at < self.tokens.len()
        };
        let begins = at == 0
            || matches!(self.before(at), Some(Token::Number | Token::Text | Token::Right | Token::Word));
        let other = self.skip(self.skip_right(value + 1) + 1);
        let compares = self.get(self.skip_right(value + 1)) == Token::Compare && literal(other);
        let closed = self.is_closed() && self.get(at) == Token::Key(Key::Having);
        (begins && literal(value) && compares).then_some(if closed { Certain } else { Doubtful })
    }

    pub(super) fn case(&self, at: usize) -> Option<Verdict> {
        let rest = self.tokens.get(at..(at + 24).min(self.tokens.len())).unwrap_or_default();
        let begins = at == 0 && self.get(1) == Token::Key(Key::When);
        let when = rest.contains(&Token::Key(Key::When)) && (begins || rest.contains(&Token::Compare));
        let inner = self.before(at) == Some(Token::Left) || rest.contains(&Token::Key(Key::Select));
        when.then_some(if inner { Certain } else { Doubtful })
    }
}
