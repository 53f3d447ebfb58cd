use std::time::Duration;

use wire::{Limits, Revision};

/// How a modern client and a legacy server are brought together.
#[derive(Clone)]
pub struct Settings {
    /// Seals `requestState`. Random, and of this translator alone: with another's key it would take the other's states.
    pub key: [u8; 32],
    /// Who shakes hands with the server if the client does not say who it is.
    pub name: String,
    /// The version of that.
    pub version: String,
    /// The oldest revision the server may speak; `None` for any.
    pub oldest: Option<Revision>,
    /// What a message of the server may cost.
    pub limits: Limits,
    /// How long the server may take to shake hands.
    pub handshake_within: Duration,
    /// How long a call is kept for a client that was asked something.
    pub park_for: Duration,
    /// How long after its first question more of them are waited for. What a server asks at once comes message by
    /// message; on a standard stream a late one could be taken for the question of another call.
    pub gather_for: Duration,
    /// Calls that are kept so at a time.
    pub max_parked: usize,
    /// Requests in flight at a time, those that wait for the handshake among them.
    pub max_in_flight: usize,
    /// Subscriptions open at a time.
    pub max_listens: usize,
}

impl Settings {
    /// Settings that a real client does not notice.
    pub fn new(key: [u8; 32]) -> Self {
        Self {
            key,
            name: "mcp-guard".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            oldest: None,
            limits: Limits::default(),
            handshake_within: Duration::from_secs(60),
            park_for: Duration::from_secs(600),
            gather_for: Duration::from_millis(50),
            max_parked: 64,
            max_in_flight: 1024,
            max_listens: 64,
        }
    }
}
