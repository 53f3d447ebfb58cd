use std::{borrow::Cow, sync::Arc};

use bytes::Bytes;
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri,
    header::{self, ACCEPT, CONTENT_TYPE},
};
use http_body_util::Full;
use hyper::body::{Body, Incoming};
use net::client::Client;
use wire::{member, text_of};

use crate::{
    LinkError, Target,
    body::{Events, collect},
};

/// A server and the way to it.
#[derive(Debug, Clone)]
pub(crate) struct Peer {
    pub(crate) client: Client,
    pub(crate) target: Arc<Target>,
}

/// What came back for a POST.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) said: Said,
}

#[derive(Debug)]
pub(crate) enum Said {
    /// One message or batch.
    One(Bytes),
    /// Events, until the end of the stream.
    Stream(Events),
    Nothing,
}

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const EVENTS: HeaderValue = HeaderValue::from_static("text/event-stream");
const EITHER: HeaderValue = HeaderValue::from_static("application/json, text/event-stream");

/// How much of an error that is no message is kept for the operator, in bytes.
const EXCERPT: usize = 200;

impl Answer {
    /// The server has taken what wants no answer.
    pub(crate) fn taken(self) -> Result<(), LinkError> {
        match self.said {
            Said::One(message) if !self.status.is_success() => {
                Err(LinkError::Status { status: self.status, text: shown(&message) })
            }
            _ => Ok(()),
        }
    }
}

impl Peer {
    /// Sends a message, if the breaker lets it, and takes what comes back apart. `headers` must not come from a client
    /// unless they went through [`passed`].
    pub(crate) async fn post(
        &self,
        uri: &Uri,
        mut headers: HeaderMap,
        line: Bytes,
    ) -> Result<Answer, LinkError> {
        let target = &*self.target;
        target.breaker(|breaker, now| breaker.admit(now)).map_err(|until| LinkError::Open { until })?;
        headers.insert(CONTENT_TYPE, JSON);
        headers.insert(ACCEPT, EITHER);
        let answer = match self.send(Method::POST, uri, headers, line).await {
            Ok(response) => self.answer(response).await,
            Err(error) => Err(error),
        };
        target.breaker(|breaker, now| match &answer {
            Err(error) if error.is_failure() => breaker.failed(now),
            _ => breaker.succeeded(),
        });
        answer
    }

    /// Opens a stream of events. Not counted by the breaker: that a stream ends is no failure.
    pub(crate) async fn listen(&self, uri: &Uri, mut headers: HeaderMap) -> Result<Events, LinkError> {
        headers.insert(ACCEPT, EVENTS);
        let response = self.send(Method::GET, uri, headers, Bytes::new()).await?;
        let answer = self.answer(response).await?;
        if !answer.status.is_success() {
            return Err(LinkError::Status { status: answer.status, text: String::new() });
        }
        match answer.said {
            Said::Stream(events) => Ok(events),
            Said::One(_) => Err(LinkError::ContentType("application/json".into())),
            Said::Nothing => Err(LinkError::NoAnswer),
        }
    }

    /// Sends a request that says something beside the server's own headers.
    pub(crate) async fn send(
        &self,
        method: Method,
        uri: &Uri,
        headers: HeaderMap,
        body: Bytes,
    ) -> Result<Response<Incoming>, LinkError> {
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = method;
        *request.uri_mut() = uri.clone();
        *request.headers_mut() = headers;
        Ok(self.client.send(request).await?)
    }

