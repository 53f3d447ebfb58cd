//! One server for every transport and era: what it says depends on the tool that is called, and on nothing else.

use std::{
    io::{BufRead, Write},
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use serde_json::{Value, json};

use crate::{gate::Gate, upstream::Upstream};

pub(crate) const TOKEN: &str = "ghp_16C7e42F292c6912E7710c838347Ae178B4a";
pub(crate) const KEY: &str = "sk_live_4eC39HqLyjWDarjtT1zdp7dc";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Era {
    Legacy,
    Modern,
}

impl Era {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Legacy => "legacy",
            Self::Modern => "modern",
        }
    }
}

/// What a server does with a message.
enum Does {
    /// Says this.
    Answers(Value),
    /// Says this first, in a stream.
    Tells(Value, Value),
    /// Asks this, and answers when it has been answered itself.
    Asks(Value, Value),
    Nothing,
}

fn text(text: impl Into<Value>) -> Value {
    json!({"content": [{"type": "text", "text": text.into()}], "resultType": "complete"})
}

/// A form that asks for a password.
fn form() -> Value {
    let schema = json!({"type": "object", "properties": {"password": {"type": "string"}}});
    json!({"mode": "form", "message": "Sign in", "requestedSchema": schema})
}

fn sampling() -> Value {
    let message = json!({"role": "user", "content": {"type": "text", "text": "Say something"}});
    json!({"messages": [message], "maxTokens": 5})
}

/// A question that may be asked.
fn harmless() -> Value {
    let schema = json!({"type": "object", "properties": {"colour": {"type": "string"}}});
    json!({"mode": "form", "message": "Which colour?", "requestedSchema": schema})
}

/// The one table of answers.
fn does(era: Era, message: &Value) -> Does {
    let (id, params) = (&message["id"], &message["params"]);
    let result = |result: Value| Does::Answers(json!({"jsonrpc": "2.0", "id": id, "result": result}));
    let asks = |method: &str, asked: Value| {
        let question = json!({"jsonrpc": "2.0", "id": "q", "method": method, "params": asked});
        match era {
            Era::Legacy => Does::Asks(question, json!({"jsonrpc": "2.0", "id": id, "result": text("asked")})),
            Era::Modern if params.get("inputResponses").is_some() => result(text("asked")),
            Era::Modern => {
                let requests = json!({"q": {"method": method, "params": asked}});
                result(
                    json!({"resultType": "input_required", "inputRequests": requests, "requestState": "s"}),
                )
            }
        }
    };
    let task = || json!({"taskId": "t", "status": "working", "ttl": 60_000, "ttlMs": 60_000, "createdAt": "2026-01-01T00:00:00Z", "lastUpdatedAt": "2026-01-01T00:00:00Z"});
    match message["method"].as_str() {
        Some("initialize") if era == Era::Legacy => {
            let able = json!({"tools": {}, "logging": {}, "tasks": {"requests": {"tools": {"call": {}}}}});
            let info = json!({"name": "s", "version": "1"});
            result(
                json!({"protocolVersion": params["protocolVersion"], "capabilities": able, "serverInfo": info}),
            )
        }
        Some("server/discover") if era == Era::Modern => {
            let able =
                json!({"tools": {}, "logging": {}, "extensions": {"io.modelcontextprotocol/tasks": {}}});
            result(
                json!({"supportedVersions": ["2026-07-28"], "capabilities": able, "resultType": "complete", "ttlMs": 0, "cacheScope": "private"}),
            )
        }
        Some("tools/call") => match params["name"].as_str().unwrap() {
            "echo" => result(text(params["arguments"]["text"].clone())),
            "mail" => result(text("write to ann@example.org")),
            "leak" => result(text(format!("it is {TOKEN}"))),
            "parts" => {
                let (one, two) = TOKEN.split_at(20);
                let block = |text: &str| json!({"type": "text", "text": text});
                result(json!({"content": [block(one), block(two)], "resultType": "complete"}))
            }
            "vault" => result(text(format!("it is {KEY}"))),
            "logs" => {
                let log = json!({"level": "info", "data": format!("it is {TOKEN}")});
                let log = json!({"jsonrpc": "2.0", "method": "notifications/message", "params": log});
                Does::Tells(log, json!({"jsonrpc": "2.0", "id": id, "result": text("told")}))
            }
            "sampling" => asks("sampling/createMessage", sampling()),
            "password" => asks("elicitation/create", form()),
            "colour" => asks("elicitation/create", harmless()),
            "address" => Does::Answers(json!({"jsonrpc": "2.0", "id": id, "error": {
                "code": -32042, "message": "sign in first", "data": {"elicitations": [form()]}}})),
            "task" | "task_asks" if era == Era::Legacy => result(json!({"task": task()})),
            "task" | "task_asks" => {
                let mut task = task();
                task["resultType"] = json!("task");
                result(task)
            }
            _ => result(text("fine")),
        },
        Some("tasks/result") => result(text(format!("it is {TOKEN}"))),
        Some("tasks/get") => {
            let mut task = task();
            task["resultType"] = json!("complete");
            if params["_meta"]["asks"] == true {
                task["status"] = json!("input_required");
                task["inputRequests"] = json!({"q": {"method": "elicitation/create", "params": form()}});
            } else {
                task["status"] = json!("completed");
                task["result"] = text(format!("it is {TOKEN}"));
            }
            result(task)
        }
        Some(_) if !id.is_null() && era == Era::Modern => {
            let error = json!({"code": -32601, "message": "unknown"});
            Does::Answers(json!({"jsonrpc": "2.0", "id": id, "error": error}))
        }
        Some("server/discover") => {
            let error = json!({"code": -32601, "message": "unknown"});
            Does::Answers(json!({"jsonrpc": "2.0", "id": id, "error": error}))
        }
        Some(_) if !id.is_null() => result(json!({})),
        _ => Does::Nothing,
    }
}

