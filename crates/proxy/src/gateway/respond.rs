//! Responses of the gateway.

use bytes::Bytes;
use http::{
    HeaderValue, Response, StatusCode,
    header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE},
};
use net::server::{Body, Chunks, CollectError};
use serde_json::json;
use wire::{code, member};

/// The header that names a session (MCP 2025-11-25 basic/transports §Session Management).
pub(super) const SESSION_ID: &str = "mcp-session-id";

/// The header that says up to where a stream was read (MCP 2025-11-25 basic/transports §Resumability).
pub(super) const LAST_EVENT_ID: &str = "last-event-id";

/// The header that names the revision.
pub(super) const PROTOCOL_VERSION: &str = "mcp-protocol-version";

/// One message of JSON.
pub(super) fn json(status: StatusCode, line: Bytes) -> Response<Body> {
    let mut response = Response::new(Body::full(line));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// A stream of events.
pub(super) fn events(chunks: impl Chunks) -> Response<Body> {
    let mut response = Response::new(Body::stream(chunks));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache, no-transform"));
    // Buffering intermediaries would hold events back.
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}

/// Nothing but a status.
pub(super) fn empty(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

/// What is wrong with a request of HTTP, before or beside any message in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) status: StatusCode,
    pub(super) code: i64,
    pub(super) text: String,
}

impl Problem {
    pub(super) fn new(status: StatusCode, text: impl Into<String>) -> Self {
        Self { status, code: code::INVALID_REQUEST, text: text.into() }
    }

    /// The answer that tells of it; `data.text` is for a person and a model to read.
    pub(super) fn response(&self) -> Response<Body> {
        let Self { status, code, text } = self;
        let error = json!({ "jsonrpc": "2.0", "id": null, "error": { "code": code, "message": text } });
        let mut response = json(*status, error.to_string().into());
        let headers = response.headers_mut();
        match *status {
            StatusCode::UNAUTHORIZED => {
                headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static(r#"Bearer realm="mcp-guard""#));
            }
            StatusCode::METHOD_NOT_ALLOWED => {
                headers.insert(ALLOW, HeaderValue::from_static("GET, POST, DELETE"));
            }
            StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS => {
                headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
            }
            _ => {}
        }
        response
    }
}

impl From<CollectError> for Problem {
    fn from(error: CollectError) -> Self {
        let status = match error {
            CollectError::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            CollectError::TooSlow => StatusCode::REQUEST_TIMEOUT,
            CollectError::Broken => StatusCode::BAD_REQUEST,
        };
        let remedy = match error {
            CollectError::TooLarge(_) => "; send less, or raise limits.max_frame_bytes",
            CollectError::TooSlow | CollectError::Broken => "; send it again",
        };
        Self::new(status, format!("{error}{remedy}"))
    }
}

/// The status that goes with an answer of MCP 2026-07-28 (basic/transports §Streamable HTTP, errors).
pub(super) fn modern_status(line: &[u8]) -> StatusCode {
    let Ok(line) = std::str::from_utf8(line) else { return StatusCode::OK };
    let Some(error) = member(line, "error") else { return StatusCode::OK };
    match member(error.value, "code").and_then(|code| code.value.parse::<i64>().ok()) {
        Some(-32601) => StatusCode::NOT_FOUND,
        Some(-32022..=-32020) => StatusCode::BAD_REQUEST,
        _ => StatusCode::OK,
    }
}
