use std::{pin::Pin, sync::Arc, time::Duration};

use bytes::Bytes;
use bytestring::ByteString;
use http::StatusCode;
use tokio::time::{Instant, sleep_until};
use wire::{elements, member, sse::Event};

use crate::{
    LinkError, body::Events, exchange::Peer, legacy::reopen, modern::Parameters, session::Session,
    sse::Awaited,
};

/// What a server says on behalf of one request.
#[derive(Debug)]
pub struct Replies(Kind);

/// One thing it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// A message: the answer, or what belongs to the request and comes before it.
    Message(Bytes),
    /// The stream can be resumed, should it end early (MCP 2025-11-25 basic/transports §Sending Messages).
    Primed,
    /// The server ended the stream before the answer. It is asked for the rest after `retry` milliseconds, or a time of
    /// our own.
    Paused {
        /// What the server said to wait.
        retry: Option<u64>,
    },
}

#[derive(Debug)]
enum Kind {
    One(Option<Bytes>),
    Stream(Box<Stream>),
    Routed(Option<Awaited>),
}

impl Replies {
    pub(crate) fn one(message: Bytes) -> Self {
        Self(Kind::One(Some(message)))
    }

    pub(crate) fn stream(events: Events, awaited: usize, witness: Witness, resume: Option<Resume>) -> Self {
        let source = Source::Open(Box::new(events));
        let stream = Stream { source, awaited, witness, resume, last_id: None, retry: None, attempts: 0 };
        Self(Kind::Stream(Box::new(stream)))
    }

    pub(crate) fn routed(awaited: Awaited) -> Self {
        Self(Kind::Routed(Some(awaited)))
    }

    /// The next thing the server says; `None` when it has said all. After an error there is nothing more. The future may
    /// be dropped and made again, and nothing is lost.
    pub async fn next(&mut self) -> Option<Result<Reply, LinkError>> {
        match &mut self.0 {
            Kind::One(message) => message.take().map(|message| Ok(Reply::Message(message))),
            Kind::Stream(stream) => stream.next().await,
            Kind::Routed(awaited) => {
                let answer = awaited.as_mut()?.answer().await;
                *awaited = None;
                Some(answer.map(Reply::Message))
            }
        }
    }

    /// Whether the server may say more than one thing; `None` while it has said nothing at all.
    pub fn is_stream(&self) -> Option<bool> {
        match self.0 {
            Kind::One(_) => Some(false),
            Kind::Stream(_) => Some(true),
            Kind::Routed(_) => None,
        }
    }
}

/// A stream that answers a POST. One of a legacy server goes on after it was cut.
#[derive(Debug)]
struct Stream {
    source: Source,
    /// Answers still to come.
    awaited: usize,
    witness: Witness,
    /// Whom to ask for the rest. A modern server has none to give.
    resume: Option<Resume>,
    last_id: Option<ByteString>,
    retry: Option<u64>,
    attempts: u32,
}

/// Who learns from what goes by.
#[derive(Debug)]
pub(crate) enum Witness {
    None,
    /// The answer to `initialize`, of a session that was begun so often.
    Handshake(Arc<Session>, u64),
    /// The answer to `tools/list`.
    Tools(Arc<Parameters>),
}

impl Witness {
    pub(crate) fn sees(&self, message: &Bytes) {
        match self {
            Self::None => {}
            Self::Handshake(session, epoch) => session.settled(*epoch, message),
            Self::Tools(parameters) => parameters.learn(message),
        }
    }
}

#[derive(Debug)]
pub(crate) struct Resume {
    pub(crate) peer: Arc<Peer>,
    pub(crate) session: Arc<Session>,
    pub(crate) epoch: u64,
}

pub(crate) type Opening = Pin<Box<dyn Future<Output = Result<Events, LinkError>> + Send>>;

enum Source {
    Open(Box<Events>),
    Paused(Instant),
    Opening(Opening),
    Over,
}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Open(_) => "Open",
            Self::Paused(_) => "Paused",
            Self::Opening(_) => "Opening",
            Self::Over => "Over",
        })
    }
}

/// Attempts to go on with a stream, without an event in between.
const ATTEMPTS: u32 = 5;

