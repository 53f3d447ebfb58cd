//! Several sessions with one server: gives requests ids of their own, and everything that comes back to whom it
//! belongs. Knows messages only after they were decided, and changes nothing in them but ids and tokens.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use wire::{Method, elements, unescape};

use super::rewrite::{at, find, put};

/// Names a session while it is attached.
pub(super) type Seat = u64;

/// A message and where it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Out {
    /// To the server.
    Server(String),
    /// To a session.
    Session(Seat, String),
}

/// Unwanted answers remembered in case they come all the same: no longer than a session remembers its own, which then
/// may use the id again.
const UNWANTED: usize = 1024;

/// Progress may be told of a request that is long answered (tasks, MCP 2025-11-25); so many are remembered.
const TOKENS: usize = 4096;

const SUBSCRIPTION: &str = "io.modelcontextprotocol/subscriptionId";

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Mux {
    last_id: u64,
    /// What the server owes an answer, by the id it was asked with.
    asked: HashMap<u64, Asked>,
    /// The sessions' own progress tokens, by the token the server was given: the id of the request.
    tokens: HashMap<u64, (Seat, String)>,
    token_order: VecDeque<u64>,
    /// Whose answers nobody wants any more, oldest first: they may still come, or never.
    unwanted: VecDeque<u64>,
    handshake: Handshake,
    initialized: bool,
    /// What each session watches, by raw URI.
    seats: BTreeMap<Seat, BTreeSet<String>>,
}

#[derive(Debug)]
struct Asked {
    /// `None` if whoever asked is gone.
    seat: Option<Seat>,
    /// As the session wrote it.
    id: String,
    handshake: bool,
    /// It goes on telling after the answer (`subscriptions/listen`).
    listens: bool,
}

/// How far the server and we have come in `initialize`.
#[derive(Debug, Default)]
enum Handshake {
    #[default]
    None,
    /// It was asked on behalf of these, with their ids.
    Asked(Vec<(Seat, String)>),
    /// Its raw result.
    Done(String),
}

impl Mux {
    pub(super) fn attach(&mut self, seat: Seat) {
        self.seats.insert(seat, BTreeSet::new());
    }

    /// The session is gone: nothing comes back to it, and nothing is kept up for it alone.
    pub(super) fn detach(&mut self, seat: Seat) -> Vec<Out> {
        let watched = self.seats.remove(&seat).unwrap_or_default();
        let mut out = Vec::new();
        for (id, asked) in self.asked.iter_mut().filter(|(_, asked)| asked.seat == Some(seat)) {
            asked.seat = None;
            // A handshake must not be cancelled, and others may wait for this one.
            if !asked.handshake {
                self.unwanted.push_back(*id);
                out.push(Out::Server(format!(
                    r#"{{"jsonrpc":"2.0","method":"notifications/cancelled","params":{{"requestId":{id}}}}}"#
                )));
            }
        }
        self.tokens.retain(|_, (of, _)| *of != seat);
        if let Handshake::Asked(waiting) = &mut self.handshake {
            waiting.retain(|(of, _)| *of != seat);
        }
        for uri in watched.into_iter().filter(|uri| !self.is_watched(uri)).collect::<Vec<_>>() {
            let id = self.ask(Asked { seat: None, id: String::new(), handshake: false, listens: false });
            self.unwanted.push_back(id);
            out.push(Out::Server(format!(
                r#"{{"jsonrpc":"2.0","id":{id},"method":"resources/unsubscribe","params":{{"uri":{uri}}}}}"#
            )));
        }
        self.forget_unwanted();
        out
    }

    /// A server need not answer what was cancelled.
    fn forget_unwanted(&mut self) {
        while self.unwanted.len() > UNWANTED {
            let Some(oldest) = self.unwanted.pop_front() else { return };
            self.asked.remove(&oldest);
        }
    }

    /// Takes a line of a session.
    pub(super) fn session_said(&mut self, seat: Seat, line: &str) -> Vec<Out> {
        if line.trim_start().starts_with('[') {
            return elements(line).flat_map(|(message, _)| self.of_session(seat, message)).collect();
        }
        self.of_session(seat, line)
    }

