use std::collections::BTreeMap;

use wire::{Id, Method, code};

use super::{IN_FLIGHT, too_long};
use crate::{
    Exchange, Out,
    json::{self, at, find, put, text},
};

const SUBSCRIPTION: &str = "io.modelcontextprotocol/subscriptionId";
const LOG_LEVEL: &str = "io.modelcontextprotocol/logLevel";

/// JSON-RPC 2.0 §5.1.
const METHOD_NOT_FOUND: i64 = -32601;

/// See [`super::SameEra::shared`].
#[derive(Debug, Default)]
pub(super) struct Shared {
    last_id: u64,
    /// What the clients wait for, by the id the server was asked with, which is the progress token, too.
    asked: BTreeMap<u64, Asked>,
}

#[derive(Debug)]
struct Asked {
    of: Exchange,
    /// As the client wrote it.
    id: Id,
    /// As the client wrote it, raw.
    progress_token: Option<String>,
    /// The client wants to see what is logged.
    logs: bool,
    /// `subscriptions/listen`.
    listens: bool,
}

impl Shared {
    pub(super) fn client(&mut self, of: Exchange, line: &str) -> Vec<Out> {
        let method = at(line, &["method"]).and_then(text).and_then(|name| Method::from_name(&name));
        if at(line, &["method"]).is_none() {
            // An answer, to a request that no client was sent.
            return Vec::new();
        }
        let Some(place) = find(line, &["id"]) else { return self.notification(of, method, line) };
        let Some(id) = line.get(place.clone()).and_then(Id::from_raw) else { return Vec::new() };
        if self.asked.len() >= IN_FLIGHT {
            let reason = format!("more than {IN_FLIGHT} requests wait for the server; try again later");
            return vec![Out::Client { of: Some(of), line: json::error(&id, code::TOO_MANY, &reason) }];
        }
        let token = at(line, &["params", "_meta", "progressToken"]);
        if ![token, line.get(place.clone())].into_iter().flatten().all(json::is_short) {
            return vec![too_long(of, &id)];
        }
        self.last_id += 1;
        let mut places = vec![(place, self.last_id.to_string())];
        let mut progress_token = None;
        if let Some(place) = find(line, &["params", "_meta", "progressToken"]) {
            progress_token = line.get(place.clone()).map(str::to_owned);
            places.push((place, self.last_id.to_string()));
        }
        let logs = at(line, &["params", "_meta", LOG_LEVEL]).is_some();
        let listens = method == Some(Method::Listen);
        self.asked.insert(self.last_id, Asked { of, id, progress_token, logs, listens });
        vec![Out::Server { of: Some(of), line: put(line, places) }]
    }

    /// Modern clients notify of nothing but cancellations; what another exchange has asked they cannot cancel.
    fn notification(&mut self, of: Exchange, method: Option<Method>, line: &str) -> Vec<Out> {
        let id = at(line, &["params", "requestId"]).and_then(Id::from_raw);
        let found = self.asked.iter().find(|(_, asked)| asked.of == of && Some(&asked.id) == id.as_ref());
        match (method, found.map(|(ours, _)| *ours)) {
            (Some(Method::Cancelled), Some(ours)) => self.cancel(ours),
            _ => Vec::new(),
        }
    }

    pub(super) fn client_gone(&mut self, of: Exchange) -> Vec<Out> {
        let gone: Vec<u64> =
            self.asked.iter().filter(|(_, asked)| asked.of == of).map(|(ours, _)| *ours).collect();
        gone.into_iter().flat_map(|ours| self.cancel(ours)).collect()
    }

