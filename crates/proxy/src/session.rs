//! One client talking to one server: decides every frame, records it, then lets it go.

mod in_flight;
mod outbox;
mod reply;
mod staged;

use std::sync::Arc;

use decide::{About, Context, Core, Decision, Finding, Outcome, Stage, Verdict, settled};
use policy::{Flow, Limits, ServerPolicy};
use store::{AuditError, AuditSink, DecisionId, Ids, SessionId};
use wire::{
    Content, Frame, Id, Kind, Line, Lines, Method, Parsed, Reader, Revision, Salvage, Salvaged, WireError,
    code,
};

pub use self::outbox::Outbox;
use self::{
    in_flight::{Full, InFlight},
    staged::{Delivery, Staged},
};
use crate::{Clock, Log, clock::micros};

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
}

/// Frames decided together are recorded together; more than these wait for the next round.
const ROUND: usize = 512;

/// The state of one guarded session. Does no I/O but through its audit.
#[derive(Debug)]
pub struct Session<A> {
    core: Core,
    reader: Reader,
    /// `None` when the configuration turns the audit off.
    audit: Option<A>,
    session: SessionId,
    ids: Ids,
    log: Arc<Log>,
    /// Requests of the client, and of the server.
    asked: [InFlight; 2],
    /// What `initialize` settled on.
    revision: Option<Revision>,
    batches: u32,
    /// The line being read has no end: its sender stopped in the middle of it, or after it.
    unfinished: bool,
    staged: Vec<Staged>,
}

impl<A: AuditSink> Session<A> {
    /// A session that decides by `policy` and records as `session` into `audit`.
    pub fn new(
        policy: Arc<ServerPolicy>,
        limits: &Limits,
        audit: Option<A>,
        session: SessionId,
        ids: Ids,
        log: Arc<Log>,
    ) -> Self {
        Self {
            core: Core::new(policy),
            reader: Reader::new(wire_limits(limits)),
            audit,
            session,
            ids,
            log,
            asked: [InFlight::new(limits.max_in_flight), InFlight::new(limits.max_in_flight)],
            revision: None,
            batches: 0,
            unfinished: false,
            staged: Vec::new(),
        }
    }

    /// Takes every complete line `from` one side, which was read at `arrived`: decides, records, and writes to
    /// `out` what may leave.
    pub fn pass(&mut self, from: Side, lines: &mut Lines, arrived: Clock, out: &mut Outbox) {
        loop {
            while self.staged.len() < ROUND
                && let Some(line) = lines.next_line()
            {
                self.line(from, line, arrived);
            }
            if self.staged.is_empty() {
                return;
            }
            self.release(out);
        }
    }

    /// Takes what one side left unfinished when it closed its end.
    pub fn finish(&mut self, from: Side, lines: &mut Lines, arrived: Clock, out: &mut Outbox) {
        self.pass(from, lines, arrived, out);
        if let Some(line) = lines.finish() {
            self.unfinished = true;
            self.line(from, line, arrived);
            self.unfinished = false;
            self.release(out);
        }
    }

    /// Requests of the client that wait for the server.
    pub fn waiting(&self) -> usize {
        self.asked(Side::Client).waiting()
    }

