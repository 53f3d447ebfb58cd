//! The MCP server behind every arm: Streamable HTTP in both eras, one tool that returns its arguments, answers in JSON.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

use http_body_util::{BodyExt, Either, Full};
use hyper::body::{Body, Bytes, Frame, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};

use super::listener;
use crate::echo::{self, Call};

const SESSION: &str = "mcp-session-id";
const JSON: HeaderValue = HeaderValue::from_static("application/json");
const EVENTS: HeaderValue = HeaderValue::from_static("text/event-stream");

/// Sessions are numbered, and one that has been opened is known for ever.
static SESSIONS: AtomicU64 = AtomicU64::new(0);

type Reply = Response<Either<Full<Bytes>, Silence>>;

/// Serves until it is ended.
///
/// # Errors
/// It cannot listen.
pub(crate) fn serve(listen: SocketAddr) -> anyhow::Result<()> {
    listener::serve(listen, || (), |(), request| reply(request))
}

async fn reply(request: Request<Incoming>) -> Result<Reply, hyper::Error> {
    let (head, body) = request.into_parts();
    let modern = head.headers.get("mcp-protocol-version").is_some_and(|version| version == "2026-07-28");
    if !modern && !known(&head.headers) {
        return Ok(status(StatusCode::NOT_FOUND));
    }
    match head.method {
        Method::POST => {}
        Method::GET if !modern => {
            let mut stream = Response::new(Either::Right(Silence));
            stream.headers_mut().insert(CONTENT_TYPE, EVENTS);
            return Ok(stream);
        }
        Method::DELETE if !modern => return Ok(status(StatusCode::OK)),
        _ => return Ok(status(StatusCode::METHOD_NOT_ALLOWED)),
    }
    let body = body.collect().await?.to_bytes();
    let mut out = Vec::with_capacity(body.len() + 128);
    let understood = if modern { answer(&body, &mut out) } else { echo::answer(&body, &mut out) };
    if understood.is_err() {
        return Ok(status(StatusCode::BAD_REQUEST));
    }
    if out.pop().is_none() {
        return Ok(status(StatusCode::ACCEPTED));
    }
    let mut reply = Response::new(Either::Left(Full::from(out)));
    reply.headers_mut().insert(CONTENT_TYPE, JSON);
    if !modern && !head.headers.contains_key(SESSION) {
        let number = SESSIONS.fetch_add(1, Ordering::Relaxed);
        if let Ok(session) = HeaderValue::from_str(&format!("bench-{number}")) {
            reply.headers_mut().insert(SESSION, session);
        }
    }
    Ok(reply)
}

/// Whether the request opens a session or names one.
fn known(headers: &HeaderMap) -> bool {
    let Some(session) = headers.get(SESSION) else { return true };
    let number =
        session.to_str().ok().and_then(|session| session.strip_prefix("bench-")?.parse::<u64>().ok());
    number.is_some_and(|number| number < SESSIONS.load(Ordering::Relaxed))
}

fn status(status: StatusCode) -> Reply {
    let mut reply = Response::new(Either::Left(Full::default()));
    *reply.status_mut() = status;
    reply
}

/// Answers a request of the modern era, with a line's end as [`echo::answer`] does.
fn answer(body: &[u8], out: &mut Vec<u8>) -> anyhow::Result<()> {
    let request: echo::Request = serde_json::from_slice(body)?;
    let Some(id) = request.id else { return Ok(()) };
    let result = match (request.method, request.params) {
        ("server/discover", _) => {
            r#""supportedVersions":["2026-07-28"],"capabilities":{"tools":{}},"ttlMs":0,"cacheScope":"private""#
        }
        ("tools/list", _) => {
            r#""tools":[{"name":"echo","description":"Returns its arguments.","inputSchema":{"type":"object"}}],"ttlMs":0,"cacheScope":"private""#
        }
        ("tools/call", Some(params)) => {
            let call: Call = serde_json::from_str(params.get())?;
            &format!(r#""content":[],"structuredContent":{}"#, call.arguments.get())
        }
        _ => anyhow::bail!("no such method"),
    };
    for part in
        [r#"{"jsonrpc":"2.0","id":"#, id.get(), r#","result":{"resultType":"complete","#, result, "}}\n"]
    {
        out.extend_from_slice(part.as_bytes());
    }
    Ok(())
}

/// A stream on which nothing is ever said.
struct Silence;

impl Body for Silence {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Pending
    }
}
