//! Messages of the era with sessions (MCP 2025-03-26 … 2025-11-25).

use std::{sync::Arc, time::Instant};

use bytes::Bytes;
use decide::{Finding, Stage, Verdict};
use http::{HeaderMap, Response, StatusCode};
use net::server::Body;
use wire::{Content, Frame, Id, Kind, Parsed, ProtocolError, Revision, code};

use super::{
    decider::{Decider, Lane},
    exchange::{Exchange, Party, Step, by, forsake},
    held::{Held, InUse},
    places::NoPlace,
    respond::{Problem, empty, events, json},
    streamable::{At, deny, in_session, is_initialize, no_room, told, traces, unasked},
    streams::{Keep, LOOSE, Streams},
};
use crate::{
    Clock, Side,
    link::Trouble,
    session::{Delivered, Deliveries, Denial},
};

/// A server that has said nothing for so long gets a stream opened for what it may say, so that nobody takes the
/// connection for dead.
const FIRST_WORD: std::time::Duration = std::time::Duration::from_secs(5);

/// Begins a session.
pub(super) async fn begin(
    at: At,
    mut lane: Lane,
    frame: Frame<Parsed>,
    headers: HeaderMap,
    bytes: usize,
    arrived: Clock,
) -> Result<Response<Body>, Problem> {
    let place = match at.shared.places.session(at.user(), &at.shared.policy().gateway().limits) {
        Ok(place) => place,
        Err(full) => {
            let finding = Finding::new(Stage::Session, "session.too_many", Verdict::Block, full.to_string())
                .remedy("end a session with DELETE");
            let denial = Denial::Ours(finding, code::TOO_MANY);
            let mut response = deny(&mut lane, frame, bytes, denial, arrived).await;
            *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
            return Ok(response);
        }
    };
    match start(&at, lane, frame, headers, bytes, arrived, None).await? {
        Started::Refused(line) => Ok(json(StatusCode::OK, line)),
        Started::Held(held, line) => {
            let response = in_session(json(StatusCode::OK, line), &held.key);
            at.shared.sessions.insert(held, place);
            Ok(response)
        }
    }
}

/// What became of `initialize`.
pub(super) enum Started {
    /// There is a session; the server's answer.
    Held(Arc<Held>, Bytes),
    /// There is none; the error.
    Refused(Bytes),
}

/// Takes `initialize` to the server. With `one_stream` everything that follows is said there.
pub(super) async fn start(
    at: &At,
    mut lane: Lane,
    frame: Frame<Parsed>,
    headers: HeaderMap,
    bytes: usize,
    arrived: Clock,
    one_stream: Option<Arc<Streams>>,
) -> Result<Started, Problem> {
    let broken = || Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "the session could not be begun");
    let id = frame.id().ok_or_else(broken)?;
    let mut out = Deliveries::default();
    let mut headers = traces(&headers);
    let decider = lane.get().ok_or_else(broken)?;
    decider.vet(&mut headers, arrived);
    decider.take(frame, bytes, arrived, &mut out).await;
    let Some(forwarded) = to_server(&mut out) else {
        return Ok(Started::Refused(out.0.into_iter().next().ok_or_else(broken)?.line));
    };
    let patience = at.visitor.rules().map(|(_, rules)| rules.supervision.start_timeout).unwrap_or_default();
    let deadline = Instant::now() + patience;
    let (link, replies) = match by(Some(deadline), at.route.open(&forwarded.line, headers)).await {
        Ok(opened) => opened,
        Err(trouble) => {
            let mut out = Deliveries::default();
            let (reason, code) = (trouble.reason(), trouble.code());
            let decider = lane.get().ok_or_else(broken)?;
            decider.answer_for_server(&id, &reason, code, Clock::now(), &mut out).await;
            return Ok(Started::Refused(out.0.into_iter().next().ok_or_else(broken)?.line));
        }
    };
    let decider = lane.keep().ok_or_else(broken)?;
    let (key, tag) = fresh_key().map_err(|_| broken())?;
    let limits = at.shared.policy().gateway().limits.clone();
    let keep = Keep { events: limits.event_store_events, bytes: limits.event_store_bytes };
    let alone = one_stream.is_some();
    let streams = one_stream.unwrap_or_else(|| Arc::new(Streams::new(tag, keep)));
    let held = Arc::new(Held::new(key, at, link.clone(), decider, streams, alone));
    let party = Party::Held(Arc::clone(&held));
    let mut exchange = Exchange::new(party, link, replies, id, Some(deadline));
    while let Some(step) = exchange.next().await {
        match step {
            Step::Message { line, last: true } => {
                if held.decider().await.revision().is_some() {
                    if held.link.is_heard_at_once() {
                        held.listen();
                    }
                    return Ok(Started::Held(held, line));
                }
                held.close().await;
                return Ok(Started::Refused(line));
            }
            Step::Message { line, last: false } => held.streams.push(LOOSE, &line).await,
            Step::Paused { .. } => {}
        }
    }
    held.close().await;
    Err(broken())
}

