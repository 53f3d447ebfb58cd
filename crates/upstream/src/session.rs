use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use tokio::{sync::watch, time::timeout};
use wire::{headers::is_session_id, member, text_of};

use crate::{LinkError, exchange::Peer};

const SESSION_ID: HeaderName = HeaderName::from_static("mcp-session-id");
const VERSION: HeaderName = HeaderName::from_static("mcp-protocol-version");

/// The session with a legacy server: what its answer to `initialize` settled.
#[derive(Debug, Default)]
pub(crate) struct Session {
    state: watch::Sender<State>,
}

/// As it is now.
#[derive(Debug, Clone, Default)]
pub(crate) struct State {
    /// How often it was begun anew.
    pub(crate) epoch: u64,
    pub(crate) id: Option<HeaderValue>,
    version: Option<HeaderValue>,
    /// The handshake is done.
    pub(crate) open: bool,
    /// The server has forgotten it.
    pub(crate) lost: bool,
    pub(crate) closed: bool,
}

impl State {
    /// Says which session is meant (MCP 2025-11-25 basic/transports §Session Management, §Protocol Version Header).
    pub(crate) fn sign(&self, headers: &mut HeaderMap) {
        for (name, value) in [(SESSION_ID, &self.id), (VERSION, &self.version)] {
            if let Some(value) = value {
                headers.insert(name, value.clone());
            }
        }
    }
}

impl Session {
    pub(crate) fn now(&self) -> State {
        self.state.borrow().clone()
    }

    /// Waits until the session is so.
    pub(crate) async fn becomes(&self, so: impl FnMut(&State) -> bool) -> State {
        // The sender is ours: waiting cannot fail.
        let state = self.state.subscribe().wait_for(so).await.map(|state| state.clone());
        state.unwrap_or_else(|_| self.now())
    }

    /// The server's answer to `initialize` has begun: its headers may name the session.
    pub(crate) fn named(&self, epoch: u64, headers: &HeaderMap) -> Result<(), LinkError> {
        let mut ids = headers.get_all(SESSION_ID).iter();
        let Some(id) = ids.next() else { return Ok(()) };
        if !is_session_id(id.as_bytes()) || ids.next().is_some() {
            return Err(LinkError::SessionId);
        }
        let mut id = id.clone();
        // Whoever knows it can speak in the session.
        id.set_sensitive(true);
        self.change(epoch, |state| state.id = Some(id));
        Ok(())
    }

    /// The server has answered `initialize`: the answer may name the revision.
    pub(crate) fn settled(&self, epoch: u64, message: &Bytes) {
        let Ok(message) = std::str::from_utf8(message) else { return };
        let version = member(message, "result")
            .and_then(|result| text_of(member(result.value, "protocolVersion")?.value))
            .filter(|version| version.len() <= 32)
            .and_then(|version| HeaderValue::from_str(&version).ok());
        if version.is_some() {
            self.change(epoch, |state| state.version = version);
        }
    }

    /// The handshake is done.
    pub(crate) fn opened(&self, epoch: u64) {
        self.change(epoch, |state| state.open = true);
    }

    /// What is said next begins a new session, if this one is lost: of all who heard so, one resets it.
    pub(crate) fn reset(&self) {
        self.state.send_if_modified(|state| {
            let lost = state.lost && !state.closed;
            if lost {
                *state = State { epoch: state.epoch + 1, ..State::default() };
            }
            lost
        });
    }

    /// Nothing is said any more but that it ends. A server may not let clients end sessions, or be gone: then it ends
    /// them itself.
    pub(crate) async fn end(&self, peer: &Peer) {
        let state = self.state.send_replace(State { closed: true, ..self.now() });
        if state.id.is_none() {
            return;
        }
        let mut headers = peer.target.headers.clone();
        state.sign(&mut headers);
        let bye = peer.send(Method::DELETE, peer.target.uri(), headers, Bytes::new());
        let _ = timeout(peer.target.timeouts.prompt, bye).await;
    }

    /// The server does not know the session that was named.
    pub(crate) fn lost(&self, epoch: u64) -> LinkError {
        self.change(epoch, |state| state.lost = true);
        if self.now().epoch == epoch { LinkError::SessionLost } else { LinkError::Renewed }
    }

    fn change(&self, epoch: u64, change: impl FnOnce(&mut State)) {
        self.state.send_if_modified(|state| {
            let current = state.epoch == epoch;
            if current {
                change(state);
            }
            current
        });
    }
}