    /// Answers everything the client waits for: the server is gone, for the reason given.
    pub fn server_gone(&mut self, reason: &str, now: Clock, out: &mut Outbox) {
        for (id, asked) in self.asked_mut(Side::Client).drain() {
            let finding =
                Finding::new(Stage::Session, "session.server_gone", Verdict::Block, reason.to_owned())
                    .remedy("start the server again");
            let decision = self.ids.next(now.wall_ms);
            let answer = reply::denial(Some(id), decision, code::UPSTREAM_GONE, &finding);
            self.staged.push(Staged {
                round_trip_us: Some(micros(now.instant.duration_since(asked.since))),
                ..self.staged_by_us(
                    decision,
                    Side::Server,
                    Some(asked.about),
                    &[finding],
                    Delivery::Onward(answer),
                )
            });
        }
        self.release(out);
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

    fn frame(&mut self, from: Side, frame: Frame<Parsed>, bytes: u64, batch: u32, arrived: Clock) {
        let flow = match from {
            Side::Client => Flow::Request,
            Side::Server => Flow::Response,
        };
        let (kind, id) = (frame.kind(), frame.id());
        let answers = match (kind, &id) {
            (Kind::Response | Kind::Failure, Some(id)) => self.asked_mut(from.other()).take(id),
            _ => None,
        };
        let context = Context { flow, answers: answers.as_ref().map(|asked| &asked.about) };
        let cancels = cancelled(&frame);
        let Decision { verdict, would, mut findings, about, outcome } = self.core.decide(frame, context);
        let decision = self.ids.next(arrived.wall_ms);

        let mut staged = Staged {
            decision,
            kind: store::Kind::Frame,
            from,
            revision: self.revision,
            about: None,
            verdict,
            would,
            findings: None,
            guard_us: micros(arrived.instant.elapsed()),
            round_trip_us: None,
            bytes,
            batch,
            registered: None,
            delivery: Delivery::Nothing,
        };
        match outcome {
            Outcome::Forward(frame) => {
                if let Some(asked) = &answers
                    && from == Side::Server
                    && asked.about.method == Some(Method::Initialize)
                {
                    self.revision = settled(&frame).or(self.revision);
                    staged.revision = self.revision;
                }
                if let Some(id) = cancels {
                    self.asked_mut(from).cancel(&id);
                }
                staged.delivery = Delivery::Forward(frame);
                if let (Kind::Request, Some(id), Some(about)) = (kind, id, &about) {
                    match self.asked_mut(from).ask(id.clone(), about.clone(), arrived.instant) {
                        Ok(()) => staged.registered = Some(id),
                        Err(full) => {
                            let finding = full.finding();
                            let code =
                                if full == Full::Repeated { code::INVALID_REQUEST } else { code::TOO_MANY };
                            staged.delivery =
                                Delivery::Back(reply::denial(Some(id), decision, code, &finding));
                            (staged.verdict, staged.would) = (Verdict::Block, Verdict::Block);
                            findings.push(finding);
                        }
                    }
                }
            }
            Outcome::Refuse(frame, denial) => {
                let answer = |id| reply::answer(id, decision, &denial);
                staged.delivery = match (kind, id) {
                    (Kind::Request, id) => Delivery::Back(answer(id)),
                    (Kind::Response | Kind::Failure, id) if answers.is_some() => Delivery::Onward(answer(id)),
                    _ => Delivery::Nothing,
                };
                drop(frame);
                self.log.line(format_args!(
                    "blocked {}: {} [{decision}]",
                    described(&about, &answers),
                    denial.text
                ));
            }
        }
        staged.round_trip_us =
            answers.as_ref().map(|asked| micros(arrived.instant.duration_since(asked.since)));
        staged.about = about.or(answers.map(|asked| asked.about));
        staged.revision = staged.revision.or(staged.about.as_ref().and_then(|about| about.revision));
        staged.findings = reply::findings_json(&findings);
        self.staged.push(staged);
    }

    /// Answers a line that is no message, or drops it: whoever may be waiting for it is told.
    fn refuse_line(
        &mut self,
        from: Side,
        error: &WireError,
        told: Salvaged,
        bytes: u64,
        line: Option<&[u8]>,
        arrived: Clock,
    ) {
        let decision = self.ids.next(arrived.wall_ms);
        let reason = self.core.masked(&error.to_string());
        let finding = Finding::new(Stage::Wire, "wire.refused", Verdict::Block, reason.clone())
            .remedy("send one JSON-RPC 2.0 message a line; for limits see `limits` in the configuration");
        let answer = |id| reply::denial(id, decision, error.code(), &finding);
        // Only an answer can have an asker waiting at the other end. If it was cut short, its sender is gone, which
        // is what the asker will be told.
        let asker = told.id.as_ref().filter(|_| told.answers && !told.calls && !self.unfinished);
        let asked = asker.and_then(|id| self.asked_mut(from.other()).take(id));
        let delivery = match (&asked, from) {
            (Some(_), _) => Delivery::Onward(answer(told.id)),
            (None, _) if told.answers && !told.calls => Delivery::Nothing,
            (None, Side::Client) => Delivery::Back(answer(told.id)),
            (None, Side::Server) if told.calls && told.id.is_some() => Delivery::Back(answer(told.id)),
            // Most likely something a server prints for people: it must not be answered.
            (None, Side::Server) => Delivery::Nothing,
        };
        let shown = line.map(|line| self.core.shown(&String::from_utf8_lossy(line))).unwrap_or_default();
        self.log.line(format_args!(
            "refused a line of {bytes} bytes from the {}: {reason}: {shown}",
            from.name()
        ));
        let about = asked.map(|asked| asked.about);
        let staged = self.staged_by_us(decision, from, about, &[finding], delivery);
        self.staged.push(Staged { kind: store::Kind::RefusedLine, bytes, ..staged });
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
    fn release(&mut self, out: &mut Outbox) {
        let mut staged = std::mem::take(&mut self.staged);
        if let Some(audit) = &mut self.audit {
            let records: Vec<_> = staged.iter().map(|staged| staged.record(self.session)).collect();
            if let Err(error) = audit.record(&records) {
                self.log.line(format_args!("{error}; nothing passes until it can be recorded"));
                if matches!(error, AuditError::Collision { .. }) {
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

impl Side {
    fn name(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Server => "server",
        }
    }
}

/// The request a cancellation is about (MCP 2025-11-25 basic/utilities/cancellation).
fn cancelled(frame: &Frame<Parsed>) -> Option<Id> {
    if frame.kind() != Kind::Notification || frame.method()? != Method::Cancelled.name() {
        return None;
    }
    Id::from_raw(wire::member(frame.body()?.0, "requestId")?.value)
}

fn described(about: &Option<About>, answers: &Option<in_flight::Pending>) -> String {
    let (what, about) = match (about, answers) {
        (Some(about), _) => ("", about),
        (None, Some(asked)) => ("an answer to ", &asked.about),
        (None, None) => return "an answer nobody waits for".to_owned(),
    };
    match &about.target {
        Some(target) => format!("{what}{} {target}", about.name),
        None => format!("{what}{}", about.name),
    }
}

fn wire_limits(limits: &Limits) -> wire::Limits {
    wire::Limits {
        max_bytes: limits.max_frame_bytes,
        max_depth: limits.max_depth,
        big_integers: match limits.big_integers {
            policy::BigIntegers::Refuse => wire::BigIntegers::Refuse,
            policy::BigIntegers::Allow => wire::BigIntegers::Allow,
        },
    }
}
