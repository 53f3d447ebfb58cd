//! Server-Sent Events (WHATWG HTML §9.2), read and written.

mod decoder;
mod encoder;

use bytes::Bytes;
use bytestring::ByteString;

pub use self::{
    decoder::Decoder,
    encoder::{COMMENT, write_event},
};

/// One event of a stream, as far as it says anything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Event {
    /// The event's type; `None` means `message`.
    pub event: Option<ByteString>,
    /// The `id` of this event itself. An empty one takes back those before it.
    pub id: Option<ByteString>,
    /// The data, UTF-8, its lines joined by line feeds. Empty for an event that brings only an `id` or a `retry`, as
    /// the first event of an MCP stream does (MCP 2025-11-25 basic/transports §Sending Messages).
    pub data: Bytes,
    /// How long to wait before connecting again, in milliseconds.
    pub retry: Option<u64>,
}

/// Why a stream cannot be read any further.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SseError {
    /// An event, or one line, past the decoder's limit.
    #[error("an event longer than {0} bytes")]
    TooLong(usize),
    /// Bytes that are no UTF-8. The standard has them replaced, and nobody knows then what was said.
    #[error("an event that is no UTF-8")]
    Utf8,
}
