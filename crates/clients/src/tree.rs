//! What a configuration file says and where it says it, whatever its format.

mod json;
mod toml;
mod yaml;

use std::{borrow::Cow, ops::Range};

use serde::{Deserialize, Serialize};

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// JSON, with the comments and trailing commas that clients accept.
    Json,
    /// TOML.
    Toml,
    /// YAML.
    Yaml,
}

/// A value and the bytes it was written in.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) value: Value,
    pub(crate) span: Range<usize>,
    /// Members stand on lines of their own, without commas: block YAML and TOML tables.
    pub(crate) block: bool,
}

#[derive(Clone, Debug)]
pub(crate) enum Value {
    /// In the order of the file.
    Map(Vec<Member>),
    List(Vec<Node>),
    Text(String),
    Flag(bool),
    /// Numbers, dates and null, as they are written.
    Other(String),
    /// A YAML alias or anything with a tag, which means what is written elsewhere.
    Elsewhere,
}

#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub(crate) key: String,
    pub(crate) key_span: Range<usize>,
    pub(crate) node: Node,
}

/// Why a text is not in its format.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {message}")]
pub struct SyntaxError {
    /// From 1.
    pub line: usize,
    /// What is wrong.
    pub message: String,
}

impl SyntaxError {
    fn at(text: &str, offset: usize, message: impl ToString) -> Self {
        Self { line: line_of(text, offset), message: message.to_string() }
    }
}

/// Reads a text. Spans are places in the text as given, with its byte order mark.
pub(crate) fn parse(format: Format, text: &str) -> Result<Node, SyntaxError> {
    let body = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let skipped = text.len() - body.len();
    let mut root = match format {
        Format::Json => json::parse(body),
        Format::Toml => toml::parse(body),
        Format::Yaml => yaml::parse(body),
    }?;
    if let Some(key) = root.repeated_key() {
        return Err(SyntaxError::at(
            body,
            key.key_span.start,
            format!("`{}` is given twice in the same object; clients differ in which one they use", key.key),
        ));
    }
    root.shift(skipped);
    Ok(root)
}

/// The line of a byte, from 1.
pub(crate) fn line_of(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
}

impl Node {
    pub(crate) fn members(&self) -> &[Member] {
        match &self.value {
            Value::Map(members) => members,
            _ => &[],
        }
    }

    pub(crate) fn items(&self) -> &[Self] {
        match &self.value {
            Value::List(items) => items,
            _ => &[],
        }
    }

    pub(crate) fn member(&self, key: &str) -> Option<&Member> {
        self.members().iter().find(|member| member.key == key)
    }

    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        self.member(key).map(|member| &member.node)
    }

    pub(crate) fn get_mut(&mut self, key: &str) -> Option<&mut Self> {
        match &mut self.value {
            Value::Map(members) => {
                members.iter_mut().find(|member| member.key == key).map(|member| &mut member.node)
            }
            _ => None,
        }
    }

    pub(crate) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn flag(&self) -> Option<bool> {
        match self.value {
            Value::Flag(flag) => Some(flag),
            _ => None,
        }
    }

    /// A single value as an environment variable would hold it.
    pub(crate) fn scalar(&self) -> Option<Cow<'_, str>> {
        match &self.value {
            Value::Text(text) | Value::Other(text) => Some(Cow::Borrowed(text)),
            Value::Flag(flag) => Some(Cow::Owned(flag.to_string())),
            Value::Map(_) | Value::List(_) | Value::Elsewhere => None,
        }
    }

    /// Whether both say the same, wherever and however they say it.
    pub(crate) fn same(&self, other: &Self) -> bool {
        match (&self.value, &other.value) {
            (Value::Map(one), Value::Map(two)) => {
                one.len() == two.len()
                    && one
                        .iter()
                        .all(|member| other.get(&member.key).is_some_and(|node| member.node.same(node)))
            }
            (Value::List(one), Value::List(two)) => {
                one.len() == two.len() && one.iter().zip(two).all(|(one, two)| one.same(two))
            }
            (Value::Text(one), Value::Text(two)) | (Value::Other(one), Value::Other(two)) => one == two,
            (Value::Flag(one), Value::Flag(two)) => one == two,
            (Value::Elsewhere, Value::Elsewhere) => true,
            _ => false,
        }
    }

    fn repeated_key(&self) -> Option<&Member> {
        let mut seen = std::collections::BTreeSet::new();
        let here = self.members().iter().find(|member| !seen.insert(member.key.as_str()));
        here.or_else(|| {
            let below = self.members().iter().map(|member| &member.node).chain(self.items());
            below.filter_map(Self::repeated_key).next()
        })
    }

    fn shift(&mut self, by: usize) {
        let moved = |span: &Range<usize>| span.start + by..span.end + by;
        self.span = moved(&self.span);
        match &mut self.value {
            Value::Map(members) => {
                for member in members {
                    member.key_span = moved(&member.key_span);
                    member.node.shift(by);
                }
            }
            Value::List(items) => items.iter_mut().for_each(|item| item.shift(by)),
            _ => {}
        }
    }
}
