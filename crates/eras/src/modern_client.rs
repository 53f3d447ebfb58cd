//! A modern client (MCP 2026-07-28) before a legacy server (up to 2025-11-25).

mod calls;
mod capabilities;
mod handshake;
mod listen;
mod logging;
mod park;
mod request;
mod seal;
mod server;
mod settings;
mod tells;

use std::{
    collections::{BTreeMap, VecDeque},
    mem,
    time::Instant,
};

use wire::{Id, Kind, Method, Outgoing, Reader, Salvage, code};

pub use self::settings::Settings;
use self::{
    calls::{Call, Calls},
    handshake::{Introduction, Link, Waiting},
    listen::Listen,
    logging::Level,
    park::cancelled,
    request::Request,
    seal::Seal,
};
use crate::{
    Exchange, Out, Translator,
    json::{self, Object},
};

/// Gives a modern client the use of a legacy server. One of these is for one principal, one server, and one set of client
/// capabilities: it holds one session with the server. Any number of clients may speak through it, and use the same ids.
pub struct ModernOverLegacy {
    settings: Settings,
    reader: Reader,
    seal: Seal,
    link: Link,
    introduction: Introduction,
    calls: Calls,
    listens: BTreeMap<Exchange, Listen>,
    /// What the server was told to log.
    level: Option<Level>,
    /// Our requests are numbered from one on, and no number is used twice, not even after the server has gone.
    last_number: u64,
}

impl ModernOverLegacy {
    /// A translator that has not spoken to its server yet.
    pub fn new(settings: Settings) -> Self {
        Self {
            reader: Reader::new(settings.limits),
            seal: Seal::new(&settings.key),
            settings,
            link: Link::Down,
            introduction: Introduction::default(),
            calls: Calls::default(),
            listens: BTreeMap::new(),
            level: None,
            last_number: 0,
        }
    }

    fn requested(&mut self, of: Exchange, request: Request, now: Instant, out: &mut Vec<Out>) {
        if request.is_retry() {
            return self.retried(of, request, now, out);
        }
        let waiting = match &self.link {
            Link::Shaking { waiting, .. } => waiting.len(),
            _ => 0,
        };
        if waiting + self.calls.0.len() >= self.settings.max_in_flight {
            let refusal =
                request.refused(code::TOO_MANY, "too many requests are in flight: wait for answers");
            return out.push(to_client(of, written(&refusal)));
        }
        if matches!(self.link, Link::Down) {
            self.introduction = Introduction::of(&request, &self.settings);
            self.shake_hands(now, out);
        }
        match &mut self.link {
            Link::Shaking { waiting, .. } => waiting.push_back(Waiting::Request(of, request)),
            _ => self.begin(of, request, out),
        }
    }

    /// Does what a request asks for; the server is there.
    fn begin(&mut self, of: Exchange, request: Request, out: &mut Vec<Out>) {
        match (Method::from_name(&request.method), &self.link) {
            (Some(Method::Discover), Link::Up(server)) => {
                out.push(to_client(of, json::result(&request.id, server.discovered())));
            }
            (Some(Method::Listen), _) => self.listen(of, request, out),
            _ => self.call(of, request, out),
        }
    }

    /// Sends the server a request.
    fn call(&mut self, of: Exchange, request: Request, out: &mut Vec<Out>) {
        let number = self.next_number();
        let line = request.for_server(number);
        self.calls.0.insert(number, Call::new(of, request));
        self.settle_level(out);
        out.push(to_server(Some(of), line));
    }

