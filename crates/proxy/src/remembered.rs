use std::collections::{BTreeMap, VecDeque};

use bytes::Bytes;
use wire::{Method, member};

/// What a client has said that a server still has to know when it takes the place of another: the handshake, the
/// log level and the subscriptions (MCP 2025-11-25 basic/lifecycle, server/utilities/logging, server/resources).
#[derive(Debug, Default)]
pub(crate) struct Remembered {
    /// Not answered yet.
    offered: Option<Bytes>,
    initialize: Option<Bytes>,
    initialized: Option<Bytes>,
    level: Option<Bytes>,
    /// By the raw URI.
    subscriptions: BTreeMap<String, Bytes>,
}

impl Remembered {
    /// Takes note of a message of the client, of which `params` are the raw parameters and `line` is all.
    pub(crate) fn note(&mut self, method: Method, params: &str, line: &[u8]) {
        let uri = || member(params, "uri").map(|uri| uri.value.to_owned());
        let line = || Bytes::copy_from_slice(line);
        match method {
            Method::Initialize => self.offered = Some(line()),
            Method::Initialized => self.initialized = Some(line()),
            Method::SetLevel => self.level = Some(line()),
            Method::ResourcesSubscribe => {
                if let Some(uri) = uri() {
                    self.subscriptions.insert(uri, line());
                }
            }
            Method::ResourcesUnsubscribe => {
                if let Some(uri) = uri() {
                    self.subscriptions.remove(&uri);
                }
            }
            _ => {}
        }
    }

    /// The server has accepted the handshake. A client that begins anew knows of nothing it said before.
    pub(crate) fn settle(&mut self) {
        if let Some(offered) = self.offered.take() {
            *self = Self { initialize: Some(offered), ..Self::default() };
        }
    }

    /// Whether there is nothing a new server would have to know.
    pub(crate) fn is_empty(&self) -> bool {
        self.initialize.is_none()
    }

    /// What to say to the new server, in this order; nothing if the client never began.
    pub(crate) fn lines(&self) -> VecDeque<Bytes> {
        let Some(initialize) = &self.initialize else { return VecDeque::new() };
        let rest = self.initialized.iter().chain(&self.level).chain(self.subscriptions.values());
        [initialize].into_iter().chain(rest).cloned().collect()
    }
}
