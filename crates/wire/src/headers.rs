//! The HTTP headers that say again what a modern request says (MCP 2026-07-28 basic/transports §Request Metadata), and the
//! syntax of those that carry ids.
//!
//! A load balancer may have acted on a header, and the server acts on the body: they must agree. Headers come as pairs
//! of name and value, from whatever HTTP library.

mod ids;
mod params;
mod schema;
mod sentinel;
mod standard;

use std::{borrow::Cow, fmt};

pub use self::{
    ids::{is_event_id, is_session_id},
    params::{InvalidTool, ParamHeaders},
    sentinel::{decode, encode},
    standard::{Standard, check},
};

/// Says the revision, as `_meta` does.
pub const PROTOCOL_VERSION: &str = "MCP-Protocol-Version";
/// Says the method.
pub const METHOD: &str = "Mcp-Method";
/// Says the name, URI or task the method is about.
pub const NAME: &str = "Mcp-Name";
/// What the name of a header begins with that says an argument of a tool.
pub const PARAM_PREFIX: &str = "Mcp-Param-";
/// Names a legacy session.
pub const SESSION_ID: &str = "Mcp-Session-Id";
/// Says up to where a legacy stream was read.
pub const LAST_EVENT_ID: &str = "Last-Event-ID";

/// A header that does not say what the body says. The text holds no value of the request, only names.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("header {header} {fault}; expected {expected}")]
pub struct HeaderMismatch {
    /// The header's name.
    pub header: String,
    /// What is wrong with it.
    pub fault: HeaderFault,
    /// What it is compared with.
    pub expected: String,
}

/// What is wrong with a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HeaderFault {
    /// Not there.
    #[error("is missing")]
    Missing,
    /// There, though the body has no such value.
    #[error("does not belong to this request")]
    Unexpected,
    /// There more than once: readers may take one or the other.
    #[error("comes more than once")]
    Repeated,
    /// Bytes other than visible ASCII, space and tab (RFC 9110 §5.5).
    #[error("holds characters no header may")]
    Characters,
    /// Marked as base64, and none or not of UTF-8.
    #[error("is marked as base64 and cannot be decoded")]
    Base64,
    /// Says something else.
    #[error("differs from the body")]
    Differs,
}

/// The value of the one header of that name, without the blanks around it (RFC 9110 §5.5).
fn single<'h>(
    headers: impl Iterator<Item = (&'h str, &'h [u8])>,
    name: &str,
) -> Result<Option<&'h str>, HeaderFault> {
    let mut values = headers.filter(|(said, _)| said.eq_ignore_ascii_case(name)).map(|(_, value)| value);
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(HeaderFault::Repeated);
    }
    if !value.iter().all(|byte| matches!(byte, b'\t' | b' '..=b'~')) {
        return Err(HeaderFault::Characters);
    }
    let text = std::str::from_utf8(value).map_err(|_| HeaderFault::Characters)?;
    Ok(Some(text.trim_matches([' ', '\t'])))
}

/// As much of a peer's own names as a message repeats.
struct Shown<'a>(&'a str);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().filter(|c| !c.is_control()).take(120).try_for_each(|c| write!(f, "{c}"))
    }
}

fn mismatch(header: impl Into<String>, fault: HeaderFault, expected: impl fmt::Display) -> HeaderMismatch {
    HeaderMismatch { header: header.into(), fault, expected: expected.to_string() }
}

fn decoded(value: &str) -> Result<Cow<'_, str>, HeaderFault> {
    decode(value).ok_or(HeaderFault::Base64)
}
