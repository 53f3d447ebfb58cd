//! Messages that come one by one, each in an exchange of its own (HTTP), and not in a stream.

use bytes::Bytes;
use decide::{Finding, Stage, Verdict};
use http::HeaderMap;
use store::AuditSink;
use wire::{Content, Frame, Id, Kind, Oversized, Parsed, ProtocolError, Salvage, WireError};

use super::{
    Outlet, Session, Side, Stateless, reply,
    restore::Restoring,
    staged::{Delivery, Staged},
};
use crate::{Clock, remembered::Remembered};

/// The exchange that a message of the server came in.
#[derive(Debug)]
pub(crate) enum Within<'a> {
    /// One that stands for itself.
    Alone(&'a mut Stateless),
    /// The one that began with the request of this id.
    Exchange(&'a Id),
    /// None: it came by itself.
    None,
}

/// How a message is refused that no stage has seen.
#[derive(Debug)]
pub(crate) enum Denial {
    /// As the protocol prescribes; the rule is for the record.
    Prescribed(&'static str, ProtocolError),
    /// For a reason of ours, under this code.
    Ours(Finding, i64),
}

/// What helps when the server does not answer.
const SERVER: &str = "see that the server runs and can be reached, then try again";

impl<A: AuditSink> Session<A> {
    /// Reads the body of an HTTP message.
    ///
    /// # Errors
    /// As [`wire::Reader::read_body`]; hand it to [`Session::refuse`] to have it recorded and answered.
    pub(crate) fn read(&mut self, body: &Bytes) -> Result<Content, WireError> {
        let batches = self.revision.is_some_and(wire::Revision::has_batches);
        self.reader.read_body(body, batches)
    }

    /// Takes a message of the client.
    pub(crate) async fn take(
        &mut self,
        frame: Frame<Parsed>,
        bytes: usize,
        arrived: Clock,
        out: &mut impl Outlet,
    ) {
        self.frame(Side::Client, frame, bytes as u64, 0, arrived);
        self.release(out).await;
    }

    /// Takes a message of the server. One that came in an exchange can answer no other.
    pub(crate) async fn hear(
        &mut self,
        body: &Bytes,
        mut within: Within<'_>,
        arrived: Clock,
        out: &mut impl Outlet,
    ) {
        match self.read(body) {
            Ok(Content::Single(frame)) => self.hear_frame(frame, body.len(), &mut within, arrived),
            Ok(Content::Batch(frames)) => {
                for frame in frames {
                    match frame {
                        Ok(frame) => self.hear_frame(frame, body.len(), &mut within, arrived),
                        Err(error) => self.refuse_body(Side::Server, &error, body, arrived),
                    }
                }
            }
            Err(error) => self.refuse_body(Side::Server, &error, body, arrived),
        }
        self.release(out).await;
    }

    fn hear_frame(&mut self, frame: Frame<Parsed>, bytes: usize, within: &mut Within<'_>, arrived: Clock) {
        let answers = matches!(frame.kind(), Kind::Response | Kind::Failure);
        let fits = match within {
            Within::Alone(exchange) => frame.id().as_ref() == Some(exchange.id()),
            Within::Exchange(id) => frame.id().as_ref() == Some(id),
            Within::None => false,
        };
        let admitted = match within {
            _ if answers && !fits => Err(foreign()),
            Within::Alone(exchange) => exchange.admit(&frame),
            Within::Exchange(_) | Within::None => Ok(()),
        };
        let Err(finding) = admitted else {
            return self.frame(Side::Server, frame, bytes as u64, 0, arrived);
        };
        self.log.warn(format_args!("dropped a message: {} ({})", finding.reason, finding.rule));
        let decision = self.ids.next(arrived.wall_ms);
        let staged = self.staged_by_us(decision, Side::Server, None, &[*finding], Delivery::Nothing);
        self.staged.push(Staged { bytes: bytes as u64, ..staged });
    }

    /// Takes a message of the server that was too long to be read.
    pub(crate) async fn hear_too_long(&mut self, over: Oversized, arrived: Clock, out: &mut impl Outlet) {
        let error = self.reader.too_long();
        self.refuse_line(Side::Server, &error, over.salvaged, over.bytes, None, arrived);
        self.release(out).await;
    }

    /// Takes out headers, which are to go to the server beside a message of the client, what the policy does not let pass;
    /// the record of it is written with the message's.
    pub(crate) fn vet(&mut self, headers: &mut HeaderMap, arrived: Clock) {
        let mut kept = HeaderMap::with_capacity(headers.len());
        for (name, value) in &*headers {
            // What cannot be read cannot be judged.
            let Ok(text) = value.to_str() else { continue };
            let (verdict, findings) = self.core.beside(name.as_str(), text);
            if verdict <= Verdict::ShadowBlock {
                kept.append(name.clone(), value.clone());
            }
            if !findings.is_empty() {
                let decision = self.ids.next(arrived.wall_ms);
                let would = findings.iter().map(|finding| finding.verdict).max().unwrap_or(verdict);
                let staged = self.staged_by_us(decision, Side::Client, None, &findings, Delivery::Nothing);
                self.staged.push(Staged { verdict, would, bytes: value.len() as u64, ..staged });
            }
        }
        *headers = kept;
    }

    /// Refuses a body that is no message.
    pub(crate) async fn refuse(
        &mut self,
        error: &WireError,
        body: &Bytes,
        arrived: Clock,
        out: &mut impl Outlet,
    ) {
        self.refuse_body(Side::Client, error, body, arrived);
        self.release(out).await;
    }

    /// Refuses a message of the client before any stage has seen it, with the error the protocol prescribes or, with a
    /// code of ours, with one of ours.
    pub(crate) async fn deny(
        &mut self,
        frame: Frame<Parsed>,
        bytes: usize,
        denial: Denial,
        arrived: Clock,
        out: &mut impl Outlet,
    ) {
        let decision = self.ids.next(arrived.wall_ms);
        let (finding, delivery) = match denial {
            Denial::Prescribed(rule, error) => {
                let finding = Finding::new(Stage::Wire, rule, Verdict::Block, error.message.clone());
                (finding, Delivery::Prescribed(ProtocolError { id: frame.id(), ..error }))
            }
            Denial::Ours(finding, code) => {
                let answer = reply::denial(frame.id(), decision, code, &finding);
                (finding, Delivery::Back(answer))
            }
        };
        let delivery = if frame.kind() == Kind::Request { delivery } else { Delivery::Nothing };
        let findings = std::slice::from_ref(&finding);
        let staged = self.staged_by_us(decision, Side::Client, None, findings, delivery);
        self.staged.push(Staged { bytes: bytes as u64, ..staged });
        self.release(out).await;
    }

    fn refuse_body(&mut self, from: Side, error: &WireError, body: &Bytes, arrived: Clock) {
        self.refuse_line(from, error, Salvage::line(body), body.len() as u64, Some(body), arrived);
    }

    /// Answers a request of the client that the server will not answer any more, for the reason given.
    pub(crate) async fn answer_for_server(
        &mut self,
        id: &Id,
        reason: &str,
        code: i64,
        now: Clock,
        out: &mut impl Outlet,
    ) {
        let cancelled = self.is_cancelled(id);
        let Some(pending) = self.asked_mut(Side::Client).take(id).filter(|_| !cancelled) else { return };
        let (rule, remedy) = match code {
            wire::code::TOO_MANY => ("session.too_many", "try again once others have come to their end"),
            wire::code::TIMED_OUT => ("session.request_timeout", SERVER),
            _ => ("session.server_gone", SERVER),
        };
        let finding = Finding::new(Stage::Session, rule, Verdict::Block, reason.to_owned()).remedy(remedy);
        self.give_up(vec![(id.clone(), pending)], &finding, code, now);
        self.release(out).await;
    }

    /// Whether the server still owes the answer to a request.
    pub(crate) fn is_waiting(&self, id: &Id) -> bool {
        self.asked(Side::Client).check(id).is_err_and(|full| full.is_repeated())
    }

    /// Whether the client has cancelled a request that was not answered.
    pub(crate) fn is_cancelled(&self, id: &Id) -> bool {
        self.asked(Side::Client).is_cancelled(id)
    }

    /// Nobody waits for the answer to a request of the client any more.
    pub(crate) fn forget(&mut self, id: &Id) {
        self.asked_mut(Side::Client).take(id);
    }

    /// Makes ready for another exchange that has nothing to do with what was before.
    pub(crate) fn begin_anew(&mut self) {
        self.staged.clear();
        self.core.begin_anew();
        self.cursors.clear();
        self.asked_mut(Side::Client).drain();
        self.asked_mut(Side::Server).drain();
        self.revision = None;
        self.remembered = Remembered::default();
        self.restoring = Restoring::default();
    }
}

fn foreign() -> Box<Finding> {
    let reason = "the server answered a request in a stream that is not that request's";
    Box::new(Finding::new(Stage::Session, "session.foreign_answer", Verdict::Block, reason.to_owned()))
}
