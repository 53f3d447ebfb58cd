//! Reads and writes JSON-RPC frames as strictly as the strictest parser (RFC 8259, RFC 7493, JSON-RPC 2.0).
//!
//! Bytes become lines ([`Lines`]) or events ([`sse`]), a line ([`Reader::read`]) or a body ([`Reader::read_body`])
//! becomes one frame or a batch, and a frame can leave only after the decision core has turned a [`Frame<Parsed>`] into a
//! [`Frame<Decided>`]:
//!
//! ```
//! # use mcp_guard_wire::{Decided, Frame, Outgoing, Parsed};
//! fn forward(frame: Frame<Decided>, out: &mut Vec<u8>) {
//!     frame.write_to(out);
//! }
//! ```
//!
//! The same lines with a frame nobody has decided upon do not compile: it has no way to become bytes.
//!
//! ```compile_fail,E0599
//! # use mcp_guard_wire::{Decided, Frame, Outgoing, Parsed};
//! fn forward(frame: Frame<Parsed>, out: &mut Vec<u8>) {
//!     frame.write_to(out);
//! }
//! ```
//!
//! What a modern request says beside its frame is read in [`meta`] and, over HTTP, in [`headers`].
//!
//! No I/O, no async, no clock. Nothing here panics on any input.

mod answer;
mod edit;
mod envelope;
mod error;
mod frame;
pub mod headers;
mod id;
mod json;
mod limits;
mod lines;
pub mod meta;
mod method;
mod protocol_error;
mod revision;
mod salvage;
pub mod sse;
mod walk;

pub use self::{
    answer::{Answer, code},
    edit::{Edit, Edits},
    envelope::{Kind, folds_to},
    error::{Fault, WireError},
    frame::{Decided, Frame, Outgoing, Parsed, Part, Permit},
    id::Id,
    json::{Content, Reader},
    limits::{BigIntegers, Limits},
    lines::{Line, Lines, Oversized},
    method::{Method, misspelt},
    protocol_error::ProtocolError,
    revision::Revision,
    salvage::{Salvage, Salvaged},
    walk::{Member, Role, Text, Walker, elements, member, members, pointer_at, raw_span, text_of, unescape},
};
