//! One client talking to one server: decides every frame, records it, then lets it go.

mod in_flight;
mod judge;
mod outbox;
mod refusal;
mod reply;
mod restore;
mod single;
mod staged;
mod stateless;

use std::{sync::Arc, time::Duration};

use decide::{About, Core, Finding, Stage, Verdict};
use policy::{Limits, ServerPolicy};
use store::{AuditSink, DecisionId, Ids, SessionId, StoreError};
use wire::{Content, Id, Line, Lines, Reader, Revision, Salvage, Salvaged, code};

pub use self::outbox::{Outbox, Outlet};
use self::{
    in_flight::{InFlight, Pending},
    restore::Restoring,
    staged::{Delivery, Staged},
};
pub(crate) use self::{
    outbox::{Deliveries, Delivery as Delivered},
    single::{Denial, Within},
    stateless::Stateless,
};
use crate::{
    Clock, Log, Meter,
    clock::micros,
    pins::{Cursors, Pinning},
    remembered::Remembered,
};

/// The two ends of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The one who uses tools.
    Client,
    /// The one who offers them.
    Server,
}

impl Side {
    /// The one at the other end.
    pub fn other(self) -> Self {
        match self {
            Self::Client => Self::Server,
            Self::Server => Self::Client,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Server => "server",
        }
    }
}

/// Frames decided together are recorded together; more than these wait for the next round.
const ROUND: usize = 512;

/// The state of one guarded session. Does no I/O but through its audit and its meter.
#[derive(Debug)]
pub struct Session<A> {
    core: Core,
    reader: Reader,
    /// `None` when the configuration turns the audit off.
    audit: Option<A>,
    session: SessionId,
    ids: Ids,
    log: Arc<Log>,
    /// `None` where there is no place for counts: then nothing that is limited passes.
    meter: Option<Meter>,
    /// Requests of the client, and of the server.
    asked: [InFlight; 2],
    /// What `initialize` settled on.
    revision: Option<Revision>,
    batches: u32,
    /// The line being read has no end: its sender stopped in the middle of it, or after it.
    unfinished: bool,
    staged: Vec<Staged>,
    remembered: Remembered,
    restoring: Restoring,
    /// The line being read is one the client said earlier.
    replaying: bool,
    /// What the server was approved to be; `None` where nobody asks.
    pinning: Option<Pinning>,
    cursors: Cursors,
    /// Why no more requests of the client are taken on.
    stopping: Option<&'static str>,
}

impl<A: AuditSink> Session<A> {
    /// A session that decides by `policy`, counts by `meter` and records as `session` into `audit`.
    pub fn new(
        policy: Arc<ServerPolicy>,
        limits: &Limits,
        audit: Option<A>,
        session: SessionId,
        ids: Ids,
        log: Arc<Log>,
        meter: Option<Meter>,
    ) -> Self {
        Self {
            core: Core::new(policy),
            reader: Reader::new(wire_limits(limits)),
            audit,
            session,
            ids,
            log,
            meter,
            asked: [InFlight::new(limits.max_in_flight), InFlight::new(limits.max_in_flight)],
            revision: None,
            batches: 0,
            unfinished: false,
            staged: Vec::new(),
            remembered: Remembered::default(),
            restoring: Restoring::default(),
            replaying: false,
            pinning: None,
            cursors: Cursors::new(),
            stopping: None,
        }
    }

    /// Holds the server to what it was approved to be.
    pub fn hold_to(&mut self, pinning: Option<Pinning>) {
        self.pinning = pinning;
    }

    /// Takes every complete line `from` one side, which was read at `arrived`: decides, records, and writes to
    /// `out` what may leave.
    pub async fn pass(&mut self, from: Side, lines: &mut Lines, arrived: Clock, out: &mut impl Outlet) {
        loop {
            while self.staged.len() < ROUND
                && let Some(line) = lines.next_line()
            {
                self.line(from, line, arrived);
            }
            if self.staged.is_empty() {
                return;
            }
            self.release(out).await;
        }
    }

    /// Takes what one side left unfinished when it closed its end.
    pub async fn finish(&mut self, from: Side, lines: &mut Lines, arrived: Clock, out: &mut impl Outlet) {
        self.pass(from, lines, arrived, out).await;
        if let Some(line) = lines.finish() {
            self.unfinished = true;
            self.line(from, line, arrived);
            self.unfinished = false;
            self.release(out).await;
        }
    }

    /// Requests of the client that wait for the server.
    pub fn waiting(&self) -> usize {
        self.asked(Side::Client).waiting()
    }

    /// From now on refuses what the client asks, for the reason given; what it has asked may still be answered.
    pub fn take_no_more(&mut self, reason: &'static str) {
        self.stopping = Some(reason);
    }

    /// From now on decides by `policy` and `limits`.
    pub fn set_policy(&mut self, policy: Arc<ServerPolicy>, limits: &Limits) {
        if let Some(pinning) = &mut self.pinning {
            pinning.renew(&policy);
        }
        self.core.set_policy(policy);
        self.reader = Reader::new(wire_limits(limits));
        for asked in &mut self.asked {
            asked.set_limit(limits.max_in_flight);
        }
    }

    /// Answers everything the client waits for: the server is gone, for the reason given.
    pub async fn server_gone(&mut self, reason: &str, now: Clock, out: &mut impl Outlet) {
        self.restoring = Restoring::Done;
        let waiting = self.asked_mut(Side::Client).drain();
        // Nobody is left to hear the answers to what it asked.
        self.asked_mut(Side::Server).drain();
        let finding = Finding::new(Stage::Session, "session.server_gone", Verdict::Block, reason.to_owned())
            .remedy("start the server again");
        self.give_up(waiting, &finding, code::UPSTREAM_GONE, now);
        self.release(out).await;
    }

