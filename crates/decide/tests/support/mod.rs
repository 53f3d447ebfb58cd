//! What the tests of the decision core share.
#![allow(dead_code)] // Each test binary uses its part.
#![allow(clippy::unwrap_used, clippy::panic)] // A test fails by panicking.

use bytes::Bytes;
use mcp_guard_decide::{About, Context, Core, Decision, Outcome, Step};
use policy::Flow;
use serde_json::{Value, json};
use wire::{Content, Frame, Limits, Method, Outgoing, Parsed, Reader};

/// Amazon's own example credentials.
pub(crate) const KEY: &str = "AKIAIOSFODNN7EXAMPLE";

pub(crate) fn core(yaml: &str) -> Core {
    let policy = policy::parse(yaml, "mcp-guard.yaml", &|_| None).unwrap_or_else(|error| panic!("{error}"));
    Core::new(policy.server(None).unwrap().clone())
}

pub(crate) fn permissions(rules: &str) -> Core {
    core(&format!("servers: {{files: {{command: x, policy: {{permissions: {{{rules}}}}}}}}}"))
}

pub(crate) fn frame(message: &Value) -> Frame<Parsed> {
    raw(&message.to_string())
}

pub(crate) fn raw(message: &str) -> Frame<Parsed> {
    match Reader::new(Limits::default()).read(&Bytes::from(message.to_owned()), false).unwrap() {
        Content::Single(frame) => frame,
        Content::Batch(_) => panic!("a batch"),
    }
}

/// Decides a frame that counts towards no limit.
pub(crate) fn decide(core: &mut Core, frame: Frame<Parsed>, context: Context<'_>) -> Decision {
    match core.decide(frame, context) {
        Step::Decided(decision) => decision,
        Step::Asks(question) => panic!("{:?}", question.charges()),
    }
}

pub(crate) fn request(core: &mut Core, method: &str, params: Value) -> Decision {
    let message = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
    decide(core, frame(&message), Context { flow: Flow::Request, answers: None, pins: None, now: 0 })
}

pub(crate) fn answer(core: &mut Core, method: Method, result: Value) -> Decision {
    let about = About { method: Some(method), name: method.name().into(), target: None, revision: None };
    let message = json!({"jsonrpc": "2.0", "id": 1, "result": result});
    decide(core, frame(&message), Context { flow: Flow::Response, answers: Some(&about), pins: None, now: 0 })
}

pub(crate) fn call(core: &mut Core, name: &str, arguments: Value) -> Decision {
    request(core, "tools/call", json!({"name": name, "arguments": arguments}))
}

pub(crate) fn read(core: &mut Core, uri: &str) -> Decision {
    request(core, "resources/read", json!({"uri": uri}))
}

pub(crate) fn sent(decision: &Decision) -> Value {
    let Outcome::Forward(frame) = &decision.outcome else { panic!("refused: {:?}", decision.findings) };
    let mut out = Vec::new();
    frame.write_to(&mut out);
    serde_json::from_slice(&out).unwrap()
}

pub(crate) fn rules(decision: &Decision) -> Vec<&str> {
    decision.findings.iter().map(|finding| &*finding.rule).collect()
}
