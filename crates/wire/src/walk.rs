//! Walks raw JSON that the strict reader has checked: its members, its elements, its strings.

mod pointer;
mod strings;
mod text;
mod tokens;

use std::ops::Range;

use self::tokens::{Token, Tokens};
pub use self::{
    pointer::pointer_at,
    strings::{Role, Text, Walker},
    text::{raw_span, unescape},
};

/// One member of an object.
#[derive(Debug, Clone)]
pub struct Member<'a> {
    /// The name, raw, without quotes.
    pub key: &'a str,
    /// The value, raw.
    pub value: &'a str,
    /// Offset of the name (inside its quotes) from the start of the object's text.
    pub key_at: usize,
    /// Offset of the value from the start of the object's text.
    pub value_at: usize,
}

/// The members of a raw object, in order; none if it is no object.
pub fn members(raw: &str) -> impl Iterator<Item = Member<'_>> {
    let mut children = Children::new(raw, b'{');
    std::iter::from_fn(move || {
        let Some((Token::Text(key), key_span)) = children.child() else {
            return None;
        };
        let (_, value) = children.child()?;
        Some(Member {
            key,
            value: raw.get(value.clone()).unwrap_or_default(),
            key_at: key_span.start + 1,
            value_at: value.start,
        })
    })
}

/// The member of a raw object with that name, unescaped; `None` if there is none or it is no object.
pub fn member<'a>(raw: &'a str, name: &str) -> Option<Member<'a>> {
    members(raw).find(|member| unescape(member.key) == name)
}

/// The elements of a raw array and their offsets from its start; none if it is no array.
pub fn elements(raw: &str) -> impl Iterator<Item = (&str, usize)> {
    let mut children = Children::new(raw, b'[');
    std::iter::from_fn(move || {
        let (_, span) = children.child()?;
        Some((raw.get(span.clone()).unwrap_or_default(), span.start))
    })
}

/// Names and values directly inside one container.
struct Children<'a> {
    tokens: Tokens<'a>,
}

impl<'a> Children<'a> {
    fn new(raw: &'a str, open: u8) -> Self {
        let mut tokens = Tokens::new(raw);
        if !matches!(tokens.next(), Some((Token::Open(byte), _)) if byte == open) {
            tokens = Tokens::new("");
        }
        Self { tokens }
    }

    /// The next name or value as a whole, with its span.
    fn child(&mut self) -> Option<(Token<'a>, Range<usize>)> {
        let (first, span) = loop {
            match self.tokens.next()? {
                (Token::Comma | Token::Colon, _) => {}
                (Token::Close, _) => return None,
                found => break found,
            }
        };
        let mut end = span.end;
        let mut depth = usize::from(matches!(first, Token::Open(_)));
        while depth > 0 {
            let (token, span) = self.tokens.next()?;
            match token {
                Token::Open(_) => depth += 1,
                Token::Close => depth -= 1,
                _ => {}
            }
            end = span.end;
        }
        Some((first, span.start..end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_and_elements_of_nested_values() {
        let raw = r#" {"a": [1, {"b": "}]"}], "c\u0064":{}, "e" :"x,y"} "#;
        let found: Vec<_> = members(raw).map(|m| (unescape(m.key).into_owned(), m.value)).collect();
        assert_eq!(
            found,
            [("a".into(), r#"[1, {"b": "}]"}]"#), ("cd".into(), "{}"), ("e".into(), r#""x,y""#)]
        );
        let list: Vec<_> = elements(found[0].1).collect();
        assert_eq!(list, [("1", 1), (r#"{"b": "}]"}"#, 4)]);
        assert_eq!(member(raw, "cd").map(|m| &raw[m.value_at..m.value_at + 2]), Some("{}"));
        assert_eq!(members("[1]").count(), 0);
        assert_eq!(elements("{}").count(), 0);
    }
}
