//! The stateless era (MCP 2026-07-28): one POST is one exchange, and a client that goes away cancels it.

use std::time::Instant;

use bytes::Bytes;
use decide::{Finding, Stage, Verdict};
use http::{HeaderMap, Response, StatusCode};
use net::server::Body;
use tokio::sync::mpsc;
use wire::{Frame, Kind, Method, Parsed, ProtocolError, Revision, code, member, meta::Meta, sse};

use super::{
    decider::Lane,
    exchange::{Exchange, Party, Step, by},
    places::Place,
    respond::{Problem, empty, events, json, modern_status},
    streamable::{At, deny, told, traces, unasked},
    streams::KEEP_ALIVE,
};
use crate::{
    Clock, Side,
    session::{Deliveries, Denial, Stateless},
};

/// Events that may wait for a client that reads slowly; the server waits, too, then.
const WAITING: usize = 16;

/// Serves one message.
pub(super) async fn post(
    at: At,
    mut lane: Lane,
    frame: Frame<Parsed>,
    headers: &HeaderMap,
    bytes: usize,
    arrived: Clock,
) -> Result<Response<Body>, Problem> {
    if let Err(denial) = valid(&at, &frame, Some(headers)) {
        return Ok(refuse(&mut lane, frame, bytes, *denial, arrived).await);
    }
    let place = match room(&at, &frame) {
        Ok(place) => place,
        Err(denial) => return Ok(refuse(&mut lane, frame, bytes, *denial, arrived).await),
    };
    match put(at, lane, frame, place, headers, bytes, arrived).await {
        Ok(put) => answer(put).await,
        Err(response) => Ok(response),
    }
}

/// Serves a message of a client that wants the answer and nothing else.
pub(super) async fn only_answer(
    at: At,
    mut lane: Lane,
    frame: Frame<Parsed>,
    bytes: usize,
    arrived: Clock,
) -> Result<Response<Body>, Problem> {
    if let Err(denial) = valid(&at, &frame, None).and_then(|()| answers_once(&frame)) {
        return Ok(refuse(&mut lane, frame, bytes, *denial, arrived).await);
    }
    let place = match room(&at, &frame) {
        Ok(place) => place,
        Err(denial) => return Ok(refuse(&mut lane, frame, bytes, *denial, arrived).await),
    };
    let mut exchange = match put(at, lane, frame, place, &HeaderMap::new(), bytes, arrived).await {
        Ok(put) => put.exchange,
        Err(response) => return Ok(response),
    };
    while let Some(step) = exchange.next().await {
        if let Step::Message { line, last: true } = step {
            return Ok(json(modern_status(&line), line));
        }
    }
    Ok(empty(StatusCode::ACCEPTED))
}

/// A request that was put to the server.
struct Put {
    at: At,
    exchange: Exchange,
    /// It ends only when somebody goes away.
    listens: bool,
}

/// A place for what waits for an answer, if it does.
fn room(at: &At, frame: &Frame<Parsed>) -> Result<Option<Place>, Box<Denial>> {
    if frame.kind() != Kind::Request {
        return Ok(None);
    }
    at.visitor.place_for_request().map(Some).map_err(|full| {
        let finding = Finding::new(Stage::Session, "session.too_many", Verdict::Block, full.to_string())
            .remedy("wait for answers");
        Box::new(Denial::Ours(finding, code::TOO_MANY))
    })
}

async fn refuse(
    lane: &mut Lane,
    frame: Frame<Parsed>,
    bytes: usize,
    denial: Denial,
    arrived: Clock,
) -> Response<Body> {
    let status = match &denial {
        Denial::Prescribed(_, error) if error.code == code::METHOD_NOT_FOUND => StatusCode::NOT_FOUND,
        Denial::Prescribed(..) => StatusCode::BAD_REQUEST,
        // As with all we refuse for reasons of our own.
        Denial::Ours(..) => StatusCode::OK,
    };
    let mut response = deny(lane, frame, bytes, denial, arrived).await;
    if response.status() == StatusCode::BAD_REQUEST {
        *response.status_mut() = status;
    }
    response
}

