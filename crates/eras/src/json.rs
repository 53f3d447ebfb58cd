//! Takes raw JSON apart and puts it together again. Values nobody changes keep their bytes, members their order.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use bytes::Bytes;
use wire::{Content, Frame, Id, Parsed, Reader, members, unescape};

/// An object being rewritten.
#[derive(Debug, Clone, Default)]
pub(crate) struct Object<'a> {
    /// Names without their quotes, and values, all raw.
    members: Vec<(&'a str, Cow<'a, str>)>,
}

impl<'a> Object<'a> {
    /// The members of a raw object; none if it is no object.
    pub(crate) fn of(raw: &'a str) -> Self {
        Self { members: members(raw).map(|member| (member.key, Cow::Borrowed(member.value))).collect() }
    }

    /// The raw value of a member.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.members.iter().find(|(key, _)| is(key, name)).map(|(_, value)| &**value)
    }

    /// Gives a member a raw value, in its place or at the end. `name` is written as it stands.
    pub(crate) fn set(&mut self, name: &'a str, value: impl Into<Cow<'a, str>>) {
        match self.members.iter_mut().find(|(key, _)| is(key, name)) {
            Some((_, old)) => *old = value.into(),
            None => self.members.push((name, value.into())),
        }
    }

    /// Takes a member out, and tells its raw value.
    pub(crate) fn remove(&mut self, name: &str) -> Option<Cow<'a, str>> {
        let at = self.members.iter().position(|(key, _)| is(key, name))?;
        Some(self.members.remove(at).1)
    }

    /// Takes out every member whose name, unescaped, is not to be kept.
    pub(crate) fn retain(&mut self, mut keep: impl FnMut(&str) -> bool) {
        self.members.retain(|(key, _)| keep(&unescape(key)));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Rewrites an object inside this one; one that is not there is made if it gets members, and one left without is
    /// taken out. What is there and no object stays as it is.
    pub(crate) fn inside(&mut self, name: &'a str, change: impl FnOnce(&mut Object<'_>)) {
        let raw = self.get(name).unwrap_or("{}").to_owned();
        if !raw.starts_with('{') {
            return;
        }
        let mut inner = Object::of(&raw);
        change(&mut inner);
        if inner.is_empty() {
            self.remove(name);
        } else {
            self.set(name, inner.to_string());
        }
    }
}

impl fmt::Display for Object<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("{")?;
        for (index, (key, value)) in self.members.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            write!(f, "{comma}\"{key}\":{value}")?;
        }
        f.write_str("}")
    }
}

fn is(key: &str, name: &str) -> bool {
    key == name || unescape(key) == name
}

/// Reads one message as strictly as the guard does; `None` if it is none. What a server says has not been read before.
pub(crate) fn message(reader: &mut Reader, line: &str) -> Option<Frame<Parsed>> {
    match reader.read(&Bytes::copy_from_slice(line.as_bytes()), false) {
        Ok(Content::Single(frame)) => Some(frame),
        _ => None,
    }
}

/// The raw value at a path of names.
pub(crate) fn at<'a>(raw: &'a str, path: &[&str]) -> Option<&'a str> {
    raw.get(find(raw, path)?)
}

/// Where the value at a path of names stands.
pub(crate) fn find(raw: &str, path: &[&str]) -> Option<Range<usize>> {
    path.iter().try_fold(0..raw.len(), |span, name| {
        let found = wire::member(raw.get(span.clone())?, name)?;
        let start = span.start + found.value_at;
        Some(start..start + found.value.len())
    })
}

/// The text with other values in these places, which do not overlap. Every other byte stays, faulty or not.
pub(crate) fn put(raw: &str, mut places: Vec<(Range<usize>, String)>) -> String {
    places.sort_by_key(|(span, _)| span.start);
    let mut out = String::with_capacity(raw.len() + 16);
    let mut done = 0;
    for (span, value) in places {
        out.push_str(raw.get(done..span.start).unwrap_or_default());
        out.push_str(&value);
        done = span.end;
    }
    out.push_str(raw.get(done..).unwrap_or_default());
    out
}

/// What a raw string says; `None` if it is no string.
pub(crate) fn text(raw: &str) -> Option<Cow<'_, str>> {
    raw.strip_prefix('"')?.strip_suffix('"').map(unescape)
}

/// Whether an id or a progress token is short enough to be remembered while somebody waits.
pub(crate) fn is_short(raw: &str) -> bool {
    raw.len() <= 1024
}

/// A string as raw JSON.
pub(crate) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// A request with a raw object as its `params`.
pub(crate) fn request(id: &Id, method: &str, params: impl fmt::Display) -> String {
    format!(r#"{{"jsonrpc":"2.0","id":{id},"method":{},"params":{params}}}"#, quoted(method))
}

/// A notification with a raw object as its `params`.
pub(crate) fn notification(method: &str, params: impl fmt::Display) -> String {
    format!(r#"{{"jsonrpc":"2.0","method":{},"params":{params}}}"#, quoted(method))
}

/// An answer with a raw `result`.
pub(crate) fn result(id: &Id, result: impl fmt::Display) -> String {
    format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{result}}}"#)
}

/// An error of our own. The codes we may use are in [`wire::code`].
pub(crate) fn error(id: &Id, code: i64, message: &str) -> String {
    format!(r#"{{"jsonrpc":"2.0","id":{id},"error":{{"code":{code},"message":{}}}}}"#, quoted(message))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // A test fails by panicking.
    use super::*;

    #[test]
    fn only_what_is_named_changes() {
        let raw = r#"{"id":"a", "params":{"x":[1, 2.50],"_met\u0061":{"t":7}} , "gone":{}}"#;
        let mut message = Object::of(raw);
        message.set("id", "1");
        assert_eq!(message.remove("gone").as_deref(), Some("{}"));
        message.inside("params", |params| params.inside("_meta", |meta| meta.set("n", "true")));
        let expected = r#"{"id":1,"params":{"x":[1, 2.50],"_met\u0061":{"t":7,"n":true}}}"#;
        assert_eq!(message.to_string(), expected);
        message.inside("params", |params| {
            params.remove("x");
            params.remove("_meta");
        });
        assert_eq!(message.to_string(), r#"{"id":1}"#);
        assert_eq!(at(raw, &["params", "_meta", "t"]), Some("7"));
        assert_eq!(text(r#""a\n""#).unwrap(), "a\n");
        assert_eq!(text("7"), None);
    }
}
