//! What the client asks.

use std::time::Instant;

use wire::{Id, Method, code};

use super::{Call, LegacyOverModern, cancel};
use crate::{
    Exchange, Out,
    json::{self, Object, at, text},
};

/// JSON-RPC 2.0 §5.1.
const METHOD_NOT_FOUND: i64 = -32601;
/// JSON-RPC 2.0 §5.1.
const INVALID_PARAMS: i64 = -32602;

/// MCP 2025-11-25 server/utilities/logging.
const LEVELS: [&str; 8] = ["debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"];

impl LegacyOverModern {
    pub(super) fn request(&mut self, of: Exchange, id: Id, name: &str, line: &str, now: Instant) -> Vec<Out> {
        let method = Method::from_name(name);
        let say = |line: String| vec![Out::Client { of: Some(of), line }];
        let params = at(line, &["params"]).unwrap_or_default();
        if self.calls.len() + self.subscriptions.waiting() >= self.settings.in_flight {
            let reason = format!("more than {} requests wait for an answer", self.settings.in_flight);
            return say(json::error(&id, code::TOO_MANY, &reason));
        }
        let token = at(params, &["_meta", "progressToken"]).unwrap_or_default();
        if !json::is_short(token) || !json::is_short(at(line, &["id"]).unwrap_or_default()) {
            return say(json::error(&id, code::INVALID_REQUEST, "the id or the progress token is too long"));
        }
        match method {
            Some(Method::Ping) => return say(json::result(&id, "{}")),
            Some(Method::Initialize) => return self.initialize(of, id, params, now),
            _ => {}
        }
        let Some(client) = &mut self.client else {
            return say(json::error(
                &id,
                code::INVALID_REQUEST,
                "this session has not begun: send initialize first",
            ));
        };
        match method {
            Some(Method::SetLevel) if self.subscriptions.offers().logging => {
                let level = at(params, &["level"]).and_then(text);
                let level = LEVELS.into_iter().find(|known| level.as_deref() == Some(known));
                let Some(level) = level else {
                    let reason = format!("\"level\" must be one of {}", LEVELS.join(", "));
                    return say(json::error(&id, INVALID_PARAMS, &reason));
                };
                client.level = level;
                say(json::result(&id, "{}"))
            }
            Some(Method::ResourcesSubscribe | Method::ResourcesUnsubscribe)
                if self.subscriptions.offers().subscribe =>
            {
                let Some(uri) = at(params, &["uri"]).and_then(text) else {
                    return say(json::error(&id, INVALID_PARAMS, "\"uri\" must be a string"));
                };
                let mut out = if method == Some(Method::ResourcesSubscribe) {
                    self.subscriptions.subscribe(of, id, &uri)
                } else {
                    self.subscriptions.unsubscribe(of, &id, &uri)
                };
                out.extend(self.listen(now));
                out
            }
            Some(
                Method::SetLevel
                | Method::ResourcesSubscribe
                | Method::ResourcesUnsubscribe
                | Method::Discover
                | Method::Listen,
            ) => say(json::error(&id, METHOD_NOT_FOUND, &format!("the server has no {name}"))),
            // Declared to neither side, and of another meaning on each.
            _ if name.starts_with("tasks/") => {
                say(json::error(&id, METHOD_NOT_FOUND, &format!("the server has no {name}")))
            }
            _ if params.starts_with('[') => {
                say(json::error(&id, INVALID_PARAMS, "\"params\" must be an object"))
            }
            _ => self.forward(of, id, method, line, token, now),
        }
    }

    fn forward(
        &mut self,
        of: Exchange,
        id: Id,
        method: Option<Method>,
        line: &str,
        token: &str,
        now: Instant,
    ) -> Vec<Out> {
        let Some(client) = &self.client else { return Vec::new() };
        let number = self.last_id + 1;
        let logs = self.subscriptions.offers().logging;
        let mut request = Object::of(line);
        request.set("id", number.to_string());
        request.inside("params", |params| {
            if may_ask(method) {
                // Names that are the server's and ours here. A legacy client has no use for them.
                params.remove("inputResponses");
                params.remove("requestState");
            }
            if method == Some(Method::ToolsCall) {
                // To be ignored by who does not declare tasks (MCP 2025-11-25 basic/utilities/tasks).
                params.remove("task");
            }
            params.inside("_meta", |meta| client.sign(meta, logs));
        });
        let request = request.to_string();
        let mut call = Call::new(of, id, method, now);
        call.progress_token = Id::from_raw(token);
        if may_ask(method) {
            call.request.clone_from(&request);
        }
        if self.kept() + call.request.len() > self.settings.kept_bytes {
            let reason = "the calls that wait for an answer take more memory than one session may have";
            return vec![Out::Client { of: Some(of), line: json::error(&call.id, code::TOO_MANY, reason) }];
        }
        self.last_id = number;
        self.calls.insert(number, call);
        vec![Out::Server { of: Some(of), line: request }]
    }

    /// Bytes held for calls.
    pub(super) fn kept(&self) -> usize {
        self.calls.values().map(Call::weight).sum()
    }

    /// What the client says without waiting for an answer. Nothing of it exists for a modern server.
    pub(super) fn client_notifies(&mut self, method: &str, line: &str, now: Instant) -> Vec<Out> {
        match Method::from_name(method) {
            Some(Method::Initialized) if self.client.is_some() => {
                self.subscriptions.begin();
                self.listen(now)
            }
            Some(Method::Cancelled) => {
                let id = at(line, &["params", "requestId"]).and_then(Id::from_raw);
                id.map(|id| self.client_cancels(&id)).unwrap_or_default()
            }
            _ => Vec::new(),
        }
    }

    fn client_cancels(&mut self, id: &Id) -> Vec<Out> {
        self.subscriptions.forget(id);
        // A handshake must not be cancelled (MCP 2025-11-25 basic/utilities/cancellation).
        let found =
            self.calls.iter().find(|(_, call)| call.id == *id && call.method != Some(Method::Initialize));
        let Some(number) = found.map(|(number, _)| *number) else { return Vec::new() };
        let Some(call) = self.calls.remove(&number) else { return Vec::new() };
        if call.asking.is_some() {
            return self.no_more_questions(number, call.of);
        }
        vec![cancel(number, Some(call.of))]
    }
}

impl Call {
    pub(super) fn new(of: Exchange, id: Id, method: Option<Method>, now: Instant) -> Self {
        Self {
            of,
            id,
            method,
            progress_token: None,
            since: now,
            hello: None,
            request: String::new(),
            rounds: 0,
            asking: None,
        }
    }

    fn weight(&self) -> usize {
        self.request.len() + self.asking.as_ref().map_or(0, super::Asking::weight)
    }
}

/// Whether the server may answer that it needs input (MCP 2026-07-28 basic/patterns/mrtr).
pub(super) fn may_ask(method: Option<Method>) -> bool {
    matches!(method, Some(Method::ToolsCall | Method::PromptsGet | Method::ResourcesRead))
}