/// Puts a message whose formalities are in order to the server; if nothing is to be waited for, the response.
async fn put(
    at: At,
    mut lane: Lane,
    frame: Frame<Parsed>,
    place: Option<Place>,
    headers: &HeaderMap,
    bytes: usize,
    arrived: Clock,
) -> Result<Put, Response<Body>> {
    let capabilities = Meta::of(&frame).map(|meta| meta.capabilities.to_owned()).unwrap_or_default();
    let listens = frame.method().is_some_and(|method| method == Method::Listen.name());
    let (kind, alone) = (frame.kind(), Stateless::of(&frame));
    let mut out = Deliveries::default();
    let mut passed = traces(headers);
    if let Some(decider) = lane.get() {
        decider.vet(&mut passed, arrived);
        decider.take(frame, bytes, arrived, &mut out).await;
    }
    let forwarded = out.0.iter().position(|delivery| delivery.to == Side::Server);
    let Some(forwarded) = forwarded.map(|at| out.0.swap_remove(at)) else {
        return Err(match kind {
            Kind::Response | Kind::Failure => unasked().response(),
            _ => told(out, StatusCode::OK),
        });
    };
    let link = at.route.link(at.user(), &capabilities).await;
    let Some(alone) = alone else {
        if let Ok(link) = link {
            let _ = link.tell(forwarded.line, passed).await;
        }
        return Err(empty(StatusCode::ACCEPTED));
    };
    let patience = at.visitor.rules().and_then(|(_, rules)| rules.supervision.request_timeout);
    let deadline = patience.filter(|_| !listens).map(|patience| Instant::now() + patience);
    let asked = match &link {
        Ok(link) => by(deadline, link.request(forwarded.line, passed)).await,
        Err(trouble) => Err(trouble.clone()),
    };
    let (link, replies) = match (link, asked) {
        (Ok(link), Ok(replies)) => (link, replies),
        (_, asked) => {
            let mut out = Deliveries::default();
            if let (Some(decider), Err(trouble)) = (lane.get(), asked) {
                let (reason, code) = (trouble.reason(), trouble.code());
                decider.answer_for_server(alone.id(), &reason, code, Clock::now(), &mut out).await;
            }
            return Err(told(out, StatusCode::OK));
        }
    };
    let id = alone.id().clone();
    let exchange = Exchange::new(Party::Lane(lane, alone), link, replies, id, deadline);
    let exchange = match place {
        Some(place) => exchange.holding(place),
        None => exchange,
    };
    Ok(Put { at, exchange, listens })
}

/// One JSON answer, or a stream of events, as the server gives it.
async fn answer(put: Put) -> Result<Response<Body>, Problem> {
    let Put { at, mut exchange, listens } = put;
    let first = match exchange.is_stream() {
        Some(true) => None,
        _ => exchange.next().await,
    };
    if let Some(Step::Message { line, last: true }) = &first {
        return Ok(json(modern_status(line), line.clone()));
    }
    let place = match at.visitor.place_for_stream() {
        Ok(place) => place,
        Err(full) => {
            let refused = exchange.refuse(full).await;
            return Ok(refused.map_or_else(|| empty(StatusCode::ACCEPTED), |line| json(StatusCode::OK, line)));
        }
    };
    let (events_in, events_out) = mpsc::channel(WAITING);
    tokio::spawn(async move {
        let draining = at.shared.draining.clone();
        tokio::select! {
            () = pump(exchange, first, events_in) => {}
            () = draining.begun(), if listens => {}
            // It may go on for days, and whoever listens may have lost the right to.
            () = at.shared.falls(&at.visitor, &at.route), if listens => {}
        }
        drop(place);
    });
    Ok(events(events_out))
}

