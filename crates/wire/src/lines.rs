use bytes::{Buf, Bytes, BytesMut};

use crate::salvage::{Salvage, Salvaged};

/// Cuts a byte stream into lines (MCP 2025-11-25 basic/transports §stdio), however it arrives in pieces.
#[derive(Debug)]
pub struct Lines {
    buffer: BytesMut,
    /// Bytes of `buffer` known to hold no line feed.
    searched: usize,
    max_bytes: usize,
    overlong: Option<(Salvage, u64)>,
}

/// One line of the stream.
#[derive(Debug)]
pub enum Line {
    /// A line within the limit, without its line ending.
    Whole(Bytes),
    /// A line past the limit: thrown away while it came, but for what an answer to it needs.
    Oversized(Oversized),
}

/// What is left of a line that was too long.
#[derive(Debug)]
pub struct Oversized {
    /// Length of the line, in bytes.
    pub bytes: u64,
    /// What could be told of the message.
    pub salvaged: Salvaged,
}

/// Capacity offered to each read.
const CHUNK: usize = 64 * 1024;

impl Lines {
    /// Cuts lines of at most `max_bytes`.
    pub fn new(max_bytes: usize) -> Self {
        Self { buffer: BytesMut::new(), searched: 0, max_bytes, overlong: None }
    }

    /// Where to append what was read; has room for at least one more chunk.
    pub fn space(&mut self) -> &mut BytesMut {
        self.buffer.reserve(CHUNK);
        &mut self.buffer
    }

    /// The next complete line. Blank lines are skipped.
    pub fn next_line(&mut self) -> Option<Line> {
        loop {
            let unsearched = self.buffer.get(self.searched..).unwrap_or_default();
            let Some(found) = memchr::memchr(b'\n', unsearched) else {
                self.searched = self.buffer.len();
                self.discard_overlong();
                return None;
            };
            let end = self.searched + found;
            self.searched = 0;
            let bytes = self.buffer.split_to(end).freeze();
            self.buffer.advance(1);
            if let Some(line) = self.line(bytes) {
                return Some(line);
            }
        }
    }

    /// What remains at the end of the stream: a last line without its line feed.
    pub fn finish(&mut self) -> Option<Line> {
        self.searched = 0;
        let bytes = self.buffer.split().freeze();
        self.line(bytes)
    }

    fn line(&mut self, bytes: Bytes) -> Option<Line> {
        if let Some((salvage, before)) = self.overlong.take() {
            return Some(Self::oversized(salvage, before, &bytes));
        }
        if bytes.len() > self.max_bytes {
            return Some(Self::oversized(Salvage::default(), 0, &bytes));
        }
        let len = bytes.len() - usize::from(bytes.last() == Some(&b'\r'));
        let blank = bytes.iter().all(u8::is_ascii_whitespace);
        (!blank).then(|| Line::Whole(bytes.slice(..len)))
    }

    fn oversized(mut salvage: Salvage, before: u64, bytes: &[u8]) -> Line {
        salvage.feed(bytes);
        Line::Oversized(Oversized { bytes: before + bytes.len() as u64, salvaged: salvage.finish() })
    }

    fn discard_overlong(&mut self) {
        if self.overlong.is_none() && self.buffer.len() <= self.max_bytes {
            return;
        }
        let (salvage, bytes) = self.overlong.get_or_insert_default();
        salvage.feed(&self.buffer);
        *bytes += self.buffer.len() as u64;
        self.buffer.clear();
        self.searched = 0;
    }
}
