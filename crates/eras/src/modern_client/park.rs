//! What the server asks of the client while it works on a call (MCP 2025-11-25 client/…) becomes a result that asks for input,
//! and a retry of the request becomes the answers (MCP 2026-07-28 basic/patterns/mrtr).

use std::time::Instant;

use wire::{Id, Method, ProtocolError, code, elements, members, unescape};

use super::{
    ModernOverLegacy,
    calls::{Ask, Call, Client, Progress},
    request::{Request, cannot_show_addresses},
    seal::Ticket,
    to_client, to_server, written,
};
use crate::{
    Exchange, Out,
    json::{self, Object, quoted},
};

/// Questions one call may have open at a time.
const MAX_ASKS: usize = 16;

impl ModernOverLegacy {
    /// The server asks something of the client.
    pub(super) fn server_asks(
        &mut self,
        of: Option<Exchange>,
        id: Id,
        method: &str,
        params: &str,
        now: Instant,
        out: &mut Vec<Out>,
    ) {
        if method == Method::Ping.name() {
            return out.push(to_server(of, json::result(&id, "{}")));
        }
        match self.question(of, method, params) {
            Ok(number) => self.ask(number, vec![(Some(id), params.to_owned())], method, now, out),
            Err((code, why)) => out.push(to_server(of, json::error(&id, code, why))),
        }
    }

    /// The call whose client can be asked this, or why there is none.
    fn question(&self, of: Option<Exchange>, method: &str, params: &str) -> Result<u64, (i64, &'static str)> {
        let nobody = (code::METHOD_NOT_FOUND, "no call is in flight whose client could be asked");
        let number = self.calls.asker(of).ok_or(nobody)?;
        let call = self.calls.0.get(&number).ok_or(nobody)?;
        call.meta.capabilities.allow(method, params)?;
        let full = !call.is_parked() && self.calls.parked() >= self.settings.max_parked;
        if full || call.asks.len() >= MAX_ASKS {
            return Err((code::TOO_MANY, "too many questions wait for the client already"));
        }
        Ok(number)
    }

    /// An answer that says that the user has to open addresses first (MCP 2025-11-25 client/elicitation §URL Elicitation
    /// Required Error) becomes the question whether they do; `error` is raw. Takes the call from the server.
    pub(super) fn wants_addresses(&mut self, number: u64, error: &str, now: Instant, out: &mut Vec<Out>) {
        let full = self.calls.parked() >= self.settings.max_parked;
        let Some(call) = self.calls.0.get_mut(&number) else { return };
        let list = json::at(error, &["data", "elicitations"]).unwrap_or_default();
        let asks: Vec<_> =
            elements(list).take(MAX_ASKS).map(|(params, _)| (None, params.to_owned())).collect();
        call.server = Progress::WantsAddress;
        call.asks.clear();
        let Client::Waits { of, id } = &call.client else { return };
        let refusal = if !call.meta.capabilities.shows_addresses() {
            cannot_show_addresses(id.clone())
        } else if asks.is_empty() {
            ProtocolError::new(
                Some(id.clone()),
                INTERNAL_ERROR,
                "the server wants the user to open no address",
            )
        } else if full {
            ProtocolError::new(
                Some(id.clone()),
                code::TOO_MANY,
                "too many questions wait for the client already",
            )
        } else {
            return self.ask(number, asks, Method::Elicit.name(), now, out);
        };
        out.push(to_client(*of, written(&refusal)));
        self.calls.0.remove(&number);
    }

    fn ask(
        &mut self,
        number: u64,
        asks: Vec<(Option<Id>, String)>,
        method: &str,
        now: Instant,
        out: &mut Vec<Out>,
    ) {
        let Some(call) = self.calls.0.get_mut(&number) else { return };
        for (request, params) in asks {
            call.ask(request, method, params);
        }
        if call.listener().is_some() && *call.hand_on.get_or_insert(now + self.settings.gather_for) <= now {
            self.send_away(number, now, out);
        }
    }

    /// Sends away the clients whose questions have been gathered.
    pub(super) fn hand_on(&mut self, now: Instant, out: &mut Vec<Out>) {
        let due = |(number, call): (&u64, &Call)| call.hand_on.is_some_and(|at| at <= now).then_some(*number);
        let due: Vec<_> = self.calls.0.iter().filter_map(due).collect();
        for number in due {
            self.send_away(number, now, out);
        }
    }