/// Sends what comes until the answer, or until the client has gone: then the exchange is dropped, which cancels it.
async fn pump(mut exchange: Exchange, first: Option<Step>, to: mpsc::Sender<Bytes>) {
    let mut next = first;
    loop {
        let event = match next.take() {
            Some(Step::Message { line, .. }) => {
                let mut event = Vec::with_capacity(line.len() + 32);
                sse::write_event(&mut event, None, None, Some("message"), &line);
                event.into()
            }
            Some(Step::Paused { .. }) | None => Bytes::new(),
        };
        if !event.is_empty() && to.send(event).await.is_err() {
            return;
        }
        if exchange.is_done() {
            return;
        }
        next = tokio::select! {
            step = exchange.next_within(KEEP_ALIVE) => step,
            () = to.closed() => return,
        };
        if next.is_none() && !exchange.is_done() && to.send(Bytes::from_static(sse::COMMENT)).await.is_err() {
            return;
        }
    }
}

/// What every request must say of itself, in its body and in headers that agree with it. `None` where there are none.
fn valid(at: &At, frame: &Frame<Parsed>, headers: Option<&HeaderMap>) -> Result<(), Box<Denial>> {
    let prescribed = |rule, error| Box::new(Denial::Prescribed(rule, error));
    let method = frame.method().unwrap_or_default();
    if frame.kind() != Kind::Request {
        // Clients do not know each other's ids: to go away is how one cancels (basic/patterns/cancellation).
        let cancels = method == Method::Cancelled.name();
        let text = "over HTTP, a request is cancelled by closing its connection or stream";
        let error = ProtocolError::new(None, code::INVALID_REQUEST, text);
        return if cancels { Err(prescribed("wire.cancelled_by_id", error)) } else { Ok(()) };
    }
    let meta = Meta::of(frame).map_err(|error| {
        prescribed("wire.meta", ProtocolError::new(None, error.code(), error.to_string()))
    })?;
    let pairs = headers.map(|headers| {
        let pairs = headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
        pairs.collect::<Vec<_>>()
    });
    let pairs = pairs.as_ref().map(|pairs| pairs.iter().copied());
    if let Some(pairs) = pairs.clone() {
        wire::headers::check(pairs, frame).map_err(|error| {
            let error = ProtocolError::new(None, code::HEADER_MISMATCH, error.to_string());
            prescribed("wire.header_mismatch", error)
        })?;
    }
    if meta.revision() != Some(Revision::V2026_07_28) {
        let error = ProtocolError::unsupported_version(None, &meta.version, &[Revision::V2026_07_28]);
        return Err(prescribed("wire.revision", error));
    }
    if REMOVED.contains(&&*method) {
        let text = format!("{method} does not exist in MCP 2026-07-28");
        let error = ProtocolError::new(None, code::METHOD_NOT_FOUND, text);
        return Err(prescribed("wire.removed_method", error));
    }
    tasks_declared(&meta, &method).map_err(|error| prescribed("wire.missing_capability", error))?;
    at.visitor.handles.check(frame, pairs)
}

/// A stream of notifications has no answer that could be waited for.
fn answers_once(frame: &Frame<Parsed>) -> Result<(), Box<Denial>> {
    if frame.method().is_none_or(|method| method != Method::Listen.name()) {
        return Ok(());
    }
    let error = ProtocolError::new(None, code::METHOD_NOT_FOUND, "streams are at /mcp");
    Err(Box::new(Denial::Prescribed("wire.no_streams", error)))
}

/// Methods of the era with sessions that the stateless one does without, and of its tasks.
const REMOVED: [&str; 7] = [
    "initialize",
    "ping",
    "logging/setLevel",
    "resources/subscribe",
    "resources/unsubscribe",
    "tasks/list",
    "tasks/result",
];

/// The extension whose methods these are has to be declared (SEP-2663), or a client could ask for tasks without ever
/// having been given one.
fn tasks_declared(meta: &Meta<'_>, method: &str) -> Result<(), ProtocolError> {
    const TASKS: &str = "io.modelcontextprotocol/tasks";
    let extensions = member(meta.capabilities, "extensions").map_or("", |extensions| extensions.value);
    if !method.starts_with("tasks/") || member(extensions, TASKS).is_some() {
        return Ok(());
    }
    let text = format!("{method} needs the extension {TASKS}, which the client has not declared");
    let required = serde_json::json!({ "extensions": { TASKS: {} } });
    Err(ProtocolError::missing_capability(None, text, required))
}
