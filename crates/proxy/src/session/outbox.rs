use bytes::Bytes;
use wire::{Id, Kind, Outgoing};

use super::Side;

/// Where messages go that may leave.
pub trait Outlet {
    /// Takes a message for one side. Messages of the same `batch` (not 0) in a row came as one JSON-RPC batch.
    fn push(&mut self, to: Side, batch: u32, message: &impl Outgoing);
}

/// Messages that may leave, each by itself, in order.
#[derive(Debug, Default)]
pub(crate) struct Deliveries(pub(crate) Vec<Delivery>);

/// One message that may leave.
#[derive(Debug)]
pub(crate) struct Delivery {
    pub(crate) to: Side,
    pub(crate) kind: Kind,
    /// The request it makes or answers.
    pub(crate) id: Option<Id>,
    /// Without a line ending.
    pub(crate) line: Bytes,
}

impl Outlet for Deliveries {
    fn push(&mut self, to: Side, _batch: u32, message: &impl Outgoing) {
        let mut line = Vec::new();
        message.write_to(&mut line);
        self.0.push(Delivery { to, kind: message.kind(), id: message.id(), line: line.into() });
    }
}

/// Bytes that may leave, for each side, in order.
#[derive(Debug, Default)]
pub struct Outbox {
    client: Pile,
    server: Pile,
}

/// Bytes for one side.
#[derive(Debug, Default)]
struct Pile {
    bytes: Vec<u8>,
    sent: usize,
    /// The batch the last message belongs to; 0 if to none.
    batch: u32,
}

impl Outlet for Outbox {
    fn push(&mut self, to: Side, batch: u32, message: &impl Outgoing) {
        let pile = self.pile(to);
        if batch == 0 {
            message.write_to(&mut pile.bytes);
            pile.bytes.push(b'\n');
        } else {
            let joins = pile.batch == batch && pile.bytes.ends_with(b"]\n") && pile.sent < pile.bytes.len();
            if joins {
                pile.bytes.truncate(pile.bytes.len() - 2);
            }
            pile.bytes.push(if joins { b',' } else { b'[' });
            message.write_to(&mut pile.bytes);
            pile.bytes.extend_from_slice(b"]\n");
        }
        pile.batch = batch;
    }
}

impl Outbox {
    /// What waits to be sent to one side.
    pub fn waiting(&self, to: Side) -> &[u8] {
        let pile = match to {
            Side::Client => &self.client,
            Side::Server => &self.server,
        };
        pile.bytes.get(pile.sent..).unwrap_or_default()
    }

    /// Notes that the first `bytes` of what waited were sent.
    pub fn sent(&mut self, to: Side, bytes: usize) {
        let pile = self.pile(to);
        pile.sent += bytes;
        pile.batch = 0;
        if pile.sent >= pile.bytes.len() {
            pile.bytes.clear();
            pile.bytes.shrink_to(KEEP);
            pile.sent = 0;
        } else if pile.sent > KEEP && pile.sent * 2 > pile.bytes.len() {
            pile.bytes.drain(..pile.sent);
            pile.sent = 0;
        }
    }

    /// Throws away what waits for a side that is gone.
    pub fn discard(&mut self, to: Side) {
        *self.pile(to) = Pile::default();
    }

    fn pile(&mut self, to: Side) -> &mut Pile {
        match to {
            Side::Client => &mut self.client,
            Side::Server => &mut self.server,
        }
    }
}

/// Memory worth keeping for the next messages, in bytes.
const KEEP: usize = 256 * 1024;
