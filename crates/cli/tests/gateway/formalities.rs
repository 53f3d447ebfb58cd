//! What a request of MCP 2026-07-28 says in its headers is what it says in its body.

use serde_json::{Value, json};

use crate::{
    guard::{Gateway, before},
    mcp::{ask_modern, call_modern, code, modern},
    upstream::Upstream,
    web::Ask,
};

const MISMATCH: i64 = -32020;
const UNSUPPORTED: i64 = -32022;
const INVALID_PARAMS: i64 = -32602;

pub(crate) fn headers_and_body() {
    let upstream = Upstream::modern(|_, _| false);
    let gateway = Gateway::start(&before(&upstream.as_server("streamable-http", "modern")));
    let call = || call_modern(1, "safe");
    let base64 = |text: &str| call().instead("Mcp-Name", text);
    for (ask, expected) in [
        (call().instead("Mcp-Name", "other"), MISMATCH),
        (call().instead("Mcp-Name", "Safe"), MISMATCH),
        (call().without("Mcp-Name"), MISMATCH),
        (call().header("Mcp-Name", "safe"), MISMATCH),
        (call().header("mcp-name", "other"), MISMATCH),
        (call().instead("Mcp-Method", "tools/list"), MISMATCH),
        (call().without("Mcp-Method"), MISMATCH),
        (call().header("Mcp-Method", "tools/call"), MISMATCH),
        (call().header("MCP-Protocol-Version", "2026-07-28"), MISMATCH),
        (call().without("MCP-Protocol-Version"), MISMATCH),
        (call().instead("MCP-Protocol-Version", "2025-11-25"), MISMATCH),
        (base64("=?base64?c2FmZQ=?="), MISMATCH),
        (base64("=?base64?c2FmZ?="), MISMATCH),
        (base64("=?base64?b3RoZXI=?="), MISMATCH),
        (base64("=?base64?/w==?="), MISMATCH),
        (base64("=?BASE64?c2FmZQ==?="), MISMATCH),
        (base64("=?base64??="), MISMATCH),
        (base64("=?base64?c2FmZQ==?= "), 0),
        (base64("=?base64?c2FmZQ==?="), 0),
        (call(), 0),
    ] {
        let (text, mut reply) = (format!("{:?}", String::from_utf8_lossy(&ask.bytes())), gateway.ask(&ask));
        let answer = reply.answer();
        match expected {
            0 => assert!(answer["result"].is_object(), "{answer} for {text}"),
            _ => assert_eq!((reply.status, code(&answer)), (400, expected), "{text}"),
        }
    }
    assert_eq!(upstream.seen().len(), 3, "the sound ones alone");
    // A name that looks like the marker has to be marked itself (SEP-2243).
    let odd = modern(1, "tools/call", json!({"name": "=?base64?c2FmZQ==?=", "arguments": {}}));
    assert_eq!(code(&gateway.ask(&ask_modern(&odd)).json()), MISMATCH, "the header says `safe`");
}

pub(crate) fn what_a_request_says_of_itself() {
    let upstream = Upstream::modern(|_, _| false);
    let gateway = Gateway::start(&before(&upstream.as_server("streamable-http", "modern")));
    let about = |change: &dyn Fn(&mut Value)| {
        let mut message = modern(1, "tools/list", json!({}));
        change(&mut message["params"]["_meta"]);
        let mut reply = gateway.ask(&ask_modern(&message));
        (reply.status, code(&reply.json()))
    };
    let version = "io.modelcontextprotocol/protocolVersion";
    let capabilities = "io.modelcontextprotocol/clientCapabilities";
    assert_eq!(about(&|meta| drop(meta.as_object_mut().unwrap().remove(version))), (400, INVALID_PARAMS));
    assert_eq!(
        about(&|meta| drop(meta.as_object_mut().unwrap().remove(capabilities))),
        (400, INVALID_PARAMS)
    );
    assert_eq!(about(&|meta| meta[capabilities] = json!([])), (400, INVALID_PARAMS));
    assert_eq!(about(&|meta| *meta = json!("x")), (400, INVALID_PARAMS));
    assert_eq!(about(&|meta| meta[version] = json!("2025-11-25")), (400, MISMATCH));
    let mut newer = modern(1, "tools/list", json!({}));
    newer["params"]["_meta"][version] = json!("2027-01-01");
    let mut reply = gateway.ask(&ask_modern(&newer).instead("MCP-Protocol-Version", "2027-01-01"));
    assert_eq!((reply.status, code(&reply.json())), (400, UNSUPPORTED));
    assert!(upstream.seen().is_empty());
}

