//! A legacy client before a modern server: gives the client the session it expects of a server that knows none.

mod answer;
mod client;
mod hello;
mod inputs;
mod notices;
mod offers;
mod requests;
mod subscriptions;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use wire::{Id, Kind, Limits, Method, Reader, Salvage, code};

use self::{client::Client, inputs::Asking, subscriptions::Subscriptions};
use crate::{Exchange, Out, Translator, json};

/// What one session may cost.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// How large and deep a message may be; what both sides say has to be within it.
    pub limits: Limits,
    /// How often the server may ask for input in one call (`input_required`) before the call is given up.
    pub rounds: u8,
    /// How long a call waits without a sign of the server, or of the client when it was asked for input.
    pub patience: Duration,
    /// How many requests of the client may wait for an answer.
    pub in_flight: usize,
    /// How many bytes may be kept in memory for calls that may have to be made again.
    pub kept_bytes: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            rounds: 8,
            patience: Duration::from_secs(600),
            in_flight: 1024,
            kept_bytes: 64 * 1024 * 1024,
        }
    }
}

/// One session of a legacy client (up to MCP 2025-11-25) with a modern server (MCP 2026-07-28).
///
/// What it asks upstream has ids of its own. A transport that loses one request, and not the server, says so with an
/// error as the answer to it. [`Out::Server`] with `notifications/cancelled` names a request by that id: over HTTP the
/// request's stream is closed instead (MCP 2026-07-28 basic/patterns/cancellation).
#[derive(Debug)]
pub struct LegacyOverModern {
    settings: Settings,
    reader: Reader,
    last_id: i64,
    /// Who the client said it is, once the server has been discovered.
    client: Option<Client>,
    /// What the client waits for, by the id of the last request made upstream for it.
    calls: BTreeMap<i64, Call>,
    /// What the client was asked on behalf of which call.
    questions: BTreeMap<i64, i64>,
    subscriptions: Subscriptions,
}

/// A request of the client that waits for an answer.
#[derive(Debug)]
struct Call {
    of: Exchange,
    /// As the client gave it.
    id: Id,
    method: Option<Method>,
    /// A string or an integer, as ids are.
    progress_token: Option<Id>,
    /// The last sign of life.
    since: Instant,
    /// Who says hello, for `initialize`.
    hello: Option<Client>,
    /// As it was made upstream, for calls that may be made again.
    request: String,
    rounds: u8,
    /// What the client has to answer before the call is made again.
    asking: Option<Asking>,
}

impl LegacyOverModern {
    /// A session that begins: the client is expected to send `initialize`.
    pub fn new(settings: Settings) -> Self {
        Self {
            settings,
            reader: Reader::new(settings.limits),
            last_id: 0,
            client: None,
            calls: BTreeMap::new(),
            questions: BTreeMap::new(),
            subscriptions: Subscriptions::default(),
        }
    }

    fn next_id(&mut self) -> i64 {
        self.last_id += 1;
        self.last_id
    }

    /// The answer to a call; nothing more is said about it.
    fn answered(&mut self, number: i64, answer: impl FnOnce(&Id) -> String) -> Vec<Out> {
        let Some(call) = self.calls.remove(&number) else { return Vec::new() };
        let mut out = self.no_more_questions(number, call.of);
        out.push(Out::Client { of: Some(call.of), line: answer(&call.id) });
        out
    }

    fn failed(&mut self, number: i64, code: i64, reason: &str) -> Vec<Out> {
        self.answered(number, |id| json::error(id, code, reason))
    }

