//! Exemptions apply where they are written, until they end, and nowhere else. Each test fails if its condition is left
//! out of `Exemption::concerns`, `PointerPattern::matches` or `Exemption::holds`.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // A test fails by panicking.

mod support;

use mcp_guard_decide::{Context, Core, Decision, Verdict};
use policy::Flow;
use serde_json::{Value, json};
use support::{KEY, core, decide, frame};

/// 2027-01-31, noon.
const BEFORE: u64 = 1_801_396_800;
const AFTER: u64 = BEFORE + 12 * 60 * 60;

fn exempting(more: &str) -> Core {
    let text = format!(
        "servers: {{a: {{command: x}}}}
rules:
  exemptions:
    - {{server: a, rule: secret.aws_key, tool: write, pointer: /params/arguments/content, expires: 2027-01-31, reason: test keys}}
{more}"
    );
    let policy = policy::parse(&text, "mcp-guard.yaml", &|_| None).unwrap_or_else(|error| panic!("{error}"));
    Core::new(policy.server(Some("a")).unwrap().clone())
}

fn call(core: &mut Core, tool: &str, arguments: Value, now: u64) -> Decision {
    let message = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": tool, "arguments": arguments}});
    decide(core, frame(&message), Context { flow: Flow::Request, answers: None, pins: None, now })
}

#[test]
fn what_is_exempt_passes_and_is_recorded() {
    let decision = call(&mut exempting(""), "write", json!({"content": KEY}), BEFORE);
    assert_eq!(decision.verdict, Verdict::Allow);
    assert_eq!(decision.findings.len(), 1, "{:?}", decision.findings);
    let finding = &decision.findings[0];
    assert_eq!(finding.rule, "secret.aws_key");
    assert_eq!(finding.reason, "exempt until 2027-01-31: test keys");
    assert_eq!(finding.source, "mcp-guard.yaml:4:7");
}

#[test]
fn it_ends_with_its_day() {
    let call = |now| call(&mut exempting(""), "write", json!({"content": KEY}), now).verdict;
    assert_eq!(call(AFTER - 1), Verdict::Allow);
    assert_eq!(call(AFTER), Verdict::Block);
}

#[test]
fn it_is_for_one_place_one_tool_and_one_rule() {
    let mut core = exempting("");
    for (tool, arguments) in [
        ("write", json!({"path": KEY})),
        ("write", json!({"content": [KEY]})),
        ("write", json!({"content": "x", "Content": KEY})),
        ("Write", json!({"content": KEY})),
        ("write", json!({"content": "ghp_16C7e42F292c6912E7710c838347Ae178B4a"})),
        ("write", json!({"content": KEY, "path": KEY})),
    ] {
        let decision = call(&mut core, tool, arguments.clone(), BEFORE);
        assert_eq!(decision.verdict, Verdict::Block, "{tool} {arguments}");
    }
}

#[test]
fn what_lies_beneath_an_exempt_finding_is_seen() {
    // Two types claim one place; the one that is named for it is exempt.
    let mut core = exempting("pii: {custom_types: {batch: {patterns: [{regex: 'AKIA[A-Z0-9]+'}]}}}");
    let decision = call(&mut core, "write", json!({"content": KEY}), BEFORE);
    assert_eq!(decision.verdict, Verdict::Block);
    assert!(decision.findings.iter().any(|finding| finding.rule == "pii.batch"), "{:?}", decision.findings);
}

#[test]
fn another_server_is_not_exempt() {
    let mut other = core("servers: {b: {command: x}}");
    assert_eq!(call(&mut other, "write", json!({"content": KEY}), BEFORE).verdict, Verdict::Block);
}
