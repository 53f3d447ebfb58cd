//! Clients that have a session with a server behind the gateway.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::{self, JoinHandle};

use serde_json::{Value, json};

use crate::http::{self, Answer};

const REVISION: &str = "2025-11-25";

/// A session over Streamable HTTP (MCP 2025-11-25).
pub(crate) struct Session {
    at: String,
    path: String,
    key: String,
    next: AtomicU64,
}

impl Session {
    /// Shakes hands at `path` of the gateway at `at`.
    pub(crate) fn begin(at: &str, path: &str) -> Self {
        Self::try_begin(at, path).unwrap_or_else(|answer| panic!("no session: {answer}"))
    }

    pub(crate) fn try_begin(at: &str, path: &str) -> Result<Self, Value> {
        let answer = http::send(at, &format!("POST {path}"), &[], &initialize());
        let Some(key) = answer.header("mcp-session-id").map(str::to_owned) else {
            return Err(answer.answer().unwrap());
        };
        let session = Self { at: at.to_owned(), path: path.to_owned(), key, next: AtomicU64::new(1) };
        answer.answer().unwrap();
        session.tell("notifications/initialized", &json!({}));
        Ok(session)
    }

    fn request(&self, verb: &str, headers: &[(&str, &str)], body: &str) -> io::Result<Answer> {
        let own = [("Mcp-Session-Id", self.key.as_str()), ("MCP-Protocol-Version", REVISION)];
        http::try_send(&self.at, &format!("{verb} {}", self.path), &[&own[..], headers].concat(), body)
    }

    fn tell(&self, method: &str, params: &Value) {
        let line = json!({"jsonrpc": "2.0", "method": method, "params": params}).to_string();
        assert_eq!(self.request("POST", &[], &line).unwrap().status, 202);
    }

    pub(crate) fn cancel(&self, id: u64) {
        self.tell("notifications/cancelled", &json!({"requestId": id}));
    }

    /// Sends a request; what comes back is read by the caller.
    pub(crate) fn post(&self, method: &str, params: &Value) -> io::Result<Answer> {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        self.request("POST", &[], &request(id, method, params))
    }

    /// The answer to a request.
    pub(crate) fn ask(&self, method: &str, params: &Value) -> Value {
        self.post(method, params).unwrap().answer().unwrap()
    }

    /// What a tool answers.
    pub(crate) fn call(&self, tool: &str) -> Value {
        self.ask("tools/call", &json!({"name": tool, "arguments": {}}))
    }

    /// Opens the stream for what belongs to no request, or goes on with one after the event of that id.
    pub(crate) fn listen(&self, last: Option<&str>) -> Answer {
        let headers: Vec<_> = last.map(|last| ("Last-Event-ID", last)).into_iter().collect();
        self.request("GET", &headers, "").unwrap()
    }

    pub(crate) fn end(&self) {
        assert_eq!(self.request("DELETE", &[], "").unwrap().status, 200);
    }
}

/// A session over HTTP+SSE (MCP 2024-11-05).
pub(crate) struct OneStream {
    at: String,
    endpoint: String,
    stream: Answer,
    next: u64,
}

impl OneStream {
    pub(crate) fn begin(at: &str, path: &str) -> Self {
        let mut stream = http::send(at, &format!("GET {path}"), &[], "");
        let endpoint = stream.event().unwrap().unwrap().data;
        let mut session = Self { at: at.to_owned(), endpoint, stream, next: 1 };
        session.say(&initialize());
        assert!(session.answer(0).get("result").is_some());
        session.say(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"}).to_string());
        session
    }

    fn say(&self, line: &str) {
        let status = http::send(&self.at, &format!("POST {}", self.endpoint), &[], line).status;
        assert_eq!(status, 202);
    }

    pub(crate) fn call(&mut self, tool: &str) -> Value {
        let id = self.next;
        self.next += 1;
        self.say(&request(id, "tools/call", &json!({"name": tool, "arguments": {}})));
        self.answer(id)
    }

    fn answer(&mut self, id: u64) -> Value {
        loop {
            let (_, message) = self.stream.message().unwrap().expect("the stream goes on");
            if message["id"] == id && message.get("method").is_none() {
                return message;
            }
        }
    }
}

/// A call as MCP 2026-07-28 has it, without any session.
pub(crate) fn call_modern(at: &str, path: &str, tool: &str) -> Value {
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "1"},
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    let params = json!({"name": tool, "arguments": {}, "_meta": meta});
    let headers = [("MCP-Protocol-Version", "2026-07-28"), ("Mcp-Method", "tools/call"), ("Mcp-Name", tool)];
    let answer = http::send(at, &format!("POST {path}"), &headers, &request(1, "tools/call", &params));
    answer.answer().unwrap()
}

/// A call at `/rpc`.
pub(crate) fn call_plainly(at: &str, path: &str, tool: &str) -> Value {
    let body = request(1, "tools/call", &json!({"name": tool, "arguments": {}}));
    http::send(at, &format!("POST {path}"), &[], &body).answer().unwrap()
}

/// A thread that waits for something.
pub(crate) fn meanwhile<T: Send + 'static>(wait: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
    thread::spawn(wait)
}

fn initialize() -> String {
    let client = json!({"name": "test", "version": "1"});
    request(0, "initialize", &json!({"protocolVersion": REVISION, "capabilities": {}, "clientInfo": client}))
}

fn request(id: u64, method: &str, params: &Value) -> String {
    json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}).to_string()
}

/// The code of the error that an answer is.
pub(crate) fn code(answer: &Value) -> Option<i64> {
    answer.pointer("/error/code").and_then(Value::as_i64)
}

/// What a tool said.
pub(crate) fn said(answer: &Value) -> &str {
    answer
        .pointer("/result/content/0/text")
        .and_then(Value::as_str)
        .unwrap_or_else(|| panic!("no text: {answer}"))
}
