//! The requests a server works on.

use std::{collections::BTreeMap, time::Instant};

use wire::Id;

use super::{
    logging::Level,
    request::{Request, Wishes, takes_input},
    seal::Digest,
    to_server,
};
use crate::{Exchange, Out, json};

/// A request the server works on, or has answered while nobody waited.
#[derive(Debug)]
pub(super) struct Call {
    /// The exchange it was sent for. The server's transport knows it by that name, whoever waits for it now.
    pub(super) origin: Exchange,
    pub(super) method: String,
    pub(super) digest: Digest,
    /// Of the request that was sent last.
    pub(super) meta: Wishes,
    pub(super) client: Client,
    pub(super) server: Progress,
    /// What the client is to be asked, and has not answered.
    pub(super) asks: Vec<Ask>,
    /// When it is sent away with them, if it waits.
    pub(super) hand_on: Option<Instant>,
    /// How many questions there have been, and how often the client was sent away with some.
    pub(super) asked: u64,
    pub(super) round: u64,
}

/// Where the client is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Client {
    /// It waits for an answer.
    Waits { of: Exchange, id: Id },
    /// It has been asked something, and may come back until then.
    Away { until: Instant },
}

/// How far the server is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Progress {
    Works,
    /// It has answered with this message, raw.
    Answered(String),
    /// It works only when the user has opened an address, and is then to be asked anew.
    WantsAddress,
}

/// A question of the server.
#[derive(Debug)]
pub(super) struct Ask {
    /// Its name in `inputRequests`.
    pub(super) key: String,
    /// The server's request that it answers; `None` if the question came in an error.
    pub(super) request: Option<Id>,
    pub(super) method: String,
    /// Raw; empty if there are none.
    pub(super) params: String,
}

/// All calls, by our number for them: the oldest first.
#[derive(Debug, Default)]
pub(super) struct Calls(pub(super) BTreeMap<u64, Call>);

impl Call {
    pub(super) fn new(of: Exchange, request: Request) -> Self {
        Self {
            origin: of,
            digest: request.digest(),
            client: Client::Waits { of, id: request.id },
            method: request.method,
            meta: request.meta,
            server: Progress::Works,
            asks: Vec::new(),
            hand_on: None,
            asked: 0,
            round: 0,
        }
    }

    /// The exchange in which the client waits for it.
    pub(super) fn listener(&self) -> Option<Exchange> {
        match self.client {
            Client::Waits { of, .. } => Some(of),
            Client::Away { .. } => None,
        }
    }

    pub(super) fn ask(&mut self, request: Option<Id>, method: &str, params: String) {
        self.asked += 1;
        let key = self.asked.to_string();
        self.asks.push(Ask { key, request, method: method.to_owned(), params });
    }

    /// Whether the client has been asked something, or is about to be.
    pub(super) fn is_parked(&self) -> bool {
        self.listener().is_none() || self.hand_on.is_some()
    }

    /// The errors for questions that nobody will answer.
    pub(super) fn unanswered(self, code: i64, why: &str) -> impl Iterator<Item = Out> {
        let ids = self.asks.into_iter().filter_map(|ask| ask.request);
        ids.map(move |id| to_server(Some(self.origin), json::error(&id, code, why)))
    }

    fn may_ask(&self) -> bool {
        takes_input(&self.method) && self.server == Progress::Works
    }
}

impl Calls {
    /// The call a request of the server belongs to: the one its transport names; else the oldest whose client waits, for a
    /// server that has asked something is likely to be waiting itself; else the oldest.
    pub(super) fn asker(&self, of: Option<Exchange>) -> Option<u64> {
        let mut able = self.0.iter().filter(|(_, call)| call.may_ask());
        if of.is_some() {
            return able.find(|(_, call)| Some(call.origin) == of).map(|(number, _)| *number);
        }
        let waits = able.clone().find(|(_, call)| call.listener().is_some());
        waits.or_else(|| able.next()).map(|(number, _)| *number)
    }

    /// The exchange a message of the server belongs to, among those that `wanted` picks.
    pub(super) fn listener(&self, of: Option<Exchange>, wanted: impl Fn(&Call) -> bool) -> Option<Exchange> {
        let meant = |call: &&Call| of.is_none_or(|of| call.origin == of) && wanted(call);
        self.0.values().filter(meant).find_map(Call::listener)
    }

    /// The call a client waits for in this exchange.
    pub(super) fn waited_for(&self, of: Exchange) -> Option<u64> {
        self.0.iter().find(|(_, call)| call.listener() == Some(of)).map(|(number, _)| *number)
    }

    /// How many wait for their clients to come back, or soon will.
    pub(super) fn parked(&self) -> usize {
        self.0.values().filter(|call| call.is_parked()).count()
    }

    /// The most talkative log level that is wanted.
    pub(super) fn level(&self) -> Option<Level> {
        self.0.values().filter_map(|call| call.meta.level).min()
    }

    /// Takes back a question that the server has withdrawn.
    pub(super) fn withdraw(&mut self, request: &Id) {
        for call in self.0.values_mut() {
            call.asks.retain(|ask| ask.request.as_ref() != Some(request));
        }
    }
}
