//! Walks raw JSON that the strict reader has checked: its members, its elements, its strings.

mod pointer;
mod skip;
mod strings;
mod text;
mod tokens;

use std::ops::Range;

pub use self::{
    pointer::pointer_at,
    strings::{Role, Text, Walker},
    text::{raw_span, text_of, unescape},
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
        let key = children.child()?;
        let value = children.child()?;
        Some(Member {
            key: raw.get(key.start + 1..key.end - 1)?,
            value: raw.get(value.clone())?,
            key_at: key.start + 1,
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
        let span = children.child()?;
        Some((raw.get(span.clone())?, span.start))
    })
}

/// Names and values directly inside one container.
struct Children<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Children<'a> {
    fn new(raw: &'a str, open: u8) -> Self {
        let bytes = raw.as_bytes();
        let at = skip::separators(bytes, 0);
        let inside = bytes.get(at) == Some(&open);
        Self { bytes, at: if inside { at + 1 } else { bytes.len() } }
    }

    /// The next name or value as a whole.
    fn child(&mut self) -> Option<Range<usize>> {
        let start = skip::separators(self.bytes, self.at);
        if let None | Some(b'}' | b']') = self.bytes.get(start) {
            self.at = self.bytes.len();
            return None;
        }
        self.at = skip::value(self.bytes, start);
        Some(start..self.at)
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
