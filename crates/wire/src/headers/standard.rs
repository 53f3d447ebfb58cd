use std::borrow::Cow;

use super::{HeaderFault, HeaderMismatch, METHOD, NAME, PROTOCOL_VERSION, decoded, encode, mismatch, single};
use crate::{
    Frame, Kind, meta,
    walk::{member, text_of},
};

/// What the standard headers of a request or notification must say (MCP 2026-07-28 basic/transports §Standard Request
/// Headers; for tasks the extension `io.modelcontextprotocol/tasks`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standard<'a> {
    /// The revision, from `params._meta`.
    pub version: Option<Cow<'a, str>>,
    /// The method.
    pub method: Cow<'a, str>,
    /// The name, URI or task id, of methods that are about one.
    pub name: Option<Cow<'a, str>>,
    /// The member of `params` the name stands in.
    named_by: &'static str,
}

impl<'a> Standard<'a> {
    /// What the headers of this message must say; `None` for a response.
    pub fn of<State>(frame: &'a Frame<State>) -> Option<Self> {
        let method = frame.method()?;
        let params = frame.body().map_or("", |(params, _)| params);
        let text = |object: &'a str, name: &str| member(object, name).and_then(|found| text_of(found.value));
        let version = member(params, "_meta").and_then(|meta| text(meta.value, meta::PROTOCOL_VERSION));
        let named_by = named_by(&method);
        let name = named_by.and_then(|field| text(params, field));
        Some(Self { version, method, name, named_by: named_by.unwrap_or_default() })
    }

    /// The headers to send, values encoded. The encoding is meant for the name alone; a method or revision that needs it
    /// has no legal header, and the server will say so.
    pub fn to_send(&self) -> impl Iterator<Item = (&'static str, Cow<'_, str>)> {
        let version = self.version.as_deref().map(|version| (PROTOCOL_VERSION, encode(version)));
        let name = self.name.as_deref().map(|name| (NAME, encode(name)));
        version.into_iter().chain([(METHOD, encode(&self.method))]).chain(name)
    }
}

/// Checks that the standard headers say what the message says. A notification need not have them; those it has are
/// checked. Responses have none.
///
/// # Errors
/// The first header that is missing, comes twice, cannot be read, or says something else. Answer with status 400 and
/// [`HEADER_MISMATCH`](crate::code::HEADER_MISMATCH).
pub fn check<'h, State>(
    headers: impl Iterator<Item = (&'h str, &'h [u8])> + Clone,
    frame: &Frame<State>,
) -> Result<(), HeaderMismatch> {
    let Some(standard) = Standard::of(frame) else { return Ok(()) };
    let required = frame.kind() == Kind::Request;
    let version = format!("the value of params._meta[\"{}\"]", meta::PROTOCOL_VERSION);
    let name = format!("the value of params.{}", standard.named_by);
    let plain = |value: &'h str| Ok(Cow::Borrowed(value));
    let agrees = |header, body: Option<&str>, expected: &str, decode: fn(&'h str) -> _| {
        let said = single(headers.clone(), header)
            .and_then(|value| value.map(decode).transpose())
            .map_err(|fault| mismatch(header, fault, expected))?;
        let fault = match (said, body) {
            (Some(said), Some(body)) if said == body => return Ok(()),
            (Some(_), Some(_)) => HeaderFault::Differs,
            (Some(_), None) => HeaderFault::Unexpected,
            (None, Some(_)) if required => HeaderFault::Missing,
            (None, _) => return Ok(()),
        };
        Err(mismatch(header, fault, expected))
    };
    agrees(PROTOCOL_VERSION, standard.version.as_deref(), &version, plain)?;
    agrees(METHOD, Some(&standard.method), "the value of method", plain)?;
    if !standard.named_by.is_empty() {
        agrees(NAME, standard.name.as_deref(), &name, decoded)?;
    }
    Ok(())
}

/// The member of `params` that `Mcp-Name` says again, of methods that have it.
fn named_by(method: &str) -> Option<&'static str> {
    match method {
        "tools/call" | "prompts/get" => Some("name"),
        "resources/read" => Some("uri"),
        "tasks/get" | "tasks/update" | "tasks/cancel" => Some("taskId"),
        _ => None,
    }
}
