//! `POST /rpc/{server}`: one JSON-RPC request, one JSON answer, no session and no stream, for scripts and for programs
//! that know no MCP. It is a request of MCP 2026-07-28 whose formalities are supplied.

use bytes::Bytes;
use http::{Request, Response};
use net::server::{Body, Incoming};
use wire::{ProtocolError, code};

use super::{
    modern,
    respond::Problem,
    streamable::{At, body_of, deny, lane, read},
};
use crate::{Clock, session::Denial};

/// What a request has to say of itself.
const META: &str = concat!(
    r#""_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","#,
    r#""io.modelcontextprotocol/clientInfo":{"name":"mcp-guard-rpc","version":"1"},"#,
    r#""io.modelcontextprotocol/clientCapabilities":{}}"#,
);

/// Serves one request.
pub(super) async fn post(at: At, request: Request<Incoming>) -> Result<Response<Body>, Problem> {
    let (head, body) = request.into_parts();
    let body = body_of(&at, &head.headers, body).await?;
    let arrived = Clock::now();
    let mut lane = lane(&at.visitor)?;
    // Read as it came first: what is no message gets its place shown in the client's own words.
    let frame = match read(&mut lane, &body, arrived).await? {
        Ok(frame) => frame,
        Err(response) => return Ok(response),
    };
    let body = match wire::meta::looks_modern(&frame) {
        true => body,
        false => match with_meta(&body) {
            Some(body) => body,
            None => {
                let text = "params must be an object, or be left out";
                let error = ProtocolError::new(None, code::INVALID_PARAMS, text);
                let denial = Denial::Prescribed("wire.meta", error);
                return Ok(deny(&mut lane, frame, body.len(), denial, arrived).await);
            }
        },
    };
    let frame = match read(&mut lane, &body, arrived).await? {
        Ok(frame) => frame,
        Err(response) => return Ok(response),
    };
    modern::only_answer(at, lane, frame, body.len(), arrived).await
}

/// The same request with what it has to say of itself.
fn with_meta(body: &Bytes) -> Option<Bytes> {
    let text = std::str::from_utf8(body).ok()?;
    let place = |object: &str, at: usize, inner: &str| {
        let open = at + object.find('{')? + 1;
        let empty = wire::members(object).next().is_none();
        let comma = if empty { "" } else { "," };
        Some(format!("{}{inner}{comma}{}", text.get(..open)?, text.get(open..)?))
    };
    let with = match wire::member(text, "params") {
        Some(params) if wire::member(params.value, "_meta").is_some() => {
            let meta = wire::member(params.value, "_meta")?;
            let inner = META.strip_prefix(r#""_meta":{"#)?.strip_suffix('}')?;
            place(meta.value, params.value_at + meta.value_at, inner)?
        }
        Some(params) => place(params.value, params.value_at, META)?,
        None => place(text, 0, &format!(r#""params":{{{META}}}"#))?,
    };
    Some(with.into())
}