    /// What the server says to a request of ours.
    fn response(
        &mut self,
        of: Option<Exchange>,
        number: i64,
        frame: &wire::Frame<wire::Parsed>,
        now: Instant,
    ) -> Vec<Out> {
        let body = frame.body().map_or("", |(body, _)| body);
        let ok = frame.kind() == Kind::Response;
        if self.subscriptions.has(number) {
            let code = if ok { None } else { json::at(body, &["code"]) };
            return self.listen_ended(number, code, now);
        }
        let Some(call) = self.calls.get(&number) else { return Vec::new() };
        if of.is_some_and(|of| of != call.of) || call.asking.is_some() {
            return Vec::new();
        }
        let method = call.method;
        match (ok, call.hello.is_some()) {
            (false, _) => {
                let error = answer::error(method, body);
                self.answered(number, |id| format!(r#"{{"jsonrpc":"2.0","id":{id},"error":{error}}}"#))
            }
            (true, true) => self.discovered(number, body),
            (true, false) => match answer::read(method, body) {
                answer::Answer::Complete(result) => self.answered(number, |id| json::result(id, result)),
                answer::Answer::InputRequired => self.input_required(number, body, now),
                answer::Answer::Unusable(reason) => self.failed(number, code::UNAVAILABLE, &reason),
            },
        }
    }
}

impl Translator for LegacyOverModern {
    fn client(&mut self, of: Exchange, line: &str, now: Instant) -> Vec<Out> {
        let Some(frame) = json::message(&mut self.reader, line) else { return Vec::new() };
        let method = frame.method().unwrap_or_default();
        match (frame.kind(), frame.id()) {
            (Kind::Request, Some(id)) => {
                self.subscriptions.wake();
                let mut out = self.request(of, id, &method, line, now);
                out.extend(self.listen(now));
                out
            }
            (Kind::Notification, _) => self.client_notifies(&method, line, now),
            (Kind::Response | Kind::Failure, Some(Id::Number(number))) => {
                let body = frame.body().map_or("", |(body, _)| body);
                self.client_answers(number, frame.kind() == Kind::Response, body, now)
            }
            _ => Vec::new(),
        }
    }

    /// Not the end of the exchange: a legacy client that wants that says so with `notifications/cancelled`
    /// (MCP 2025-11-25 basic/transports).
    fn client_gone(&mut self, _of: Exchange, _now: Instant) -> Vec<Out> {
        Vec::new()
    }

    fn server(&mut self, of: Option<Exchange>, line: &str, now: Instant) -> Vec<Out> {
        let Some(frame) = json::message(&mut self.reader, line) else {
            return self.unreadable(of, line, now);
        };
        match (frame.kind(), frame.id()) {
            (Kind::Response | Kind::Failure, Some(Id::Number(number))) => {
                self.response(of, number, &frame, now)
            }
            (Kind::Notification, _) => {
                self.server_notifies(of, &frame.method().unwrap_or_default(), line, now)
            }
            // A modern server has no requests of its own, and expects no answers.
            _ => Vec::new(),
        }
    }

    fn server_gone(&mut self, reason: &str, _now: Instant) -> Vec<Out> {
        let numbers: Vec<i64> = self.calls.keys().copied().collect();
        let mut out: Vec<Out> =
            numbers.into_iter().flat_map(|number| self.failed(number, code::UPSTREAM_GONE, reason)).collect();
        out.extend(self.subscriptions.server_gone(reason));
        out
    }

    fn tick(&mut self, now: Instant) -> Vec<Out> {
        let patience = self.settings.patience;
        let late = |call: &Call| now.saturating_duration_since(call.since) >= patience;
        let overdue: Vec<_> = self
            .calls
            .iter()
            .filter(|(_, call)| late(call))
            .map(|(number, call)| (*number, call.of))
            .collect();
        let mut out = Vec::new();
        for (number, of) in overdue {
            let asked = self.calls.get(&number).is_some_and(|call| call.asking.is_some());
            let whom = if asked {
                "the client has not answered what the server asked"
            } else {
                "the server has not answered"
            };
            if !asked {
                out.push(cancel(number, Some(of)));
            }
            let reason = format!("{whom} for {} s", patience.as_secs());
            out.extend(self.failed(number, code::TIMED_OUT, &reason));
        }
        out.extend(self.subscriptions.overdue(now));
        out.extend(self.listen(now));
        out
    }
}

impl LegacyOverModern {
    /// Whoever waits for what cannot be read is told.
    fn unreadable(&mut self, of: Option<Exchange>, line: &str, now: Instant) -> Vec<Out> {
        let salvaged = Salvage::line(line.as_bytes());
        let Some(Id::Number(number)) = salvaged.id.filter(|_| !salvaged.calls) else { return Vec::new() };
        if self.subscriptions.has(number) {
            return self.listen_ended(number, None, now);
        }
        match self.calls.get(&number) {
            Some(call) if call.asking.is_none() && of.is_none_or(|of| of == call.of) => {
                self.failed(number, code::UNAVAILABLE, "the server's answer cannot be read")
            }
            _ => Vec::new(),
        }
    }
}

/// Takes back a request made upstream.
fn cancel(number: i64, of: Option<Exchange>) -> Out {
    let params = format!(r#"{{"requestId":{number}}}"#);
    Out::Server { of, line: json::notification("notifications/cancelled", params) }
}

#[cfg(test)]
mod tests;
