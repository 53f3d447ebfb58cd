//! A client's session with a server (MCP up to 2025-11-25): lives on over its connections, and over the server's death.

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use bytes::Bytes;
use http::HeaderMap;
use tokio::sync::{MutexGuard, watch};
use wire::{Id, Kind, Oversized};

use super::{
    decider::{Decider, Visitor},
    exchange::by,
    streamable::At,
    streams::{LOOSE, Streams},
};
use crate::{
    Clock, Side,
    link::{LATE, Link, Replies, Reply, Route, Trouble},
    session::{Delivered, Deliveries, Within},
};

/// How long a server that took the place of another may take for each thing it is told.
const RETELLING: Duration = Duration::from_secs(30);

/// See the module.
pub(super) struct Held {
    /// The value of `Mcp-Session-Id`. A handle, no credential: it is looked up for its principal alone.
    pub(super) key: Box<str>,
    pub(super) visitor: Arc<Visitor>,
    /// The way it was begun on.
    pub(super) route: Arc<Route>,
    pub(super) link: Link,
    pub(super) streams: Arc<Streams>,
    /// Everything goes into one stream, as in MCP 2024-11-05.
    pub(super) one_stream: bool,
    decider: tokio::sync::Mutex<Box<Decider>>,
    /// How often the server has had to be told everything again.
    lives: AtomicU64,
    /// It was begun and did not come to its end: nothing else is put to the server before it has.
    half_told: AtomicBool,
    listening: AtomicBool,
    used: Mutex<Instant>,
    /// Counts what may have been a cancellation.
    cancels: watch::Sender<u64>,
    closed: watch::Sender<bool>,
}

impl Held {
    pub(super) fn new(
        key: Box<str>,
        at: &At,
        link: Link,
        decider: Box<Decider>,
        streams: Arc<Streams>,
        one_stream: bool,
    ) -> Self {
        Self {
            key,
            visitor: Arc::clone(&at.visitor),
            route: Arc::clone(&at.route),
            link,
            streams,
            one_stream,
            decider: decider.into(),
            lives: AtomicU64::default(),
            half_told: AtomicBool::default(),
            listening: AtomicBool::default(),
            used: Instant::now().into(),
            cancels: watch::Sender::new(0),
            closed: watch::Sender::new(false),
        }
    }

