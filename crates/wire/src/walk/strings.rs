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
    /// Tells apart where strings stand, but not by the index in a list: the elements of a list have one place.
    pub place: u64,
    /// Whether it stands in a list, at any depth: only then can another string of the walked text have its place.
    pub listed: bool,
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
    listed: bool,
    /// The place of the container, and of what is being read in it.
    path: u64,
    place: u64,
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
                        here.place = match escaped {
                            true => step(here.path, unescape(text).as_bytes()),
                            false => step(here.path, text.as_bytes()),
                        };
                        (Role::Key, None)
                    } else {
                        (Role::Value, raw.get(here.key.clone()).filter(|key| !key.is_empty()))
                    };
                    let Container { place, listed, .. } = here;
                    visit(Text { raw: text, at: at + 1, role, key, place, listed, escaped });
                    at = end;
                    continue;
                }
                b'{' | b'[' => {
                    let object = *byte == b'{';
                    let inside = if object { here.place } else { step(here.place, b"[]") };
                    let inner = Container {
                        object,
                        wants_key: object,
                        key: here.key.clone(),
                        listed: here.listed || !object,
                        path: inside,
                        place: inside,
                    };
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

/// The place of a member called `name`. Long names are told apart by their ends and length: each takes the same time.
fn step(path: u64, name: &[u8]) -> u64 {
    // 2^64 divided by the golden ratio, which spreads what is multiplied by it.
    const SPREAD: u64 = 0x9E37_79B9_7F4A_7C15;
    let word = |bytes: Option<&[u8; 8]>| match bytes {
        Some(bytes) => u64::from_le_bytes(*bytes),
        None => name.iter().fold(0, |word, byte| word << 8 | u64::from(*byte)),
    };
    let mix = |sum: u64, word: u64| (sum.rotate_left(23) ^ word).wrapping_mul(SPREAD);
    let ends = mix(word(name.first_chunk()), word(name.last_chunk()));
    mix(mix(path, ends), name.len() as u64)
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
    fn elements_of_a_list_have_one_place_and_members_each_their_own() {
        let raw = r#"{"a":[{"b":"1"},{"\u0062":"1","c":["2"]}],"b":"3","d":{"b":"4"},"a_longer_name_1":"5","a_longer_name_2":"6"}"#;
        let mut found = std::collections::BTreeMap::<u64, (String, bool)>::new();
        Walker::default().strings(raw, |text| {
            if text.role == Role::Value {
                found.entry(text.place).or_default().0.push_str(text.raw);
                found.entry(text.place).or_default().1 = text.listed;
            }
        });
        let mut found: Vec<_> = found.into_values().collect();
        found.sort();
        let expected = [("11", true), ("2", true), ("3", false), ("4", false), ("5", false), ("6", false)];
        assert_eq!(found, expected.map(|(texts, listed)| (texts.to_owned(), listed)));
    }

    #[test]
    fn a_bare_string_is_a_value() {
        let mut found = Vec::new();
        Walker::default().strings("\"tools/call\"", |text| found.push((text.raw, text.at, text.role)));
        assert_eq!(found, [("tools/call", 1, Role::Value)]);
    }
}