/// Over standard input and output.
pub(crate) fn over_stdio(era: Era) {
    let say = |message: &Value| {
        let mut out = std::io::stdout().lock();
        let _ = writeln!(out, "{message}");
        let _ = out.flush();
    };
    let mut owed = None;
    for line in std::io::stdin().lock().lines().map_while(Result::ok) {
        let message: Value = serde_json::from_str(&line).unwrap();
        if message.get("method").is_none()
            && let Some(answer) = owed.take()
        {
            say(&answer);
            continue;
        }
        match does(era, &message) {
            Does::Answers(answer) => say(&answer),
            Does::Tells(first, then) => {
                say(&first);
                say(&then);
            }
            Does::Asks(question, answer) => {
                say(&question);
                owed = Some(answer);
            }
            Does::Nothing => {}
        }
    }
}

/// Over HTTP; what could be one JSON body comes as events if `streams`.
pub(crate) fn over_http(era: Era, streams: bool) -> Upstream {
    let (answered, sessions) = (Mutex::new(Gate::default()), AtomicUsize::new(0));
    Upstream::new(move |seen, out| {
        match (seen.method.as_str(), era) {
            ("POST", _) => {}
            ("DELETE", Era::Legacy) => return out.empty(200),
            _ => return out.empty(405),
        }
        if seen.is("initialize") && era == Era::Legacy {
            let Does::Answers(answer) = does(era, &seen.message) else { unreachable!() };
            let head = format!("mcp-session-id: {}\r\n", sessions.fetch_add(1, Ordering::Relaxed));
            return out.whole(200, &head, "application/json", &answer.to_string());
        }
        if seen.message.get("method").is_none() {
            answered.lock().unwrap().open();
        }
        let mut said = match does(era, &seen.message) {
            Does::Answers(answer) if !streams => return out.json(&answer),
            Does::Nothing => return out.empty(202),
            Does::Answers(answer) => vec![answer],
            Does::Tells(first, then) => vec![first, then],
            Does::Asks(question, answer) => {
                let gate = Gate::default();
                *answered.lock().unwrap() = gate.clone();
                out.events();
                out.event(&question);
                gate.pass();
                out.event(&answer);
                return out.end();
            }
        };
        out.events();
        said.drain(..).for_each(|message| out.event(&message));
        out.end();
    })
}
