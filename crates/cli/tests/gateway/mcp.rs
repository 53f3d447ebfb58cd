//! Messages of MCP, and clients of both eras.

use serde_json::{Value, json};

use crate::{
    guard::Gateway,
    web::{Ask, Reply},
};

pub(crate) const INITIALIZE: &str = "initialize";

pub(crate) fn request(id: u64, method: &str, params: Value) -> Value {
    json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params})
}

pub(crate) fn notification(method: &str, params: Value) -> Value {
    json!({"jsonrpc": "2.0", "method": method, "params": params})
}

pub(crate) fn response(id: &Value, result: Value) -> Value {
    json!({"jsonrpc": "2.0", "id": id, "result": result})
}

/// A call of a tool, for sessions.
pub(crate) fn call(id: u64, tool: &str) -> Value {
    request(id, "tools/call", json!({"name": tool, "arguments": {}}))
}

pub(crate) fn initialize(revision: &str) -> Value {
    let client = json!({"name": "c", "version": "1"});
    let able = json!({"sampling": {}, "elicitation": {}, "roots": {}});
    let params = json!({"protocolVersion": revision, "capabilities": able, "clientInfo": client});
    request(0, INITIALIZE, params)
}

/// A request of MCP 2026-07-28, without headers.
pub(crate) fn modern(id: u64, method: &str, mut params: Value) -> Value {
    params["_meta"] = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": {"name": "c", "version": "1"},
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    request(id, method, params)
}

/// The same with the headers it needs.
pub(crate) fn ask_modern(message: &Value) -> Ask {
    let method = message["method"].as_str().unwrap_or_default();
    let ask = Ask::post("/mcp", message).header("MCP-Protocol-Version", "2026-07-28");
    let ask = ask.header("Mcp-Method", method);
    let name = ["name", "uri", "taskId"].iter().find_map(|name| message["params"][name].as_str());
    match name {
        Some(name) => ask.header("Mcp-Name", name),
        None => ask,
    }
}

/// A call of a tool of MCP 2026-07-28.
pub(crate) fn call_modern(id: u64, tool: &str) -> Ask {
    ask_modern(&modern(id, "tools/call", json!({"name": tool, "arguments": {}})))
}

/// The code of an error.
pub(crate) fn code(answer: &Value) -> i64 {
    answer["error"]["code"].as_i64().unwrap_or_else(|| panic!("no error: {answer}"))
}

/// A session of a legacy client.
pub(crate) struct Session<'g> {
    gateway: &'g Gateway,
    pub(crate) key: String,
    /// The API key.
    caller: Option<&'static str>,
}

impl<'g> Session<'g> {
    pub(crate) fn begin(gateway: &'g Gateway, revision: &str) -> Self {
        Self::of(gateway, revision, None)
    }

    /// Of the caller with that API key.
    pub(crate) fn of(gateway: &'g Gateway, revision: &str, caller: Option<&'static str>) -> Self {
        let mut session = Self { gateway, key: String::new(), caller };
        let mut reply = session.ask(Ask::post("/mcp", &initialize(revision))).with_status(200);
        reply.header("mcp-session-id").unwrap().clone_into(&mut session.key);
        assert_eq!(reply.json()["result"]["protocolVersion"], revision);
        session.post(&notification("notifications/initialized", json!({}))).with_status(202);
        session
    }

    /// Makes a request one of this session.
    pub(crate) fn sign(&self, ask: Ask) -> Ask {
        let ask = sign(ask, self.caller);
        if self.key.is_empty() { ask } else { ask.header("Mcp-Session-Id", &self.key) }
    }

    pub(crate) fn ask(&self, ask: Ask) -> Reply {
        self.gateway.ask(&self.sign(ask))
    }

    pub(crate) fn post(&self, message: &Value) -> Reply {
        self.ask(Ask::post("/mcp", message))
    }

    /// The stream for what belongs to no request.
    pub(crate) fn listen(&self) -> Reply {
        self.ask(Ask::get("/mcp"))
    }

    /// Goes on after the event of that id.
    pub(crate) fn resume(&self, last: &str) -> Reply {
        self.ask(Ask::get("/mcp").header("Last-Event-ID", last))
    }
}

/// A client of MCP 2024-11-05: its stream, and where it posts to.
pub(crate) struct OneStream<'g> {
    gateway: &'g Gateway,
    pub(crate) stream: Reply,
    pub(crate) endpoint: String,
    caller: Option<&'static str>,
}

impl<'g> OneStream<'g> {
    pub(crate) fn open(gateway: &'g Gateway, caller: Option<&'static str>) -> Self {
        let mut stream = gateway.ask(&sign(Ask::get("/sse"), caller)).with_status(200);
        let event = stream.event().unwrap();
        assert_eq!(event.kind, "endpoint");
        Self { gateway, stream, endpoint: event.data, caller }
    }

    /// One with a session.
    pub(crate) fn begin(gateway: &'g Gateway, caller: Option<&'static str>) -> Self {
        let mut client = Self::open(gateway, caller);
        assert_eq!(client.post(&initialize("2024-11-05")).status, 202);
        assert!(client.stream.answer()["result"].is_object());
        assert_eq!(client.post(&notification("notifications/initialized", json!({}))).status, 202);
        client
    }

    pub(crate) fn post(&self, message: &Value) -> Reply {
        self.gateway.ask(&sign(Ask::post(&self.endpoint, message), self.caller))
    }
}

/// Shows the caller's key.
fn sign(ask: Ask, caller: Option<&str>) -> Ask {
    match caller {
        Some(caller) => ask.header("Authorization", &format!("Bearer {caller}")),
        None => ask,
    }
}
