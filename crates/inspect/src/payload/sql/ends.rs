//! Fragments that end the string they stand in, and take care of what follows.

use super::fragment::Fragment;
use super::tokens::{Key, Token};
use super::{
    Verdict,
    Verdict::{Certain, Doubtful},
};
use crate::ascii::{before, slice};

impl Fragment<'_> {
    /// `admin'--`: ends the string, and the query.
    pub(super) fn tail(&self) -> Option<Verdict> {
        let (last, lead) = self.tokens.split_last()?;
        if *last != Token::Comment {
            return None;
        }
        let start = self.all.starts.last().copied().unwrap_or_default();
        let marks = slice(self.text, start..self.text.len());
        let bare = match marks {
            // `#2` is a number of something.
            [b'#', rest @ ..] => rest.trim_ascii().is_empty(),
            marks => marks.len() < 8 || matches!(marks.get(2), Some(b' ' | b'+' | b'-' | b'\'' | b'"')),
        };
        match lead {
            [Token::Text, rest @ ..]
                if self.quote != 0
                    && rest.iter().all(|token| matches!(token, Token::Right | Token::Semicolon)) =>
            {
                bare.then_some(Certain)
            }
            _ => {
                let grouped = lead.contains(&Token::Right) && lead.contains(&Token::Left);
                let plain = |token: &Token| {
                    matches!(token, Token::Number | Token::Operator | Token::Left | Token::Right)
                };
                let computed = |token: &Token| plain(token) || *token == Token::Variable;
                let sum = lead.iter().all(computed)
                    && lead.iter().any(|token| matches!(token, Token::Operator | Token::Variable));
                let telling = grouped && !lead.iter().all(plain);
                let wordless = !lead.contains(&Token::Word) && !lead.contains(&Token::Other);
                (bare && wordless && (sum || telling)).then_some(Doubtful)
            }
        }
    }

    /// `x'-a--`, `x' and f(a)::b --`: ends the string, goes on, and cuts off the query.
    pub(super) fn cut_off(&self) -> Option<Verdict> {
        let [Token::Text, inner @ .., Token::Comment] = self.tokens else { return None };
        let opens = self.all.starts.get(1).copied().unwrap_or_default();
        let marks = self.all.starts.last().copied().unwrap_or_default();
        let bare = self.text.len().saturating_sub(marks) < 8;
        let tight = !before(self.text, opens, 1).is_ascii_whitespace();
        let joins = match inner.first()? {
            Token::Logic | Token::Compare => true,
            // With blanks around it, it may be a dash; and some stand before one value, not between two.
            Token::Operator => {
                tight && slice(self.text, opens..opens + 1).iter().all(|byte| b"+-*/%&|^".contains(byte))
            }
            _ => false,
        };
        let words = inner.iter().filter(|token| **token == Token::Word).count();
        let plain = inner.len() < 12 && words < 4 && !inner.contains(&Token::Other);
        (self.quote != 0 && bare && joins && plain && inner.len() > 1).then_some(Certain)
    }

    /// `'='`, `x' + 'y`: ends the string, and opens it again, so that what stands around goes on.
    pub(super) fn joined(&self) -> Option<Verdict> {
        if self.quote == 0 || self.tokens.first() != Some(&Token::Text) || !self.is_closed() {
            return None;
        }
        let inner = self.tokens.get(1..self.tokens.len() - 1)?;
        let operators =
            inner.iter().filter(|token| matches!(token, Token::Compare | Token::Operator)).count();
        let first =
            matches!(inner.first(), Some(Token::Compare | Token::Operator | Token::Logic | Token::Right));
        let plain = |token: &Token| {
            !matches!(
                token,
                Token::Other | Token::Key(Key::Other | Key::Object | Key::As | Key::By | Key::Limit)
            )
        };
        let compares = inner.contains(&Token::Compare) && symbols(self.text);
        let words = inner.iter().filter(|token| **token == Token::Word).count();
        // What follows the last quote is the rest of a value, no sentence.
        let last = self.all.starts.last().copied().unwrap_or_default();
        let short = self.text.len() - last.min(self.text.len()) < 16;
        let certain = compares && inner.len() < 12 && words == 0 && short;
        (first && operators > 0 && words < 3 && inner.iter().all(plain)).then_some(if certain {
            Certain
        } else {
            Doubtful
        })
    }
}

/// Whether a comparison is written in symbols: words such as `is` and `in` are prose.
fn symbols(text: &[u8]) -> bool {
    text.iter().any(|byte| matches!(byte, b'=' | b'<' | b'>'))
}
