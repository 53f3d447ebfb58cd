//! What the server says without being asked.

use std::time::Instant;

use wire::Id;

use super::LegacyOverModern;
use crate::{
    Exchange, Out,
    json::{Object, at},
};

const SUBSCRIPTION: &str = "io.modelcontextprotocol/subscriptionId";

impl LegacyOverModern {
    pub(super) fn server_notifies(
        &mut self,
        of: Option<Exchange>,
        method: &str,
        line: &str,
        now: Instant,
    ) -> Vec<Out> {
        if let Some(raw) = at(line, &["params", "_meta", SUBSCRIPTION]) {
            let Some(Id::Number(number)) = Id::from_raw(raw) else { return Vec::new() };
            return self.subscribed(number, method, line, now);
        }
        let of = match method {
            "notifications/progress" => {
                let Some(token) = at(line, &["params", "progressToken"]).and_then(Id::from_raw) else {
                    return Vec::new();
                };
                let call = self.calls.values_mut().find(|call| call.progress_token.as_ref() == Some(&token));
                let Some(call) = call.filter(|call| of.is_none_or(|of| of == call.of)) else {
                    return Vec::new();
                };
                call.since = now;
                Some(call.of)
            }
            "notifications/message" if !self.subscriptions.offers().logging => return Vec::new(),
            // Belongs to a request, but does not say to which. Where the transport cannot tell, the last is as good as any.
            "notifications/message" => of.or_else(|| self.calls.values().next_back().map(|call| call.of)),
            "notifications/cancelled" => {
                let id = at(line, &["params", "requestId"]).and_then(Id::from_raw);
                return match id {
                    Some(Id::Number(number)) if self.subscriptions.has(number) => {
                        self.listen_ended(number, None, now)
                    }
                    _ => Vec::new(),
                };
            }
            // These are sent to those alone who listen, and tasks to nobody.
            "notifications/tools/list_changed"
            | "notifications/prompts/list_changed"
            | "notifications/resources/list_changed"
            | "notifications/resources/updated"
            | "notifications/subscriptions/acknowledged"
            | "notifications/tasks" => return Vec::new(),
            _ => of,
        };
        vec![Out::Client { of, line: line.to_owned() }]
    }

    /// A message to those who listen.
    fn subscribed(&mut self, number: i64, method: &str, line: &str, now: Instant) -> Vec<Out> {
        if method == "notifications/subscriptions/acknowledged" {
            let accepted = at(line, &["params", "notifications"]).unwrap_or_default();
            let mut out = self.subscriptions.acknowledged(number, accepted, now);
            out.extend(self.listen(now));
            return out;
        }
        if !self.subscriptions.expects(number, method) {
            return Vec::new();
        }
        let mut message = Object::of(line);
        message.inside("params", |params| {
            params.inside("_meta", |meta| {
                meta.remove(SUBSCRIPTION);
            });
        });
        vec![Out::Client { of: None, line: message.to_string() }]
    }

    /// The server no longer tells what was listened for: answered with an error of that code, or in peace.
    pub(super) fn listen_ended(&mut self, number: i64, code: Option<&str>, now: Instant) -> Vec<Out> {
        let mut out = self.subscriptions.ended(number, code, now);
        out.extend(self.listen(now));
        out
    }

    /// Asks the server to tell what is to be listened for, if that has changed.
    pub(super) fn listen(&mut self, now: Instant) -> Vec<Out> {
        let Some(client) = &self.client else { return Vec::new() };
        self.subscriptions.listen(client, &mut self.last_id, now)
    }
}
