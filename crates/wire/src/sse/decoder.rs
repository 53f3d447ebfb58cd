use bytes::{Buf, BytesMut};
use bytestring::ByteString;

use super::{Event, SseError};

/// Cuts a byte stream into events, however it arrives in pieces. Holds no more than one event beside what it was fed last.
///
/// An event the stream ends in the middle of never comes out (WHATWG HTML §9.2.6).
#[derive(Debug)]
pub struct Decoder {
    buffer: BytesMut,
    /// Bytes of `buffer` known to hold no line ending.
    searched: usize,
    max_event_bytes: usize,
    /// A byte order mark may come here.
    at_start: bool,
    /// The last line ended with a carriage return: a line feed here belongs to it.
    after_cr: bool,
    pending: Pending,
    failed: Option<SseError>,
}

/// The event being read.
#[derive(Debug, Default)]
struct Pending {
    event: Option<ByteString>,
    id: Option<ByteString>,
    data: Option<BytesMut>,
    retry: Option<u64>,
}

const BOM: &[u8] = b"\xEF\xBB\xBF";

impl Decoder {
    /// Takes events of at most `max_event_bytes`, and lines of at most as many.
    pub fn new(max_event_bytes: usize) -> Self {
        Self {
            buffer: BytesMut::new(),
            searched: 0,
            max_event_bytes,
            at_start: true,
            after_cr: false,
            pending: Pending::default(),
            failed: None,
        }
    }

    /// The next piece of the stream. Take all events out before the next one: what waits is kept in memory.
    pub fn feed(&mut self, bytes: &[u8]) {
        if self.failed.is_none() {
            self.buffer.extend_from_slice(bytes);
        }
    }

    /// The next complete event; `None` until more is fed. Comments and unknown fields are skipped, and so are events
    /// without data, id and retry.
    ///
    /// # Errors
    /// The stream cannot be read any further. From then on, every call says so.
    pub fn next_event(&mut self) -> Option<Result<Event, SseError>> {
        if let Some(error) = self.failed {
            return Some(Err(error));
        }
        let next = self.advance().transpose();
        if let Some(Err(error)) = next {
            self.failed = Some(error);
            self.buffer = BytesMut::new();
            self.pending = Pending::default();
        }
        next
    }

    fn advance(&mut self) -> Result<Option<Event>, SseError> {
        if !self.skip_bom() {
            return Ok(None);
        }
        loop {
            if self.after_cr && !self.buffer.is_empty() {
                self.after_cr = false;
                if self.buffer.first() == Some(&b'\n') {
                    self.buffer.advance(1);
                }
            }
            let unsearched = self.buffer.get(self.searched..).unwrap_or_default();
            let Some(found) = memchr::memchr2(b'\r', b'\n', unsearched) else {
                self.searched = self.buffer.len();
                self.fits(self.buffer.len())?;
                if self.buffer.is_empty() {
                    // An idle stream costs no memory.
                    self.buffer = BytesMut::new();
                }
                return Ok(None);
            };
            let end = std::mem::take(&mut self.searched) + found;
            self.fits(end)?;
            let line = self.buffer.split_to(end);
            self.after_cr = self.buffer.first() == Some(&b'\r');
            self.buffer.advance(1);
            if !line.is_empty() {
                self.pending.line(line)?;
            } else if let Some(event) = std::mem::take(&mut self.pending).dispatch() {
                return Ok(Some(event));
            }
        }
    }

    /// Whether the stream has begun, its byte order mark left behind.
    fn skip_bom(&mut self) -> bool {
        if self.at_start {
            if self.buffer.len() < BOM.len() && BOM.starts_with(&self.buffer) {
                return false;
            }
            if self.buffer.starts_with(BOM) {
                self.buffer.advance(BOM.len());
            }
            self.at_start = false;
        }
        true
    }

    /// Whether a line of that length may be added to what is pending.
    fn fits(&self, line: usize) -> Result<(), SseError> {
        if self.pending.len() + line > self.max_event_bytes {
            return Err(SseError::TooLong(self.max_event_bytes));
        }
        Ok(())
    }
}

impl Pending {
    /// Takes one line that is not empty (WHATWG HTML §9.2.6).
    fn line(&mut self, mut line: BytesMut) -> Result<(), SseError> {
        let colon = memchr::memchr(b':', &line).unwrap_or(line.len());
        let field = line.split_to(colon);
        let mut value = line;
        // The colon, and one space after it.
        value.advance(if value.starts_with(b": ") { 2 } else { value.len().min(1) });
        match &*field {
            b"data" => {
                text(&value)?;
                match &mut self.data {
                    None => self.data = Some(value),
                    Some(data) => {
                        data.extend_from_slice(b"\n");
                        data.extend_from_slice(&value);
                    }
                }
            }
            // Copied: whoever keeps a name or an id must not keep the piece of the stream it came in.
            b"event" => self.event = Some(ByteString::from(text(&value)?)),
            b"id" if !value.contains(&0) => self.id = Some(ByteString::from(text(&value)?)),
            b"retry" if value.iter().all(u8::is_ascii_digit) => {
                // Past the range of the type it is no time anybody waits.
                self.retry = text(&value)?.parse().ok().or(self.retry);
            }
            _ => {}
        }
        Ok(())
    }

    /// The event, if it says anything.
    fn dispatch(self) -> Option<Event> {
        let Self { event, id, data, retry } = self;
        let says = data.is_some() || id.is_some() || retry.is_some();
        says.then(|| Event { event, id, data: data.unwrap_or_default().freeze(), retry })
    }

    /// Bytes held.
    fn len(&self) -> usize {
        let text = |text: &Option<ByteString>| text.as_ref().map_or(0, |text| text.len());
        text(&self.event) + text(&self.id) + self.data.as_ref().map_or(0, |data| data.len() + 1)
    }
}

fn text(value: &[u8]) -> Result<&str, SseError> {
    std::str::from_utf8(value).map_err(|_| SseError::Utf8)
}
