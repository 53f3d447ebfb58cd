use std::collections::VecDeque;

use wire::{Id, Method, code};

use super::{IN_FLIGHT, too_long};
use crate::{
    Exchange, Out,
    json::{self, at, text},
};

/// Requests of the server that are remembered, in case it takes them back.
const QUESTIONS: usize = 1024;

/// See [`super::SameEra::private`].
#[derive(Debug, Default)]
pub(super) struct Private {
    /// What the client waits for, oldest first.
    asked: VecDeque<Asked>,
    /// What the server has asked in which exchange, oldest first.
    questions: VecDeque<(Id, Option<Exchange>)>,
}

#[derive(Debug)]
struct Asked {
    of: Exchange,
    id: Id,
    progress_token: Option<Id>,
    /// The server may have something to ask or to log in the middle of it.
    calls: bool,
    /// The client no longer waits; the answer may come all the same.
    cancelled: bool,
}

impl Private {
    pub(super) fn client(&mut self, of: Exchange, line: &str) -> Vec<Out> {
        let method = at(line, &["method"]).and_then(text).and_then(|name| Method::from_name(&name));
        let id = at(line, &["id"]).and_then(Id::from_raw);
        if let (Some(_), Some(id)) = (at(line, &["method"]), id) {
            let token = at(line, &["params", "_meta", "progressToken"]);
            if ![token, at(line, &["id"])].into_iter().flatten().all(json::is_short) {
                return vec![too_long(of, &id)];
            }
            if self.asked.len() >= IN_FLIGHT {
                self.asked.retain(|asked| !asked.cancelled);
            }
            if self.asked.len() >= IN_FLIGHT {
                let reason = format!("more than {IN_FLIGHT} requests wait for an answer");
                return vec![Out::Client { of: Some(of), line: json::error(&id, code::TOO_MANY, &reason) }];
            }
            self.asked.retain(|asked| !asked.cancelled || asked.id != id);
            if self.asked.iter().any(|asked| asked.id == id) {
                let reason = "a request with this id waits for its answer";
                return vec![Out::Client {
                    of: Some(of),
                    line: json::error(&id, code::INVALID_REQUEST, reason),
                }];
            }
            let progress_token = token.and_then(Id::from_raw);
            let calls =
                matches!(method, Some(Method::ToolsCall | Method::PromptsGet | Method::ResourcesRead));
            self.asked.push_back(Asked { of, id, progress_token, calls, cancelled: false });
        } else if method == Some(Method::Cancelled) {
            let id = at(line, &["params", "requestId"]).and_then(Id::from_raw);
            let asked = self.asked.iter_mut().find(|asked| Some(&asked.id) == id.as_ref());
            if let Some(asked) = asked {
                asked.cancelled = true;
                return vec![Out::Server { of: Some(asked.of), line: line.to_owned() }];
            }
        }
        vec![Out::Server { of: Some(of), line: line.to_owned() }]
    }

    pub(super) fn server(&mut self, of: Option<Exchange>, line: &str) -> Vec<Out> {
        let found = self.exchange_of(line);
        // An answer belongs to whoever asked, whatever stream it comes in.
        let of = if at(line, &["method"]).is_none() { found } else { of.or(found) };
        vec![Out::Client { of, line: line.to_owned() }]
    }

    fn exchange_of(&mut self, line: &str) -> Option<Exchange> {
        let id = |path: &[&str]| at(line, path).and_then(Id::from_raw);
        let Some(method) = at(line, &["method"]).and_then(text) else {
            let id = id(&["id"])?;
            let at = self.asked.iter().position(|asked| asked.id == id)?;
            return self.asked.remove(at).map(|asked| asked.of);
        };
        if let Some(id) = id(&["id"]) {
            let of = self.latest();
            if !at(line, &["id"]).is_some_and(json::is_short) {
                return of;
            }
            if self.questions.len() >= QUESTIONS {
                self.questions.pop_front();
            }
            self.questions.push_back((id, of));
            return of;
        }
        match &*method {
            "notifications/progress" => {
                let token = id(&["params", "progressToken"])?;
                self.asked
                    .iter()
                    .find(|asked| asked.progress_token.as_ref() == Some(&token))
                    .map(|asked| asked.of)
            }
            "notifications/cancelled" => {
                let id = id(&["params", "requestId"])?;
                self.questions.iter().rev().find(|(question, _)| *question == id)?.1
            }
            "notifications/message" => self.latest(),
            _ => None,
        }
    }

    /// The exchange in which a server most likely asks or logs: the last call, or else the last request.
    fn latest(&self) -> Option<Exchange> {
        let waiting = || self.asked.iter().rev().filter(|asked| !asked.cancelled);
        waiting().find(|asked| asked.calls).or_else(|| waiting().next()).map(|asked| asked.of)
    }

    pub(super) fn server_gone(&mut self, reason: &str) -> Vec<Out> {
        self.questions.clear();
        let waiting = self.asked.drain(..).filter(|asked| !asked.cancelled);
        waiting
            .map(|asked| Out::Client {
                of: Some(asked.of),
                line: json::error(&asked.id, code::UPSTREAM_GONE, reason),
            })
            .collect()
    }
}
