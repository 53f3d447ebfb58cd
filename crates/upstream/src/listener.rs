use std::sync::Arc;

use bytestring::ByteString;
use http::StatusCode;
use tokio::time::{Instant, sleep_until};

use crate::{
    LinkError, Reply,
    body::Events,
    exchange::Peer,
    legacy::reopen,
    replies::{Opening, backoff},
    session::Session,
};

/// What a legacy server says of its own accord: the stream a GET opens (MCP 2025-11-25 basic/transports §Listening for
/// Messages). Opened after the handshake, and again whenever it ends.
pub(crate) struct Listener {
    peer: Arc<Peer>,
    session: Arc<Session>,
    /// The session this listens to.
    epoch: u64,
    source: Source,
    last_id: Option<ByteString>,
    retry: Option<u64>,
    /// Endings and failures since the last event.
    attempts: u32,
    /// The stream was open in this session: the server has one.
    has_one: bool,
}

enum Source {
    Handshake,
    Waiting(Instant),
    Opening(Opening),
    Open(Box<Events>),
    /// The server has no such stream.
    None,
}

impl Listener {
    pub(crate) fn new(peer: Arc<Peer>, session: Arc<Session>) -> Self {
        let source = Source::Handshake;
        Self { peer, session, epoch: 0, source, last_id: None, retry: None, attempts: 0, has_one: false }
    }

    /// The next message; `None` when the link is closed. May be dropped and called again.
    pub(crate) async fn next(&mut self) -> Option<Result<Reply, LinkError>> {
        loop {
            let (session, epoch) = (Arc::clone(&self.session), self.epoch);
            tokio::select! {
                biased;
                state = session.becomes(|state| state.closed || state.epoch != epoch) => {
                    if state.closed {
                        return None;
                    }
                    let (peer, session) = (Arc::clone(&self.peer), Arc::clone(&self.session));
                    *self = Self { epoch: state.epoch, ..Self::new(peer, session) };
                }
                said = self.said() => return Some(said),
            }
        }
    }

    async fn said(&mut self) -> Result<Reply, LinkError> {
        loop {
            match &mut self.source {
                Source::Handshake => {
                    self.session.becomes(|state| state.open).await;
                    self.open();
                }
                Source::Waiting(until) => {
                    sleep_until(*until).await;
                    self.open();
                }
                Source::Opening(opening) => match opening.await {
                    Ok(events) => {
                        self.has_one = true;
                        self.source = Source::Open(Box::new(events));
                    }
                    Err(error) => self.failed(error)?,
                },
                Source::Open(events) => match events.next().await {
                    Some(Ok(event)) => {
                        self.attempts = 0;
                        self.last_id = event.id.filter(|id| !id.is_empty()).or(self.last_id.take());
                        self.retry = event.retry.or(self.retry);
                        let is_message = event.event.is_none_or(|kind| &*kind == "message");
                        if is_message && !event.data.is_empty() {
                            return Ok(Reply::Message(event.data));
                        }
                    }
                    None | Some(Err(LinkError::Cut)) => self.wait(),
                    // What cannot be read is not asked for again: it would come again.
                    Some(Err(error)) => {
                        self.last_id = None;
                        self.wait();
                        return Err(error);
                    }
                },
                Source::None => std::future::pending().await,
            }
        }
    }

    fn open(&mut self) {
        let opening = reopen(Arc::clone(&self.peer), self.session.now(), self.last_id.clone());
        self.source = Source::Opening(Box::pin(opening));
    }

    fn failed(&mut self, error: LinkError) -> Result<(), LinkError> {
        match error {
            // Many servers without such a stream have no such route either: only one that had it has lost the session.
            LinkError::Status { status: StatusCode::NOT_FOUND, .. } if self.has_one => {
                self.source = Source::None;
                return Err(self.session.lost(self.epoch));
            }
            // Another stream of the session may still be open there.
            LinkError::Status { status: StatusCode::CONFLICT | StatusCode::TOO_MANY_REQUESTS, .. } => {
                self.wait()
            }
            error if error.is_failure() => self.wait(),
            _ => self.source = Source::None,
        }
        Ok(())
    }

    fn wait(&mut self) {
        self.source = Source::Waiting(Instant::now() + backoff(self.retry, self.attempts));
        self.attempts += 1;
    }
}
