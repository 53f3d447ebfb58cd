//! The event streams of one session: what was said in them is kept for a while, so that a client that lost its
//! connection can go on where it was (MCP 2025-11-25 basic/transports §Resumability). Only what was decided upon
//! gets here.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, VecDeque},
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
    time::Duration,
};

use bytes::Bytes;
use net::server::{Chunks, Cut};
use tokio::time::{Instant, Sleep};
use wire::sse;

/// How often a silent stream shows that it is alive; intermediaries give up after 30 s to 60 s.
pub(super) const KEEP_ALIVE: Duration = Duration::from_secs(20);

/// Ended streams that are kept for a client that comes back.
const ENDED: usize = 16;

/// What one session keeps, in all its streams together.
#[derive(Debug, Clone, Copy)]
pub(super) struct Keep {
    /// Events.
    pub(super) events: usize,
    /// Bytes.
    pub(super) bytes: usize,
}

/// The streams of one session.
pub(super) struct Streams {
    /// In every event id, so that one of another session cannot be taken for one of ours.
    tag: u32,
    keep: Keep,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    last: u64,
    streams: BTreeMap<u64, Stream>,
    /// What all streams hold.
    kept: Kept,
}

#[derive(Default)]
struct Kept {
    events: usize,
    bytes: usize,
}

impl Kept {
    fn is_beyond(&self, keep: Keep) -> bool {
        self.events > keep.events || self.bytes > keep.bytes
    }
}

#[derive(Default)]
struct Stream {
    /// The number of the first event that is kept.
    first: u64,
    events: VecDeque<Bytes>,
    ended: bool,
    /// The reader is to go away once it has this much, and to come back.
    pause: Option<u64>,
    /// Which reader is the last to have come; older ones end.
    reader: u64,
    attached: bool,
    /// What the reader reads next.
    next: u64,
    /// Where a reader began that replaced another without going on for it.
    replaced: u64,
    wakes_reader: Option<Waker>,
    /// Several exchanges may speak in one stream.
    wakes_writers: Vec<Waker>,
}

/// Names a stream of a session. The one that belongs to no request has a fixed name.
pub(super) type Name = u64;

/// The stream for what belongs to no request.
pub(super) const LOOSE: Name = 0;

impl Streams {
    pub(super) fn new(tag: u32, keep: Keep) -> Self {
        Self { tag, keep, inner: Mutex::default() }
    }

    /// Begins a stream. With `primed` a client can resume it before its first message.
    pub(super) fn open(&self, primed: bool) -> Name {
        let mut inner = self.lock();
        inner.last += 1;
        let name = inner.last;
        inner.streams.insert(name, Stream::default());
        let done = inner.streams.iter().filter(|(_, stream)| stream.is_over());
        let done: Vec<_> = done.map(|(name, _)| *name).collect();
        for name in done.iter().take(done.len().saturating_sub(ENDED)) {
            inner.remove(*name);
        }
        if primed {
            self.add(&mut inner, name, b"", None);
        }
        name
    }

    /// Adds a message to a stream; waits while a reader is there that lags behind, so that what is unread stays bounded.
    pub(super) async fn push(&self, name: Name, line: &[u8]) {
        std::future::poll_fn(|cx| {
            let mut inner = self.lock();
            if name == LOOSE {
                inner.streams.entry(LOOSE).or_default();
            }
            let full = inner.kept.events >= self.keep.events || inner.kept.bytes > self.keep.bytes;
            let must_wait = full && inner.spare(name).is_none();
            let Some(stream) = inner.streams.get_mut(&name) else { return Poll::Ready(()) };
            if must_wait && stream.lags() {
                if !stream.wakes_writers.iter().any(|waker| waker.will_wake(cx.waker())) {
                    stream.wakes_writers.push(cx.waker().clone());
                }
                return Poll::Pending;
            }
            self.add(&mut inner, name, line, None);
            Poll::Ready(())
        })
        .await;
    }

    /// Says where messages are to be posted to (MCP 2024-11-05 basic/transports §HTTP with SSE).
    pub(super) fn announce(&self, endpoint: &[u8]) {
        let mut event = Vec::new();
        sse::write_event(&mut event, None, None, Some("endpoint"), endpoint);
        let mut inner = self.lock();
        inner.streams.entry(LOOSE).or_default();
        inner.push(LOOSE, event.into());
    }

