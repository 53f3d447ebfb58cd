use std::ops::Range;

use super::skip;

/// A token of JSON, without judgement: what the strict reader has passed needs none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// `{` or `[`.
    Open(u8),
    /// `}` or `]`.
    Close,
    Colon,
    Comma,
    /// A string, raw, without its quotes.
    Text(&'a str),
    /// A number or a word.
    Scalar,
}

pub(super) struct Tokens<'a> {
    raw: &'a str,
    at: usize,
}

impl<'a> Tokens<'a> {
    pub(super) fn new(raw: &'a str) -> Self {
        Self { raw, at: 0 }
    }

    /// The token starting with `byte`, and its length.
    fn token(&self, byte: u8) -> (Token<'a>, usize) {
        match byte {
            b'{' | b'[' => (Token::Open(byte), 1),
            b'}' | b']' => (Token::Close, 1),
            b':' => (Token::Colon, 1),
            b',' => (Token::Comma, 1),
            b'"' => {
                let (end, _) = skip::string(self.raw.as_bytes(), self.at);
                let inner = self.raw.get(self.at + 1..end.saturating_sub(1)).unwrap_or_default();
                (Token::Text(inner), end - self.at)
            }
            _ => {
                let rest = self.raw.as_bytes().get(self.at..).unwrap_or_default();
                let ends = |b: &u8| {
                    matches!(b, b',' | b'}' | b']' | b':' | b'"' | b'{' | b'[') || b.is_ascii_whitespace()
                };
                (Token::Scalar, rest.iter().position(ends).unwrap_or(rest.len()).max(1))
            }
        }
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = (Token<'a>, Range<usize>);

    fn next(&mut self) -> Option<Self::Item> {
        let bytes = self.raw.as_bytes();
        while bytes.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
        let (token, len) = self.token(*bytes.get(self.at)?);
        let start = self.at;
        self.at = (start + len).min(bytes.len());
        Some((token, start..self.at))
    }
}
