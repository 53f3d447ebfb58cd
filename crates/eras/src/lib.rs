//! Translates between a client and a server of different MCP eras: the revisions with a handshake (up to
//! 2025-11-25, "legacy") and those without state (from 2026-07-28, "modern").
//!
//! No I/O and no clock: lines of JSON in, lines of JSON out. The guard inspects what a client says before it comes
//! here and what a server says after it has left, so both are judged in the client's own form.

mod json;
mod legacy_client;
mod modern_client;
mod same_era;

use std::time::Instant;

pub use self::{
    legacy_client::{LegacyOverModern, Settings as LegacySettings},
    modern_client::{ModernOverLegacy, Settings as ModernSettings},
    same_era::SameEra,
};

/// Names one exchange of the client: a request and everything that belongs to it. Never used twice by one translator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Exchange(pub u64);

/// One message and where it goes. Lines are without a line ending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Out {
    /// To the client: in the stream of an exchange, or to nobody in particular.
    Client {
        /// The exchange it belongs to.
        of: Option<Exchange>,
        /// The message.
        line: String,
    },
    /// To the server: on behalf of an exchange, or of nobody in particular. What the server says in answer to it, over a
    /// transport that can tell, comes back with the same exchange.
    Server {
        /// The exchange it is for.
        of: Option<Exchange>,
        /// The message.
        line: String,
    },
}

/// Stands between one client (one principal) and one server.
pub trait Translator: Send {
    /// Takes a message of the client: a request that begins `of`, or what the client says without one, such as a
    /// notification or the answer to a request of the server.
    fn client(&mut self, of: Exchange, line: &str, now: Instant) -> Vec<Out>;

    /// The client waits no longer for the exchange: its stream is gone, and nothing more may be said in it.
    fn client_gone(&mut self, of: Exchange, now: Instant) -> Vec<Out>;

    /// Takes a message of the server. `of` is known where the transport tells, and `None` on a standard stream.
    fn server(&mut self, of: Option<Exchange>, line: &str, now: Instant) -> Vec<Out>;

    /// The server has forgotten everything (it was started again, or its session is gone): what waits is answered with an
    /// error, and the next message begins anew.
    fn server_gone(&mut self, reason: &str, now: Instant) -> Vec<Out>;

    /// Time has passed: what waited too long is given up, and what waited long enough is said. Called about once a second,
    /// and when something is [`due`](Self::due).
    fn tick(&mut self, now: Instant) -> Vec<Out>;

    /// When there is something to say that cannot wait for the next [`tick`](Self::tick).
    fn due(&self) -> Option<Instant> {
        None
    }
}