    /// Sends the reader of a stream away, to come back after `retry` milliseconds.
    pub(super) fn pause(&self, name: Name, retry: Option<u64>) {
        let mut inner = self.lock();
        self.add(&mut inner, name, b"", Some(retry.unwrap_or(1000)));
        if let Some(stream) = inner.streams.get_mut(&name) {
            stream.pause = Some(stream.first + stream.events.len() as u64);
        }
    }

    /// Nothing more is said in a stream.
    pub(super) fn end(&self, name: Name) {
        if let Some(stream) = self.lock().streams.get_mut(&name) {
            stream.ended = true;
            wake(&mut stream.wakes_reader);
        }
    }

    /// Ends all streams: the session is over.
    pub(super) fn end_all(&self) {
        for stream in self.lock().streams.values_mut() {
            stream.ended = true;
            wake(&mut stream.wakes_reader);
            stream.wake_writers();
        }
    }

    /// Streams somebody reads.
    pub(super) fn readers(&self) -> usize {
        self.lock().streams.values().filter(|stream| stream.attached).count()
    }

    /// Whether somebody reads what belongs to no request.
    pub(super) fn loose_is_read(&self) -> bool {
        self.lock().streams.get(&LOOSE).is_some_and(|stream| stream.attached)
    }

    /// The youngest stream of a request that somebody reads and that has not ended.
    pub(super) fn youngest(&self) -> Option<Name> {
        let inner = self.lock();
        let live = |stream: &Stream| stream.attached && !stream.ended;
        inner
            .streams
            .iter()
            .rev()
            .find(|(name, stream)| **name != LOOSE && live(stream))
            .map(|(name, _)| *name)
    }

    /// Reads a stream: the loose one is begun by its first reader. An older reader of it ends.
    pub(super) fn read(self: &Arc<Self>, name: Name) -> Reader {
        let mut inner = self.lock();
        let stream = inner.streams.entry(name).or_default();
        let next = stream.next.max(stream.first);
        if stream.attached {
            stream.replaced = next;
        }
        Reader::new(Arc::clone(self), name, stream, next)
    }

    /// Goes on after the event of this id; `None` if it is none of ours or is not kept any more.
    pub(super) fn resume(self: &Arc<Self>, last: &str) -> Option<Resumed> {
        let mut parts = last.split('-');
        let tag = u32::from_str_radix(parts.next()?, 16).ok()?;
        let (name, seen) = (parts.next()?.parse().ok()?, parts.next()?.parse::<u64>().ok()?);
        if tag != self.tag || parts.next().is_some() {
            return None;
        }
        let mut inner = self.lock();
        let stream = inner.streams.get_mut(&name)?;
        let next = seen.checked_add(1)?;
        let end = stream.first + stream.events.len() as u64;
        if next < stream.first || next > end {
            return None;
        }
        // A client with two connections would otherwise have each take the other's place, for ever.
        if stream.ended && next == end || stream.attached && next <= stream.replaced {
            return Some(Resumed::Over);
        }
        Some(Resumed::Reader(Reader::new(Arc::clone(self), name, stream, next)))
    }

