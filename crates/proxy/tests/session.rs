//! A session without any I/O: what goes in on one side, what comes out on which, and what is recorded.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)] // A test fails by panicking.

mod support;

use mcp_guard_proxy::{Clock, Side};
use proptest::prelude::*;
use serde_json::{Value, json};
use store::Verdict;
use support::*;

#[test]
fn ids_of_every_kind_are_answered_in_any_order() {
    let mut guard = Guard::new("profile: balanced");
    let ids = [json!(0), json!(-7), json!(""), json!("0"), json!("é\"\\"), json!(9_007_199_254_740_991_i64)];
    for id in &ids {
        let (back, on) = guard.ask(id.clone(), "ping");
        assert_eq!((back, &on[0]["id"]), (vec![], id));
    }
    assert_eq!(guard.session.waiting(), ids.len());
    for id in ids.iter().rev() {
        let (on, back) =
            guard.say(Side::Server, &json!({"jsonrpc": "2.0", "id": id, "result": {}}).to_string());
        assert_eq!((&on[0]["id"], back), (id, vec![]));
    }
    assert_eq!(guard.session.waiting(), 0);
    assert_eq!(guard.verdicts().len(), 2 * ids.len());
}

#[test]
fn requests_of_both_sides_do_not_mix_up_their_ids() {
    let mut guard = Guard::new("profile: balanced");
    guard.ask(json!(1), "tools/list");
    guard.say(Side::Server, r#"{"jsonrpc":"2.0","id":1,"method":"roots/list"}"#);
    let (_, to_server) = guard.say(Side::Client, r#"{"jsonrpc":"2.0","id":1,"result":{"roots":[]}}"#);
    assert_eq!(to_server[0]["result"], json!({"roots": []}));
    let (to_client, _) = guard.say(Side::Server, r#"{"jsonrpc":"2.0","id":1,"result":{"tools":[]}}"#);
    assert_eq!(to_client[0]["result"], json!({"tools": []}));
}

#[test]
fn an_answer_arrives_once_and_only_if_it_was_asked_for() {
    let mut guard = Guard::new("profile: balanced");
    guard.ask(json!(1), "ping");
    let answer = r#"{"jsonrpc":"2.0","id":1,"result":{}}"#;
    assert_eq!(guard.say(Side::Server, answer).0.len(), 1);
    assert_eq!(guard.say(Side::Server, answer), (vec![], vec![]));
    assert_eq!(
        guard.say(Side::Server, r#"{"jsonrpc":"2.0","id":"1","error":{"code":1,"message":""}}"#).0.len(),
        0
    );
    assert_eq!(guard.verdicts()[2..], [Verdict::Block, Verdict::Block]);
    let orphan = r#"{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"?"}}"#;
    assert_eq!(guard.say(Side::Server, orphan).0.len(), 1);
}

#[test]
fn a_repeated_id_or_one_too_many_is_refused() {
    let mut guard = Guard::new("profile: balanced");
    guard.ask(json!(1), "ping");
    let (back, on) = guard.ask(json!(1), "ping");
    assert_eq!((rule(&back[0]), on.len()), ("session.repeated_id", 0));
    for id in 2..=100 {
        assert_eq!(guard.ask(json!(id), "ping").0.len(), 0);
    }
    let (back, _) = guard.ask(json!(101), "ping");
    assert_eq!((rule(&back[0]), &back[0]["error"]["code"]), ("session.in_flight", &json!(4429)));
    guard.say(
        Side::Client,
        r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":50}}"#,
    );
    assert_eq!(guard.ask(json!(102), "ping").0.len(), 0, "a cancelled request frees its place");
    let (on, _) = guard.say(Side::Server, r#"{"jsonrpc":"2.0","id":50,"result":{}}"#);
    assert_eq!(on.len(), 1, "and may be answered all the same");
}

#[test]
fn a_line_that_is_no_message_is_answered_to_whoever_waits_for_it() {
    let mut guard = Guard::new("profile: balanced");
    let (back, on) =
        guard.say(Side::Client, r#"{"jsonrpc":"2.0","id":5,"method":"m","params":{"a":1,"a":2}}"#);
    assert_eq!((&back[0]["id"], &back[0]["error"]["code"], on.len()), (&json!(5), &json!(-32700), 0));
    assert!(back[0]["error"]["message"].as_str().unwrap().contains("/params/a"));
    let (back, _) = guard.say(Side::Client, "hello");
    assert_eq!((&back[0]["id"], rule(&back[0])), (&Value::Null, "wire.refused"));

    assert_eq!(
        guard.say(Side::Server, "Server listening on stdio"),
        (vec![], vec![]),
        "prints of a server go nowhere"
    );
    guard.ask(json!(6), "ping");
    let (to_client, to_server) = guard.say(Side::Server, r#"{"jsonrpc":"2.0","id":6,"result":{"a":NaN}}"#);
    assert_eq!((&to_client[0]["id"], rule(&to_client[0]), to_server.len()), (&json!(6), "wire.refused", 0));
    assert_eq!(guard.session.waiting(), 0);
    let (to_client, to_server) =
        guard.say(Side::Server, r#"{"jsonrpc":"2.0","id":9,"method":"roots/list","params":{"x":1e999}}"#);
    assert_eq!(
        (to_client.len(), &to_server[0]["id"]),
        (0, &json!(9)),
        "a server is told about its own request"
    );
    guard.say(Side::Server, r#"{"jsonrpc":"2.0","id":10,"method":"roots/list"}"#);
    let (_, to_server) = guard.say(Side::Client, r#"{"jsonrpc":"2.0","id":10,"result":{"roots":01}}"#);
    assert_eq!((&to_server[0]["id"], rule(&to_server[0])), (&json!(10), "wire.refused"));
}

#[test]
fn a_line_past_the_limit_is_refused_and_the_next_one_passes() {
    let mut guard = Guard::new("profile: balanced");
    let long = json!({"jsonrpc": "2.0", "id": 5, "method": "m", "params": {"x": "y".repeat(3 * MAX_FRAME)}});
    let (back, on) = guard.say(Side::Client, &long.to_string());
    assert_eq!((&back[0]["id"], on.len()), (&json!(5), 0));
    assert!(back[0]["error"]["message"].as_str().unwrap().contains("4096"));
    assert_eq!(guard.ask(json!(6), "ping").1.len(), 1);
    let (to_client, _) = guard.say(
        Side::Server,
        &json!({"jsonrpc": "2.0", "id": 6, "result": "y".repeat(2 * MAX_FRAME)}).to_string(),
    );
    assert_eq!(&to_client[0]["id"], &json!(6));
}

#[test]
fn batches_are_taken_apart_and_put_together_where_the_revision_has_them() {
    let mut guard = Guard::new("servers: {s: {command: x, policy: {permissions: {denied_tools: [t]}}}}");
    let batch = r#"[{"jsonrpc":"2.0","id":1,"method":"ping"},{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"t"}},{"jsonrpc":"2.0","method":"n"}]"#;
    let (back, on) = guard.say(Side::Client, batch);
    assert_eq!((rule(&back[0]), on.len()), ("wire.refused", 0), "no revision is settled yet");

    let hello = json!({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {"protocolVersion": "2025-03-26"}});
    guard.say(Side::Client, &hello.to_string());
    guard.say(Side::Server, r#"{"jsonrpc":"2.0","id":0,"result":{"protocolVersion":"2025-03-26"}}"#);
    let (back, on) = guard.say(Side::Client, batch);
    assert_eq!(rule(&back[0][0]), "permission.denied_tools");
    assert_eq!(
        on,
        [json!([{"jsonrpc": "2.0", "id": 1, "method": "ping"}, {"jsonrpc": "2.0", "method": "n"}])]
    );
    let (to_client, _) = guard.say(Side::Server, r#"[{"jsonrpc":"2.0","id":1,"result":{}}]"#);
    assert_eq!(to_client, [json!([{"jsonrpc": "2.0", "id": 1, "result": {}}])]);
}

#[test]
fn what_cannot_be_recorded_does_not_leave() {
    let mut guard = Guard::new("profile: monitor");
    guard.ask(json!(1), "ping");
    guard.say(Side::Server, r#"{"jsonrpc":"2.0","id":7,"method":"roots/list"}"#);
    guard.audit.0.borrow_mut().broken = true;
    let (back, on) = guard.ask(json!(2), "ping");
    assert_eq!((rule(&back[0]), &back[0]["error"]["code"], on.len()), ("audit.unavailable", &json!(4503), 0));
    let (to_client, _) = guard.say(Side::Server, r#"{"jsonrpc":"2.0","id":1,"result":{"x":1}}"#);
    assert_eq!((rule(&to_client[0]), to_client[0].get("result")), ("audit.unavailable", None));
    let (_, to_server) = guard.say(Side::Client, r#"{"jsonrpc":"2.0","id":7,"result":{"x":1}}"#);
    assert_eq!(rule(&to_server[0]), "audit.unavailable");
    assert_eq!(guard.say(Side::Client, r#"{"jsonrpc":"2.0","method":"n"}"#), (vec![], vec![]));
    assert_eq!(guard.session.waiting(), 0);

    guard.audit.0.borrow_mut().broken = false;
    assert_eq!(guard.ask(json!(2), "ping").1.len(), 1, "and passes again once it can be recorded");
}

#[test]
fn a_blocked_answer_becomes_an_error_for_whoever_waits_for_it() {
    let mut guard = Guard::new("pii: {actions: {aws_key: {response: block}}}");
    let leak = json!({"content": [{"type": "text", "text": "AKIAIOSFODNN7EXAMPLE"}]});
    guard.ask(json!("q"), "tools/list");
    let (to_client, to_server) =
        guard.say(Side::Server, &json!({"jsonrpc": "2.0", "id": "q", "result": leak}).to_string());
    assert_eq!(
        (rule(&to_client[0]), &to_client[0]["id"], to_server.len()),
        ("secret.aws_key", &json!("q"), 0)
    );
    assert_eq!(guard.session.waiting(), 0);
    // A request of the server that is blocked is answered to the server, so that it does not wait for ever.
    let ask = json!({"jsonrpc": "2.0", "id": 3, "method": "elicitation/create", "params": leak});
    let (to_client, to_server) = guard.say(Side::Server, &ask.to_string());
    assert_eq!((to_client.len(), rule(&to_server[0]), &to_server[0]["id"]), (0, "secret.aws_key", &json!(3)));
    let tell = json!({"jsonrpc": "2.0", "method": "notifications/message", "params": leak});
    assert_eq!(guard.say(Side::Server, &tell.to_string()), (vec![], vec![]));
    assert_eq!(guard.verdicts()[1..], [Verdict::Block; 3]);
}

#[test]
fn a_dead_server_leaves_nobody_waiting() {
    let mut guard = Guard::new("profile: balanced");
    for id in 0..50 {
        guard.ask(json!(id), "tools/call");
        guard.ask(json!(format!("p{id}")), "ping");
    }
    now(guard.session.server_gone("the server was killed by signal 9", Clock::now(), &mut guard.out));
    let (to_client, to_server) = guard.leaves();
    assert_eq!((to_client.len(), to_server.len(), guard.session.waiting()), (50, 0, 0));
    assert_eq!((rule(&to_client[0]), &to_client[0]["id"]), ("session.server_gone", &json!("p0")));
}

#[test]
fn records_hold_no_values() {
    records_hold_no_values_under("profile: balanced");
    records_hold_no_values_under("pii: {enabled: false}");
    records_hold_no_values_under("pii: {actions: {aws_key: {request: allow, response: allow}}}");
}

fn records_hold_no_values_under(yaml: &str) {
    let mut guard = Guard::new(yaml);
    let key = "AKIAIOSFODNN7EXAMPLE";
    for params in [
        json!({"name": key, "arguments": {}}),
        json!({"name": "t", "arguments": {key: key}}),
        json!({"uri": format!("x://{key}")}),
    ] {
        for method in ["tools/call", "resources/read", key] {
            let message = json!({"jsonrpc": "2.0", "id": key, "method": method, "params": params});
            guard.say(Side::Client, &message.to_string());
        }
    }
    guard.say(Side::Client, &format!(r#"{{"jsonrpc":"2.0","id":1,"method":"m","params":{{"{key}":01}}}}"#));
    guard.say(Side::Server, key);
    let kept = format!("{:?}", guard.audit.0.borrow().records);
    assert!(!kept.contains(key) && kept.contains("[REDACTED:aws_key]"), "{kept}");
}

proptest! {
    #[test]
    fn cutting_the_stream_elsewhere_changes_nothing(cuts in prop::collection::vec(0..2000_usize, 0..40)) {
        let mut stream = String::new();
        for id in 0..12 {
            stream.push_str(&format!("{{\"jsonrpc\":\"2.0\",\"id\":{id},\"method\":\"tools/call\",\"params\":{{\"name\":\"t\",\"arguments\":{{\"key\":\"AKIAIOSFODNN7EXAMPL{}\",\"text\":\"é½\"}}}}}}\r\n", if id % 3 == 0 { "E" } else { "_" }));
        }
        let play = |cuts: &[usize]| {
            let mut guard = Guard::new("profile: balanced");
            let mut bounds: Vec<_> = cuts.iter().map(|cut| cut % (stream.len() + 1)).chain([0, stream.len()]).collect();
            bounds.sort_unstable();
            for pair in bounds.windows(2) {
                guard.client.space().extend_from_slice(&stream.as_bytes()[pair[0]..pair[1]]);
                now(guard.session.pass(Side::Client, &mut guard.client, Clock::now(), &mut guard.out));
            }
            let (client, server) = guard.leaves();
            let refused: Vec<_> = client.iter().map(|answer| (answer["id"].clone(), rule(answer).to_owned())).collect();
            (refused, server, guard.verdicts())
        };
        prop_assert_eq!(play(&cuts), play(&[]));
    }
}
