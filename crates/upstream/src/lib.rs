//! Reaches MCP servers over HTTP, in every transport they speak: Streamable HTTP without state (2026-07-28, "modern") and
//! with sessions (2025-03-26 to 2025-11-25, "legacy"), and HTTP+SSE (2024-11-05).
//!
//! Bytes in, bytes out: what a message says is judged by whoever asks. Here is read only what the transport needs, and
//! nothing that is read is trusted: everything from the server is bounded in size.

mod body;
mod breaker;
mod detect;
mod error;
mod exchange;
mod legacy;
mod link;
mod listener;
mod modern;
mod replies;
mod session;
mod sse;
mod target;

pub use self::{
    breaker::Breaker,
    detect::{Era, Spoken, detect},
    error::LinkError,
    link::{HttpLink, Status},
    replies::{Replies, Reply},
    target::{Limits, Target, Timeouts},
};
