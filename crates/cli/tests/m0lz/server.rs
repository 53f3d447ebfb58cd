//! A server that shows what reaches it.

use std::{
    fs::{File, OpenOptions},
    io::{self, BufRead, Write},
};

use serde_json::{Value, json};

/// Serves on standard input and output; `--log FILE` gets every line heard.
pub(crate) fn serve() {
    let mut log = std::env::args()
        .skip_while(|arg| arg != "--log")
        .nth(1)
        .map(|path| OpenOptions::new().create(true).append(true).open(path).unwrap());
    note(&mut log, &format!("start {}", std::process::id()));
    // The call that waits for the client's answer to the server's own request.
    let mut waiting = None;
    for line in io::stdin().lock().lines() {
        let Ok(line) = line else { break };
        note(&mut log, &line);
        let message: Value = serde_json::from_str(&line).unwrap();
        let params = &message["params"];
        match (message["method"].as_str(), message.get("id")) {
            (Some(method), Some(id)) => match (method, params["name"].as_str()) {
                ("tools/call", Some("ask-client")) => {
                    waiting = Some(id.clone());
                    let asked = &params["arguments"];
                    say(
                        &json!({"jsonrpc": "2.0", "id": "mine", "method": asked["method"], "params": asked["params"]}),
                    );
                }
                ("tools/call", Some("speak")) => {
                    for method in ["progress", "message", "tools/list_changed", "resources/updated"] {
                        say(
                            &json!({"jsonrpc": "2.0", "method": format!("notifications/{method}"), "params": {}}),
                        );
                    }
                    answer(id, &content("spoken"));
                }
                ("tools/call", Some("fail")) => say(&json!({"jsonrpc": "2.0", "id": id, "error":
                    {"code": -32042, "message": "out of paper", "data": {"tray": 2}}})),
                ("tools/call", Some("die")) => std::process::exit(3),
                ("tools/call", _) => {
                    let said = params["arguments"]["say"].as_str();
                    answer(id, &content(said.unwrap_or(&line)));
                }
                _ => answer(id, &result(method, params)),
            },
            // The client's answer to what was asked.
            (None, Some(_)) => {
                if let Some(id) = waiting.take() {
                    answer(&id, &content(&line));
                }
            }
            _ => {}
        }
    }
}

fn result(method: &str, params: &Value) -> Value {
    match method {
        "initialize" => json!({
            "protocolVersion": params["protocolVersion"],
            "capabilities": {"tools": {}, "resources": {"subscribe": true}, "prompts": {}, "logging": {}, "completions": {}},
            "serverInfo": {"name": "shows", "version": "1"},
        }),
        "tools/list" => json!({"tools": [
            {"name": "read_file", "inputSchema": {"type": "object"}},
            {"name": "DELETE-file", "inputSchema": {"type": "object"}},
        ]}),
        "prompts/list" => json!({"prompts": [{"name": "summary"}, {"name": "secret_plan"}]}),
        "resources/list" => json!({"resources": [
            {"uri": "file:///open/a", "name": "a"}, {"uri": "file:///secret/a/b", "name": "b"},
        ]}),
        "resources/templates/list" => json!({"resourceTemplates": [
            {"uriTemplate": "file:///open/{x}", "name": "x"}, {"uriTemplate": "file:///secret/{x}", "name": "y"},
        ]}),
        other => json!({ "seen": other }),
    }
}

fn content(text: &str) -> Value {
    json!({"content": [{"type": "text", "text": text}]})
}

fn answer(id: &Value, result: &Value) {
    say(&json!({"jsonrpc": "2.0", "id": id, "result": result}));
}

fn say(message: &Value) {
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "{message}");
    let _ = out.flush();
}

fn note(log: &mut Option<File>, line: &str) {
    if let Some(log) = log {
        log.write_all(format!("{line}\n").as_bytes()).unwrap();
    }
}
