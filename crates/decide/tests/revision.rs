//! The oldest revision of MCP that may be spoken.
#![allow(clippy::unwrap_used, clippy::panic)] // A test fails by panicking.

mod support;

use mcp_guard_decide::{Decision, Verdict};
use serde_json::json;
use support::{answer, core, request};
use wire::Method;

fn stopped(decision: &Decision) -> bool {
    decision.verdict == Verdict::Block
        && decision.findings.iter().any(|finding| finding.rule == "preflight.protocol_version")
}

#[test]
fn neither_side_talks_the_other_down() {
    let config = "servers: {files: {command: x, min_protocol_version: '2025-06-18'}}";
    for (version, old) in
        [("2024-11-05", true), ("2025-03-26", true), ("2025-06-18", false), ("2025-11-25", false), ("", true)]
    {
        let mut core = core(config);
        let hello = json!({"protocolVersion": version, "capabilities": {}});
        assert_eq!(stopped(&request(&mut core, "initialize", hello.clone())), old, "client {version}");
        assert_eq!(stopped(&answer(&mut core, Method::Initialize, hello)), old, "server {version}");
    }
    let mut core = core(config);
    assert!(stopped(&request(&mut core, "initialize", json!({"capabilities": {}}))), "no version at all");
    assert!(!stopped(&request(&mut core, "tools/list", json!({}))), "nothing but the handshake is looked at");
}

#[test]
fn without_a_word_all_may_be_spoken() {
    let mut core = core("servers: {files: {command: x}}");
    let hello = json!({"protocolVersion": "2024-11-05", "capabilities": {}});
    assert!(!stopped(&request(&mut core, "initialize", hello.clone())));
    assert!(!stopped(&answer(&mut core, Method::Initialize, hello)));
}
