//! What a modern request says of itself in `params._meta` (MCP 2026-07-28 basic §_meta), and how a modern server refuses it.

use std::borrow::Cow;

use crate::{
    Frame, Revision,
    answer::code,
    walk::{member, members, text_of, unescape},
};

/// Key of the revision a request is written in. Required.
pub const PROTOCOL_VERSION: &str = "io.modelcontextprotocol/protocolVersion";
/// Key of what the client can do. Required.
pub const CLIENT_CAPABILITIES: &str = "io.modelcontextprotocol/clientCapabilities";
/// Key of the client's name and version. Nobody vouches for it.
pub const CLIENT_INFO: &str = "io.modelcontextprotocol/clientInfo";
/// Key of the least severe log message the client wants to see.
pub const LOG_LEVEL: &str = "io.modelcontextprotocol/logLevel";
/// Key, in results, of the server's name and version.
pub const SERVER_INFO: &str = "io.modelcontextprotocol/serverInfo";
/// Key, in notifications and results, of the listen request they belong to.
pub const SUBSCRIPTION_ID: &str = "io.modelcontextprotocol/subscriptionId";
/// Key of the token that progress notifications are to carry.
pub const PROGRESS_TOKEN: &str = "progressToken";

/// The log levels, least severe first (RFC 5424 §6.2.1).
pub const LOG_LEVELS: [&str; 8] =
    ["debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"];

/// The protocol's members of a request's `_meta`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meta<'a> {
    /// The revision, by the name the client gave it.
    pub version: Cow<'a, str>,
    /// The client's capabilities, a raw object.
    pub capabilities: &'a str,
    /// The client's name and version, a raw object.
    pub client_info: Option<&'a str>,
    /// One of [`LOG_LEVELS`]. Without it the client wants no log messages.
    pub log_level: Option<&'static str>,
    /// A raw string or number.
    pub progress_token: Option<&'a str>,
}

/// Which member of `_meta` is missing or malformed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("params._meta[\"{key}\"] {}", if *missing { "is missing" } else { "is malformed" })]
pub struct MetaError {
    /// The member's name.
    pub key: &'static str,
    /// It is not there at all.
    pub missing: bool,
}

impl MetaError {
    /// The code to answer with; over HTTP with status 400.
    pub fn code(&self) -> i64 {
        code::INVALID_PARAMS
    }
}

impl<'a> Meta<'a> {
    /// What a modern request says of itself.
    ///
    /// # Errors
    /// A required member is missing, or a known one has another type than the specification gives it.
    pub fn of<State>(frame: &'a Frame<State>) -> Result<Self, MetaError> {
        let mut version = None;
        let mut capabilities = None;
        let mut client_info = None;
        let mut log_level = None;
        let mut progress_token = None;
        for member in of(frame).into_iter().flat_map(members) {
            let raw = member.value;
            match &*unescape(member.key) {
                PROTOCOL_VERSION => version = Some(known(PROTOCOL_VERSION, text_of(raw))?),
                CLIENT_CAPABILITIES => capabilities = Some(known(CLIENT_CAPABILITIES, object(raw))?),
                CLIENT_INFO => client_info = Some(known(CLIENT_INFO, object(raw))?),
                LOG_LEVEL => log_level = Some(known(LOG_LEVEL, level(raw))?),
                PROGRESS_TOKEN => progress_token = Some(known(PROGRESS_TOKEN, token(raw))?),
                _ => {}
            }
        }
        let missing = |key| MetaError { key, missing: true };
        Ok(Self {
            version: version.ok_or(missing(PROTOCOL_VERSION))?,
            capabilities: capabilities.ok_or(missing(CLIENT_CAPABILITIES))?,
            client_info,
            log_level,
            progress_token,
        })
    }

    /// The revision, if it is one we know.
    pub fn revision(&self) -> Option<Revision> {
        Revision::from_name(&self.version)
    }
}

/// Whether the message is written for a modern revision: it names one for itself, known or not.
pub fn looks_modern<State>(frame: &Frame<State>) -> bool {
    of(frame).is_some_and(|meta| member(meta, PROTOCOL_VERSION).is_some())
}

/// Whether a raw `error` is one that only a modern server gives (MCP 2026-07-28 basic/transports §Backward Compatibility).
/// Any other in a response of status 400 may be a legacy server's.
pub fn is_modern_error(error: &str) -> bool {
    let code = member(error, "code").and_then(|code| code.value.parse().ok());
    matches!(
        code,
        Some(code::HEADER_MISMATCH | code::MISSING_CLIENT_CAPABILITY | code::UNSUPPORTED_PROTOCOL_VERSION)
    )
}

/// The raw `params._meta`.
fn of<State>(frame: &Frame<State>) -> Option<&str> {
    frame.method()?;
    let (params, _) = frame.body()?;
    member(params, "_meta").map(|meta| meta.value)
}

fn known<T>(key: &'static str, value: Option<T>) -> Result<T, MetaError> {
    value.ok_or(MetaError { key, missing: false })
}

fn object(raw: &str) -> Option<&str> {
    raw.starts_with('{').then_some(raw)
}

fn level(raw: &str) -> Option<&'static str> {
    let said = text_of(raw)?;
    LOG_LEVELS.into_iter().find(|level| *level == said)
}

fn token(raw: &str) -> Option<&str> {
    raw.starts_with(|first: char| first == '"' || first == '-' || first.is_ascii_digit()).then_some(raw)
}
