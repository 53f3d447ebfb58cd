//! What a client tells the server without asking for anything.

use std::time::Instant;

use wire::Id;

use super::{
    ModernOverLegacy,
    calls::Client,
    handshake::{Link, Waiting},
    to_server,
};
use crate::{Out, Translator, json};

/// Notifications of legacy clients that 2026-07-28 has removed.
const REMOVED: [&str; 3] =
    ["notifications/initialized", "notifications/roots/list_changed", "notifications/progress"];

impl ModernOverLegacy {
    /// Takes a notification. One that comes before any request has no session to go to.
    pub(super) fn client_tells(
        &mut self,
        method: &str,
        params: &str,
        line: &str,
        now: Instant,
        out: &mut Vec<Out>,
    ) {
        if method == "notifications/cancelled" {
            return out.append(&mut self.cancelled_by_id(params, now));
        }
        if REMOVED.contains(&method) {
            return;
        }
        match &mut self.link {
            Link::Up(_) => out.push(to_server(None, line.to_owned())),
            Link::Shaking { waiting, .. } if waiting.len() < self.settings.max_in_flight => {
                waiting.push_back(Waiting::Notification(line.to_owned()));
            }
            _ => {}
        }
    }

    /// A client without a stream per request cancels one by its id.
    fn cancelled_by_id(&mut self, params: &str, now: Instant) -> Vec<Out> {
        let Some(cancelled) = json::at(params, &["requestId"]).and_then(Id::from_raw) else {
            return Vec::new();
        };
        let calls = self.calls.0.values().filter_map(|call| match &call.client {
            Client::Waits { of, id } => Some((*of, id)),
            Client::Away { .. } => None,
        });
        let listens = self.listens.iter().map(|(of, listen)| (*of, &listen.id));
        let waiting = match &self.link {
            Link::Shaking { waiting, .. } => waiting.iter().collect(),
            _ => Vec::new(),
        };
        let waiting = waiting.into_iter().filter_map(|message| match message {
            Waiting::Request(of, request) => Some((*of, &request.id)),
            Waiting::Notification(_) => None,
        });
        let mut found = calls.chain(listens).chain(waiting).filter(|(_, id)| **id == cancelled);
        match (found.next(), found.next()) {
            (Some((of, _)), None) => self.client_gone(of, now),
            // Of two clients with the same id one would lose the other's request.
            _ => Vec::new(),
        }
    }
}
