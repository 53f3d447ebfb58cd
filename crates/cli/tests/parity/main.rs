//! One policy, whatever the way: on every transport and in every era the same message is found to be the same, and the
//! client sees the same of it.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)] // A test fails by panicking.
#![allow(clippy::disallowed_methods)] // Threads here have no loop to stop.
#![allow(dead_code, reason = "this program uses its part of what it shares")]

mod channel;
#[path = "../common/mod.rs"]
mod common;
#[path = "../gateway/gate.rs"]
mod gate;
#[path = "../gateway/guard.rs"]
mod guard;
#[path = "../gateway/mcp.rs"]
mod mcp;
mod server;
#[path = "../common/turn.rs"]
mod turn;
#[path = "../gateway/upstream.rs"]
mod upstream;
#[path = "../gateway/web.rs"]
mod web;

use libtest_mimic::{Arguments, Trial};
use serde_json::{Value, json};

use channel::{CHANNELS, Channel, Front, Line, Seen};
use server::{Era, TOKEN};

const SLACK: &str = "xoxb-123456789012-1234567890123-AbCdEfGhIjKlMnOpQrStUvWx";

fn rules() -> Value {
    json!({
        "pii": {"actions": {"slack_token": {"request": "redact"}, "stripe_key": {"response": "block"}}},
        "policy": {
            "permissions": {"denied_tools": ["denied"]},
            "rate_limit": {"tool_limits": {"often": {"requests_per_minute": 1}}},
            "sampling": {"enabled": false},
            "elicitation": {"enabled": true},
        },
    })
}

fn main() {
    if std::env::args().nth(1).as_deref() == Some("serve") {
        let modern = std::env::args().nth(2).as_deref() == Some("modern");
        return server::over_stdio(if modern { Era::Modern } else { Era::Legacy });
    }
    let trials = CHANNELS.into_iter().map(|channel| {
        Trial::test(channel.name, move || {
            let _turn = turn::take();
            same_as_everywhere(channel);
            Ok(())
        })
    });
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit();
}

fn same_as_everywhere(channel: Channel) {
    let mut line = Line::open(channel, &rules());
    line.found();
    let mut wrong = Vec::new();
    let mut cell = |line: &mut Line, verdict: &str, seen: Seen, sees: &str, finds: &[&str]| {
        let (outcome, found) = (outcome(&seen), line.found());
        if outcome != sees || found != finds {
            wrong.push(format!(
                "{verdict}: {outcome:?} (not {sees:?}), found {found:?} (not {finds:?})\n    {seen:?}"
            ));
        }
    };
    let seen = line.call("any", "");
    cell(&mut line, "allow", seen, "fine", &[]);
    let seen = line.call("mail", "");
    cell(&mut line, "warn", seen, "write to ann@example.org", &["warn pii.email … (15 characters)"]);
    let seen = line.call("echo", SLACK);
    cell(
        &mut line,
        "redact arguments",
        seen,
        "[REDACTED:slack_token]",
        &["redact secret.slack_token xox… (56 characters)"],
    );
    let seen = line.call("leak", "");
    let token = ["redact secret.github_token ghp_… (40 characters)"];
    cell(&mut line, "redact result", seen, "it is [REDACTED:github_token]", &token);
    let seen = line.call("parts", "");
    cell(&mut line, "redact parts", seen, "[REDACTED:github_token][REDACTED:github_token]", &token);
    let seen = line.call("denied", "");
    cell(&mut line, "block tool", seen, "error permission.denied_tools", &["block permission.denied_tools"]);
    let seen = line.call("echo", TOKEN);
    cell(
        &mut line,
        "block arguments",
        seen,
        "error secret.github_token",
        &["block secret.github_token ghp_… (40 characters)"],
    );
    let seen = line.call("vault", "");
    cell(
        &mut line,
        "block result",
        seen,
        "error secret.stripe_key",
        &["block secret.stripe_key sk_… (32 characters)"],
    );
    line.call("often", "");
    line.found();
    let seen = line.call("often", "");
    cell(&mut line, "limit", seen, "error rate_limit.tool_limits", &["block rate_limit.tool_limits"]);
    asks(&mut line, &mut cell);
    if channel.streams() {
        let mut seen = line.call("logs", "");
        seen.told.retain(|told| told["method"] == "notifications/message");
        let said = seen.told.first().map_or(Value::Null, |told| told["params"]["data"].clone());
        assert_eq!(said, "it is [REDACTED:github_token]", "{seen:?}");
        cell(&mut line, "redact notification", seen, "told", &token);
    }
    tasks(&mut line, &mut cell);
    answers(&mut line, &mut cell);
    assert!(wrong.is_empty(), "{}:\n{}", channel.name, wrong.join("\n"));
}

