use decide::{About, Context, Counted, Decision, Outcome, Question, Step, Verdict, settled};
use policy::Flow;
use store::AuditSink;
use wire::{Frame, Id, Kind, Method, Parsed, code};

use super::{
    Session, Side,
    in_flight::{AnswerFor, Full, Pending},
    reply,
    staged::{Delivery, Staged},
};
use crate::{Clock, clock::micros, pins};

impl<A: AuditSink> Session<A> {
    /// Decides a frame and stages what follows: which request it answers, what is now in flight, who is told.
    pub(super) fn frame(&mut self, from: Side, frame: Frame<Parsed>, bytes: u64, batch: u32, arrived: Clock) {
        let flow = match from {
            Side::Client => Flow::Request,
            Side::Server => Flow::Response,
        };
        let (kind, id) = (frame.kind(), frame.id());
        let asked = match (kind, &id) {
            (Kind::Response | Kind::Failure, Some(id)) => self.asked_mut(from.other()).take(id),
            _ => None,
        };
        let asked_for = asked.as_ref().and_then(|asked| asked.about.method);
        let approved = self.approved(from, id.as_ref(), asked_for, &frame);
        let context = Context {
            flow,
            answers: asked.as_ref().map(|asked| &asked.about),
            pins: approved.as_ref().map(|approved| approved as &dyn decide::Pins),
            now: arrived.wall_ms / 1000,
        };
        let cancels = cancelled(&frame);
        let Decision { verdict, would, mut findings, about, outcome } = match self.core.decide(frame, context)
        {
            Step::Decided(decision) => decision,
            Step::Asks(question) => {
                let counted = self.count(from, id.as_ref(), &question);
                self.core.resume(question, counted)
            }
        };
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
        let answer_for = if self.replaying { AnswerFor::Us } else { AnswerFor::Asker };
        let mut refused = (kind == Kind::Failure).then(|| "it answered with an error".to_owned());
        match outcome {
            Outcome::Forward(frame) => {
                if let Some(asked) = &asked
                    && from == Side::Server
                    && asked.about.method == Some(Method::Initialize)
                {
                    self.revision = settled(&frame).or(self.revision);
                    if kind == Kind::Response {
                        self.remembered.settle();
                    }
                    staged.revision = self.revision;
                }
                if let Some(id) = cancels {
                    self.asked_mut(from).cancel(&id);
                }
                let mut remembered = true;
                if from == Side::Client
                    && !self.replaying
                    && let Some(method) = about.as_ref().and_then(|about| about.method)
                {
                    let params = frame.body().map_or("", |(params, _)| params);
                    remembered = self.remembered.has_room_for(method, params, frame.line());
                    if remembered {
                        self.remembered.note(method, params, frame.line());
                    }
                }
                let cursor =
                    about.as_ref().filter(|_| from == Side::Client && self.pinning.is_some()).and_then(
                        |about| pins::cursor(about.method, frame.body().map_or("", |(params, _)| params)),
                    );
                staged.delivery = Delivery::Forward(frame);
                if let (Kind::Request, Some(id), Some(about)) = (kind, id, &about) {
                    let taken = match self.stopping.filter(|_| from == Side::Client) {
                        Some(why) => Err(Full::Stopping(why)),
                        None if !remembered => Err(Full::Unrememberable),
                        None => {
                            self.asked_mut(from).ask(id.clone(), about.clone(), arrived.instant, answer_for)
                        }
                    };
                    match taken {
                        Ok(()) => {
                            if let Some(cursor) = cursor {
                                self.cursors.insert(id.clone(), cursor);
                            }
                            staged.registered = Some(id);
                        }
                        Err(full) => {
                            let finding = full.finding();
                            let code = match full {
                                Full::Repeated => code::INVALID_REQUEST,
                                Full::Limit(_) | Full::Unrememberable => code::TOO_MANY,
                                Full::Stopping(_) => code::UNAVAILABLE,
                            };
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
                    (Kind::Response | Kind::Failure, id) if asked.is_some() => Delivery::Onward(answer(id)),
                    _ => Delivery::Nothing,
                };
                drop(frame);
                refused = Some(denial.text.clone());
                self.log.info(format_args!(
                    "blocked {}: {} [{decision}]",
                    described(&about, &asked),
                    denial.text
                ));
            }
        }
        staged.round_trip_us =
            asked.as_ref().map(|asked| micros(arrived.instant.duration_since(asked.since)));
        staged.about = about.or(asked.as_ref().map(|asked| asked.about.clone()));
        staged.revision = staged.revision.or(staged.about.as_ref().and_then(|about| about.revision));
        staged.findings = reply::findings_json(&findings);
        let (told, handshake) = match &asked {
            Some(asked) if asked.answer_for != AnswerFor::Asker => {
                staged.delivery = Delivery::Nothing;
                (asked.answer_for == AnswerFor::Us, asked.about.method == Some(Method::Initialize))
            }
            // What is said in the client's name must not surprise the client.
            _ if self.replaying && matches!(staged.delivery, Delivery::Back(_)) => {
                staged.delivery = Delivery::Nothing;
                (false, false)
            }
            _ => (false, false),
        };
        self.staged.push(staged);
        if told {
            self.told(handshake, refused, arrived);
        }
    }
}

impl<A> Session<A> {
    /// What holds for a frame of what the server was approved to be. An answer is taken note of first.
    fn approved(
        &mut self,
        from: Side,
        id: Option<&Id>,
        answers: Option<Method>,
        frame: &Frame<Parsed>,
    ) -> Option<pins::Approved> {
        let pinning = self.pinning.as_ref()?;
        if from == Side::Server {
            let cursor = id.and_then(|id| self.cursors.remove(id));
            if frame.kind() == Kind::Response {
                pinning.note(answers, cursor.as_deref(), frame);
            }
        }
        pinning.now()
    }

    /// Whether a frame is within its limits. What the client said earlier has been counted, and what cannot be
    /// in flight does not leave.
    fn count(&mut self, from: Side, id: Option<&Id>, question: &Question) -> Counted {
        let [client, server] = &self.asked;
        let asked = if from == Side::Client { client } else { server };
        if self.replaying || id.is_some_and(|id| asked.check(id).is_err()) {
            return Counted::Within;
        }
        let Some(meter) = &mut self.meter else { return Counted::Unknown };
        meter.count(question.charges()).unwrap_or_else(|error| {
            self.log.error(format_args!("{error}; what is limited does not pass until it can be counted"));
            Counted::Unknown
        })
    }
}

/// The request a cancellation is about (MCP 2025-11-25 basic/utilities/cancellation).
fn cancelled(frame: &Frame<Parsed>) -> Option<Id> {
    if frame.kind() != Kind::Notification || frame.method()? != Method::Cancelled.name() {
        return None;
    }
    Id::from_raw(wire::member(frame.body()?.0, "requestId")?.value)
}

fn described(about: &Option<About>, answers: &Option<Pending>) -> String {
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
