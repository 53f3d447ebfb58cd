//! One request of a client on its way through: what comes back for it, decided message by message.

use std::{
    collections::VecDeque,
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use http::HeaderMap;
use tokio::sync::watch;
use wire::{Id, Kind};

use super::{
    decider::{Deciding, Lane, Visitor},
    held::Held,
    places::{NoPlace, Place},
};
use crate::{
    Clock, Side,
    link::{LATE, Link, Replies, Reply, Trouble},
    session::{Deliveries, Stateless, Within},
};

/// Who decides an exchange.
pub(super) enum Party {
    /// It stands for itself (MCP 2026-07-28).
    Lane(Lane, Stateless),
    /// It belongs to a session.
    Held(Arc<Held>),
}

impl Party {
    async fn decider(&mut self) -> Option<Deciding<'_>> {
        match self {
            Self::Lane(lane, _) => lane.get().map(Deciding::Own),
            Self::Held(held) => Some(Deciding::Held(held.decider().await)),
        }
    }

    fn visitor(&self) -> &Visitor {
        match self {
            Self::Lane(lane, _) => lane.visitor(),
            Self::Held(held) => &held.visitor,
        }
    }

    fn is_held(&self) -> bool {
        matches!(self, Self::Held(_))
    }
}

/// A request that was put to the server.
pub(super) struct Exchange {
    party: Party,
    link: Link,
    replies: Replies,
    id: Id,
    deadline: Option<Instant>,
    /// Changes when the client cancels something, in a session.
    cancels: Option<watch::Receiver<u64>>,
    /// The client has cancelled this.
    cancelled: bool,
    ready: VecDeque<Step>,
    done: bool,
    /// Among the requests of its principal.
    _place: Option<Place>,
}

enum Happened {
    Reply(Option<Result<Reply, Trouble>>),
    TooLate,
    Cancelled,
}

/// What comes next for the client.
#[derive(Debug)]
pub(super) enum Step {
    /// A message.
    Message {
        /// Without a line ending.
        line: Bytes,
        /// It is the answer, and nothing comes after it.
        last: bool,
    },
    /// The stream was closed by the server, and goes on after this many milliseconds.
    Paused { retry: Option<u64> },
}

impl Exchange {
    pub(super) fn new(party: Party, link: Link, replies: Replies, id: Id, deadline: Option<Instant>) -> Self {
        let cancels = match &party {
            Party::Held(held) => Some(held.cancels()),
            Party::Lane(..) => None,
        };
        let (cancelled, done) = (false, false);
        let ready = VecDeque::new();
        Self { party, link, replies, id, deadline, cancels, cancelled, ready, done, _place: None }
    }

    /// Keeps this place until it is over.
    pub(super) fn holding(self, place: Place) -> Self {
        Self { _place: Some(place), ..self }
    }

    /// Gives up on what the server says, as there is no place for it; what the client is told.
    pub(super) async fn refuse(mut self, full: NoPlace) -> Option<Bytes> {
        if self.party.is_held() {
            forsake(self.link.clone(), &self.id);
        }
        self.fail(&Trouble::NoRoom(full.to_string())).await;
        match self.ready.pop_front()? {
            Step::Message { line, .. } => Some(line),
            Step::Paused { .. } => None,
        }
    }

    /// Whether several messages may come; `None` when only the first will tell.
    pub(super) fn is_stream(&self) -> Option<bool> {
        self.replies.is_stream()
    }

    pub(super) fn is_done(&self) -> bool {
        self.done && self.ready.is_empty()
    }

    /// What comes next; `None` after the answer. To be dropped only together with the exchange: a message that has come
    /// would be lost while it is decided upon.
    pub(super) async fn next(&mut self) -> Option<Step> {
        self.next_by(None).await
    }

    /// The same, but `None` also when the server says nothing for so long; then the exchange is not done.
    pub(super) async fn next_within(&mut self, patience: Duration) -> Option<Step> {
        self.next_by(Some(Instant::now() + patience)).await
    }

