//! The transport of MCP 2024-11-05: one stream of events for all a session says, and an endpoint for what is said to it.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use net::server::{Body, Incoming};
use tokio::sync::OnceCell;
use wire::{Kind, Method, ProtocolError, code};

use super::{
    detached::detached,
    held::Held,
    legacy::{self, Decided, Started},
    places::Place,
    respond::{Problem, empty, events},
    shared::Shared,
    streamable::{At, body_of, deny, lane, no_room, read, told},
    streams::{Keep, LOOSE, Streams},
};
use crate::{
    Clock,
    session::{Deliveries, Denial},
};

/// How often it is looked whether answers are still owed when all is to end.
const LOOK: Duration = Duration::from_millis(50);

/// The streams that are open, by the name their clients post to.
#[derive(Default)]
pub(super) struct Doors {
    by_key: Mutex<HashMap<Box<str>, Arc<OneStream>>>,
}

/// A client with one stream.
pub(super) struct OneStream {
    at: At,
    streams: Arc<Streams>,
    /// `initialize` was taken to the server, which may take a while: there is no second one meanwhile.
    beginning: AtomicBool,
    /// From the answer to `initialize` on.
    held: OnceCell<Arc<Held>>,
}

impl Doors {
    /// Ends each stream once the answers its client waits for are in it, or when the time is over.
    pub(super) fn drain(&self, within: Duration) {
        let until = Instant::now() + within;
        let open: Vec<_> = {
            let streams = self.by_key.lock().unwrap_or_else(PoisonError::into_inner);
            streams.values().map(Arc::clone).collect()
        };
        for stream in open {
            tokio::spawn(async move {
                while let Some(held) = stream.held.get()
                    && held.decider().await.waiting() > 0
                    && Instant::now() < until
                {
                    tokio::time::sleep(LOOK).await;
                }
                stream.streams.end(LOOSE);
            });
        }
    }

    /// Ends the streams of these callers, and their sessions with them.
    pub(super) fn end_those(&self, those: impl Fn(&At) -> bool) {
        for stream in self.by_key.lock().unwrap_or_else(PoisonError::into_inner).values() {
            if those(&stream.at) {
                stream.streams.end_all();
            }
        }
    }

    /// The stream of that name, if it is this caller's, on the way that now leads to the server.
    fn find(&self, key: &str, at: &At) -> Option<Arc<OneStream>> {
        let stream = self.by_key.lock().unwrap_or_else(PoisonError::into_inner).get(key).map(Arc::clone)?;
        let theirs = stream.at.visitor.is_like(&at.visitor) && stream.at.route.leads_where(&at.route);
        theirs.then_some(stream)
    }

    fn insert(&self, key: Box<str>, stream: Arc<OneStream>) {
        self.by_key.lock().unwrap_or_else(PoisonError::into_inner).insert(key, stream);
    }

    fn remove(&self, key: &str) -> Option<Arc<OneStream>> {
        self.by_key.lock().unwrap_or_else(PoisonError::into_inner).remove(key)
    }
}

/// Ends the session when its stream is not read any more: nobody could come back to it.
struct Leave {
    shared: Arc<Shared>,
    key: Box<str>,
    _place: Place,
}

impl Drop for Leave {
    fn drop(&mut self) {
        let Some(stream) = self.shared.doors.remove(&self.key) else { return };
        if let Some(held) = stream.held.get().cloned() {
            tokio::spawn(async move { held.close().await });
        }
    }
}