/// Serves one message of a session.
pub(super) async fn post(
    held: Arc<Held>,
    headers: HeaderMap,
    body: Bytes,
    arrived: Clock,
) -> Result<Response<Body>, Problem> {
    let mut out = Deliveries::default();
    let mut headers = traces(&headers);
    if !headers.is_empty() {
        held.decider().await.vet(&mut headers, arrived);
    }
    let content = decide(&held, &body, arrived, &mut out).await;
    match content {
        Decided::Unreadable => Ok(told(out, StatusCode::BAD_REQUEST)),
        Decided::Single(kind, id) => single(held, kind, id, out, &headers).await,
        Decided::Batch => batch(held, out, headers).await,
    }
}

/// What a body held.
pub(super) enum Decided {
    Unreadable,
    Single(Kind, Option<Id>),
    Batch,
}

/// Decides what a client says in a session.
pub(super) async fn decide(held: &Held, body: &Bytes, arrived: Clock, out: &mut Deliveries) -> Decided {
    held.touch();
    let mut decider = held.decider().await;
    match decider.read(body) {
        Err(error) => {
            decider.refuse(&error, body, arrived, out).await;
            Decided::Unreadable
        }
        Ok(Content::Single(frame)) => {
            let single = Decided::Single(frame.kind(), frame.id());
            one(held, &mut decider, frame, body.len(), arrived, out).await;
            single
        }
        Ok(Content::Batch(frames)) => {
            for frame in frames {
                match frame {
                    Ok(frame) => one(held, &mut decider, frame, body.len(), arrived, out).await,
                    Err(error) => decider.refuse(&error, body, arrived, out).await,
                }
            }
            Decided::Batch
        }
    }
}

/// Decides one message, whose handles have to be this principal's. Headers say nothing of arguments in this era.
async fn one(
    held: &Held,
    decider: &mut Decider,
    frame: Frame<Parsed>,
    bytes: usize,
    arrived: Clock,
    out: &mut Deliveries,
) {
    let checked = match is_initialize(&frame) {
        true => Err(Box::new(begun())),
        false => held.visitor.handles.check(&frame, None::<std::iter::Empty<(&str, &[u8])>>),
    };
    match checked {
        Ok(()) => decider.take(frame, bytes, arrived, out).await,
        Err(denial) => decider.deny(frame, bytes, *denial, arrived, out).await,
    }
}

/// What was agreed on holds for the whole session: batches, for one, are a matter of the revision.
fn begun() -> Denial {
    let error = ProtocolError::new(None, code::INVALID_REQUEST, "this session was initialized before");
    Denial::Prescribed("session.initialized", error)
}

/// The answer to a single message, which was decided upon.
async fn single(
    held: Arc<Held>,
    kind: Kind,
    id: Option<Id>,
    mut out: Deliveries,
    headers: &HeaderMap,
) -> Result<Response<Body>, Problem> {
    let Some(forwarded) = to_server(&mut out) else {
        if out.0.is_empty() && matches!(kind, Kind::Response | Kind::Failure) {
            return Err(unasked());
        }
        return Ok(told(out, StatusCode::OK));
    };
    let Some(id) = id.filter(|_| kind == Kind::Request) else {
        return match held.tell(forwarded.line, headers.clone()).await {
            Ok(()) => Ok(empty(StatusCode::ACCEPTED)),
            Err(trouble) => Err(Problem::new(StatusCode::BAD_GATEWAY, trouble.reason())),
        };
    };
    let mut exchange = match put(&held, id, forwarded, headers).await {
        Ok(exchange) => exchange,
        Err(line) => {
            return Ok(line.map_or_else(|| empty(StatusCode::ACCEPTED), |line| json(StatusCode::OK, line)));
        }
    };
    let first = match exchange.is_stream() {
        Some(true) => None,
        Some(false) => exchange.next().await,
        None => exchange.next_within(FIRST_WORD).await,
    };
    if let Some(Step::Message { line, last: true }) = first {
        return Ok(json(StatusCode::OK, line));
    }
    if first.is_none() && exchange.is_done() {
        // It was cancelled, and nobody waits.
        return Ok(empty(StatusCode::ACCEPTED));
    }
    let place = match held.visitor.place_for_stream() {
        Ok(place) => Arc::new(place),
        Err(full) => {
            let refused = exchange.refuse(full).await;
            return Ok(refused.map_or_else(|| empty(StatusCode::ACCEPTED), |line| json(StatusCode::OK, line)));
        }
    };
    let primed = held.decider().await.revision() >= Some(Revision::V2025_11_25);
    let name = held.streams.open(primed);
    let reader = held.streams.read(name);
    let (pumped, kept) = (Arc::clone(&held), Arc::clone(&place));
    tokio::spawn(async move {
        pump(exchange, first, &pumped, name).await;
        pumped.streams.end(name);
        drop(kept);
    });
    Ok(events(reader.holding((place, InUse(held)))))
}