    async fn next_by(&mut self, silent: Option<Instant>) -> Option<Step> {
        loop {
            if let Some(step) = self.ready.pop_front() {
                return Some(step);
            }
            if self.done {
                return None;
            }
            let happened = tokio::select! {
                reply = self.replies.next() => Happened::Reply(reply),
                () = until(self.deadline) => Happened::TooLate,
                () = changed(&mut self.cancels) => Happened::Cancelled,
                () = until(silent) => return None,
            };
            let reply = match happened {
                Happened::Reply(reply) => reply,
                Happened::TooLate => {
                    self.give_up().await;
                    continue;
                }
                Happened::Cancelled => {
                    self.see_whether_cancelled().await;
                    continue;
                }
            };
            match reply {
                Some(Ok(Reply::Message(body))) => self.hear(&body).await,
                Some(Ok(Reply::TooLong(over))) => {
                    let mut out = Deliveries::default();
                    if let Some(mut decider) = self.party.decider().await {
                        decider.hear_too_long(*over, Clock::now(), &mut out).await;
                    }
                    self.route(out).await;
                }
                Some(Ok(Reply::Primed)) => {}
                Some(Ok(Reply::Paused { retry })) => return Some(Step::Paused { retry }),
                Some(Err(trouble)) => self.fail(&trouble).await,
                None => {
                    let why = "the server has closed the stream before its answer".to_owned();
                    self.fail(&Trouble::Gone(why)).await;
                }
            }
        }
    }

    async fn hear(&mut self, body: &Bytes) {
        let mut out = Deliveries::default();
        let now = Clock::now();
        match &mut self.party {
            Party::Lane(lane, exchange) => match lane.get() {
                Some(decider) => decider.hear(body, Within::Alone(exchange), now, &mut out).await,
                None => self.done = true,
            },
            Party::Held(held) => {
                let mut decider = held.decider().await;
                decider.hear(body, Within::Exchange(&self.id), now, &mut out).await;
            }
        }
        self.route(out).await;
    }

    async fn fail(&mut self, trouble: &Trouble) {
        let mut out = Deliveries::default();
        if let Some(mut decider) = self.party.decider().await {
            let (reason, code) = (trouble.reason(), trouble.code());
            decider.answer_for_server(&self.id, &reason, code, Clock::now(), &mut out).await;
        }
        self.route(out).await;
        // Whoever waits has been told, by us or, after a cancellation, by nobody.
        self.done = true;
    }

    async fn route(&mut self, out: Deliveries) {
        for delivery in out.0 {
            if delivery.to == Side::Server {
                // An error of ours to a request of the server. If it is gone, so is the one who asked.
                let _ = self.link.tell(delivery.line, HeaderMap::new()).await;
                continue;
            }
            if let Party::Held(held) = &self.party {
                held.touch();
            }
            let answers = matches!(delivery.kind, Kind::Response | Kind::Failure);
            let last = answers && delivery.id.as_ref() == Some(&self.id);
            if last {
                self.party.visitor().handles.learn(&delivery.line);
            }
            self.done |= last;
            self.ready.push_back(Step::Message { line: delivery.line, last });
        }
    }

    /// It has taken too long.
    async fn give_up(&mut self) {
        if self.cancelled {
            if let Some(mut decider) = self.party.decider().await {
                decider.forget(&self.id);
            }
            self.done = true;
            return;
        }
        if self.party.is_held() {
            forsake(self.link.clone(), &self.id);
        }
        self.fail(&too_late()).await;
    }

    async fn see_whether_cancelled(&mut self) {
        if let Party::Held(held) = &self.party
            && held.is_closed()
        {
            self.done = true;
            return;
        }
        let cancelled = match self.party.decider().await {
            Some(decider) => decider.is_cancelled(&self.id),
            None => false,
        };
        if cancelled && !self.cancelled {
            self.cancelled = true;
            let late = Instant::now() + LATE;
            self.deadline = Some(self.deadline.map_or(late, |deadline| deadline.min(late)));
        }
    }
}

/// Waits for something of the server, but no longer than that.
pub(super) async fn by<T>(
    deadline: Option<Instant>,
    asked: impl Future<Output = Result<T, Trouble>>,
) -> Result<T, Trouble> {
    tokio::select! {
        done = asked => done,
        () = until(deadline) => Err(too_late()),
    }
}

/// Tells a server with sessions that nobody waits for this any more. One that does not answer may not listen, either: whoever
/// gives up does not wait for that.
pub(super) fn forsake(link: Link, id: &Id) {
    let line = format!(
        r#"{{"jsonrpc":"2.0","method":"notifications/cancelled","params":{{"requestId":{id},"reason":"timed out"}}}}"#
    );
    tokio::spawn(async move { link.tell(line.into(), HeaderMap::new()).await });
}

fn too_late() -> Trouble {
    Trouble::TimedOut("the server has not answered in time".to_owned())
}

async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline.into()).await,
        None => std::future::pending().await,
    }
}

async fn changed(cancels: &mut Option<watch::Receiver<u64>>) {
    if let Some(cancels) = cancels
        && cancels.changed().await.is_ok()
    {
        return;
    }
    std::future::pending().await
}
