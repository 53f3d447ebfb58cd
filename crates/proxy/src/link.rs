//! The way to a server from fronts whose messages come one by one: to each request its replies, and what the server
//! says by itself.
//!
//! A server of the client's own era that is reached over HTTP is spoken to directly. Everything else goes through an
//! [`Actor`]: a task that owns the far end and the translator before it.

mod actor;
mod envelope;
mod far;
mod keyring;
mod probe;
mod process;
mod remote;
mod route;
mod stream;
mod target;

use std::time::{Duration, Instant};

use bytes::Bytes;
use http::HeaderMap;
use upstream::{HttpLink, LinkError};
use wire::{Oversized, Salvaged, code, member, meta::is_modern_error, sse::SseError};

pub(crate) use self::{
    actor::{Actor, Begin},
    far::Far,
    process::{Alive, over_process},
    remote::over_http,
    route::{Keeper, Route, Routes},
    stream::over_route,
};

/// What comes back from the server.
#[derive(Debug)]
pub(crate) enum Reply {
    /// A message.
    Message(Bytes),
    /// The server lets the stream be resumed from here on (MCP 2025-11-25 basic/transports §Sending Messages).
    Primed,
    /// A message that is too long to be read, and answers nothing: it is to be recorded.
    TooLong(Box<Oversized>),
    /// The server has closed the stream before its answer, and it goes on after this many milliseconds.
    Paused { retry: Option<u64> },
}

/// Why there is no reply.
#[derive(Debug, Clone)]
pub(crate) enum Trouble {
    /// The server has forgotten the session: it has to be told everything again.
    Lost(String),
    /// It cannot be reached, or has gone away.
    Gone(String),
    /// It is left alone for a while.
    Resting(String, Instant),
    /// It did not answer in time.
    TimedOut(String),
    /// There is no place for what it would say.
    NoRoom(String),
}

impl Trouble {
    /// What a client may be told.
    pub(crate) fn reason(&self) -> String {
        match self {
            Self::Lost(why) | Self::Gone(why) | Self::TimedOut(why) | Self::NoRoom(why) => why.clone(),
            Self::Resting(why, until) => {
                let wait = until.saturating_duration_since(Instant::now());
                format!("{why}; it is tried again in {:.1} s", wait.as_secs_f32())
            }
        }
    }

    /// The code of the error that tells of it.
    pub(crate) fn code(&self) -> i64 {
        match self {
            Self::TimedOut(_) => code::TIMED_OUT,
            Self::NoRoom(_) => code::TOO_MANY,
            _ => code::UPSTREAM_GONE,
        }
    }
}

impl From<LinkError> for Trouble {
    fn from(error: LinkError) -> Self {
        match &error {
            LinkError::SessionLost => Self::Lost(error.reason()),
            LinkError::Open { until } => Self::Resting(error.reason(), *until),
            LinkError::Slow(_) => Self::TimedOut(error.reason()),
            _ => Self::Gone(error.reason()),
        }
    }
}

/// The way to one server.
#[derive(Clone)]
pub(crate) enum Link {
    /// Over HTTP, in the client's own era.
    Http(HttpLink),
    /// Through a task.
    Actor(Actor),
}

/// What comes back for one request. Dropping it says that nobody waits any more.
pub(crate) struct Replies {
    source: Source,
    /// Looked at already.
    first: Option<Result<Reply, Trouble>>,
}

enum Source {
    /// A body or stream of HTTP.
    Http(upstream::Replies),
    /// A task.
    Actor(actor::Replies),
}

impl Link {
    /// Puts a request to the server.
    pub(crate) async fn request(&self, line: Bytes, headers: HeaderMap) -> Result<Replies, Trouble> {
        let source = match self {
            Self::Http(link) => Source::Http(match link.request(line.clone(), headers.clone()).await {
                // Somebody has begun the session anew meanwhile: the server has not seen this request.
                Err(LinkError::Renewed) => link.request(line, headers).await?,
                asked => asked?,
            }),
            Self::Actor(actor) => Source::Actor(actor.request(line).await?),
        };
        Ok(Replies { source, first: None })
    }

