use std::{borrow::Cow, ops::Range};

use bytestring::ByteString;

use crate::{Edits, Id, Kind, envelope::Envelope, walk::unescape};

/// A message that has been read and not yet judged. It cannot become bytes.
#[derive(Debug)]
pub struct Parsed(());

/// A message the decision core lets leave, with what it changes in it.
#[derive(Debug)]
pub struct Decided {
    edits: Edits,
}

/// One JSON-RPC message. `State` says whether it may leave.
#[derive(Debug)]
pub struct Frame<State> {
    line: ByteString,
    envelope: Envelope,
    state: State,
}

/// What transports accept: bytes that were decided upon, or that we say ourselves.
pub trait Outgoing: sealed::Sealed {
    /// What the message is.
    fn kind(&self) -> Kind;

    /// The request it makes or answers.
    fn id(&self) -> Option<Id>;

    /// Appends the message as one line of JSON, without a line ending.
    fn write_to(&self, out: &mut Vec<u8>);
}

/// The right to let a frame leave. Only the decision core takes one.
#[derive(Debug)]
pub struct Permit(());

impl Permit {
    /// For the decision core alone; the lint configuration bans this call everywhere else.
    pub fn danger_for_the_decision_core() -> Self {
        Self(())
    }
}

impl Frame<Parsed> {
    pub(crate) fn parsed(line: ByteString, envelope: Envelope) -> Self {
        Self { line, envelope, state: Parsed(()) }
    }

    /// The frame as it may leave, changed by `edits`.
    pub fn decided(self, _permit: Permit, edits: Edits) -> Frame<Decided> {
        Frame { line: self.line, envelope: self.envelope, state: Decided { edits } }
    }
}

impl<State> Frame<State> {
    /// What the message is.
    pub fn kind(&self) -> Kind {
        self.envelope.kind
    }

    /// The id; `None` for notifications and for failures that answer no known request.
    pub fn id(&self) -> Option<Id> {
        self.envelope.id.as_ref().and_then(|span| Id::from_raw(self.raw(span)))
    }

    /// The method of a request or notification, unescaped.
    pub fn method(&self) -> Option<Cow<'_, str>> {
        let quoted = self.raw(self.envelope.method.as_ref()?);
        let inner = quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default();
        Some(unescape(inner))
    }

    /// The raw `params`, `result` or `error`, and where it starts in the line.
    pub fn body(&self) -> Option<(&str, usize)> {
        let span = self.envelope.body.as_ref()?;
        Some((self.raw(span), span.start))
    }

    /// Every raw part of the message a peer's text can be in, with where it starts in the line: the body, the
    /// method, a string id, and unknown members with their names.
    pub fn parts(&self) -> impl Iterator<Item = (Part, &str, usize)> {
        let quoted = |span: &Range<usize>| span.start.saturating_sub(1)..span.end + 1;
        let envelope = &self.envelope;
        let id = envelope.id.clone().filter(|span| self.raw(span).starts_with('"'));
        let named =
            [(Part::Body, envelope.body.clone()), (Part::Method, envelope.method.clone()), (Part::Id, id)];
        let named = named.into_iter().filter_map(|(part, span)| Some((part, span?)));
        let extra = envelope
            .extra
            .iter()
            .flat_map(move |(key, value)| [(Part::Extra, quoted(key)), (Part::Extra, value.clone())]);
        named.chain(extra).map(|(part, span)| (part, self.raw(&span), span.start))
    }

    /// The line the message came in.
    pub fn line(&self) -> &[u8] {
        self.line.as_bytes()
    }

    fn raw(&self, span: &Range<usize>) -> &str {
        self.line.get(span.clone()).unwrap_or_default()
    }
}

/// Which part of a message a text was found in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// `params`, `result` or `error`.
    Body,
    /// `method`.
    Method,
    /// `id`, when it is a string.
    Id,
    /// A member JSON-RPC does not name, or its name.
    Extra,
}

impl Outgoing for Frame<Decided> {
    fn kind(&self) -> Kind {
        Self::kind(self)
    }

    fn id(&self) -> Option<Id> {
        Self::id(self)
    }

    fn write_to(&self, out: &mut Vec<u8>) {
        let start = out.len();
        out.reserve(self.line.len() + 24);
        out.extend_from_slice(br#"{"jsonrpc":"2.0""#);
        let envelope = &self.envelope;
        match (&envelope.id, envelope.kind) {
            (Some(id), _) => self.member(out, b"\"id\"", id),
            (None, Kind::Failure) => out.extend_from_slice(br#","id":null"#),
            _ => {}
        }
        if let Some(method) = &envelope.method {
            self.member(out, b"\"method\"", method);
        }
        if let Some(body) = &envelope.body {
            let name: &[u8] = match envelope.kind {
                Kind::Request | Kind::Notification => b"\"params\"",
                Kind::Response => b"\"result\"",
                Kind::Failure => b"\"error\"",
            };
            self.member(out, name, body);
        }
        for (key, value) in &envelope.extra {
            out.push(b',');
            self.copy(out, key.start.saturating_sub(1)..key.end + 1);
            out.push(b':');
            self.copy(out, value.clone());
        }
        out.push(b'}');
        escape_line_breaks(out, start);
    }
}

impl Frame<Decided> {
    fn member(&self, out: &mut Vec<u8>, name: &[u8], value: &Range<usize>) {
        out.push(b',');
        out.extend_from_slice(name);
        out.push(b':');
        self.copy(out, value.clone());
    }

    fn copy(&self, out: &mut Vec<u8>, span: Range<usize>) {
        self.state.edits.apply(self.line.as_bytes(), span, |bytes| out.extend_from_slice(bytes));
    }
}

/// Some line readers end a line at U+0085, U+2028 or U+2029, and would see a frame of the sender's choice after it.
/// They can only stand inside strings, where the escape means the same.
pub(crate) fn escape_line_breaks(out: &mut Vec<u8>, start: usize) {
    let written = out.get(start..).unwrap_or_default();
    if written.is_ascii() {
        return;
    }
    let text = String::from_utf8_lossy(written);
    if !text.contains(['\u{85}', '\u{2028}', '\u{2029}']) {
        return;
    }
    let safe =
        text.replace('\u{85}', "\\u0085").replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029");
    out.truncate(start);
    out.extend_from_slice(safe.as_bytes());
}

pub(crate) mod sealed {
    /// Keeps [`super::Outgoing`] to this crate.
    pub trait Sealed {}
    impl Sealed for super::Frame<super::Decided> {}
    impl Sealed for crate::Answer {}
    impl Sealed for crate::ProtocolError {}
}
