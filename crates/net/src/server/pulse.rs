use std::{
    pin::Pin,
    sync::{
        Arc, OnceLock,
        atomic::{
            AtomicBool, AtomicU64, AtomicUsize,
            Ordering::{Acquire, Relaxed, Release},
        },
    },
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::time::{Instant, Sleep};

use super::{Draining, Limits, after, hygiene::Smell};

/// What a connection is doing, as far as those who drive it, read it and answer on it tell each other.
#[derive(Debug)]
pub(super) struct Pulse {
    born: Instant,
    /// Whether the server is about to end.
    pub(super) draining: Draining,
    exchanges: AtomicUsize,
    /// Milliseconds of its life when it last began to wait for its client.
    waiting_since: AtomicU64,
    within_head: AtomicBool,
    heads: AtomicU64,
    called: AtomicU64,
    /// Which head was bad, counted from 1.
    bad: OnceLock<(u64, Smell)>,
}

/// A request under way, until the last byte of its response has been handed over or nobody wants it any more.
#[derive(Debug)]
pub(super) struct Exchange(Arc<Pulse>);

impl Exchange {
    /// Whether the server is about to end.
    pub(super) fn is_last(&self) -> bool {
        self.0.draining.has_begun()
    }
}

impl Pulse {
    /// A connection on which the first request is awaited.
    pub(super) fn new(draining: Draining) -> Arc<Self> {
        Arc::new(Self {
            draining,
            born: Instant::now(),
            exchanges: AtomicUsize::new(0),
            waiting_since: AtomicU64::new(0),
            within_head: AtomicBool::new(true),
            heads: AtomicU64::new(0),
            called: AtomicU64::new(0),
            bad: OnceLock::new(),
        })
    }

    /// Takes note of what has been read.
    pub(super) fn read(&self, heads: u64, within_head: bool) {
        self.heads.store(heads, Relaxed);
        if self.within_head.swap(within_head, Relaxed) != within_head && within_head {
            self.waits();
        }
    }

    /// Takes note of what is wrong with the head that is being read.
    pub(super) fn smells(&self, heads: u64, smell: Smell) {
        let _the_first_counts = self.bad.set((heads + 1, smell));
    }

    /// The next HTTP/1.1 request is about to be answered: is it the one that was read, and was it fine?
    pub(super) fn next_head(&self) -> Result<(), Smell> {
        let called = self.called.fetch_add(1, Relaxed) + 1;
        match self.bad.get() {
            Some((bad, smell)) if *bad <= called => Err(*smell),
            None if called > self.heads.load(Relaxed) => Err(Smell::Unclear),
            _ => Ok(()),
        }
    }

    /// A request is under way until what is returned is dropped.
    pub(super) fn exchange(self: &Arc<Self>) -> Exchange {
        self.exchanges.fetch_add(1, Relaxed);
        Exchange(self.clone())
    }

    /// Whether all requests that were read have been answered.
    pub(super) fn is_at_rest(&self) -> bool {
        self.exchanges.load(Acquire) == 0 && self.called.load(Relaxed) == self.heads.load(Relaxed)
    }

    /// Ready when the client had to send something and has not, or has been `idle` for so long. `timer` may end earlier
    /// than asked for: it is only set again when it has ended, which costs a busy connection next to nothing.
    pub(super) fn poll_late(
        &self,
        limits: &Limits,
        idle: Duration,
        mut timer: Pin<&mut Sleep>,
        cx: &mut Context<'_>,
    ) -> Poll<()> {
        loop {
            let deadline = self.deadline(limits.header_timeout, idle);
            if let Some(deadline) = deadline
                && deadline < timer.deadline()
            {
                timer.as_mut().reset(deadline);
            }
            ready!(timer.as_mut().poll(cx));
            let now = Instant::now();
            match deadline {
                Some(deadline) if deadline <= now => return Poll::Ready(()),
                Some(deadline) => timer.as_mut().reset(deadline),
                None => timer.as_mut().reset(after(now, limits.idle_timeout)),
            }
        }
    }

    /// Until when the client must have sent something; none while it is our turn.
    fn deadline(&self, head: Duration, idle: Duration) -> Option<Instant> {
        if self.exchanges.load(Acquire) > 0 {
            return None;
        }
        let patience = if self.within_head.load(Relaxed) { head } else { idle };
        let since = Duration::from_millis(self.waiting_since.load(Relaxed));
        Some(after(self.born, since.saturating_add(patience)))
    }

    fn waits(&self) {
        let life = self.born.elapsed().as_millis();
        self.waiting_since.store(u64::try_from(life).unwrap_or(u64::MAX), Relaxed);
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        // In this order: whoever sees the last exchange gone must see since when.
        self.0.waits();
        self.0.exchanges.fetch_sub(1, Release);
    }
}