    /// Tells the server something it does not answer: a notification, or an answer of the client's.
    pub(crate) async fn tell(&self, line: Bytes, headers: HeaderMap) -> Result<(), Trouble> {
        match self {
            Self::Http(link) => Ok(link.tell(line, headers).await?),
            Self::Actor(actor) => actor.tell(line).await,
        }
    }

    /// The next thing the server says that belongs to no request; [`Trouble::Lost`] when it has to be told everything
    /// again, `None` when nothing more will come.
    pub(crate) async fn unsolicited(&self) -> Option<Result<Reply, Trouble>> {
        match self {
            Self::Http(link) => Some(match link.unsolicited().await? {
                Err(LinkError::TooLarge(most) | LinkError::Events(SseError::TooLong(most))) => {
                    Ok(too_long(most))
                }
                news => news.map(Reply::from).map_err(Trouble::from),
            }),
            Self::Actor(actor) => actor.unsolicited().await,
        }
    }

    /// Whether what the server says by itself has to be heard from the start, and not only when somebody asks for it.
    pub(crate) fn is_heard_at_once(&self) -> bool {
        matches!(self, Self::Actor(_))
    }

    /// Whether an exchange goes on over it.
    pub(crate) fn is_in_use(&self) -> bool {
        match self {
            Self::Http(_) => false,
            Self::Actor(actor) => actor.is_in_use(),
        }
    }

    /// Forgets the session that the server has forgotten.
    pub(crate) fn reset(&self) {
        if let Self::Http(link) = self {
            link.reset();
        }
    }

    /// Takes leave of the server.
    pub(crate) async fn close(&self) {
        match self {
            Self::Http(link) => link.close().await,
            Self::Actor(actor) => actor.close().await,
        }
    }
}

impl Replies {
    /// The next reply; `None` once there is nothing more to come.
    pub(crate) async fn next(&mut self) -> Option<Result<Reply, Trouble>> {
        if let Some(first) = self.first.take() {
            return Some(first);
        }
        match &mut self.source {
            Source::Http(replies) => Some(replies.next().await?.map(Reply::from).map_err(Trouble::from)),
            Source::Actor(replies) => replies.next().await,
        }
    }

    /// Whether the answer to `initialize` is that of a server which does not know it. Loses nothing of it.
    pub(crate) async fn knows_no_handshake(&mut self) -> bool {
        let first = self.next().await;
        let strange = matches!(&first, Some(Ok(Reply::Message(line))) if refuses_handshake(line));
        self.first = first;
        strange
    }

    /// Whether several messages may come, over a while. `None` when only the first will tell.
    pub(crate) fn is_stream(&self) -> Option<bool> {
        match &self.source {
            Source::Http(replies) => replies.is_stream(),
            Source::Actor(_) => None,
        }
    }
}

impl From<upstream::Reply> for Reply {
    fn from(reply: upstream::Reply) -> Self {
        match reply {
            upstream::Reply::Message(line) => Self::Message(line),
            upstream::Reply::Primed => Self::Primed,
            upstream::Reply::Paused { retry } => Self::Paused { retry },
        }
    }
}

/// A message of which nothing is known but that it has more bytes than that.
fn too_long(most: usize) -> Reply {
    let bytes = (most as u64).saturating_add(1);
    Reply::TooLong(Box::new(Oversized { bytes, salvaged: Salvaged::default() }))
}

/// An error that a server gives that has no `initialize`: unknown method, or the codes of MCP 2026-07-28.
fn refuses_handshake(line: &[u8]) -> bool {
    let Some(error) = std::str::from_utf8(line).ok().and_then(|line| member(line, "error")) else {
        return false;
    };
    let code = member(error.value, "code").and_then(|code| code.value.parse::<i64>().ok());
    matches!(code, Some(-32602..=-32600)) || is_modern_error(error.value)
}

/// How long the answer to a cancelled request is waited for: it may have been on its way.
pub(crate) const LATE: Duration = Duration::from_secs(5);

/// How long a farewell may take.
pub(crate) const FAREWELL: Duration = Duration::from_secs(2);