    /// What decides its messages, by the rules now in force. One at a time.
    pub(super) async fn decider(&self) -> MutexGuard<'_, Box<Decider>> {
        let mut decider = self.decider.lock().await;
        if let Some((policy, rules)) = self.visitor.rules() {
            decider.renew(&policy, &rules);
        }
        decider
    }

    /// Puts a request, which was decided upon, to the server. One that has forgotten the session is told it again first.
    pub(super) async fn request(&self, line: Bytes, headers: HeaderMap) -> Result<Replies, Trouble> {
        let life = self.lives.load(Ordering::Acquire);
        if !self.half_told.load(Ordering::Acquire) {
            match self.link.request(line.clone(), headers.clone()).await {
                Err(Trouble::Lost(_)) => {}
                done => return done,
            }
        }
        self.recover(life).await?;
        self.link.request(line, headers).await
    }

    /// Tells the server what it does not answer. It may be a cancellation.
    pub(super) async fn tell(&self, line: Bytes, headers: HeaderMap) -> Result<(), Trouble> {
        self.cancels.send_modify(|count| *count += 1);
        let life = self.lives.load(Ordering::Acquire);
        if !self.half_told.load(Ordering::Acquire) {
            match self.link.tell(line.clone(), headers.clone()).await {
                Err(Trouble::Lost(_)) => {}
                done => return done,
            }
        }
        self.recover(life).await?;
        self.link.tell(line, headers).await
    }

    /// Tells a server that has forgotten the session what the client had told it, unless somebody has since `life`.
    async fn recover(&self, life: u64) -> Result<(), Trouble> {
        let mut decider = self.decider().await;
        if self.lives.load(Ordering::Acquire) != life {
            return Ok(());
        }
        if !decider.has_history() {
            return Err(Trouble::Gone("the server has forgotten the session".to_owned()));
        }
        self.half_told.store(true, Ordering::Release);
        self.link.reset();
        let mut out = Deliveries::default();
        decider.restore(Clock::now(), &mut out).await;
        let mut todo = VecDeque::from(out.0);
        while let Some(next) = todo.pop_front() {
            if next.to == Side::Client {
                self.say_loosely(next).await;
            } else if let (Kind::Request, Some(id)) = (next.kind, next.id) {
                let until = Some(Instant::now() + RETELLING);
                let mut replies = by(until, self.link.request(next.line, HeaderMap::new())).await?;
                while decider.is_waiting(&id) {
                    let reply = tokio::time::timeout(RETELLING, replies.next()).await;
                    let silent = || Trouble::TimedOut("the server did not take up the session".to_owned());
                    match reply.map_err(|_| silent())? {
                        Some(Ok(Reply::Message(body))) => {
                            let mut out = Deliveries::default();
                            decider.hear(&body, Within::Exchange(&id), Clock::now(), &mut out).await;
                            todo.extend(out.0);
                        }
                        Some(Ok(_)) => {}
                        Some(Err(trouble)) => return Err(trouble),
                        None => return Err(silent()),
                    }
                }
            } else {
                let until = Some(Instant::now() + RETELLING);
                by(until, self.link.tell(next.line, HeaderMap::new())).await?;
            }
        }
        if let Some(why) = decider.not_restored() {
            return Err(Trouble::Gone(format!("the server did not take up the session again: {why}")));
        }
        self.lives.fetch_add(1, Ordering::AcqRel);
        self.half_told.store(false, Ordering::Release);
        Ok(())
    }

    /// From now on hears what the server says by itself.
    pub(super) fn listen(self: &Arc<Self>) {
        if self.listening.swap(true, Ordering::AcqRel) {
            return;
        }
        let (link, closed, held) = (self.link.clone(), self.closed.subscribe(), Arc::downgrade(self));
        tokio::spawn(listen(link, closed, held));
    }

    async fn hear(&self, body: &Bytes) {
        let mut out = Deliveries::default();
        self.decider().await.hear(body, Within::None, Clock::now(), &mut out).await;
        self.hand_on(out).await;
    }

    async fn hear_too_long(&self, over: Oversized) {
        let mut out = Deliveries::default();
        self.decider().await.hear_too_long(over, Clock::now(), &mut out).await;
        self.hand_on(out).await;
    }

    async fn hand_on(&self, out: Deliveries) {
        for delivery in out.0 {
            match delivery.to {
                Side::Client => self.say_loosely(delivery).await,
                Side::Server => {
                    let _ = self.link.tell(delivery.line, HeaderMap::new()).await;
                }
            }
        }
    }

    /// Says something to the client that belongs to no request, where it can be heard.
    async fn say_loosely(&self, delivery: Delivered) {
        if !self.one_stream
            && !self.streams.loose_is_read()
            && let Some(name) = self.streams.youngest()
        {
            return self.streams.push(name, &delivery.line).await;
        }
        self.streams.push(LOOSE, &delivery.line).await;
    }

    /// Changes whenever the client may have cancelled something, and at once, as it may have done so already.
    pub(super) fn cancels(&self) -> watch::Receiver<u64> {
        let mut cancels = self.cancels.subscribe();
        cancels.mark_changed();
        cancels
    }

    /// Waits until the client wants no answer to this request any more: it has cancelled it a while ago, as the answer may
    /// be on its way, or the session is over.
    pub(super) async fn abandons(&self, id: &Id) {
        let mut cancels = self.cancels.subscribe();
        while !self.decider().await.is_cancelled(id) {
            if self.is_closed() || cancels.changed().await.is_err() {
                return;
            }
        }
        tokio::time::sleep(LATE).await;
    }

    pub(super) fn is_closed(&self) -> bool {
        *self.closed.borrow()
    }

    /// Somebody uses it.
    pub(super) fn touch(&self) {
        *self.used.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    /// Since when nobody uses it; `None` while somebody reads a stream, or waits for an answer.
    pub(super) fn idle_since(&self) -> Option<Instant> {
        // While it decides something it is in use.
        let waits = self.decider.try_lock().map_or(true, |decider| decider.waiting() > 0);
        let used = *self.used.lock().unwrap_or_else(PoisonError::into_inner);
        (!waits && self.streams.readers() == 0).then_some(used)
    }

    /// Ends it.
    pub(super) async fn close(&self) {
        self.closed.send_replace(true);
        self.cancels.send_modify(|count| *count += 1);
        self.streams.end_all();
        self.link.close().await;
    }
}

/// A stream of the session that somebody reads: from its end on the session is idle.
pub(super) struct InUse(pub(super) Arc<Held>);

impl Drop for InUse {
    fn drop(&mut self) {
        self.0.touch();
    }
}

async fn listen(link: Link, mut closed: watch::Receiver<bool>, held: Weak<Held>) {
    loop {
        let news = tokio::select! {
            news = link.unsolicited() => news,
            _ = closed.wait_for(|closed| *closed) => return,
        };
        let (Some(news), Some(held)) = (news, held.upgrade()) else { return };
        match news {
            Ok(Reply::Message(body)) => held.hear(&body).await,
            Ok(Reply::TooLong(over)) => held.hear_too_long(*over).await,
            Ok(Reply::Primed | Reply::Paused { .. }) => {}
            Err(Trouble::Lost(_)) => {
                // If it cannot be done now, the next request tries again.
                let life = held.lives.load(Ordering::Acquire);
                let _ = held.recover(life).await;
            }
            Err(_) => {}
        }
    }
}