/// What servers may not ask is asked of nobody.
fn asks(line: &mut Line, cell: &mut impl FnMut(&mut Line, &str, Seen, &str, &[&str])) {
    for (tool, rule) in [("sampling", "sampling.enabled"), ("password", "elicitation.secrets")] {
        let seen = line.call(tool, "");
        let questions = |message: &Value| message.get("id").is_some() && message.get("method").is_some();
        assert!(!seen.told.iter().any(questions), "{}: {seen:?}", line.channel.name);
        assert!(seen.answer["result"].get("inputRequests").is_none(), "{}: {seen:?}", line.channel.name);
        let blocked = format!("block {rule}");
        let sees = outcome(&seen);
        // The capability was not shown to the translator, which refuses by itself what a client has not declared.
        let by_translator = line.channel.is_bridged() && rule == "sampling.enabled";
        let finds = if by_translator { &[][..] } else { &[&*blocked] };
        cell(line, tool, seen, &sees, finds);
    }
    let seen = line.call("address", "");
    cell(line, "-32042", seen, "error elicitation.secrets", &["block elicitation.secrets"]);
}

/// What the user answers goes to the server, and is looked at like arguments (`inputResponses`).
fn answers(line: &mut Line, cell: &mut impl FnMut(&mut Line, &str, Seen, &str, &[&str])) {
    if line.channel.client != Era::Modern || line.channel.front == Front::Rpc {
        return;
    }
    let asked = line.call("colour", "").answer;
    let requests =
        asked["result"]["inputRequests"].as_object().unwrap_or_else(|| panic!("no question: {asked}"));
    let said = json!({"action": "accept", "content": {"colour": TOKEN}});
    let responses: serde_json::Map<_, _> = requests.keys().map(|key| (key.clone(), said.clone())).collect();
    line.found();
    let state = asked["result"]["requestState"].clone();
    let again = json!({"name": "colour", "arguments": {"text": ""}, "inputResponses": responses, "requestState": state});
    let seen = line.ask("tools/call", again);
    let finds = ["block secret.github_token ghp_… (40 characters)"];
    cell(line, "inputResponses", seen, "error secret.github_token", &finds);
}

/// The result of a task is a result like any other.
fn tasks(line: &mut Line, cell: &mut impl FnMut(&mut Line, &str, Seen, &str, &[&str])) {
    let token = ["redact secret.github_token ghp_… (40 characters)"];
    if line.channel.is_bridged() || line.channel.front == Front::Rpc {
        return;
    }
    line.call("task", "");
    line.found();
    let method = if line.channel.client == Era::Legacy { "tasks/result" } else { "tasks/get" };
    let seen = line.ask(method, json!({"taskId": "t"}));
    cell(line, method, seen, "it is [REDACTED:github_token]", &token);
    let seen = line.ask("tasks/get", json!({"taskId": "t", "_meta": {"asks": true}}));
    cell(line, "a task asks", seen, "error elicitation.secrets", &["block elicitation.secrets"]);
}

/// What a client makes of an answer: the text, or the rule by which it was refused.
fn outcome(seen: &Seen) -> String {
    if let Some(error) = seen.answer.get("error") {
        return format!(
            "error {}",
            error["data"]["mcp-guard/denial"]["rule"].as_str().unwrap_or("of the server")
        );
    }
    let result = &seen.answer["result"];
    let content =
        if result["result"].is_object() { &result["result"]["content"] } else { &result["content"] };
    content.as_array().into_iter().flatten().filter_map(|block| block["text"].as_str()).collect()
}