    /// Answers a client that waits with all open questions.
    fn send_away(&mut self, number: u64, now: Instant, out: &mut Vec<Out>) {
        let Some(call) = self.calls.0.get_mut(&number) else { return };
        call.hand_on = None;
        if call.asks.is_empty() {
            // The server has taken back what it asked.
            return;
        }
        let away = Client::Away { until: now + self.settings.park_for };
        let Client::Waits { of, id } = std::mem::replace(&mut call.client, away) else { return };
        call.round += 1;
        let state = self.seal.state(Ticket { call: number, round: call.round }, &call.digest);
        let mut requests = Object::default();
        for ask in &call.asks {
            requests.set(&ask.key, ask.to_string());
        }
        let mut result = Object::default();
        result.set("resultType", r#""input_required""#);
        result.set("inputRequests", requests.to_string());
        result.set("requestState", quoted(&state));
        self.sign(&mut result);
        out.push(to_client(of, json::result(&id, result)));
    }

    /// The client comes back with answers.
    pub(super) fn retried(&mut self, of: Exchange, request: Request, now: Instant, out: &mut Vec<Out>) {
        match self.welcome(of, &request, now) {
            Ok(number) => self.go_on(number, of, request, now, out),
            Err(refusal) => out.push(to_client(of, written(&refusal))),
        }
    }

    /// Lets a client back in, whose state is then used up.
    fn welcome(&mut self, of: Exchange, request: &Request, now: Instant) -> Result<u64, ProtocolError> {
        let refused = |why: &str| Err(request.refused(code::INVALID_PARAMS, why));
        let state = request.param("requestState").and_then(json::text);
        let ticket = state.and_then(|state| self.seal.open(&state, &request.digest()));
        let Some(ticket) = ticket else {
            return refused("requestState is not one that was given to this client for this request");
        };
        let call = self.calls.0.get_mut(&ticket.call).filter(|call| {
            call.round == ticket.round && matches!(call.client, Client::Away { until } if now < until)
        });
        let Some(call) = call else {
            return refused("requestState was used before or has expired; send the request without it");
        };
        let responses = request.param("inputResponses").unwrap_or("{}");
        let well_formed =
            responses.starts_with('{') && members(responses).all(|response| response.value.starts_with('{'));
        if !well_formed {
            return refused("inputResponses must be an object of objects");
        }
        call.client = Client::Waits { of, id: request.id.clone() };
        Ok(ticket.call)
    }

    /// Hands the server what the client has answered, and sees what is still missing.
    fn go_on(&mut self, number: u64, of: Exchange, request: Request, now: Instant, out: &mut Vec<Out>) {
        let Some(call) = self.calls.0.get_mut(&number) else { return };
        let mut accepted = true;
        for response in members(request.param("inputResponses").unwrap_or_default()) {
            let key = unescape(response.key);
            let Some(at) = call.asks.iter().position(|ask| ask.key == key) else { continue };
            match call.asks.remove(at).request {
                Some(id) => out.push(to_server(Some(call.origin), json::result(&id, response.value))),
                None => accepted &= json::at(response.value, &["action"]) == Some(r#""accept""#),
            }
        }
        if !call.asks.is_empty() {
            call.meta = request.meta;
            return self.send_away(number, now, out);
        }
        match &call.server {
            Progress::Works => {
                call.meta = request.meta;
                self.settle_level(out);
            }
            Progress::Answered(message) => {
                let message = message.clone();
                self.server_answers(number, &message, now, out);
            }
            Progress::WantsAddress => {
                self.calls.0.remove(&number);
                if accepted {
                    return self.call(of, request, out);
                }
                let why = "the user did not open the address that the server needs";
                out.push(to_client(of, written(&request.refused(INTERNAL_ERROR, why))));
            }
        }
    }

    /// Gives up the calls whose clients stayed away.
    pub(super) fn forget_the_absent(&mut self, now: Instant, out: &mut Vec<Out>) {
        let absent = |call: &mut Call| matches!(call.client, Client::Away { until } if until <= now);
        for (number, call) in self.calls.0.extract_if(.., |_, call| absent(call)) {
            let (origin, works) = (call.origin, call.server == Progress::Works);
            out.extend(call.unanswered(code::TIMED_OUT, "the client has not answered in time"));
            if works {
                out.push(to_server(Some(origin), cancelled(number, "the client has not come back")));
            }
        }
    }
}

/// JSON-RPC 2.0 §5.1.
const INTERNAL_ERROR: i64 = -32603;

/// Tells the server that nobody waits for our request of that number.
pub(super) fn cancelled(number: u64, why: &str) -> String {
    let params = format!(r#"{{"requestId":{number},"reason":{}}}"#, quoted(why));
    json::notification(Method::Cancelled.name(), params)
}

/// As a value of `inputRequests`.
impl std::fmt::Display for Ask {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut ask = Object::default();
        ask.set("method", quoted(&self.method));
        if !self.params.is_empty() {
            let mut params = Object::of(&self.params);
            if self.method == Method::Elicit.name() {
                // Names the elicitation in a notification that modern clients do not get.
                params.remove("elicitationId");
            }
            ask.set("params", params.to_string());
        }
        write!(f, "{ask}")
    }
}
