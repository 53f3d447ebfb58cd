//! One `subscriptions/listen` upstream stands for all a legacy client hears unasked: the lists that change, and the
//! resources it has subscribed to (MCP 2026-07-28 basic/patterns/subscriptions).

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use wire::{Id, Method, code, elements};

use super::{cancel, client::Client, offers::Offers};
use crate::{
    Exchange, Out,
    json::{self, Object, at, quoted, text},
};

/// How many resources one session may watch.
const MAX_WATCHED: usize = 1024;

/// Longest URI that is watched, in bytes.
const LONGEST_URI: usize = 8 * 1024;

/// How long a server may take to acknowledge.
const PATIENCE: Duration = Duration::from_secs(30);

/// What lasted as long was no failure.
const LASTING: Duration = Duration::from_secs(60);

/// JSON-RPC 2.0 §5.1.
const METHOD_NOT_FOUND: &str = "-32601";

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Subscriptions {
    offers: Offers,
    /// The client may be told things.
    begun: bool,
    watched: BTreeSet<String>,
    /// Requests to subscribe that wait until the server has acknowledged.
    waiting: Vec<Waiting>,
    /// Acknowledged: its id, and since when.
    active: Option<(i64, Instant)>,
    pending: Option<Pending>,
    /// The server is gone. It is begun again for the next request of the client, and not for us.
    asleep: bool,
    /// What is listened for upstream is not what it should be.
    stale: bool,
    /// Nobody listened for a while: what changed meanwhile was not heard.
    missed: bool,
    failures: u32,
    not_before: Option<Instant>,
}

#[derive(Debug)]
struct Waiting {
    of: Exchange,
    id: Id,
    uri: String,
}

/// Asked of the server and not acknowledged.
#[derive(Debug)]
struct Pending {
    id: i64,
    since: Instant,
    watched: BTreeSet<String>,
}

impl Subscriptions {
    pub(super) fn offers(&self) -> Offers {
        self.offers
    }

    pub(super) fn offered(&mut self, offers: Offers) {
        self.offers = offers;
        self.stale |= self.begun;
    }

    /// The client is ready.
    pub(super) fn begin(&mut self) {
        self.stale |= !self.begun && self.offers.lists().next().is_some();
        self.begun = true;
    }

    /// How many requests of the client wait.
    pub(super) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    pub(super) fn has(&self, number: i64) -> bool {
        self.is_active(number) || self.is_pending(number)
    }

    fn is_active(&self, number: i64) -> bool {
        self.active.is_some_and(|(active, _)| active == number)
    }

    fn is_pending(&self, number: i64) -> bool {
        self.pending.as_ref().is_some_and(|pending| pending.id == number)
    }

    /// Answered when the server has acknowledged, so that no change is lost in between.
    pub(super) fn subscribe(&mut self, of: Exchange, id: Id, uri: &str) -> Vec<Out> {
        if self.watched.len() >= MAX_WATCHED && !self.watched.contains(uri) {
            let reason =
                format!("more than {MAX_WATCHED} resources are subscribed to; unsubscribe from some first");
            return vec![Out::Client { of: Some(of), line: json::error(&id, code::TOO_MANY, &reason) }];
        }
        if uri.len() > LONGEST_URI {
            let reason = format!("the URI is longer than {LONGEST_URI} bytes");
            return vec![Out::Client { of: Some(of), line: json::error(&id, code::TOO_MANY, &reason) }];
        }
        // Who subscribes has begun, whether or not it has said so.
        self.begin();
        self.stale |= self.watched.insert(uri.to_owned());
        let waiting = Waiting { of, id, uri: uri.to_owned() };
        if !self.stale && self.pending.is_none() && self.active.is_some() {
            return vec![waiting.accepted()];
        }
        self.waiting.push(waiting);
        Vec::new()
    }

    pub(super) fn unsubscribe(&mut self, of: Exchange, id: &Id, uri: &str) -> Vec<Out> {
        self.stale |= self.watched.remove(uri);
        let overtaken = self.waiting.extract_if(.., |waiting| waiting.uri == uri);
        let mut out: Vec<Out> = overtaken.map(|waiting| waiting.accepted()).collect();
        out.push(Out::Client { of: Some(of), line: json::result(id, "{}") });
        out
    }

    /// The client no longer waits for the answer to this request.
    pub(super) fn forget(&mut self, id: &Id) {
        self.waiting.retain(|waiting| waiting.id != *id);
    }