/// Arguments that are said in headers, too, as the list of tools wants it (SEP-2243).
pub(crate) fn arguments_in_headers() {
    let upstream = Upstream::modern(|seen, out| {
        let lists = seen.is("tools/list");
        if lists {
            let area = json!({"type": "string", "x-mcp-header": "Area"});
            let tool =
                json!({"name": "safe", "inputSchema": {"type": "object", "properties": {"area": area}}});
            let private =
                json!({"tools": [tool], "resultType": "complete", "ttlMs": 0, "cacheScope": "private"});
            out.json(&seen.result(private));
        }
        lists
    });
    let gateway = Gateway::start(&before(&upstream.as_server("streamable-http", "modern")));
    assert_eq!(gateway.ask(&ask_modern(&modern(1, "tools/list", json!({})))).status, 200);
    let called = |id: u64, area: Value, say: &dyn Fn(Ask) -> Ask| {
        let message = modern(id, "tools/call", json!({"name": "safe", "arguments": {"area": area}}));
        gateway.ask(&say(ask_modern(&message))).answer()
    };
    for (say, what) in [
        (&(|ask| ask) as &dyn Fn(Ask) -> Ask, "missing"),
        (&|ask| ask.header("Mcp-Param-Area", "us"), "another"),
        (&|ask| ask.header("Mcp-Param-Area", "eu").header("Mcp-Param-Area", "eu"), "twice"),
        (&|ask| ask.header("mcp-param-area", "eu").header("MCP-PARAM-AREA", "us"), "in two spellings"),
        (&|ask| ask.header("Mcp-Param-Area", "=?base64?dXM=?="), "in disguise"),
    ] {
        assert_eq!(code(&called(1, json!("eu"), say)), MISMATCH, "{what}");
    }
    assert_eq!(code(&called(1, Value::Null, &|ask| ask.header("Mcp-Param-Area", "eu"))), MISMATCH);
    assert!(
        called(2, json!("eu"), &|ask| ask.header("Mcp-Param-Area", "=?base64?ZXU=?="))["result"].is_object()
    );
    assert_eq!(upstream.seen().iter().filter(|seen| seen.is("tools/call")).count(), 1);
}

/// Methods and places of HTTP that the era does without.
pub(crate) fn other_methods() {
    let upstream = Upstream::modern(|_, _| false);
    let gateway = Gateway::start(&before(&upstream.as_server("streamable-http", "modern")));
    for method in ["GET", "DELETE", "HEAD", "OPTIONS", "PUT", "PATCH", "TRACE", "BREW"] {
        let ask = Ask::new(method, "/mcp").header("MCP-Protocol-Version", "2026-07-28");
        let ask = ask.header("Accept", "text/event-stream").header("Mcp-Session-Id", "x");
        let reply = gateway.ask(&ask);
        assert_eq!((reply.status, reply.header("allow")), (405, Some("GET, POST, DELETE")), "{method}");
    }
    for path in [
        "/",
        "/mcp/../healthz",
        "/mcp/%2e%2e",
        "/mcp/%2e%2e/healthz",
        "/mcp/s%00",
        "/mcp/s/x",
        "//mcp",
        "/mcp//",
        "/MCP",
        "/mcp/S",
        "/mcp/%73",
        "/mcp;s",
        "/mcps",
        "/./mcp",
        "/healthz/",
        "/healthz/../mcp",
        "/rpc/../mcp",
        "/sse/s/",
    ] {
        let got = gateway.ask(&call_modern(1, "t").path(path)).status;
        assert_eq!(got, if path == "/sse/s/" { 405 } else { 404 }, "{path}");
    }
    assert!(upstream.seen().is_empty());
}
