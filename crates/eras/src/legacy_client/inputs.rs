//! `input_required`: what the server wants of the client is asked of it, and the call made again with the answers
//! (MCP 2026-07-28 basic/patterns/mrtr).

use std::fmt::Write as _;
use std::time::Instant;

use wire::{Id, code, members};

use super::{LegacyOverModern, client::Client};
use crate::{
    Exchange, Out,
    json::{self, Object, at, quoted, text},
};

/// More a server cannot want in one round.
const MAX_INPUTS: usize = 16;

/// What the client has to answer before a call is made again.
#[derive(Debug)]
pub(super) struct Asking {
    /// By the server's key for it, raw, in its order.
    inputs: Vec<Input>,
    /// The server's `requestState`, raw.
    state: Option<String>,
}

#[derive(Debug)]
struct Input {
    key: String,
    method: String,
    /// The id the client was asked with.
    question: i64,
    /// Raw.
    answer: Option<String>,
}

impl Asking {
    pub(super) fn weight(&self) -> usize {
        let weight = |input: &Input| input.key.len() + input.answer.as_ref().map_or(0, String::len);
        self.inputs.iter().map(weight).sum::<usize>() + self.state.as_ref().map_or(0, String::len)
    }

    /// Reads what the server wants, and writes the requests to the client.
    fn of(result: &str, client: &Client, last_id: &mut i64) -> Result<(Self, Vec<String>), String> {
        let state = at(result, &["requestState"]);
        if state.is_some_and(|state| !state.starts_with('"')) {
            return Err("the server's requestState is no string".to_owned());
        }
        let (mut inputs, mut lines) = (Vec::new(), Vec::new());
        for asked in members(at(result, &["inputRequests"]).unwrap_or_default()) {
            if inputs.len() == MAX_INPUTS {
                return Err(format!("the server wants more than {MAX_INPUTS} inputs at once"));
            }
            let method = at(asked.value, &["method"]).and_then(text).unwrap_or_default().into_owned();
            let params = at(asked.value, &["params"]);
            client.can_answer(&method, params.unwrap_or_default()).map_err(|capability| {
                format!("the server asks for {method:.64}, but this client has not declared the capability {capability}")
            })?;
            *last_id += 1;
            lines.push(question(*last_id, &method, params));
            inputs.push(Input { key: asked.key.to_owned(), method, question: *last_id, answer: None });
        }
        if inputs.is_empty() && state.is_none() {
            return Err("the server wants input, but does not say which".to_owned());
        }
        Ok((Self { inputs, state: state.map(str::to_owned) }, lines))
    }

    /// The answers as `inputResponses`, once there are all.
    fn responses(&self) -> Option<String> {
        let mut out = String::new();
        for input in &self.inputs {
            let comma = if out.is_empty() { "{" } else { "," };
            let _ = write!(out, "{comma}\"{}\":{}", input.key, input.answer.as_ref()?);
        }
        out.push_str(if out.is_empty() { "{}" } else { "}" });
        Some(out)
    }
}

impl LegacyOverModern {
    pub(super) fn input_required(&mut self, number: i64, result: &str, now: Instant) -> Vec<Out> {
        let (Some(client), Some(call)) = (&self.client, self.calls.get_mut(&number)) else {
            return Vec::new();
        };
        call.since = now;
        call.rounds = call.rounds.saturating_add(1);
        if call.rounds > self.settings.rounds {
            let reason = format!(
                "the server has asked for input more than {} times in one call",
                self.settings.rounds
            );
            return self.failed(number, code::UNAVAILABLE, &reason);
        }
        let (asking, lines) = match Asking::of(result, client, &mut self.last_id) {
            Ok(asked) => asked,
            Err(reason) => return self.failed(number, code::UNAVAILABLE, &reason),
        };
        let of = call.of;
        let questions: Vec<i64> = asking.inputs.iter().map(|input| input.question).collect();
        call.asking = Some(asking);
        if self.kept() > self.settings.kept_bytes {
            return self.too_much(number);
        }
        self.questions.extend(questions.into_iter().map(|question| (question, number)));
        let mut out: Vec<Out> = lines.into_iter().map(|line| Out::Client { of: Some(of), line }).collect();
        out.extend(self.try_again(number, now));
        out
    }

    /// The client answers what it was asked.
    pub(super) fn client_answers(&mut self, question: i64, ok: bool, body: &str, now: Instant) -> Vec<Out> {
        let Some(number) = self.questions.remove(&question) else { return Vec::new() };
        let Some(call) = self.calls.get_mut(&number) else { return Vec::new() };
        call.since = now;
        let inputs = call.asking.iter_mut().flat_map(|asking| &mut asking.inputs);
        let Some(input) = inputs.into_iter().find(|input| input.question == question) else {
            return Vec::new();
        };
        if !ok {
            let said = at(body, &["message"]).and_then(text).unwrap_or_default();
            let reason = format!("the client has not answered the server's {}: {said:.512}", input.method);
            return self.failed(number, code::UNAVAILABLE, &reason);
        }
        input.answer = Some(body.to_owned());
        if self.kept() > self.settings.kept_bytes {
            return self.too_much(number);
        }
        self.try_again(number, now)
    }

    fn too_much(&mut self, number: i64) -> Vec<Out> {
        self.failed(number, code::TOO_MANY, "what this session waits for takes more memory than it may have")
    }

    /// Makes a call again if nothing is missing.
    fn try_again(&mut self, number: i64, now: Instant) -> Vec<Out> {
        let asking = self.calls.get(&number).and_then(|call| call.asking.as_ref());
        let Some(responses) = asking.and_then(Asking::responses) else { return Vec::new() };
        let Some(mut call) = self.calls.remove(&number) else { return Vec::new() };
        let again = self.next_id();
        let state = call.asking.take().and_then(|asking| asking.state);
        let mut request = Object::of(&call.request);
        request.set("id", again.to_string());
        request.inside("params", |params| {
            if responses != "{}" {
                params.set("inputResponses", responses);
            }
            if let Some(state) = state {
                params.set("requestState", state);
            }
        });
        let out = Out::Server { of: Some(call.of), line: request.to_string() };
        call.since = now;
        self.calls.insert(again, call);
        vec![out]
    }

    /// Takes back what the client was asked for a call that is over.
    pub(super) fn no_more_questions(&mut self, number: i64, of: Exchange) -> Vec<Out> {
        let open = self.questions.extract_if(.., |_, call| *call == number);
        open.map(|(question, _)| {
            let params = format!(r#"{{"requestId":{question}}}"#);
            Out::Client { of: Some(of), line: json::notification("notifications/cancelled", params) }
        })
        .collect()
    }
}

/// A request of the server, as the client is asked it.
fn question(id: i64, method: &str, params: Option<&str>) -> String {
    let id = Id::Number(id);
    let Some(params) = params else {
        return format!(r#"{{"jsonrpc":"2.0","id":{id},"method":{}}}"#, quoted(method));
    };
    let mode = at(params, &["mode"]).and_then(text);
    if method != "elicitation/create" || mode.is_none_or(|mode| mode != "url") {
        return json::request(&id, method, params);
    }
    // In 2025-11-25 these have a name, so that the server can tell when they are done; ours never does.
    let mut named = Object::of(params);
    named.set("elicitationId", format!("\"mcp-guard-{id}\""));
    json::request(&id, method, named)
}
