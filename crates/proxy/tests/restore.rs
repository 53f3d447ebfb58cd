//! A server that takes the place of one that died learns what the client had said; the client sees nothing of it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)] // A test fails by panicking.

mod support;

use std::{sync::Arc, time::Duration};

use mcp_guard_proxy::{Clock, Side};
use serde_json::{Value, json};
use store::Verdict;
use support::*;

const INITIALIZE: &str = r#"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{}}}"#;
const SETTLED: &str =
    r#"{"jsonrpc":"2.0","id":0,"result":{"protocolVersion":"2025-11-25","capabilities":{}}}"#;
const DONE: &str = r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#;

fn request(id: u32, method: &str, params: Value) -> String {
    json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}).to_string()
}

fn methods(said: &[Value]) -> Vec<&str> {
    said.iter().map(|message| message["method"].as_str().unwrap_or("an answer")).collect()
}

/// A guard whose client has shaken hands, set a level and watches two resources.
fn settled() -> Guard {
    let mut guard = Guard::new("profile: balanced");
    guard.say(Side::Client, INITIALIZE);
    guard.say(Side::Server, SETTLED);
    guard.say(Side::Client, DONE);
    let later = [
        request(1, "logging/setLevel", json!({"level": "debug"})),
        request(2, "resources/subscribe", json!({"uri": "x://one"})),
        request(3, "resources/subscribe", json!({"uri": "x://two"})),
        request(4, "resources/unsubscribe", json!({"uri": "x://one"})),
        request(5, "tools/call", json!({"name": "t"})),
    ];
    for (id, message) in (1..).zip(later) {
        guard.say(Side::Client, &message);
        guard.say(Side::Server, &json!({"jsonrpc": "2.0", "id": id, "result": {}}).to_string());
    }
    guard
}

fn restart(guard: &mut Guard) -> (Vec<Value>, Vec<Value>) {
    now(guard.session.server_gone("it died", Clock::now(), &mut guard.out));
    guard.leaves();
    now(guard.session.restore(Clock::now(), &mut guard.out));
    guard.leaves()
}

#[test]
fn the_handshake_the_level_and_the_subscriptions_are_told_one_after_the_other() {
    let mut guard = settled();
    let (to_client, to_server) = restart(&mut guard);
    assert_eq!((to_client, methods(&to_server)), (vec![], vec!["initialize"]));
    assert!(guard.session.is_restoring());
    let recorded = guard.verdicts().len();

    let (to_client, to_server) = guard.say(Side::Server, SETTLED);
    assert_eq!(
        (to_client, methods(&to_server)),
        (vec![], vec!["notifications/initialized", "logging/setLevel"])
    );
    let refused = r#"{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"no"}}"#;
    let (to_client, to_server) = guard.say(Side::Server, refused);
    assert_eq!((to_client, methods(&to_server)), (vec![], vec!["resources/subscribe"]));
    assert_eq!(to_server[0]["params"]["uri"], "x://two");
    assert!(guard.session.is_restoring());
    assert_eq!(guard.say(Side::Server, r#"{"jsonrpc":"2.0","id":3,"result":{}}"#), (vec![], vec![]));
    assert!(!guard.session.is_restoring());
    assert_eq!(guard.verdicts().len() - recorded, 6, "all of it is on record");

    // The ids are free again, and answers reach the client.
    guard.ask(json!(3), "ping");
    assert_eq!(guard.say(Side::Server, r#"{"jsonrpc":"2.0","id":3,"result":{}}"#).0.len(), 1);
}

#[test]
fn a_server_that_has_changed_does_not_take_the_place() {
    for (answer, why) in [
        (r#"{"jsonrpc":"2.0","id":0,"error":{"code":-32603,"message":"no"}}"#, "error"),
        (
            r#"{"jsonrpc":"2.0","id":0,"result":{"protocolVersion":"2024-11-05","capabilities":{}}}"#,
            "revision",
        ),
    ] {
        let mut guard = settled();
        restart(&mut guard);
        assert_eq!(guard.say(Side::Server, answer), (vec![], vec![]));
        assert!(guard.session.not_restored().unwrap().contains(why), "{why}");
    }
}

#[test]
fn what_the_policy_no_longer_allows_is_not_told() {
    let mut guard = settled();
    let yaml = "servers: {s: {command: c, policy: {permissions: {denied_resources: ['x://two']}}}}";
    let policy = policy::parse(yaml, "mcp-guard.yaml", &|_| None).unwrap();
    guard.session.set_policy(Arc::clone(policy.server(None).unwrap()), policy.limits());
    restart(&mut guard);
    guard.say(Side::Server, SETTLED);
    let (to_client, to_server) = guard.say(Side::Server, r#"{"jsonrpc":"2.0","id":1,"result":{}}"#);
    assert_eq!((to_client, to_server), (vec![], vec![]));
    assert!(!guard.session.is_restoring());
    assert_eq!(guard.verdicts().last(), Some(&Verdict::Block));
}

#[test]
fn a_client_that_never_began_has_nothing_to_tell() {
    let mut guard = Guard::new("profile: balanced");
    assert_eq!(restart(&mut guard), (vec![], vec![]));
    assert!(!guard.session.is_restoring());
}

#[test]
fn whoever_waits_too_long_is_told_and_a_late_answer_is_not_a_second_one() {
    let mut guard = Guard::new("profile: balanced");
    guard.ask(json!(7), "ping");
    now(guard.session.give_up_after(Duration::from_secs(60), Clock::now(), &mut guard.out));
    assert_eq!(guard.leaves(), (vec![], vec![]));
    now(guard.session.give_up_after(Duration::ZERO, Clock::now(), &mut guard.out));
    let (to_client, _) = guard.leaves();
    assert_eq!(
        (rule(&to_client[0]), &to_client[0]["error"]["code"]),
        ("session.request_timeout", &json!(4504))
    );
    assert_eq!(guard.say(Side::Server, r#"{"jsonrpc":"2.0","id":7,"result":{}}"#), (vec![], vec![]));
}
