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

/// Subscriptions that are remembered.
const SUBSCRIPTIONS: usize = 4096;

/// Bytes of everything that is remembered, beside what the bookkeeping takes.
const BYTES: usize = 1024 * 1024;

impl Remembered {
    /// Whether there is room for a message of the client. What a new server could not be told must not be said to this one.
    pub(crate) fn has_room_for(&self, method: Method, params: &str, line: &[u8]) -> bool {
        let size = |kept: &Option<Bytes>| kept.as_ref().map_or(0, Bytes::len);
        let (key, replaced) = match method {
            Method::Initialize => (0, size(&self.offered)),
            Method::Initialized => (0, size(&self.initialized)),
            Method::SetLevel => (0, size(&self.level)),
            Method::ResourcesSubscribe => {
                let uri = member(params, "uri").map_or("", |uri| uri.value);
                match self.subscriptions.get(uri) {
                    Some(kept) => (0, kept.len()),
                    None if self.subscriptions.len() >= SUBSCRIPTIONS => return false,
                    None => (uri.len(), 0),
                }
            }
            _ => return true,
        };
        let kept = [&self.offered, &self.initialize, &self.initialized, &self.level].into_iter().map(size);
        let subscribed = self.subscriptions.iter().map(|(uri, line)| uri.len() + line.len());
        kept.chain(subscribed).sum::<usize>() + key + line.len() <= BYTES + replaced
    }

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

#[cfg(test)]
mod tests {
    use super::*;

    fn subscribe(remembered: &mut Remembered, uri: &str) -> bool {
        let params = format!(r#"{{"uri":"{uri}"}}"#);
        let room = remembered.has_room_for(Method::ResourcesSubscribe, &params, params.as_bytes());
        if room {
            remembered.note(Method::ResourcesSubscribe, &params, params.as_bytes());
        }
        room
    }

    #[test]
    fn so_much_is_remembered_and_no_more() {
        let mut many = Remembered::default();
        assert!((0..SUBSCRIPTIONS).all(|n| subscribe(&mut many, &format!("r:{n}"))));
        assert!(!subscribe(&mut many, "r:x"));
        assert!(subscribe(&mut many, "r:0"), "the same again is no other");
        many.note(Method::ResourcesUnsubscribe, r#"{"uri":"r:0"}"#, b"");
        assert!(subscribe(&mut many, "r:x"));

        let mut large = Remembered::default();
        assert!((0..4).all(|n| subscribe(&mut large, &format!("{n}{}", "x".repeat(BYTES / 10)))));
        assert!(!subscribe(&mut large, &"y".repeat(BYTES / 5)));
        assert!(!large.has_room_for(Method::Initialize, "", &vec![b' '; BYTES / 2]));
        assert!(
            large.has_room_for(Method::ToolsCall, "", &vec![b' '; 2 * BYTES]),
            "a call is not remembered"
        );
    }
}