    /// Asks anew if need be, and if it is time. What was asked before goes on until the new is acknowledged.
    pub(super) fn listen(&mut self, client: &Client, last_id: &mut i64, now: Instant) -> Vec<Out> {
        let early = self.not_before.is_some_and(|at| now < at);
        if !self.begun || self.asleep || !self.stale || self.pending.is_some() || early {
            return Vec::new();
        }
        self.stale = false;
        let mut filter = Object::default();
        for (name, _) in self.offers.lists() {
            filter.set(name, "true");
        }
        if !self.watched.is_empty() {
            let uris: Vec<String> = self.watched.iter().map(|uri| quoted(uri)).collect();
            filter.set("resourceSubscriptions", format!("[{}]", uris.join(",")));
        }
        if filter.is_empty() {
            return self.active.take().map(|(id, _)| cancel(id, None)).into_iter().collect();
        }
        *last_id += 1;
        let mut meta = Object::default();
        client.sign(&mut meta, false);
        let params = format!(r#"{{"_meta":{meta},"notifications":{filter}}}"#);
        let line = json::request(&Id::Number(*last_id), Method::Listen.name(), params);
        self.pending = Some(Pending { id: *last_id, since: now, watched: self.watched.clone() });
        vec![Out::Server { of: None, line }]
    }

    /// The server tells what it agrees to.
    pub(super) fn acknowledged(&mut self, number: i64, accepted: &str, now: Instant) -> Vec<Out> {
        let Some(pending) = self.pending.take_if(|pending| pending.id == number) else { return Vec::new() };
        let mut out: Vec<Out> =
            self.active.replace((number, now)).map(|(old, _)| cancel(old, None)).into_iter().collect();
        let uris = at(accepted, &["resourceSubscriptions"]).unwrap_or_default();
        let uris: BTreeSet<_> = elements(uris).filter_map(|(uri, _)| text(uri)).collect();
        for waiting in self.waiting.extract_if(.., |waiting| pending.watched.contains(&waiting.uri)) {
            if uris.contains(&*waiting.uri) {
                out.push(waiting.accepted());
            } else {
                self.watched.remove(&waiting.uri);
                out.push(
                    waiting.refused(code::UNAVAILABLE, "the server does not offer to watch this resource"),
                );
            }
        }
        if std::mem::take(&mut self.missed) {
            let told =
                |method, params: String| Out::Client { of: None, line: json::notification(method, params) };
            out.extend(self.offers.lists().map(|(_, method)| told(method, "{}".to_owned())));
            let kept = pending.watched.iter().filter(|uri| uris.contains(uri.as_str()));
            out.extend(
                kept.map(|uri| {
                    told("notifications/resources/updated", format!(r#"{{"uri":{}}}"#, quoted(uri)))
                }),
            );
        }
        out
    }

    /// Whether what is told under this id was asked for and is acknowledged.
    pub(super) fn expects(&self, number: i64, method: &str) -> bool {
        // The URI may be of a part of what was subscribed to (MCP 2025-11-25 schema, ResourceUpdatedNotification).
        let asked = if method == "notifications/resources/updated" {
            !self.watched.is_empty()
        } else {
            self.offers.lists().any(|(_, list)| list == method)
        };
        self.is_active(number) && asked
    }

    /// The server has ended it.
    pub(super) fn ended(&mut self, number: i64, code: Option<&str>, now: Instant) -> Vec<Out> {
        let mut refused = BTreeSet::new();
        if let Some((_, since)) = self.active.take_if(|(active, _)| *active == number) {
            self.missed = true;
            if now.saturating_duration_since(since) >= LASTING {
                self.failures = 0;
            }
        } else if let Some(pending) = self.pending.take_if(|pending| pending.id == number) {
            refused = pending.watched;
        } else {
            return Vec::new();
        }
        if code == Some(METHOD_NOT_FOUND) {
            self.offers = Offers { logging: self.offers.logging, ..Offers::default() };
            refused.append(&mut self.watched);
        }
        self.retry_later(now);
        self.refuse(&refused, code::UNAVAILABLE, "the server refuses to tell of changes")
    }

    /// Gives up on what was not acknowledged in time.
    pub(super) fn overdue(&mut self, now: Instant) -> Vec<Out> {
        let late = |pending: &mut Pending| now.saturating_duration_since(pending.since) >= PATIENCE;
        let Some(pending) = self.pending.take_if(late) else { return Vec::new() };
        self.retry_later(now);
        let reason = "the server has not acknowledged the subscription";
        let mut out = self.refuse(&pending.watched, code::TIMED_OUT, reason);
        out.push(cancel(pending.id, None));
        out
    }

    pub(super) fn server_gone(&mut self, reason: &str) -> Vec<Out> {
        self.missed |= self.active.take().is_some();
        self.pending = None;
        self.asleep = true;
        let all = self.waiting.iter().map(|waiting| waiting.uri.clone()).collect::<BTreeSet<_>>();
        self.refuse(&all, code::UPSTREAM_GONE, reason)
    }

    /// The client asks for something.
    pub(super) fn wake(&mut self) {
        if std::mem::take(&mut self.asleep) {
            self.stale = true;
            self.not_before = None;
        }
    }

    fn retry_later(&mut self, now: Instant) {
        self.stale = true;
        self.not_before = now.checked_add(Duration::from_secs(1 << self.failures.min(6)));
        self.failures = self.failures.saturating_add(1);
    }

    /// Refuses those who wait for one of these.
    fn refuse(&mut self, uris: &BTreeSet<String>, code: i64, reason: &str) -> Vec<Out> {
        let refused = self.waiting.extract_if(.., |waiting| uris.contains(&waiting.uri));
        refused
            .map(|waiting| {
                self.watched.remove(&waiting.uri);
                waiting.refused(code, reason)
            })
            .collect()
    }
}

impl Waiting {
    fn accepted(&self) -> Out {
        Out::Client { of: Some(self.of), line: json::result(&self.id, "{}") }
    }

    fn refused(&self, code: i64, reason: &str) -> Out {
        Out::Client { of: Some(self.of), line: json::error(&self.id, code, reason) }
    }
}