/// The answers to a batch, all in one stream, if there will be any (MCP 2025-03-26 basic/transports §Sending Messages).
async fn batch(held: Arc<Held>, out: Deliveries, headers: HeaderMap) -> Result<Response<Body>, Problem> {
    let said = |delivery: &Delivered| delivery.to == Side::Client || delivery.kind == Kind::Request;
    if !out.0.iter().any(said) {
        carry(&held, out, LOOSE, &headers).await;
        return Ok(empty(StatusCode::ACCEPTED));
    }
    let place = match held.visitor.place_for_stream() {
        Ok(place) => Arc::new(place),
        Err(full) => return Err(refuse_all(&held, out, full).await),
    };
    let name = held.streams.open(false);
    let reader = held.streams.read(name);
    let (carried, kept) = (Arc::clone(&held), Arc::clone(&place));
    tokio::spawn(async move {
        carry(&carried, out, name, &headers).await;
        carried.streams.end(name);
        drop(kept);
    });
    Ok(events(reader.holding((place, InUse(held)))))
}

/// Puts nothing of a batch to the server, as there is no place for what it would say.
async fn refuse_all(held: &Held, out: Deliveries, full: NoPlace) -> Problem {
    let mut unsaid = Deliveries::default();
    let mut decider = held.decider().await;
    for id in
        out.0.into_iter().filter(|delivery| delivery.to == Side::Server).filter_map(|delivery| delivery.id)
    {
        decider.answer_for_server(&id, &full.to_string(), code::TOO_MANY, Clock::now(), &mut unsaid).await;
    }
    no_room(full)
}

/// Brings messages that were decided upon to where they are to go, and what comes of them into one stream.
pub(super) async fn carry(held: &Arc<Held>, out: Deliveries, name: u64, headers: &HeaderMap) {
    let mut pumps = tokio::task::JoinSet::new();
    for delivery in out.0 {
        match (delivery.to, delivery.kind, delivery.id.clone()) {
            (Side::Client, ..) => held.streams.push(name, &delivery.line).await,
            (Side::Server, Kind::Request, Some(id)) => match put(held, id, delivery, headers).await {
                Ok(exchange) => {
                    let held = Arc::clone(held);
                    pumps.spawn(async move { pump(exchange, None, &held, name).await });
                }
                Err(Some(line)) => held.streams.push(name, &line).await,
                Err(None) => {}
            },
            (Side::Server, ..) => {
                let _ = held.tell(delivery.line, headers.clone()).await;
            }
        }
    }
    while pumps.join_next().await.is_some() {}
}

/// Puts a request to the server; if that cannot be done, what the client is told.
pub(super) async fn put(
    held: &Arc<Held>,
    id: Id,
    request: Delivered,
    headers: &HeaderMap,
) -> Result<Exchange, Option<Bytes>> {
    let patience = held.visitor.rules().and_then(|(_, rules)| rules.supervision.request_timeout);
    let deadline = patience.map(|patience| Instant::now() + patience);
    let place = match held.visitor.place_for_request() {
        Ok(place) => place,
        Err(full) => return Err(untold(held, &id, &Trouble::NoRoom(full.to_string())).await),
    };
    let asked = tokio::select! {
        asked = by(deadline, held.request(request.line, headers.clone())) => asked,
        () = held.abandons(&id) => {
            held.decider().await.forget(&id);
            return Err(None);
        }
    };
    match asked {
        Ok(replies) => {
            let party = Party::Held(Arc::clone(held));
            Ok(Exchange::new(party, held.link.clone(), replies, id, deadline).holding(place))
        }
        Err(trouble) => {
            if matches!(trouble, Trouble::TimedOut(_)) {
                forsake(held.link.clone(), &id);
            }
            Err(untold(held, &id, &trouble).await)
        }
    }
}

/// Answers a request that could not be put to the server; what the client is told.
async fn untold(held: &Held, id: &Id, trouble: &Trouble) -> Option<Bytes> {
    let mut out = Deliveries::default();
    let (reason, code) = (trouble.reason(), trouble.code());
    held.decider().await.answer_for_server(id, &reason, code, Clock::now(), &mut out).await;
    out.0.into_iter().next().map(|delivery| delivery.line)
}

/// Says in a stream what comes for a request, until its answer.
pub(super) async fn pump(mut exchange: Exchange, first: Option<Step>, held: &Held, name: u64) {
    let mut next = first;
    loop {
        match next.take() {
            Some(Step::Message { line, .. }) => held.streams.push(name, &line).await,
            Some(Step::Paused { retry }) => held.streams.pause(name, retry),
            None => {}
        }
        next = exchange.next().await;
        if next.is_none() {
            return;
        }
    }
}

/// What is to go to the server, if anything is.
fn to_server(out: &mut Deliveries) -> Option<Delivered> {
    let at = out.0.iter().position(|delivery| delivery.to == Side::Server)?;
    Some(out.0.swap_remove(at))
}

/// A name for a session that nobody can guess, and a mark for its events.
pub(super) fn fresh_key() -> Result<(Box<str>, u32), getrandom::Error> {
    let mut random = [0_u8; 20];
    getrandom::fill(&mut random)?;
    let mut tag = [0_u8; 4];
    let (name, mark) = random.split_at(16);
    tag.copy_from_slice(mark);
    let key: String = name.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok((key.into(), u32::from_le_bytes(tag)))
}