    /// Has the server log what the most curious client in flight wants to see.
    fn settle_level(&mut self, out: &mut Vec<Out>) {
        let wanted = self.calls.level();
        let Some(level) = wanted.filter(|_| wanted != self.level) else { return };
        if json::at(self.server_capabilities(), &["logging"]).is_none() {
            return;
        }
        self.level = wanted;
        let params = format!(r#"{{"level":"{}"}}"#, level.name());
        let id = self.next_id();
        out.push(to_server(None, json::request(&id, Method::SetLevel.name(), params)));
    }

    fn shake_hands(&mut self, now: Instant, out: &mut Vec<Out>) {
        let number = self.next_number();
        let until = now + self.settings.handshake_within;
        self.link = Link::Shaking { number, until, waiting: VecDeque::new() };
        out.push(to_server(None, self.introduction.initialize(number)));
    }

    /// There is no server: tells all who wait for it. Listens go on if there will be one again.
    fn give_up(&mut self, code: i64, reason: &str, listens_go_on: bool, out: &mut Vec<Out>) {
        let mut tell = |of, id| out.push(to_client(of, json::error(&id, code, reason)));
        if let Link::Shaking { waiting, .. } = mem::take(&mut self.link) {
            for message in waiting {
                if let Waiting::Request(of, request) = message {
                    tell(of, request.id);
                }
            }
        }
        for call in mem::take(&mut self.calls).0.into_values() {
            if let calls::Client::Waits { of, id } = call.client {
                tell(of, id);
            }
        }
        self.level = None;
        if !listens_go_on {
            self.end_listens(out);
        }
    }

    fn server_capabilities(&self) -> &str {
        match &self.link {
            Link::Up(server) => &server.capabilities,
            _ => "{}",
        }
    }

    /// Adds the server's name to a result of ours.
    fn sign(&self, result: &mut Object<'_>) {
        if let Link::Up(server) = &self.link {
            server.sign(result);
        }
    }

    fn is_up(&self) -> bool {
        matches!(self.link, Link::Up(_))
    }

    fn next_number(&mut self) -> u64 {
        self.last_number += 1;
        self.last_number
    }

    fn next_id(&mut self) -> Id {
        Id::Number(i64::try_from(self.next_number()).unwrap_or(i64::MAX))
    }
}

impl Translator for ModernOverLegacy {
    fn client(&mut self, of: Exchange, line: &str, now: Instant) -> Vec<Out> {
        let mut out = Vec::new();
        let Some(frame) = json::message(&mut self.reader, line) else {
            let salvaged = Salvage::line(line.as_bytes());
            if let Some(id) = salvaged.id.filter(|_| salvaged.calls) {
                out.push(to_client(
                    of,
                    json::error(&id, code::INVALID_REQUEST, "the message cannot be read"),
                ));
            }
            return out;
        };
        let params = frame.body().map_or("", |(params, _)| params);
        match (frame.kind(), frame.id()) {
            (Kind::Request, Some(id)) => match Request::read(&frame, id, line) {
                Ok(request) => self.requested(of, request, now, &mut out),
                Err(refusal) => out.push(to_client(of, written(&refusal))),
            },
            (Kind::Notification, _) => {
                self.client_tells(&frame.method().unwrap_or_default(), params, line, now, &mut out);
            }
            // Nobody asks a modern client anything.
            _ => {}
        }
        out
    }

    fn client_gone(&mut self, of: Exchange, _now: Instant) -> Vec<Out> {
        let mut out = Vec::new();
        if let Link::Shaking { waiting, .. } = &mut self.link {
            waiting.retain(|message| !matches!(message, Waiting::Request(who, _) if *who == of));
        }
        self.unlisten(of, &mut out);
        if let Some(number) = self.calls.waited_for(of)
            && let Some(call) = self.calls.0.remove(&number)
        {
            let (origin, why) = (call.origin, "the client waits no longer");
            out.extend(call.unanswered(code::TIMED_OUT, why));
            out.push(to_server(Some(origin), cancelled(number, why)));
        }
        out
    }

    fn server(&mut self, of: Option<Exchange>, line: &str, now: Instant) -> Vec<Out> {
        let mut out = Vec::new();
        self.server_says(of, line, now, &mut out);
        out
    }

    fn server_gone(&mut self, reason: &str, _now: Instant) -> Vec<Out> {
        let mut out = Vec::new();
        // A server that is gone before it was there will not come back.
        let listens_go_on = self.is_up();
        self.give_up(code::UPSTREAM_GONE, reason, listens_go_on, &mut out);
        out
    }

    fn tick(&mut self, now: Instant) -> Vec<Out> {
        let mut out = Vec::new();
        self.hand_on(now, &mut out);
        self.forget_the_absent(now, &mut out);
        match self.link {
            Link::Shaking { until, .. } if until <= now => {
                self.give_up(code::TIMED_OUT, "the server has not shaken hands in time", false, &mut out);
            }
            Link::Down if !self.listens.is_empty() => self.shake_hands(now, &mut out),
            _ => {}
        }
        out
    }

    fn due(&self) -> Option<Instant> {
        self.calls.0.values().filter_map(|call| call.hand_on).min()
    }
}

fn to_client(of: Exchange, line: String) -> Out {
    Out::Client { of: Some(of), line }
}

fn to_server(of: Option<Exchange>, line: String) -> Out {
    Out::Server { of, line }
}

fn written(message: &impl Outgoing) -> String {
    let mut bytes = Vec::new();
    message.write_to(&mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}
