//! Streamable HTTP, both eras on one endpoint (MCP 2025-03-26 … 2025-11-25 and 2026-07-28, basic/transports).

use std::sync::Arc;

use bytes::Bytes;
use http::{
    HeaderMap, HeaderValue, Method as Verb, Request, Response, StatusCode,
    header::{ACCEPT, CONTENT_TYPE},
};
use net::server::{Body, Incoming, Pace, collect};
use wire::{Content, Frame, Kind, Method, Parsed, ProtocolError, Revision, code, meta::looks_modern};

use super::{
    decider::{Lane, NoDecider, Visitor},
    detached::detached,
    held::{Held, InUse},
    legacy, modern,
    places::NoPlace,
    respond::{LAST_EVENT_ID, PROTOCOL_VERSION, Problem, SESSION_ID, empty, events, json},
    shared::Shared,
    streams::Resumed,
};
use crate::{
    Clock,
    link::Route,
    session::{Deliveries, Denial},
};

/// A caller at the endpoint of one server.
#[derive(Clone)]
pub(super) struct At {
    pub(super) shared: Arc<Shared>,
    pub(super) visitor: Arc<Visitor>,
    pub(super) route: Arc<Route>,
}

impl At {
    pub(super) fn user(&self) -> &str {
        &self.visitor.caller.user
    }

    /// The session a request names, if it is this caller's, and the request is of its revision.
    pub(super) async fn held(&self, headers: &HeaderMap) -> Result<Option<Arc<Held>>, Problem> {
        let Some(name) = only(headers, SESSION_ID)? else { return Ok(None) };
        let found = name
            .to_str()
            .ok()
            .and_then(|name| self.shared.sessions.find(name, &self.visitor))
            .filter(|held| held.route.leads_where(&self.route));
        let held = found.ok_or_else(|| {
            // The status by which a client knows that it has to begin anew.
            Problem::new(StatusCode::NOT_FOUND, "there is no such session; begin anew with `initialize`")
        })?;
        same_revision(held.decider().await.revision(), headers)?;
        Ok(Some(held))
    }
}

/// Serves one request at `/mcp/{server}`.
pub(super) async fn serve(at: At, request: Request<Incoming>) -> Result<Response<Body>, Problem> {
    match *request.method() {
        Verb::POST => post(at, request).await,
        Verb::GET => get(&at, request.headers()).await,
        Verb::DELETE => delete(&at, request.headers()).await,
        _ => Err(not_allowed()),
    }
}

async fn post(at: At, request: Request<Incoming>) -> Result<Response<Body>, Problem> {
    let (head, body) = request.into_parts();
    let headers = head.headers;
    takes(&headers, &["application/json", "text/event-stream"])?;
    let body = body_of(&at, &headers, body).await?;
    let arrived = Clock::now();
    if !names_modern(&headers)
        && let Some(held) = at.held(&headers).await?
    {
        return detached(legacy::post(held, headers, body, arrived)).await;
    }
    let mut lane = lane(&at.visitor)?;
    match read(&mut lane, &body, arrived).await? {
        Ok(frame) if looks_modern(&frame) || names_modern(&headers) => {
            modern::post(at, lane, frame, &headers, body.len(), arrived).await
        }
        Ok(frame) if is_initialize(&frame) => {
            detached(legacy::begin(at, lane, frame, headers, body.len(), arrived)).await
        }
        Ok(frame) => {
            let text = "the request names no session (Mcp-Session-Id) and no revision in params._meta; begin with \
                        `initialize`, or send what MCP 2026-07-28 requires of every request";
            let error = ProtocolError::new(None, code::INVALID_REQUEST, text);
            Ok(deny(&mut lane, frame, body.len(), Denial::Prescribed("session.missing", error), arrived)
                .await)
        }
        Err(response) => Ok(response),
    }
}

/// The stream for what belongs to no request, or one that is to go on.
async fn get(at: &At, headers: &HeaderMap) -> Result<Response<Body>, Problem> {
    if names_modern(headers) {
        return Err(not_allowed());
    }
    takes(headers, &["text/event-stream"])?;
    let Some(held) = at.held(headers).await? else {
        // What a client of a server without sessions or streams expects.
        return Err(not_allowed());
    };
    let place = at.visitor.place_for_stream().map_err(no_room)?;
    let reader = match only(headers, LAST_EVENT_ID)? {
        Some(last) => match last.to_str().ok().and_then(|last| held.streams.resume(last)) {
            Some(Resumed::Reader(reader)) => reader,
            // By this status clients know that they need not come again (HTML §Server-sent events).
            Some(Resumed::Over) => return Ok(empty(StatusCode::NO_CONTENT)),
            None => {
                let text =
                    "no event of that id is kept in this session; open the stream without Last-Event-ID";
                return Err(Problem::new(StatusCode::BAD_REQUEST, text));
            }
        },
        None => held.streams.read(super::streams::LOOSE),
    };
    held.listen();
    Ok(events(reader.holding((place, InUse(held)))))
}

async fn delete(at: &At, headers: &HeaderMap) -> Result<Response<Body>, Problem> {
    if names_modern(headers) {
        return Err(not_allowed());
    }
    let Some(held) = at.held(headers).await? else {
        return Err(Problem::new(StatusCode::BAD_REQUEST, "name the session to end (Mcp-Session-Id)"));
    };
    at.shared.sessions.remove(&held.key);
    held.close().await;
    Ok(empty(StatusCode::OK))
}

/// There are as many as may be.
pub(super) fn no_room(full: NoPlace) -> Problem {
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, full.to_string())
}

fn not_allowed() -> Problem {
    let text = "this endpoint takes POST; GET and DELETE only within a session";
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, text)
}