    /// Answers requests of the client that the server has owed an answer for longer than `patience`.
    pub async fn give_up_after(&mut self, patience: Duration, now: Clock, out: &mut impl Outlet) {
        let overdue =
            self.asked_mut(Side::Client).give_up(|since| now.instant.duration_since(since) >= patience);
        if overdue.is_empty() {
            return;
        }
        let reason = format!("the server has not answered for {} s", patience.as_secs());
        let finding = Finding::new(Stage::Session, "session.request_timeout", Verdict::Block, reason)
            .remedy("raise request_timeout of this server, or ask for less at a time");
        self.give_up(overdue, &finding, code::TIMED_OUT, now);
        self.release(out).await;
    }

    fn give_up(&mut self, waiting: Vec<(Id, Pending)>, finding: &Finding, code: i64, now: Clock) {
        for (id, asked) in waiting {
            let decision = self.ids.next(now.wall_ms);
            let answer = reply::denial(Some(id), decision, code, finding);
            self.staged.push(Staged {
                round_trip_us: Some(micros(now.instant.duration_since(asked.since))),
                ..self.staged_by_us(
                    decision,
                    Side::Server,
                    Some(asked.about),
                    std::slice::from_ref(finding),
                    Delivery::Onward(answer),
                )
            });
        }
    }

    /// The revision the two sides have settled on.
    pub fn revision(&self) -> Option<Revision> {
        self.revision
    }

    /// The audit, given back when the session ends.
    pub fn into_audit(self) -> Option<A> {
        self.audit
    }

    fn line(&mut self, from: Side, line: Line, arrived: Clock) {
        let bytes = match line {
            Line::Whole(bytes) => bytes,
            Line::Oversized(over) => {
                let error = self.reader.too_long();
                return self.refuse_line(from, &error, over.salvaged, over.bytes, None, arrived);
            }
        };
        let len = bytes.len() as u64;
        match self.reader.read(&bytes, self.revision.is_some_and(Revision::has_batches)) {
            Ok(Content::Single(frame)) => self.frame(from, frame, len, 0, arrived),
            Ok(Content::Batch(frames)) => {
                self.batches = self.batches.wrapping_add(1).max(1);
                for frame in frames {
                    match frame {
                        Ok(frame) => self.frame(from, frame, len, self.batches, arrived),
                        Err(error) => {
                            self.refuse_line(from, &error, Salvaged::default(), len, Some(&bytes), arrived);
                        }
                    }
                }
            }
            Err(error) => self.refuse_line(from, &error, Salvage::line(&bytes), len, Some(&bytes), arrived),
        }
    }

    /// A record of something no frame stands for.
    fn staged_by_us(
        &self,
        decision: DecisionId,
        from: Side,
        about: Option<About>,
        findings: &[Finding],
        delivery: Delivery,
    ) -> Staged {
        Staged {
            decision,
            kind: store::Kind::Frame,
            from,
            revision: self.revision,
            about,
            verdict: Verdict::Block,
            would: Verdict::Block,
            findings: reply::findings_json(findings),
            guard_us: 0,
            round_trip_us: None,
            bytes: 0,
            batch: 0,
            registered: None,
            delivery,
        }
    }

    /// Records what was staged, then delivers it. What cannot be recorded does not leave.
    async fn release(&mut self, out: &mut impl Outlet) {
        let mut staged = std::mem::take(&mut self.staged);
        if let Some(audit) = &mut self.audit {
            let records: Vec<_> = staged.iter().map(|staged| staged.record(self.session)).collect();
            if let Err(error) = audit.record(&records).await {
                self.log.error(format_args!("{error}; nothing passes until it can be recorded"));
                if matches!(error, StoreError::Collision { .. }) {
                    self.ids.reseed();
                }
                for staged in &mut staged {
                    if let Some(id) = staged.registered.take() {
                        self.asked_mut(staged.from).take(&id);
                    }
                    staged.withhold(&error);
                }
            }
        }
        for staged in staged.drain(..) {
            let to = staged.from.other();
            match staged.delivery {
                Delivery::Forward(frame) => out.push(to, staged.batch, &frame),
                Delivery::Onward(answer) => out.push(to, staged.batch, &answer),
                Delivery::Back(answer) => out.push(staged.from, staged.batch, &answer),
                Delivery::Prescribed(error) => out.push(staged.from, staged.batch, &error),
                Delivery::Nothing => {}
            }
        }
        self.staged = staged;
    }

    fn asked(&self, by: Side) -> &InFlight {
        let [client, server] = &self.asked;
        if by == Side::Client { client } else { server }
    }

    fn asked_mut(&mut self, by: Side) -> &mut InFlight {
        let [client, server] = &mut self.asked;
        if by == Side::Client { client } else { server }
    }
}

/// The limits as the reader of messages takes them.
pub(crate) fn wire_limits(limits: &Limits) -> wire::Limits {
    wire::Limits {
        max_bytes: limits.max_frame_bytes,
        max_depth: limits.max_depth,
        big_integers: match limits.big_integers {
            policy::BigIntegers::Refuse => wire::BigIntegers::Refuse,
            policy::BigIntegers::Allow => wire::BigIntegers::Allow,
        },
    }
}