impl Stream {
    async fn next(&mut self) -> Option<Result<Reply, LinkError>> {
        loop {
            match &mut self.source {
                Source::Open(events) => match events.next().await {
                    Some(Ok(event)) => {
                        if let Some(reply) = self.take(event) {
                            return Some(Ok(reply));
                        }
                    }
                    None | Some(Err(LinkError::Cut)) => return self.cut(),
                    Some(Err(error)) => return self.over(error),
                },
                Source::Paused(until) => {
                    sleep_until(*until).await;
                    let Some(resume) = &self.resume else { return self.over(LinkError::Cut) };
                    let (peer, state) = (Arc::clone(&resume.peer), resume.session.now());
                    if state.epoch != resume.epoch || state.closed {
                        return self.over(LinkError::Renewed);
                    }
                    self.source = Source::Opening(Box::pin(reopen(peer, state, self.last_id.clone())));
                }
                Source::Opening(opening) => match opening.await {
                    Ok(events) => self.source = Source::Open(Box::new(events)),
                    Err(error) => {
                        self.attempts += 1;
                        match (error, &self.resume) {
                            (error, _) if error.is_failure() && self.attempts < ATTEMPTS => self.pause(),
                            (LinkError::Status { status: StatusCode::NOT_FOUND, .. }, Some(resume)) => {
                                let error = resume.session.lost(resume.epoch);
                                return self.over(error);
                            }
                            _ => return self.over(LinkError::Cut),
                        }
                    }
                },
                Source::Over => return None,
            }
        }
    }

    fn take(&mut self, event: Event) -> Option<Reply> {
        self.attempts = 0;
        let primes = event.id.is_some();
        self.last_id = event.id.filter(|id| !id.is_empty()).or(self.last_id.take());
        self.retry = event.retry.or(self.retry);
        if event.data.is_empty() {
            return primes.then_some(Reply::Primed);
        }
        // Events of other types are no messages (MCP 2025-11-25 basic/transports).
        if event.event.is_some_and(|kind| &*kind != "message") {
            return None;
        }
        self.awaited = self.awaited.saturating_sub(answers(&event.data));
        self.witness.sees(&event.data);
        Some(Reply::Message(event.data))
    }

    /// The stream has ended. With all said that is its end; else it is the beginning of a pause, if there is a place to go
    /// on from.
    fn cut(&mut self) -> Option<Result<Reply, LinkError>> {
        if self.awaited == 0 {
            self.source = Source::Over;
            return None;
        }
        if self.resume.is_none() || self.last_id.is_none() {
            return self.over(LinkError::Cut);
        }
        self.pause();
        Some(Ok(Reply::Paused { retry: self.retry }))
    }

    fn pause(&mut self) {
        self.source = Source::Paused(Instant::now() + backoff(self.retry, self.attempts));
    }

    fn over(&mut self, error: LinkError) -> Option<Result<Reply, LinkError>> {
        self.source = Source::Over;
        Some(Err(error))
    }
}

/// How long to wait before the next attempt: as long as the server says, or a second, doubled with each failure.
pub(crate) fn backoff(retry: Option<u64>, attempts: u32) -> Duration {
    let own = Duration::from_secs(1 << attempts.min(6));
    match retry {
        Some(retry) if attempts == 0 => {
            Duration::from_millis(retry).clamp(Duration::from_millis(50), Duration::from_secs(3600))
        }
        Some(retry) => own.max(Duration::from_millis(retry)).min(Duration::from_secs(3600)),
        None => own,
    }
}

/// How many answers a message or batch holds.
fn answers(message: &Bytes) -> usize {
    let text = std::str::from_utf8(message).unwrap_or_default();
    let is_answer = |text: &str| text.starts_with('{') && member(text, "method").is_none();
    match text.trim_start() {
        batch if batch.starts_with('[') => elements(batch).filter(|(text, _)| is_answer(text)).count(),
        text => usize::from(is_answer(text)),
    }
}

/// How many answers a request or batch waits for.
pub(crate) fn awaited(line: &str) -> usize {
    let is_request = |text: &str| member(text, "method").is_some() && member(text, "id").is_some();
    match line {
        batch if batch.starts_with('[') => elements(batch).filter(|(text, _)| is_request(text)).count(),
        _ => 1,
    }
}
