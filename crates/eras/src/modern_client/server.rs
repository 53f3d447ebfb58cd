//! What the server says.

use std::time::Instant;

use bytes::Bytes;
use wire::{
    Content, Frame, Id, Kind, Parsed, Salvage, code, elements,
    meta::{PROGRESS_TOKEN, SUBSCRIPTION_ID},
};

use super::{
    ModernOverLegacy,
    calls::{Call, Client, Progress},
    handshake::{Link, Server, Waiting, error_code},
    logging::Level,
    request::takes_input,
    to_client, to_server,
};
use crate::{
    Exchange, Out,
    json::{self, Object},
};

/// Of legacy revisions: the user has to open an address first.
const URL_ELICITATION_REQUIRED: i64 = -32042;

impl ModernOverLegacy {
    /// Takes a line: one message, or a batch if the server speaks the revision that has them.
    pub(super) fn server_says(&mut self, of: Option<Exchange>, line: &str, now: Instant, out: &mut Vec<Out>) {
        let batches = matches!(&self.link, Link::Up(server) if server.revision.has_batches());
        match self.reader.read(&Bytes::copy_from_slice(line.as_bytes()), batches) {
            Ok(Content::Single(frame)) => self.message(of, &frame, line, now, out),
            Ok(Content::Batch(frames)) => {
                for (frame, (element, _)) in frames.iter().zip(elements(line)) {
                    match frame {
                        Ok(frame) => self.message(of, frame, element, now, out),
                        Err(error) => self.unreadable(element, &error.to_string(), now, out),
                    }
                }
            }
            Err(error) => self.unreadable(line, &error.to_string(), now, out),
        }
    }

    fn message(
        &mut self,
        of: Option<Exchange>,
        frame: &Frame<Parsed>,
        line: &str,
        now: Instant,
        out: &mut Vec<Out>,
    ) {
        let (body, _) = frame.body().unwrap_or_default();
        let method = frame.method().unwrap_or_default();
        match (frame.kind(), frame.id()) {
            (Kind::Request, Some(id)) => self.server_asks(of, id, &method, body, now, out),
            (Kind::Notification, _) => self.notified(of, &method, body, line, out),
            (Kind::Response | Kind::Failure, Some(Id::Number(number))) => {
                let Ok(number) = u64::try_from(number) else { return };
                if matches!(self.link, Link::Shaking { number: ours, .. } if ours == number) {
                    self.shaken(frame.kind(), body, out);
                } else {
                    self.server_answers(number, line, now, out);
                }
            }
            // An answer to nothing that was asked.
            _ => {}
        }
    }

    /// Whoever waits for an answer that cannot be read is told so.
    fn unreadable(&mut self, line: &str, why: &str, now: Instant, out: &mut Vec<Out>) {
        let salvaged = Salvage::line(line.as_bytes());
        let Some(Id::Number(number)) = salvaged.id.filter(|_| salvaged.answers && !salvaged.calls) else {
            return;
        };
        let message = format!("the server's answer cannot be read: {why}");
        let Ok(number) = u64::try_from(number) else { return };
        if matches!(self.link, Link::Shaking { number: ours, .. } if ours == number) {
            return self.give_up(code::UNAVAILABLE, &message, false, out);
        }
        let error = json::error(&Id::Number(0), code::UNAVAILABLE, &message);
        self.server_answers(number, &error, now, out);
    }

    /// The answer to `initialize`.
    fn shaken(&mut self, kind: Kind, body: &str, out: &mut Vec<Out>) {
        let server = match kind {
            Kind::Response => Server::read(body, self.settings.oldest),
            _ => {
                let said = json::at(body, &["message"]).and_then(json::text).unwrap_or_default();
                Err(said.chars().filter(|c| !c.is_control()).take(200).collect())
            }
        };
        let server = match server {
            Ok(server) => server,
            Err(why) => {
                let reason = format!("the server refused the handshake: {why}");
                return self.give_up(code::UNAVAILABLE, &reason, false, out);
            }
        };
        let Link::Shaking { waiting, .. } = std::mem::replace(&mut self.link, Link::Up(server)) else {
            return;
        };
        out.push(to_server(None, json::notification("notifications/initialized", "{}")));
        self.subscribe_again(out);
        for message in waiting {
            match message {
                Waiting::Request(of, request) => self.begin(of, request, out),
                Waiting::Notification(line) => out.push(to_server(None, line)),
            }
        }
    }

    /// The answer to our request of that number, a raw message. One to a request that is not known, or not any more, is
    /// dropped.
    pub(super) fn server_answers(&mut self, number: u64, message: &str, now: Instant, out: &mut Vec<Out>) {
        let Link::Up(server) = &self.link else { return };
        let Some(call) = self.calls.0.get_mut(&number) else { return };
        let Client::Waits { of, id } = &call.client else {
            // The first answer is the answer.
            if call.server == Progress::Works {
                call.server = Progress::Answered(message.to_owned());
                // What it asked meanwhile it has gone on without.
                call.asks.clear();
            }
            return;
        };
        let error =
            json::at(message, &["error"]).filter(|error| error_code(error) == Some(URL_ELICITATION_REQUIRED));
        if let Some(error) = error.filter(|_| takes_input(&call.method)) {
            return self.wants_addresses(number, error, now, out);
        }
        out.push(to_client(*of, server.answer(message, &call.method, id)));
        self.calls.0.remove(&number);
    }

    fn notified(
        &mut self,
        of: Option<Exchange>,
        method: &str,
        params: &str,
        message: &str,
        out: &mut Vec<Out>,
    ) {
        match method {
            "notifications/progress" => self.progressed(params, message, out),
            "notifications/message" => {
                let level =
                    json::at(params, &["level"]).and_then(json::text).and_then(|name| Level::of(&name));
                let wants = |call: &Call| matches!((call.meta.level, level), (Some(least), Some(level)) if least <= level);
                if let Some(to) = self.calls.listener(of, wants) {
                    out.push(to_client(to, message.to_owned()));
                }
            }
            "notifications/cancelled" => {
                if let Some(request) = json::at(params, &["requestId"]).and_then(Id::from_raw) {
                    self.calls.withdraw(&request);
                }
            }
            _ if NOT_MODERN.contains(&method) || self.server_tells(method, params, message, out) => {}
            _ => {
                let mut message = Object::of(message);
                // Says that the notification belongs to a subscription, which is for us to say.
                message.inside("params", |params| {
                    params.inside("_meta", |meta| drop(meta.remove(SUBSCRIPTION_ID)))
                });
                let to = of.and_then(|_| self.calls.listener(of, |_| true));
                out.push(Out::Client { of: to, line: message.to_string() });
            }
        }
    }

    fn progressed(&self, params: &str, message: &str, out: &mut Vec<Out>) {
        let number = json::at(params, &[PROGRESS_TOKEN]).and_then(|token| token.parse().ok());
        let call = number.and_then(|number: u64| self.calls.0.get(&number));
        let Some((to, token)) =
            call.and_then(|call| Some((call.listener()?, call.meta.progress.as_deref()?)))
        else {
            return;
        };
        let mut message = Object::of(message);
        message.inside("params", |params| params.set(PROGRESS_TOKEN, token.to_owned()));
        out.push(to_client(to, message.to_string()));
    }
}

/// What no modern client gets: 2026-07-28 has removed it, or it is for us to say.
const NOT_MODERN: [&str; 4] = [
    "notifications/elicitation/complete",
    "notifications/subscriptions/acknowledged",
    "notifications/tasks",
    "notifications/tasks/status",
];
