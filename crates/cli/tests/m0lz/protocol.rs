//! It answered `initialize`, `ping` and most methods with "Method not found", and nothing came from the server.

use std::time::Duration;

use serde_json::{Value, json};

use crate::{ask, call, common::client::rule, guarded, house::House, text};

fn hello() -> Value {
    json!({"protocolVersion": "2025-11-25", "capabilities": {"sampling": {}, "roots": {"listChanged": true}},
        "clientInfo": {"name": "plain", "version": "9.8.7"}})
}

pub(crate) fn a_plain_client_shakes_hands_and_is_served() {
    let house = House::new(&[("files", &[])]);
    let mut client = house.connect("files");
    let welcome = ask(&mut client, 1, "initialize", hello());
    assert_eq!(welcome["result"]["serverInfo"]["name"], "shows", "{welcome}");
    client.say(r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#);
    assert_eq!(ask(&mut client, 2, "tools/list", json!({}))["result"]["tools"].as_array().unwrap().len(), 2);
    assert_eq!(text(&call(&mut client, 3, "read_file", json!({"say": "hello"}))), "hello");
}

pub(crate) fn what_a_client_can_do_reaches_the_server() {
    let house = House::new(&[("files", &[])]);
    let mut client = house.connect("files");
    ask(&mut client, 1, "initialize", hello());
    let heard = house.heard("files").join("\n");
    assert!(
        heard.contains("9.8.7") && heard.contains("listChanged") && heard.contains("sampling"),
        "{heard}"
    );
}

pub(crate) fn methods_nobody_knows_pass() {
    let house = House::new(&[("files", &[])]);
    let mut client = house.connect("files");
    let uri = json!({"uri": "file:///open/a"});
    let complete =
        json!({"ref": {"type": "ref/prompt", "name": "p"}, "argument": {"name": "a", "value": "b"}});
    for (id, (method, params)) in [
        ("ping", json!({})),
        ("resources/subscribe", uri.clone()),
        ("resources/unsubscribe", uri),
        ("completion/complete", complete),
        ("logging/setLevel", json!({"level": "debug"})),
        ("tasks/list", json!({})),
        ("x-vendor/anything", json!({"a": 1})),
    ]
    .into_iter()
    .enumerate()
    {
        let answer = ask(&mut client, id as u64, method, params);
        assert_eq!(answer["result"]["seen"], method, "{answer}");
    }
    let templates = ask(&mut client, 50, "resources/templates/list", json!({}));
    assert_eq!(templates["result"]["resourceTemplates"].as_array().unwrap().len(), 2);
}

pub(crate) fn a_notification_is_not_answered() {
    let house = guarded(json!({"permissions": {"denied_tools": ["x"]}}));
    let mut client = house.connect("files");
    client.say(r#"{"jsonrpc":"2.0","method":"notifications/roots/list_changed"}"#);
    client.say(r#"{"jsonrpc":"2.0","method":"tools/call","params":{"name":"x"}}"#);
    client.say(r#"{"jsonrpc":"2.0","id":7,"method":"ping"}"#);
    let first = client.receive();
    assert_eq!((&first["id"], &first["result"]["seen"]), (&json!(7), &json!("ping")), "{first}");
    assert!(client.lines.recv_timeout(Duration::from_millis(300)).is_err(), "and nothing follows");
    let heard = house.heard("files").join("\n");
    assert!(heard.contains("roots/list_changed") && !heard.contains("tools/call"), "{heard}");
}

pub(crate) fn the_servers_errors_keep_their_code_and_data() {
    let house = House::new(&[("files", &[])]);
    let answer = call(&mut house.connect("files"), 1, "fail", json!({}));
    assert_eq!(answer["error"], json!({"code": -32042, "message": "out of paper", "data": {"tray": 2}}));
}

pub(crate) fn what_the_server_says_by_itself_arrives() {
    let house = House::new(&[("files", &[])]);
    let mut client = house.connect("files");
    client.say(r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"speak"}}"#);
    let said: Vec<_> = (0..4).map(|_| client.receive()["method"].as_str().unwrap().to_owned()).collect();
    assert_eq!(said[0], "notifications/progress");
    assert_eq!(said[3], "notifications/resources/updated");
    assert_eq!(client.receive()["id"], 1);
    for (method, params) in [
        ("roots/list", json!({})),
        (
            "elicitation/create",
            json!({"message": "Which colour?", "requestedSchema": {"type": "object", "properties": {}}}),
        ),
    ] {
        let asked = json!({"name": "ask-client", "arguments": {"method": method, "params": params}});
        client.say(&json!({"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": asked}).to_string());
        let question = client.receive();
        assert_eq!((&question["method"], &question["id"]), (&json!(method), &json!("mine")), "{question}");
        client.say(r#"{"jsonrpc":"2.0","id":"mine","result":{"action":"accept","content":{"x":"blue"}}}"#);
        assert!(text(&client.receive()).contains("blue"));
    }
}

pub(crate) fn a_server_may_ask_the_model_only_if_enabled() {
    for enabled in [true, false] {
        let house = guarded(json!({"sampling": {"enabled": enabled, "max_tokens": 50}}));
        let mut client = house.connect("files");
        ask(&mut client, 1, "initialize", hello());
        let told_of_it = house.heard("files").join("\n").contains("\"sampling\"");
        assert_eq!(told_of_it, enabled, "the capability is shown if it may be used");
        let params = json!({"maxTokens": 1000, "messages": [{"role": "user", "content": {"type": "text", "text": "hi"}}]});
        let asked = json!({"name": "ask-client", "arguments": {"method": "sampling/createMessage", "params": params}});
        client.say(&json!({"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": asked}).to_string());
        let next = client.receive();
        if enabled {
            assert_eq!(next["method"], "sampling/createMessage", "{next}");
            assert_eq!(next["params"]["maxTokens"], 50, "no more than allowed: {next}");
        } else {
            assert_eq!(next["id"], 2, "the client is not asked: {next}");
            assert!(
                text(&next).contains("error") && text(&next).contains("sampling"),
                "the server is told: {next}"
            );
        }
    }
}

/// Past 4 MiB the daemon dropped its buffer and the client waited for ever; what was no JSON was dropped silently.
pub(crate) fn a_long_message_passes_and_a_broken_one_is_answered() {
    let house = House::new(&[("files", &[])]);
    let mut client = house.connect("files");
    let long = "x ".repeat(2_600_000);
    let answer = call(&mut client, 1, "read_file", json!({ "say": long }));
    assert_eq!(text(&answer).len(), long.len());
    client.say("{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":");
    assert_eq!(client.receive()["error"]["code"], -32700);
    let huge = json!({"jsonrpc": "2.0", "id": 3, "method": "ping", "params": {"x": "y".repeat(17 << 20)}});
    client.say(&huge.to_string());
    let refused = client.receive();
    assert!(refused["id"] == 3 && rule(&refused) != "none", "past the limit whoever waits is told");
}