    fn of_session(&mut self, seat: Seat, message: &str) -> Vec<Out> {
        let Some(name) = at(message, &["method"]) else {
            // An answer, to a request that no session was sent.
            return Vec::new();
        };
        let name = unescape(name.trim_matches('"'));
        let method = Method::from_name(&name);
        match find(message, &["id"]) {
            None => self.notification(seat, method, message),
            Some(id) => {
                let own = message.get(id.clone()).unwrap_or_default().to_owned();
                match method {
                    Some(Method::Initialize) => self.initialize(seat, own, message, id),
                    Some(Method::ResourcesSubscribe | Method::ResourcesUnsubscribe) => {
                        self.watch(seat, method == Some(Method::ResourcesSubscribe), own, message, id)
                    }
                    _ => {
                        let listens = method == Some(Method::Listen);
                        vec![self.forward(seat, own, message, id, listens)]
                    }
                }
            }
        }
    }

    fn forward(
        &mut self,
        seat: Seat,
        own: String,
        message: &str,
        id: std::ops::Range<usize>,
        listens: bool,
    ) -> Out {
        let ours = self.ask(Asked { seat: Some(seat), id: own, handshake: false, listens });
        let mut places = vec![(id, ours.to_string())];
        if let Some(token) = find(message, &["params", "_meta", "progressToken"]) {
            let own = message.get(token.clone()).unwrap_or_default().to_owned();
            self.remember_token(ours, seat, own);
            places.push((token, ours.to_string()));
        }
        Out::Server(put(message, places))
    }

    /// The server shakes hands once. It is told of no capability: it could not say which session it asks.
    fn initialize(&mut self, seat: Seat, own: String, message: &str, id: std::ops::Range<usize>) -> Vec<Out> {
        match &mut self.handshake {
            Handshake::Done(result) => vec![Out::Session(seat, answer(&own, result))],
            Handshake::Asked(waiting) => {
                waiting.push((seat, own));
                Vec::new()
            }
            Handshake::None => {
                self.handshake = Handshake::Asked(vec![(seat, own)]);
                let ours =
                    self.ask(Asked { seat: Some(seat), id: String::new(), handshake: true, listens: false });
                let mut places = vec![(id, ours.to_string())];
                if let Some(token) = find(message, &["params", "_meta", "progressToken"]) {
                    let own = message.get(token.clone()).unwrap_or_default().to_owned();
                    self.remember_token(ours, seat, own);
                    places.push((token, ours.to_string()));
                }
                if let Some(capabilities) = find(message, &["params", "capabilities"]) {
                    places.push((capabilities, "{}".to_owned()));
                }
                vec![Out::Server(put(message, places))]
            }
        }
    }

    /// The server is told of the first session that watches a resource, and of the last that no longer does.
    fn watch(
        &mut self,
        seat: Seat,
        on: bool,
        own: String,
        message: &str,
        id: std::ops::Range<usize>,
    ) -> Vec<Out> {
        let Some(uri) = at(message, &["params", "uri"]).map(str::to_owned) else {
            return vec![self.forward(seat, own, message, id, false)];
        };
        let others = |mux: &Self| mux.seats.iter().any(|(of, watched)| *of != seat && watched.contains(&uri));
        let settled = others(self);
        if let Some(watched) = self.seats.get_mut(&seat) {
            if on {
                watched.insert(uri)
            } else {
                watched.remove(&uri)
            };
        }
        if settled {
            return vec![Out::Session(seat, answer(&own, "{}"))];
        }
        vec![self.forward(seat, own, message, id, false)]
    }

    fn notification(&mut self, seat: Seat, method: Option<Method>, message: &str) -> Vec<Out> {
        match method {
            Some(Method::Initialized) if self.initialized => Vec::new(),
            Some(Method::Cancelled) => {
                let Some(span) = find(message, &["params", "requestId"]) else { return Vec::new() };
                let own = message.get(span.clone()).unwrap_or_default();
                let ours = self.asked.iter().find(|(_, asked)| asked.seat == Some(seat) && asked.id == own);
                let Some(ours) = ours.map(|(ours, _)| *ours) else { return Vec::new() };
                self.unwanted.push_back(ours);
                self.forget_unwanted();
                vec![Out::Server(put(message, vec![(span, ours.to_string())]))]
            }
            _ => {
                self.initialized |= method == Some(Method::Initialized);
                vec![Out::Server(message.to_owned())]
            }
        }
    }

    /// Takes a line of the server.
    pub(super) fn server_said(&mut self, line: &str) -> Vec<Out> {
        if line.trim_start().starts_with('[') {
            return elements(line).flat_map(|(message, _)| self.of_server(message)).collect();
        }
        self.of_server(line)
    }