    async fn answer(&self, response: Response<Incoming>) -> Result<Answer, LinkError> {
        let (head, body) = response.into_parts();
        let max = self.target.limits.max_message_bytes;
        let kind = essence(&head.headers);
        let said = if head.status.is_success() {
            match kind {
                _ if head.status == StatusCode::NO_CONTENT || body.is_end_stream() => Said::Nothing,
                // What it says beside "accepted" is no message.
                _ if head.status == StatusCode::ACCEPTED => Said::Nothing,
                "application/json" => Said::One(collect(body, max, &self.target).await?),
                "text/event-stream" => Said::Stream(Events::new(body, &self.target)),
                other => return Err(LinkError::ContentType(shown(other.as_bytes()))),
            }
        } else if head.status.is_redirection() {
            return Err(LinkError::Redirect { to: destination(&head.headers) });
        } else {
            let text = collect(body, max, &self.target).await.unwrap_or_default();
            if kind != "application/json" || !is_message(&text) {
                return Err(LinkError::Status { status: head.status, text: shown(&text) });
            }
            Said::One(text)
        };
        Ok(Answer { status: head.status, headers: head.headers, said })
    }
}

/// The headers of one request: what a client gave, then what the configuration says. Those of the connection, of the
/// body and of the protocol are ours to say, whatever a client gives; of the protocol's, parameters pass
/// (MCP 2026-07-28 basic/transports §Custom Headers).
pub(crate) fn passed(given: HeaderMap, target: &Target) -> HeaderMap {
    if given.is_empty() {
        return target.headers.clone();
    }
    let mut headers = HeaderMap::with_capacity(given.len() + target.headers.len() + 8);
    let mut name = None;
    for (next, value) in given {
        name = next.or(name);
        if let Some(name) = name.as_ref().filter(|name| may_pass(name)) {
            headers.append(name.clone(), value);
        }
    }
    for (name, value) in &target.headers {
        headers.insert(name.clone(), value.clone());
    }
    headers
}

fn may_pass(name: &HeaderName) -> bool {
    const OURS: [HeaderName; 12] = [
        header::HOST,
        header::CONNECTION,
        header::TRANSFER_ENCODING,
        header::TE,
        header::TRAILER,
        header::UPGRADE,
        header::EXPECT,
        header::ACCEPT_ENCODING,
        header::PROXY_AUTHORIZATION,
        header::COOKIE,
        header::ACCEPT,
        HeaderName::from_static("last-event-id"),
    ];
    let text = name.as_str();
    let protocol = text.starts_with("mcp-") && !text.starts_with("mcp-param-");
    !(OURS.contains(name) || protocol || text.starts_with("content-") || text == "keep-alive")
}

/// The media type without its parameters.
fn essence(headers: &HeaderMap) -> &str {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = value.split(';').next().unwrap_or_default().trim();
    ["application/json", "text/event-stream"]
        .into_iter()
        .find(|known| essence.eq_ignore_ascii_case(known))
        .unwrap_or(essence)
}

/// Whether it is the answer to a request, as far as a first look tells.
pub(crate) fn is_message(body: &[u8]) -> bool {
    let Ok(body) = std::str::from_utf8(body) else { return false };
    member(body, "jsonrpc").is_some() && ["error", "result"].iter().any(|name| member(body, name).is_some())
}

/// An error that came with an HTTP error status, as the answer to the one request of `line`: servers that did not get as
/// far as reading it leave out its id.
pub(crate) fn addressed(message: Bytes, line: &str) -> Bytes {
    let text = std::str::from_utf8(&message).unwrap_or_default();
    let has_id = member(text, "id").is_some_and(|id| id.value != "null");
    match (has_id, member(line, "id"), member(text, "error")) {
        (false, Some(id), Some(error)) => {
            format!(r#"{{"jsonrpc":"2.0","id":{},"error":{}}}"#, id.value, error.value).into()
        }
        _ => message,
    }
}

/// The method of a line that was written by us or read by the strict reader.
pub(crate) fn method(line: &str) -> Option<Cow<'_, str>> {
    text_of(member(line, "method")?.value)
}

fn destination(headers: &HeaderMap) -> String {
    let location = headers.get(header::LOCATION).map_or(&[][..], HeaderValue::as_bytes);
    let uri = Uri::try_from(location).ok();
    uri.as_ref().and_then(Uri::host).map_or_else(|| "the same host".to_owned(), |host| shown(host.as_bytes()))
}

/// The beginning of what a server says, fit for one line of a log.
fn shown(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text.get(..EXCERPT).unwrap_or(text));
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
