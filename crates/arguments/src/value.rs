use std::{borrow::Cow, fmt::Write as _};

use crate::Number;

mod read;

/// A JSON value, read once. Numbers stay as they are written.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number.
    Number(Number<'a>),
    /// A string, its escapes resolved.
    Text(Cow<'a, str>),
    /// An array.
    List(Vec<Value<'a>>),
    /// An object, its members in order.
    Object(Members<'a>),
}

/// The members of an object, in order.
pub(crate) type Members<'a> = Vec<(Cow<'a, str>, Value<'a>)>;

/// Why a text could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// The text is not JSON (RFC 8259).
    #[error("this is no JSON")]
    Syntax,
    /// Objects and lists lie too deep in one another.
    #[error("objects and lists lie more than {} deep", Value::MAX_DEPTH)]
    TooDeep,
    /// Two members of one object have one name: another reader may take the other one.
    #[error("two members of one object have the same name")]
    Twice,
}

/// The types of JSON Schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// `null`
    Null,
    /// `true` or `false`
    Boolean,
    /// A number without a fraction.
    Integer,
    /// Any number.
    Number,
    /// A string.
    String,
    /// A list.
    Array,
    /// An object.
    Object,
}

impl Type {
    const ALL: [Self; 7] =
        [Self::Null, Self::Boolean, Self::Integer, Self::Number, Self::String, Self::Array, Self::Object];

    /// The name in JSON Schema.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean => "boolean",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::String => "string",
            Self::Array => "array",
            Self::Object => "object",
        }
    }

    /// The type of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == name)
    }

    /// Whether a value is of this type; `1.0` is an integer (JSON Schema 2020-12 validation §6.1.1).
    pub fn holds(self, value: &Value<'_>) -> bool {
        match (self, value) {
            (Self::Null, Value::Null)
            | (Self::Boolean, Value::Bool(_))
            | (Self::Number, Value::Number(_))
            | (Self::String, Value::Text(_))
            | (Self::Array, Value::List(_))
            | (Self::Object, Value::Object(_)) => true,
            (Self::Integer, Value::Number(number)) => number.is_integer(),
            _ => false,
        }
    }
}

impl<'a> Value<'a> {
    /// Objects and lists may lie this deep in one another.
    pub const MAX_DEPTH: usize = 128;

    /// Reads a JSON text.
    ///
    /// # Errors
    /// If the text is not JSON, is nested too deeply, or names a member twice.
    pub fn read(text: &'a str) -> Result<Self, ReadError> {
        read::read(text)
    }

    /// The text of a string.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The members of an object.
    pub fn members(&self) -> Option<&[(Cow<'a, str>, Value<'a>)]> {
        match self {
            Self::Object(members) => Some(members),
            _ => None,
        }
    }

    pub(crate) fn members_mut(&mut self) -> Option<&mut Members<'a>> {
        match self {
            Self::Object(members) => Some(members),
            _ => None,
        }
    }

    /// The member of an object.
    pub fn get(&self, name: &str) -> Option<&Value<'a>> {
        self.members()?.iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    pub(crate) fn get_mut(&mut self, name: &str) -> Option<&mut Value<'a>> {
        self.members_mut()?.iter_mut().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// The elements of a list.
    pub fn elements(&self) -> Option<&[Value<'a>]> {
        match self {
            Self::List(elements) => Some(elements),
            _ => None,
        }
    }

    /// What a value of it weighs for those who bound their work: one for each value, and one for each 64 bytes of text.
    pub(crate) fn weight(&self) -> usize {
        let text = |text: &str| text.len() / 64;
        1 + match self {
            Self::Null | Self::Bool(_) => 0,
            Self::Number(number) => text(number.as_str()),
            Self::Text(said) => text(said),
            Self::List(elements) => elements.iter().map(Value::weight).sum(),
            Self::Object(members) => members.iter().map(|(name, value)| text(name) + value.weight()).sum(),
        }
    }

    /// Equality as in JSON Schema: numbers by value, objects whatever the order of their members.
    pub fn same_as(&self, other: &Value<'_>) -> bool {
        match (self, other) {
            (Self::Null, Value::Null) => true,
            (Self::Bool(one), Value::Bool(other)) => one == other,
            (Self::Number(one), Value::Number(other)) => one.cmp(other).is_eq(),
            (Self::Text(one), Value::Text(other)) => one == other,
            (Self::List(one), Value::List(other)) => {
                one.len() == other.len() && one.iter().zip(other).all(|(one, other)| one.same_as(other))
            }
            (Self::Object(one), Value::Object(members)) => {
                one.len() == members.len()
                    && one
                        .iter()
                        .all(|(name, value)| other.get(name).is_some_and(|other| value.same_as(other)))
            }
            _ => false,
        }
    }

    /// The same value, of its own.
    pub fn into_owned(self) -> Value<'static> {
        let owned = |text: Cow<'_, str>| Cow::Owned(text.into_owned());
        match self {
            Self::Null => Value::Null,
            Self::Bool(value) => Value::Bool(value),
            Self::Number(number) => Value::Number(number.into_owned()),
            Self::Text(text) => Value::Text(owned(text)),
            Self::List(elements) => Value::List(elements.into_iter().map(Value::into_owned).collect()),
            Self::Object(members) => Value::Object(
                members.into_iter().map(|(name, value)| (owned(name), value.into_owned())).collect(),
            ),
        }
    }

    /// As a JSON text.
    pub fn to_json(&self) -> String {
        let mut out = String::new();
        self.write(&mut out);
        out
    }

    fn write(&self, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Self::Number(number) => out.push_str(number.as_str()),
            Self::Text(text) => quote(text, out),
            Self::List(elements) => {
                for (index, element) in elements.iter().enumerate() {
                    out.push(if index == 0 { '[' } else { ',' });
                    element.write(out);
                }
                out.push_str(if elements.is_empty() { "[]" } else { "]" });
            }
            Self::Object(members) => {
                for (index, (name, value)) in members.iter().enumerate() {
                    out.push(if index == 0 { '{' } else { ',' });
                    quote(name, out);
                    out.push(':');
                    value.write(out);
                }
                out.push_str(if members.is_empty() { "{}" } else { "}" });
            }
        }
    }

    /// What kind of value it is, and how large: never what it says.
    pub(crate) fn described(&self) -> String {
        match self {
            Self::Null => "null".to_owned(),
            Self::Bool(_) => "a boolean".to_owned(),
            Self::Number(number) if number.is_integer() => "an integer".to_owned(),
            Self::Number(_) => "a number with a fraction".to_owned(),
            Self::Text(text) => format!("a text of {} characters", text.chars().count()),
            Self::List(elements) => format!("a list of {}", elements.len()),
            Self::Object(members) => format!("an object of {} members", members.len()),
        }
    }
}

/// A string literal of JSON (RFC 8259 §7).
pub(crate) fn quote(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c < ' ' => {
                // Writing to a string cannot fail.
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

/// An object of these members.
pub(crate) fn object<const N: usize>(members: [(&'static str, Value<'static>); N]) -> Value<'static> {
    Value::Object(members.into_iter().map(|(name, value)| (Cow::Borrowed(name), value)).collect())
}

/// A string.
pub(crate) fn text(said: impl Into<String>) -> Value<'static> {
    Value::Text(Cow::Owned(said.into()))
}

/// A count.
pub(crate) fn count(number: usize) -> Value<'static> {
    Value::Number(Number::new(number.to_string()))
}
