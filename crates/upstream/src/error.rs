use std::time::Instant;

use http::StatusCode;
use net::client::NetError;
use wire::sse::SseError;

/// Why a server did not answer. Displayed it is for the operator; a client may be told [`LinkError::reason`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// The URL is no server.
    #[error("not a URL of a server: {why}")]
    Url {
        /// What is wrong with it.
        why: String,
    },
    /// The server cannot be reached, or may not.
    #[error(transparent)]
    Net(#[from] NetError),
    /// It has failed so often that it is left alone for a while.
    #[error("it failed again and again, and is not asked for a while")]
    Open {
        /// Until then.
        until: Instant,
    },
    /// It answers with an HTTP error and no message.
    #[error("HTTP status {status}{}{text}", if .text.is_empty() { "" } else { ": " })]
    Status {
        /// The status.
        status: StatusCode,
        /// The beginning of what it says, which is not for clients: nobody has inspected it.
        text: String,
    },
    /// It sends us elsewhere. Redirects are not followed: headers meant for one server would reach another.
    #[error("it redirects to `{to}`, and redirects are not followed; configure that URL if it is meant")]
    Redirect {
        /// The host it names.
        to: String,
    },
    /// It answers with neither JSON nor events.
    #[error("it answers with content of type `{0}`, neither `application/json` nor `text/event-stream`")]
    ContentType(String),
    /// It says more than is taken.
    #[error("a message of more than {0} bytes")]
    TooLarge(usize),
    /// It sends events that cannot be read.
    #[error(transparent)]
    Events(#[from] SseError),
    /// The connection or the stream ended before the answer.
    #[error("the connection ended before the answer")]
    Cut,
    /// It said it had nothing to say.
    #[error("no answer to the request, by its own word")]
    NoAnswer,
    /// It did not do promptly what takes no time.
    #[error("no {0} in time")]
    Slow(&'static str),
    /// The server does not know the session, or the stream that was the session is gone.
    #[error("it has forgotten the session")]
    SessionLost,
    /// The session was begun anew while this waited.
    #[error("the session was begun anew")]
    Renewed,
    /// The session's id is none (MCP 2025-11-25 basic/transports §Session Management).
    #[error("its session id is no visible ASCII")]
    SessionId,
    /// The first event of an HTTP+SSE stream names no URL to write to.
    #[error("no `endpoint` event that names a URL")]
    NoEndpoint,
    /// It asks for messages to be sent to another server.
    #[error("its `endpoint` is at another origin, `{0}`: messages would be sent to a stranger")]
    ForeignEndpoint(String),
    /// What is to be sent is no message this transport can carry.
    #[error("the message cannot be sent: {0}")]
    Unsendable(String),
    /// The link was closed.
    #[error("the link is closed")]
    Closed,
}

impl LinkError {
    /// What a client may be told: nothing of the server's own words, addresses or headers.
    pub fn reason(&self) -> String {
        match self {
            Self::Url { .. } | Self::Net(NetError::Forbidden { .. } | NetError::Url { .. }) => {
                "the server's address may not be connected to; the operator's log says why".into()
            }
            Self::Net(NetError::Timeout { .. }) | Self::Slow(_) => "the server did not answer in time".into(),
            Self::Net(NetError::Encoded(_)) => "the server compressed its answer though asked not to".into(),
            Self::Net(NetError::Http(_)) => "the connection to the server broke".into(),
            Self::Net(_) => "the server cannot be reached".into(),
            Self::Status { status, .. } => format!("the server answered with HTTP status {status}"),
            Self::Redirect { .. } => "the server redirects, and redirects are not followed".into(),
            Self::ContentType(_) => "the server answered with neither JSON nor events".into(),
            Self::ForeignEndpoint(_) => "the server names another to send messages to".into(),
            Self::Open { .. }
            | Self::TooLarge(_)
            | Self::Events(_)
            | Self::Cut
            | Self::NoAnswer
            | Self::SessionLost
            | Self::Renewed
            | Self::SessionId
            | Self::NoEndpoint
            | Self::Unsendable(_)
            | Self::Closed => format!("the server did not answer: {self}"),
        }
    }

    /// Whether the same request may do better later. Whether it may be sent twice is another question.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Net(error) => !matches!(
                error,
                NetError::Forbidden { .. }
                    | NetError::Url { .. }
                    | NetError::Encoded(_)
                    | NetError::Ca { .. }
            ),
            Self::Status { status, .. } => {
                status.is_server_error() || matches!(status.as_u16(), 408 | 425 | 429)
            }
            Self::Open { .. } | Self::Cut | Self::Slow(_) | Self::SessionLost | Self::Renewed => true,
            _ => false,
        }
    }

    /// Whether the server as such has failed, which the breaker counts.
    pub(crate) fn is_failure(&self) -> bool {
        match self {
            Self::Net(_) => self.is_retryable(),
            Self::Status { status, .. } => status.is_server_error(),
            Self::Cut | Self::Slow(_) => true,
            _ => false,
        }
    }
}
