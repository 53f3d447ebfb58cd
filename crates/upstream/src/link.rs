use std::{fmt, sync::Arc, time::Instant};

use bytes::Bytes;
use http::HeaderMap;
use net::client::{Client, NetError};
use tokio::{sync::Mutex, time::timeout};

use crate::{
    LinkError, Replies, Reply, Spoken, Target,
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
    transport: Transport,
}

enum Transport {
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
    /// To a server that speaks so, as [`detect`](crate::detect()) has found.
    pub fn to(spoken: Spoken, client: Client, target: Arc<Target>) -> Self {
        match spoken {
            Spoken::Modern => Self::modern(client, target),
            Spoken::Streamable => Self::legacy(client, target),
            Spoken::Sse => Self::sse(client, target),
        }
    }

    /// To a server without sessions (MCP 2026-07-28 basic/transports §Streamable HTTP).
    pub fn modern(client: Client, target: Arc<Target>) -> Self {
        Self::new(client, target, |_| Transport::Modern(Arc::default()))
    }

    /// To a server with sessions (MCP 2025-11-25 basic/transports §Streamable HTTP, and earlier).
    pub fn legacy(client: Client, target: Arc<Target>) -> Self {
        Self::new(client, target, |peer| {
            let session = Arc::new(Session::default());
            let listener = Mutex::new(Listener::new(Arc::clone(peer), Arc::clone(&session)));
            Transport::Legacy { session, listener }
        })
    }

    /// To a server that says everything in one stream (MCP 2024-11-05 basic/transports §HTTP with SSE).
    pub fn sse(client: Client, target: Arc<Target>) -> Self {
        Self::new(client, target, |peer| Transport::Sse(Channel::new(Arc::clone(peer))))
    }

    fn new(client: Client, target: Arc<Target>, transport: impl FnOnce(&Arc<Peer>) -> Transport) -> Self {
        let peer = Arc::new(Peer { client, target });
        let transport = transport(&peer);
        Self(Arc::new(Inner { peer, transport }))
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
        let replies = match &self.0.transport {
            Transport::Modern(parameters) => modern::request(peer, parameters, &line, headers).await,
            Transport::Legacy { session, .. } => legacy::request(peer, session, &line, text, headers).await,
            Transport::Sse(channel) => channel.request(&line, text, headers).await,
        };
        if replies.as_ref().is_err_and(contradicts) {
            peer.target.learn(None);
        }
        replies
    }

    /// Sends a notification, or the answer to a request of the server.
    ///
    /// # Errors
    /// The server did not take it.
    pub async fn tell(&self, line: Bytes, headers: HeaderMap) -> Result<(), LinkError> {
        let peer = &self.0.peer;
        let text = std::str::from_utf8(&line).map_err(|error| LinkError::Unsendable(error.to_string()))?;
        let telling = async {
            match &self.0.transport {
                Transport::Modern(_) => modern::tell(peer, &line, headers).await,
                Transport::Legacy { session, .. } => legacy::tell(peer, session, &line, text, headers).await,
                Transport::Sse(channel) => channel.tell(line.clone(), headers).await,
            }
        };
        let patience = peer.target.timeouts.prompt;
        timeout(patience, telling).await.unwrap_or(Err(LinkError::Slow("acceptance of a message")))
    }

    /// What the server says of its own accord. Waits for ever if it never does; `None` when the link is closed. To be
    /// called again and again while there is a session: requests of the server come here too. May be dropped.
    pub async fn unsolicited(&self) -> Option<Result<Reply, LinkError>> {
        match &self.0.transport {
            Transport::Modern(_) => std::future::pending().await,
            Transport::Legacy { listener, .. } => listener.lock().await.next().await,
            Transport::Sse(channel) => channel.unsolicited().await,
        }
    }

    /// Forgets a session that is lost ([`LinkError::SessionLost`]): the next thing to send is the handshake. Everyone who
    /// hears of the loss may call it; once one has, it does nothing until the next.
    pub fn reset(&self) {
        match &self.0.transport {
            Transport::Modern(_) => {}
            Transport::Legacy { session, .. } => session.reset(),
            Transport::Sse(channel) => channel.reset(),
        }
    }

    /// Ends the session, and tells the server if it can be reached.
    pub async fn close(&self) {
        match &self.0.transport {
            Transport::Modern(_) => {}
            Transport::Legacy { session, .. } => session.end(&self.0.peer).await,
            Transport::Sse(channel) => channel.close(),
        }
    }

    /// How it is now.
    pub fn status(&self) -> Status {
        let is_open = match &self.0.transport {
            Transport::Modern(_) => true,
            Transport::Legacy { session, .. } => session.now().open,
            Transport::Sse(channel) => channel.is_open(),
        };
        let broken_until = self.0.peer.target.breaker(|breaker, now| breaker.open_until(now));
        Status { is_open, broken_until }
    }
}

/// Whether a server that is spoken to in the right way would not say so, or is another one by the next time.
fn contradicts(error: &LinkError) -> bool {
    match error {
        LinkError::Status { status, .. } => matches!(status.as_u16(), 400 | 404 | 405),
        error => matches!(error, LinkError::Net(NetError::Connect { .. }) | LinkError::NoEndpoint),
    }
}

impl fmt::Debug for HttpLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpLink").field("target", &self.0.peer.target).finish_non_exhaustive()
    }
}
