use std::{borrow::Cow, ops::Range};

use super::{skip, text::unescape};

/// Whether a string names a member or is a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A member's name.
    Key,
    /// A member's value or an element of a list.
    Value,
}

/// One string of a raw value.
#[derive(Debug, Clone)]
pub struct Text<'a> {
    /// As written, without quotes.
    pub raw: &'a str,
    /// Offset of `raw` from the start of the walked text.
    pub at: usize,
    /// Name or value.
    pub role: Role,
    /// Raw name of the innermost member this is the value of, also across lists.
    pub key: Option<&'a str>,
    escaped: bool,
}

impl<'a> Text<'a> {
    /// The string, unescaped.
    pub fn text(&self) -> Cow<'a, str> {
        if self.escaped { unescape(self.raw) } else { Cow::Borrowed(self.raw) }
    }
}

/// Visits the strings of raw values. Keeps its working memory between walks.
#[derive(Debug, Default)]
pub struct Walker {
    containers: Vec<Container>,
}

#[derive(Debug, Default, Clone)]
struct Container {
    object: bool,
    /// In an object: a name comes next.
    wants_key: bool,
    key: Range<usize>,
}

impl Walker {
    /// Calls `visit` for every string in `raw`, names and values, in order.
    pub fn strings<'a>(&mut self, raw: &'a str, mut visit: impl FnMut(Text<'a>)) {
        let bytes = raw.as_bytes();
        self.containers.clear();
        let mut here = Container::default();
        let mut at = 0;
        while let Some(byte) = bytes.get(at) {
            match byte {
                b'"' => {
                    let (end, escaped) = skip::string(bytes, at);
                    let text = raw.get(at + 1..end - 1).unwrap_or_default();
                    let (role, key) = if here.wants_key {
                        here.wants_key = false;
                        here.key = at + 1..end - 1;
                        (Role::Key, None)
                    } else {
                        (Role::Value, raw.get(here.key.clone()).filter(|key| !key.is_empty()))
                    };
                    visit(Text { raw: text, at: at + 1, role, key, escaped });
                    at = end;
                    continue;
                }
                b'{' | b'[' => {
                    let object = *byte == b'{';
                    let inner = Container { object, wants_key: object, key: here.key.clone() };
                    self.containers.push(std::mem::replace(&mut here, inner));
                }
                b'}' | b']' => here = self.containers.pop().unwrap_or_default(),
                b',' => here.wants_key = here.object,
                _ => {}
            }
            at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_string_with_its_role_and_key() {
        let raw = r#"{"a":["x",{"b":"y"},"z"],"c":{"d":1,"e":"\u0041"},"":"t"}"#;
        let mut found = Vec::new();
        Walker::default().strings(raw, |text| {
            assert_eq!(&raw[text.at..text.at + text.raw.len()], text.raw);
            found.push((text.text().into_owned(), text.role, text.key));
        });
        use Role::{Key, Value};
        let expected: &[(&str, Role, Option<&str>)] = &[
            ("a", Key, None),
            ("x", Value, Some("a")),
            ("b", Key, None),
            ("y", Value, Some("b")),
            ("z", Value, Some("a")),
            ("c", Key, None),
            ("d", Key, None),
            ("e", Key, None),
            ("A", Value, Some("e")),
            ("", Key, None),
            ("t", Value, None),
        ];
        let found: Vec<_> = found.iter().map(|(text, role, key)| (text.as_str(), *role, *key)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_bare_string_is_a_value() {
        let mut found = Vec::new();
        Walker::default().strings("\"tools/call\"", |text| found.push((text.raw, text.at, text.role)));
        assert_eq!(found, [("tools/call", 1, Role::Value)]);
    }
}
