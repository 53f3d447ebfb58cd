use std::{fmt, sync::Arc, time::Instant};

use bytes::Bytes;
use http::{HeaderMap, Method};
use net::client::Client;
use tokio::{sync::Mutex, time::timeout};

use crate::{
    LinkError, Replies, Reply, Target,
    exchange::Peer,
    legacy,
    listener::Listener,
    modern::{self, Parameters},
    session::Session,
    sse::Channel,
};

/// A way to a server. Clones share it. One for each session of a client, but for a modern server, who has no sessions.
#[derive(Clone)]
pub struct HttpLink(Arc<Inner>);

struct Inner {
    peer: Arc<Peer>,
    spoken: Spoken,
}

enum Spoken {
    Modern(Arc<Parameters>),
    Legacy { session: Arc<Session>, listener: Mutex<Listener> },
    Sse(Channel),
}

/// How a link is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Status {
    /// There is a session, or none is needed.
    pub is_open: bool,
    /// Until when the breaker lets nothing out.
    pub broken_until: Option<Instant>,
}

impl HttpLink {
    /// To a server without sessions (MCP 2026-07-28 basic/transports §Streamable HTTP).
    pub fn modern(client: Client, target: Arc<Target>) -> Self {
        Self::new(client, target, |_| Spoken::Modern(Arc::default()))
    }

    /// To a server with sessions (MCP 2025-11-25 basic/transports §Streamable HTTP, and earlier).
    pub fn legacy(client: Client, target: Arc<Target>) -> Self {
        Self::new(client, target, |peer| {
            let session = Arc::new(Session::default());
            let listener = Mutex::new(Listener::new(Arc::clone(peer), Arc::clone(&session)));
            Spoken::Legacy { session, listener }
        })
    }

    /// To a server that says everything in one stream (MCP 2024-11-05 basic/transports §HTTP with SSE).
    pub fn sse(client: Client, target: Arc<Target>) -> Self {
        Self::new(client, target, |peer| Spoken::Sse(Channel::new(Arc::clone(peer))))
    }

    fn new(client: Client, target: Arc<Target>, spoken: impl FnOnce(&Arc<Peer>) -> Spoken) -> Self {
        let peer = Arc::new(Peer { client, target });
        let spoken = spoken(&peer);
        Self(Arc::new(Inner { peer, spoken }))
    }

    /// Sends one request, or a batch with requests in it, on one line or several. `headers` are the client's to pass on.
    ///
    /// Dropping the future or the [`Replies`] closes the connection: to a modern server that is how a request is
    /// cancelled; a legacy one goes on with it.
    ///
    /// # Errors
    /// The server was not reached or did not answer with a message. An error that is a message is a reply.
    pub async fn request(&self, line: Bytes, headers: HeaderMap) -> Result<Replies, LinkError> {
        let peer = &self.0.peer;
        let text = std::str::from_utf8(&line).map_err(|error| LinkError::Unsendable(error.to_string()))?;
        match &self.0.spoken {
            Spoken::Modern(parameters) => modern::request(peer, parameters, &line, headers).await,
            Spoken::Legacy { session, .. } => legacy::request(peer, session, &line, text, headers).await,
            Spoken::Sse(channel) => channel.request(&line, text, headers).await,
        }
    }

    /// Sends a notification, or the answer to a request of the server.
    ///
    /// # Errors
    /// The server did not take it.
    pub async fn tell(&self, line: Bytes, headers: HeaderMap) -> Result<(), LinkError> {
        let peer = &self.0.peer;
        let text = std::str::from_utf8(&line).map_err(|error| LinkError::Unsendable(error.to_string()))?;
        let telling = async {
            match &self.0.spoken {
                Spoken::Modern(_) => modern::tell(peer, &line, headers).await,
                Spoken::Legacy { session, .. } => legacy::tell(peer, session, &line, text, headers).await,
                Spoken::Sse(channel) => channel.tell(line.clone(), headers).await,
            }
        };
        let patience = peer.target.timeouts.prompt;
        timeout(patience, telling).await.unwrap_or(Err(LinkError::Slow("acceptance of a message")))
    }

    /// What the server says of its own accord. Waits for ever if it never does; `None` when the link is closed. To be
    /// called again and again while there is a session: requests of the server come here too. May be dropped.
    pub async fn unsolicited(&self) -> Option<Result<Reply, LinkError>> {
        match &self.0.spoken {
            Spoken::Modern(_) => std::future::pending().await,
            Spoken::Legacy { listener, .. } => listener.lock().await.next().await,
            Spoken::Sse(channel) => channel.unsolicited().await,
        }
    }

    /// Forgets the session, after [`LinkError::SessionLost`]: the next thing to send is the handshake.
    pub fn reset(&self) {
        match &self.0.spoken {
            Spoken::Modern(_) => {}
            Spoken::Legacy { session, .. } => session.reset(),
            Spoken::Sse(channel) => channel.reset(),
        }
    }

    /// Ends the session, and tells the server if it can be reached.
    pub async fn close(&self) {
        let peer = &self.0.peer;
        match &self.0.spoken {
            Spoken::Modern(_) => {}
            Spoken::Legacy { session, .. } => {
                let state = session.close();
                if state.id.is_none() {
                    return;
                }
                let mut headers = peer.target.headers.clone();
                state.sign(&mut headers);
                let bye = peer.send(Method::DELETE, peer.target.uri(), headers, Bytes::new());
                // A server may not let clients end sessions, or be gone: then it ends them itself.
                let _ = timeout(peer.target.timeouts.prompt, bye).await;
            }
            Spoken::Sse(channel) => channel.close(),
        }
    }

    /// How it is now.
    pub fn status(&self) -> Status {
        let is_open = match &self.0.spoken {
            Spoken::Modern(_) => true,
            Spoken::Legacy { session, .. } => session.now().open,
            Spoken::Sse(channel) => channel.is_open(),
        };
        let broken_until = self.0.peer.target.breaker(|breaker, now| breaker.open_until(now));
        Status { is_open, broken_until }
    }
}

impl fmt::Debug for HttpLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpLink").field("target", &self.0.peer.target).finish_non_exhaustive()
    }
}