/// The body of a request, if it says that it is JSON.
pub(super) async fn body_of(at: &At, headers: &HeaderMap, body: Incoming) -> Result<Bytes, Problem> {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/json") {
        let text = "the body must be JSON; send it with Content-Type: application/json";
        return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, text));
    }
    if headers.contains_key(http::header::CONTENT_ENCODING) {
        let text = "compressed bodies are not taken; send it as it is, without Content-Encoding";
        return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, text));
    }
    let policy = at.shared.policy();
    let pace = Pace { deadline: policy.gateway().limits.body_timeout, ..Pace::default() };
    Ok(collect(body, policy.limits().max_frame_bytes, pace).await?)
}

pub(super) fn lane(visitor: &Arc<Visitor>) -> Result<Lane, Problem> {
    visitor.lane().map_err(|why| match why {
        NoDecider::Unknown => Problem::new(StatusCode::NOT_FOUND, "there is no such server"),
        NoDecider::Audit(error) => Problem {
            status: StatusCode::SERVICE_UNAVAILABLE,
            code: code::UNAVAILABLE,
            text: format!("nothing passes as it cannot be recorded: {error}"),
        },
    })
}

/// The one message of a body; a response if it is none.
pub(super) async fn read(
    lane: &mut Lane,
    body: &Bytes,
    arrived: Clock,
) -> Result<Result<Frame<Parsed>, Response<Body>>, Problem> {
    let broken = || Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "the exchange has ended");
    let decider = lane.get().ok_or_else(broken)?;
    let error = match decider.read(body) {
        Ok(Content::Single(frame)) => return Ok(Ok(frame)),
        Ok(Content::Batch(_)) => {
            return Err(Problem::new(StatusCode::BAD_REQUEST, "a batch needs a session"));
        }
        Err(error) => error,
    };
    let mut out = Deliveries::default();
    decider.refuse(&error, body, arrived, &mut out).await;
    Ok(Err(told(out, StatusCode::BAD_REQUEST)))
}

/// Refuses a message that cannot be dealt with here, on the record.
pub(super) async fn deny(
    lane: &mut Lane,
    frame: Frame<Parsed>,
    bytes: usize,
    denial: Denial,
    arrived: Clock,
) -> Response<Body> {
    let mut out = Deliveries::default();
    if let Some(decider) = lane.get() {
        decider.deny(frame, bytes, denial, arrived, &mut out).await;
    }
    told(out, StatusCode::BAD_REQUEST)
}

/// What is said to the client instead of passing its message on.
pub(super) fn told(out: Deliveries, status: StatusCode) -> Response<Body> {
    match out.0.into_iter().next() {
        Some(delivery) => json(status, delivery.line),
        None => empty(StatusCode::ACCEPTED),
    }
}

/// What a client is told that answers what it was not asked.
pub(super) fn unasked() -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "this answers nothing that the server asked")
}

/// The revision of the stateless era, said in the header.
fn names_modern(headers: &HeaderMap) -> bool {
    headers.get(PROTOCOL_VERSION).is_some_and(|version| version == Revision::V2026_07_28.name())
}

pub(super) fn is_initialize(frame: &Frame<Parsed>) -> bool {
    frame.kind() == Kind::Request && frame.method().is_some_and(|method| method == Method::Initialize.name())
}

/// The one header of that name. Of two, this program could go by one and the next by the other.
fn only<'h>(headers: &'h HeaderMap, name: &str) -> Result<Option<&'h HeaderValue>, Problem> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (value, None) => Ok(value),
        _ => {
            Err(Problem::new(StatusCode::BAD_REQUEST, format!("there are several {name} headers; send one")))
        }
    }
}

/// A client that names a revision names the one agreed on (MCP 2025-06-18 basic/transports §Protocol Version Header).
fn same_revision(agreed: Option<Revision>, headers: &HeaderMap) -> Result<(), Problem> {
    let Some(named) = only(headers, PROTOCOL_VERSION)? else { return Ok(()) };
    let named = named.to_str().ok().and_then(Revision::from_name);
    if named.is_some() && (agreed.is_none() || named == agreed) {
        return Ok(());
    }
    let agreed = agreed.map_or("none yet", Revision::name);
    let text = format!("MCP-Protocol-Version is not the revision of this session ({agreed})");
    Err(Problem::new(StatusCode::BAD_REQUEST, text))
}

/// Whether the client takes these media types, as it must say (RFC 9110 §12.5.1).
fn takes(headers: &HeaderMap, kinds: &[&str]) -> Result<(), Problem> {
    let accepted: Vec<_> = headers
        .get_all(ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|range| range.split(';').next())
        .map(|range| range.trim().to_ascii_lowercase())
        .collect();
    let all = |kind: &str| {
        let group = kind.split('/').next().unwrap_or_default();
        accepted.iter().any(|range| range == kind || range == "*/*" || *range == format!("{group}/*"))
    };
    if kinds.iter().all(|kind| all(kind)) {
        return Ok(());
    }
    let text = format!("send Accept: {}", kinds.join(", "));
    Err(Problem::new(StatusCode::NOT_ACCEPTABLE, text))
}

/// Headers of a client that may go on to the server: traces. Those that say arguments of a tool (SEP-2243) are made anew of
/// the arguments that were inspected; all others, credentials first, end here.
pub(super) fn traces(headers: &HeaderMap) -> HeaderMap {
    let is_trace = |name: &str| matches!(name, "traceparent" | "tracestate" | "baggage");
    let traces = headers.iter().filter(|(name, _)| is_trace(name.as_str()));
    traces.map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// Names the session in a response.
pub(super) fn in_session(mut response: Response<Body>, key: &str) -> Response<Body> {
    if let Ok(key) = HeaderValue::from_str(key) {
        response.headers_mut().insert(SESSION_ID, key);
    }
    response
}