    fn cancel(&mut self, ours: u64) -> Vec<Out> {
        let Some(asked) = self.asked.remove(&ours) else { return Vec::new() };
        let params = format!(r#"{{"requestId":{ours}}}"#);
        vec![Out::Server { of: Some(asked.of), line: json::notification("notifications/cancelled", params) }]
    }

    pub(super) fn server(&mut self, of: Option<Exchange>, line: &str) -> Vec<Out> {
        let method = at(line, &["method"]).map(|raw| text(raw).unwrap_or_default());
        match (method, at(line, &["id"])) {
            (None, Some(_)) => self.answer(of, line),
            (Some(method), None) => self.told(of, &method, line),
            // A modern server has no requests. One that has is not kept waiting: it may be of use to others.
            (Some(_), Some(id)) => Id::from_raw(id).map_or_else(Vec::new, |id| {
                let reason = "this client answers no requests (MCP 2026-07-28)";
                vec![Out::Server { of, line: json::error(&id, METHOD_NOT_FOUND, reason) }]
            }),
            (None, None) => Vec::new(),
        }
    }

    fn answer(&mut self, of: Option<Exchange>, line: &str) -> Vec<Out> {
        let Some(ours) = self.ours(of, line, &["id"]) else { return Vec::new() };
        let Some(asked) = self.asked.remove(&ours) else { return Vec::new() };
        let places = [&["id"][..], &["result", "_meta", SUBSCRIPTION]];
        let places = places.into_iter().filter_map(|path| Some((find(line, path)?, asked.id.to_string())));
        vec![Out::Client { of: Some(asked.of), line: put(line, places.collect()) }]
    }

    fn told(&mut self, of: Option<Exchange>, method: &str, line: &str) -> Vec<Out> {
        let tag = ["params", "_meta", SUBSCRIPTION];
        let to = |asked: &Asked, path: &[&str], own: String| {
            let place = find(line, path).map(|place| (place, own));
            vec![Out::Client { of: Some(asked.of), line: put(line, place.into_iter().collect()) }]
        };
        if at(line, &tag).is_some() {
            let asked = self.ours(of, line, &tag).and_then(|ours| self.asked.get(&ours));
            return asked
                .filter(|asked| asked.listens)
                .map_or_else(Vec::new, |asked| to(asked, &tag, asked.id.to_string()));
        }
        let found = match method {
            "notifications/progress" => {
                let token = ["params", "progressToken"];
                let asked = self.ours(of, line, &token).and_then(|ours| self.asked.get(&ours));
                return asked
                    .and_then(|asked| Some(to(asked, &token, asked.progress_token.clone()?)))
                    .unwrap_or_default();
            }
            "notifications/cancelled" => return self.listen_ended(of, line),
            // It does not say which request it is about. The last that wants logs is as good as any.
            "notifications/message" => {
                self.asked.values().rev().find(|asked| asked.logs && of.is_none_or(|of| of == asked.of))
            }
            // What belongs to no request of anybody could be meant for any of them, and is told to none.
            _ => self.asked.values().find(|asked| Some(asked.of) == of),
        };
        found.map_or_else(Vec::new, |asked| vec![Out::Client { of: Some(asked.of), line: line.to_owned() }])
    }

    /// So a server ends a stream where all share one channel. Where each has its own, the end is an answer
    /// (MCP 2026-07-28 basic/patterns/subscriptions §Graceful Closure).
    fn listen_ended(&mut self, of: Option<Exchange>, line: &str) -> Vec<Out> {
        let Some(ours) = self.ours(of, line, &["params", "requestId"]) else { return Vec::new() };
        if !self.asked.get(&ours).is_some_and(|asked| asked.listens) {
            return Vec::new();
        }
        let Some(Asked { of, id, .. }) = self.asked.remove(&ours) else { return Vec::new() };
        let result = format!(r#"{{"resultType":"complete","_meta":{{"{SUBSCRIPTION}":{id}}}}}"#);
        vec![Out::Client { of: Some(of), line: json::result(&id, result) }]
    }

    /// The id of ours at that place, if something waits under it that can be meant. Only as we spelt it: the client will
    /// see its own there, and could not refuse `007`, which is no JSON.
    fn ours(&self, of: Option<Exchange>, line: &str, path: &[&str]) -> Option<u64> {
        let raw = at(line, path)?;
        let ours = raw.parse().ok().filter(|ours: &u64| ours.to_string() == raw)?;
        let asked = self.asked.get(&ours)?;
        of.is_none_or(|of| of == asked.of).then_some(ours)
    }

    pub(super) fn server_gone(&mut self, reason: &str) -> Vec<Out> {
        std::mem::take(&mut self.asked)
            .into_values()
            .map(|asked| Out::Client {
                of: Some(asked.of),
                line: json::error(&asked.id, code::UPSTREAM_GONE, reason),
            })
            .collect()
    }
}
