//! A client and a server of the same era: nothing is translated, but several exchanges share one connection, on which
//! the server does not say which of them it means.

mod private;
mod shared;

use std::time::Instant;

use wire::{Id, code};

use self::{private::Private, shared::Shared};
use crate::{Exchange, Out, Translator, json};

/// Requests that may wait for an answer at once.
const IN_FLIGHT: usize = 4096;

/// Tells which exchange a message of the server belongs to.
#[derive(Debug)]
pub struct SameEra(Mode);

#[derive(Debug)]
enum Mode {
    Private(Private),
    Shared(Shared),
}

impl SameEra {
    /// One legacy session that has the connection to itself. Messages stay as they are.
    pub fn private() -> Self {
        Self(Mode::Private(Private::default()))
    }

    /// Modern clients that share the connection. They may use the same ids and progress tokens: the server sees ids of
    /// our own.
    pub fn shared() -> Self {
        Self(Mode::Shared(Shared::default()))
    }
}

impl Translator for SameEra {
    fn client(&mut self, of: Exchange, line: &str, _now: Instant) -> Vec<Out> {
        match &mut self.0 {
            Mode::Private(private) => private.client(of, line),
            Mode::Shared(shared) => shared.client(of, line),
        }
    }

    /// Cancels for modern clients (MCP 2026-07-28 basic/patterns/cancellation), and not for legacy ones
    /// (MCP 2025-11-25 basic/transports).
    fn client_gone(&mut self, of: Exchange, _now: Instant) -> Vec<Out> {
        match &mut self.0 {
            Mode::Private(_) => Vec::new(),
            Mode::Shared(shared) => shared.client_gone(of),
        }
    }

    fn server(&mut self, of: Option<Exchange>, line: &str, _now: Instant) -> Vec<Out> {
        match &mut self.0 {
            Mode::Private(private) => private.server(of, line),
            Mode::Shared(shared) => shared.server(of, line),
        }
    }

    fn server_gone(&mut self, reason: &str, _now: Instant) -> Vec<Out> {
        match &mut self.0 {
            Mode::Private(private) => private.server_gone(reason),
            Mode::Shared(shared) => shared.server_gone(reason),
        }
    }

    /// Nothing is given up here: who waits for how long is the business of the session above.
    fn tick(&mut self, _now: Instant) -> Vec<Out> {
        Vec::new()
    }
}

/// An id or a token is nothing to remember.
fn too_long(of: Exchange, id: &Id) -> Out {
    let reason = "the id or the progress token is too long";
    Out::Client { of: Some(of), line: json::error(id, code::INVALID_REQUEST, reason) }
}

#[cfg(test)]
mod tests;