    fn add(&self, inner: &mut Inner, name: Name, line: &[u8], retry: Option<u64>) {
        let Some(stream) = inner.streams.get_mut(&name) else { return };
        let number = stream.first + stream.events.len() as u64;
        let id = format!("{:x}-{name}-{number}", self.tag);
        let mut event = Vec::with_capacity(line.len() + 48);
        let kind = (!line.is_empty()).then_some("message");
        sse::write_event(&mut event, Some(&id), retry, kind, line);
        wake(&mut stream.wakes_reader);
        inner.push(name, event.into());
        while inner.kept.is_beyond(self.keep)
            && let Some(spare) = inner.spare(name)
        {
            inner.drop_oldest(spare);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn push(&mut self, name: Name, event: Bytes) {
        if let Some(stream) = self.streams.get_mut(&name) {
            self.kept.events += 1;
            self.kept.bytes += event.len();
            stream.events.push_back(event);
        }
    }

    /// The stream that can best do without its oldest event: one that has ended, the oldest of these, or else the one that
    /// has most. No reader loses what it has not read, and what was said last in `latest` stays.
    fn spare(&self, latest: Name) -> Option<Name> {
        let can_spare = |name: Name, stream: &Stream| {
            let last = usize::from(name == latest);
            stream.read().min(stream.events.len().saturating_sub(last)) > 0
        };
        let candidates = self.streams.iter().filter(|(name, stream)| can_spare(**name, stream));
        let best = candidates.max_by_key(|(name, stream)| match stream.is_over() {
            true => (true, 0, Reverse(**name)),
            false => (false, stream.events.len(), Reverse(**name)),
        });
        best.map(|(name, _)| *name)
    }

    /// Drops the oldest event of a stream.
    fn drop_oldest(&mut self, name: Name) {
        let Some(stream) = self.streams.get_mut(&name) else { return };
        let Some(event) = stream.events.pop_front() else { return };
        stream.first += 1;
        self.kept.events -= 1;
        self.kept.bytes -= event.len();
        if stream.events.is_empty() && stream.is_over() {
            self.streams.remove(&name);
        }
    }

    fn remove(&mut self, name: Name) {
        if let Some(stream) = self.streams.remove(&name) {
            self.kept.events -= stream.events.len();
            self.kept.bytes -= stream.events.iter().map(Bytes::len).sum::<usize>();
        }
    }
}

impl Stream {
    /// Nothing more is said in it, and nobody reads it.
    fn is_over(&self) -> bool {
        self.ended && !self.attached
    }

    /// How many events from the first on nobody waits for.
    fn read(&self) -> usize {
        match self.attached {
            true => usize::try_from(self.next.saturating_sub(self.first)).unwrap_or(usize::MAX),
            false => self.events.len(),
        }
    }

    /// Whether there is a reader that has not read all.
    fn lags(&self) -> bool {
        self.attached && self.next < self.first + self.events.len() as u64
    }

    fn wake_writers(&mut self) {
        self.wakes_writers.drain(..).for_each(Waker::wake);
    }
}

fn wake(waker: &mut Option<Waker>) {
    if let Some(waker) = waker.take() {
        waker.wake();
    }
}

/// What becomes of a stream a client comes back to.
pub(super) enum Resumed {
    /// It goes on.
    Reader(Reader),
    /// All of it was said, or another connection reads what follows.
    Over,
}

/// One connection that reads a stream.
pub(super) struct Reader {
    streams: Arc<Streams>,
    name: Name,
    generation: u64,
    next: u64,
    keep_alive: Pin<Box<Sleep>>,
    /// Runs while somebody reads.
    _held: Option<Box<dyn Send>>,
}

impl Reader {
    fn new(streams: Arc<Streams>, name: Name, stream: &mut Stream, next: u64) -> Self {
        stream.reader += 1;
        stream.attached = true;
        stream.pause = None;
        stream.next = next;
        wake(&mut stream.wakes_reader);
        let keep_alive = Box::pin(tokio::time::sleep(KEEP_ALIVE));
        Self { streams, name, generation: stream.reader, next, keep_alive, _held: None }
    }

    /// Keeps something as long as this connection reads.
    pub(super) fn holding(mut self, held: impl Send + 'static) -> Self {
        self._held = Some(Box::new(held));
        self
    }
}

impl Chunks for Reader {
    fn poll_chunk(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Cut>>> {
        let streams = Arc::clone(&self.streams);
        let mut inner = streams.lock();
        let Some(stream) = inner.streams.get_mut(&self.name) else { return Poll::Ready(None) };
        if stream.reader != self.generation {
            return Poll::Ready(None);
        }
        // What was dropped before it was read is gone; a reader that lags so far behind goes on after it.
        self.next = self.next.max(stream.first);
        if stream.pause.is_some_and(|at| self.next >= at) {
            return Poll::Ready(None);
        }
        let index = usize::try_from(self.next - stream.first).unwrap_or(usize::MAX);
        if let Some(event) = stream.events.get(index).cloned() {
            self.next += 1;
            stream.next = self.next;
            stream.wake_writers();
            self.keep_alive.as_mut().reset(Instant::now() + KEEP_ALIVE);
            return Poll::Ready(Some(Ok(event)));
        }
        if stream.ended {
            return Poll::Ready(None);
        }
        stream.wakes_reader = Some(cx.waker().clone());
        if self.keep_alive.as_mut().poll(cx).is_ready() {
            self.keep_alive.as_mut().reset(Instant::now() + KEEP_ALIVE);
            return Poll::Ready(Some(Ok(Bytes::from_static(sse::COMMENT))));
        }
        Poll::Pending
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        let mut inner = self.streams.lock();
        if let Some(stream) = inner.streams.get_mut(&self.name)
            && stream.reader == self.generation
        {
            stream.attached = false;
            stream.wake_writers();
        }
    }
}

#[cfg(test)]
mod tests;