    fn of_server(&mut self, message: &str) -> Vec<Out> {
        match (find(message, &["method"]), find(message, &["id"])) {
            (None, Some(id)) => self.answered(message, id),
            (Some(method), Some(id)) => {
                let own = message.get(id).unwrap_or_default();
                let ping = message.get(method) == Some(r#""ping""#);
                vec![Out::Server(if ping { answer(own, "{}") } else { no_one_to_ask(own) })]
            }
            (Some(method), None) => {
                let method = unescape(message.get(method).unwrap_or_default().trim_matches('"'));
                self.told(&method, message)
            }
            // No message of JSON-RPC. Every session's guard has its own way to say so.
            (None, None) => self.everybody(message),
        }
    }

    fn answered(&mut self, message: &str, id: std::ops::Range<usize>) -> Vec<Out> {
        // Spelt as we spelt it: the session will see its own id there, and could not refuse `+1`, which is no JSON.
        let own = message.get(id.clone()).unwrap_or_default();
        let ours = own.parse::<u64>().ok().filter(|ours| ours.to_string() == own);
        let Some(asked) = ours.and_then(|ours| self.asked.remove(&ours)) else { return Vec::new() };
        if asked.handshake {
            return self.shaken(message, id);
        }
        match asked.seat {
            Some(seat) => vec![Out::Session(seat, put(message, vec![(id, asked.id)]))],
            None => Vec::new(),
        }
    }

    fn shaken(&mut self, message: &str, id: std::ops::Range<usize>) -> Vec<Out> {
        let result = at(message, &["result"]).map(str::to_owned);
        let next = result.map_or(Handshake::None, Handshake::Done);
        let Handshake::Asked(waiting) = std::mem::replace(&mut self.handshake, next) else {
            return Vec::new();
        };
        let to = |(seat, own)| Out::Session(seat, put(message, vec![(id.clone(), own)]));
        waiting.into_iter().map(to).collect()
    }

    fn told(&self, method: &str, message: &str) -> Vec<Out> {
        let number =
            |span: &std::ops::Range<usize>| message.get(span.clone())?.trim_matches('"').parse::<u64>().ok();
        let to = |place: Option<std::ops::Range<usize>>, whose: &dyn Fn(u64) -> Option<(Seat, String)>| {
            let span = place?;
            let (seat, own) = whose(number(&span)?)?;
            Some(vec![Out::Session(seat, put(message, vec![(span, own)]))])
        };
        let listened = find(message, &["params", "_meta", SUBSCRIPTION]);
        if listened.is_some() {
            let whose = |id| {
                let asked = self.asked.get(&id).filter(|asked| asked.listens)?;
                Some((asked.seat?, asked.id.clone()))
            };
            return to(listened, &whose).unwrap_or_default();
        }
        match method {
            "notifications/progress" => {
                let whose = |token| self.tokens.get(&token).cloned();
                to(find(message, &["params", "progressToken"]), &whose).unwrap_or_default()
            }
            // It does not say whose task it is, and nobody may rely on it (MCP 2025-11-25 basic/utilities/tasks).
            "notifications/cancelled" | "notifications/tasks/status" => Vec::new(),
            "notifications/resources/updated" => match at(message, &["params", "uri"]) {
                Some(uri) => {
                    let watches = |watched: &BTreeSet<String>| watched.contains(uri);
                    let seats = self.seats.iter().filter(|(_, watched)| watches(watched));
                    seats.map(|(seat, _)| Out::Session(*seat, message.to_owned())).collect()
                }
                None => self.everybody(message),
            },
            _ => self.everybody(message),
        }
    }

    fn everybody(&self, message: &str) -> Vec<Out> {
        self.seats.keys().map(|seat| Out::Session(*seat, message.to_owned())).collect()
    }

    fn is_watched(&self, uri: &str) -> bool {
        self.seats.values().any(|watched| watched.contains(uri))
    }

    fn ask(&mut self, asked: Asked) -> u64 {
        self.last_id += 1;
        self.asked.insert(self.last_id, asked);
        self.last_id
    }

    fn remember_token(&mut self, ours: u64, seat: Seat, own: String) {
        self.tokens.insert(ours, (seat, own));
        self.token_order.push_back(ours);
        if self.token_order.len() > TOKENS
            && let Some(oldest) = self.token_order.pop_front()
        {
            self.tokens.remove(&oldest);
        }
    }
}

fn answer(id: &str, result: &str) -> String {
    format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{result}}}"#)
}

/// A shared server has no client of its own (JSON-RPC 2.0 §5.1, method not found).
fn no_one_to_ask(id: &str) -> String {
    format!(
        r#"{{"jsonrpc":"2.0","id":{id},"error":{{"code":-32601,"message":"this server is shared by several clients and can ask none of them"}}}}"#
    )
}

#[cfg(test)]
mod tests;
