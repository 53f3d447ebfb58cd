//! The strict reader: one pass over the bytes checks everything and remembers where the envelope's members lie.

mod keys;
mod number;
mod scan;
pub(crate) mod string;

use std::ops::Range;

use bytes::Bytes;
use bytestring::ByteString;

use self::{keys::Keys, scan::Scanner};
use crate::{Frame, Parsed, WireError, envelope::Envelope, error::Fault, limits::Limits, walk::pointer_at};

/// What one line held.
#[derive(Debug)]
pub enum Content {
    /// A single message.
    Single(Frame<Parsed>),
    /// A JSON-RPC batch (MCP 2025-03-26 only), each element on its own: a faulty one harms no other.
    Batch(Vec<Result<Frame<Parsed>, WireError>>),
}

/// Reads lines into frames. Keeps its working memory between lines.
#[derive(Debug, Default)]
pub struct Reader {
    limits: Limits,
    keys: Keys,
    open: Vec<Open>,
    members: Vec<Found>,
    elements: Vec<Range<usize>>,
}

/// Where a frame stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Layout {
    /// On a line of its own: no line break may be in it.
    Line,
    /// In a body of its own: line breaks are blanks.
    Body,
}

/// A container being read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Open {
    Object { first_key: usize },
    Array,
}

/// A member of the envelope, or of the envelope at `element` of a batch.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    pub(crate) element: usize,
    pub(crate) key: Range<usize>,
    pub(crate) value: Range<usize>,
}

impl Reader {
    /// A reader that refuses what goes past `limits`.
    pub fn new(limits: Limits) -> Self {
        Self { limits, ..Self::default() }
    }

    /// Reads one line, without its line ending. `batches` says whether the negotiated revision has them.
    ///
    /// # Errors
    /// Anything a strict parser would refuse or two parsers could read differently, with its place.
    pub fn read(&mut self, line: &Bytes, batches: bool) -> Result<Content, WireError> {
        let line = self.check(line, Layout::Line)?;
        self.content(line, batches)
    }

    /// Reads the body of an HTTP message or of an event, in which line breaks may stand between tokens. In the frames they
    /// are blanks: what was a body can go out as a line. Offsets stay what they were.
    ///
    /// # Errors
    /// As [`Reader::read`].
    pub fn read_body(&mut self, body: &Bytes, batches: bool) -> Result<Content, WireError> {
        let end = body.iter().rposition(|byte| !matches!(byte, b' ' | b'\t' | b'\r' | b'\n'));
        let mut body = self.check(&body.slice(..end.map_or(0, |last| last + 1)), Layout::Body)?;
        if memchr::memchr2(b'\r', b'\n', body.as_bytes()).is_some() {
            // Checked: none of them is in a string.
            body = body.replace(['\r', '\n'], " ").into();
        }
        self.content(body, batches)
    }

    fn content(&self, line: ByteString, batches: bool) -> Result<Content, WireError> {
        if !line.trim_start().starts_with('[') {
            let envelope = Envelope::new(&line, &self.members)?;
            return Ok(Content::Single(Frame::parsed(line, envelope)));
        }
        if !batches {
            return Err(WireError::new(Fault::Batch, 0));
        }
        if self.elements.is_empty() {
            return Err(WireError::new(Fault::Envelope("an empty batch"), 0));
        }
        Ok(Content::Batch(self.batch(&line)))
    }

    /// The refusal of a line that is too long to be read at all.
    pub fn too_long(&self) -> WireError {
        WireError::new(Fault::Size(self.limits.max_bytes), self.limits.max_bytes)
    }

    /// The line as text, checked to the last byte.
    fn check(&mut self, line: &Bytes, layout: Layout) -> Result<ByteString, WireError> {
        self.scan(line, layout).map_err(|mut error| {
            error.pointer = pointer_at(line, error.offset);
            error
        })
    }

    fn scan(&mut self, line: &Bytes, layout: Layout) -> Result<ByteString, WireError> {
        if line.len() > self.limits.max_bytes {
            return Err(self.too_long());
        }
        if line.starts_with(b"\xEF\xBB\xBF") {
            return Err(WireError::new(Fault::ByteOrderMark, 0));
        }
        let utf8 = |error: std::str::Utf8Error| WireError::new(Fault::Utf8, error.valid_up_to());
        let text = ByteString::try_from(line.clone()).map_err(utf8)?;
        self.keys.clear();
        self.open.clear();
        self.members.clear();
        self.elements.clear();
        Scanner::new(
            &text,
            layout,
            self.limits,
            &mut self.keys,
            &mut self.open,
            &mut self.members,
            &mut self.elements,
        )
        .run()?;
        Ok(text)
    }

    fn batch(&self, line: &ByteString) -> Vec<Result<Frame<Parsed>, WireError>> {
        let mut rest = self.members.as_slice();
        let mut frames = Vec::with_capacity(self.elements.len());
        for (index, element) in self.elements.iter().enumerate() {
            let end = rest.iter().position(|found| found.element != index).unwrap_or(rest.len());
            let (members, later) = rest.split_at_checked(end).unwrap_or((rest, &[]));
            rest = later;
            let envelope = if line.as_bytes().get(element.start) == Some(&b'{') {
                Envelope::new(line, members)
            } else {
                Err(WireError::new(Fault::Envelope("a batch element must be an object"), element.start))
            };
            frames.push(envelope.map(|envelope| Frame::parsed(line.clone(), envelope)));
        }
        frames
    }
}