/// `GET /sse/{server}`: opens the stream. Its first event says where to post to.
pub(super) fn open(at: At, messages: &str) -> Result<Response<Body>, Problem> {
    let shared = Arc::clone(&at.shared);
    let full = |text: &str| Problem::new(StatusCode::SERVICE_UNAVAILABLE, text);
    let stream = at.visitor.place_for_stream().map_err(no_room)?;
    let limits = shared.policy().gateway().limits.clone();
    let place = shared.places.session(at.user(), &limits).map_err(no_room)?;
    let (key, tag) = legacy::fresh_key().map_err(|_| full("no session could be begun"))?;
    let keep = Keep { events: limits.event_store_events, bytes: limits.event_store_bytes };
    let streams = Arc::new(Streams::new(tag, keep));
    streams.announce(format!("{messages}?sessionId={key}").as_bytes());
    let leave = Leave { shared: Arc::clone(&shared), key: key.clone(), _place: place };
    let reader = streams.read(LOOSE).holding((stream, leave));
    let (beginning, held) = (AtomicBool::new(false), OnceCell::new());
    shared.doors.insert(key, Arc::new(OneStream { at, streams, beginning, held }));
    Ok(events(reader))
}

/// `POST /messages/{server}?sessionId=…`: one message. What comes of it is said in the stream.
pub(super) async fn post(at: At, request: Request<Incoming>) -> Result<Response<Body>, Problem> {
    let (head, body) = request.into_parts();
    let query = head.uri.query().unwrap_or_default();
    let key = query.split('&').find_map(|pair| pair.strip_prefix("sessionId="));
    let Some(stream) = key.and_then(|key| at.shared.doors.find(key, &at)) else {
        return Err(Problem::new(StatusCode::NOT_FOUND, "there is no such session; open its stream first"));
    };
    let body = body_of(&at, &head.headers, body).await?;
    let arrived = Clock::now();
    match stream.held.get().cloned() {
        Some(held) => detached(say(held, body, arrived)).await,
        None => begin(&at, &stream, &body, arrived).await,
    }
}

async fn begin(
    at: &At,
    stream: &Arc<OneStream>,
    body: &Bytes,
    arrived: Clock,
) -> Result<Response<Body>, Problem> {
    let mut lane = lane(&at.visitor)?;
    let frame = match read(&mut lane, body, arrived).await? {
        Ok(frame) => frame,
        Err(response) => return Ok(response),
    };
    let initializes = frame.kind() == Kind::Request
        && frame.method().is_some_and(|method| method == Method::Initialize.name());
    if !initializes || stream.beginning.swap(true, Ordering::AcqRel) {
        let text = "begin with `initialize`, and wait for its answer";
        let error = ProtocolError::new(None, code::INVALID_REQUEST, text);
        let denial = Denial::Prescribed("session.missing", error);
        return Ok(deny(&mut lane, frame, body.len(), denial, arrived).await);
    }
    let (at, stream, bytes) = (at.clone(), Arc::clone(stream), body.len());
    tokio::spawn(async move {
        let streams = Arc::clone(&stream.streams);
        let started =
            legacy::start(&at, lane, frame, http::HeaderMap::new(), bytes, arrived, Some(streams)).await;
        match started {
            Ok(Started::Held(held, line)) => {
                held.listen();
                let _ = stream.held.set(Arc::clone(&held));
                if stream.streams.readers() == 0 {
                    // The client left before there was anything to end.
                    return held.close().await;
                }
                stream.streams.push(LOOSE, &line).await;
            }
            Ok(Started::Refused(line)) => {
                stream.beginning.store(false, Ordering::Release);
                stream.streams.push(LOOSE, &line).await;
            }
            Err(_) => stream.streams.end_all(),
        }
    });
    Ok(empty(StatusCode::ACCEPTED))
}

async fn say(held: Arc<Held>, body: Bytes, arrived: Clock) -> Result<Response<Body>, Problem> {
    let mut out = Deliveries::default();
    if let Decided::Unreadable = legacy::decide(&held, &body, arrived, &mut out).await {
        return Ok(told(out, StatusCode::BAD_REQUEST));
    }
    tokio::spawn(async move { legacy::carry(&held, out, LOOSE, &http::HeaderMap::new()).await });
    Ok(empty(StatusCode::ACCEPTED))
}
