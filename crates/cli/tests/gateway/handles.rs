//! Tasks and states of requests belong to whom they were given, on every way in.

use serde_json::{Value, json};

use crate::{
    guard::{ADA, BOB, Gateway, before, with_keys},
    mcp::{Session, ask_modern, call, code, modern, request},
    upstream::Upstream,
    web::Ask,
};

const TASK: &str = "task-of-ada";
const STATE: &str = "state-of-ada";
const EXTENSION: &str = "io.modelcontextprotocol/tasks";

/// A server that gives out a task, or a state, and takes whatever it is shown.
fn generous() -> Upstream {
    Upstream::modern(|seen, out| {
        let gives = seen.message["params"]["name"] == "gives";
        if gives {
            out.json(&seen.result(json!({
                "resultType": "input_required", "requestState": STATE, "taskId": TASK, "inputRequests": {},
            })));
        }
        gives
    })
}

/// A request of a client that knows the extension.
fn with_tasks(method: &str, params: Value) -> Value {
    let mut message = modern(1, method, params);
    message["params"]["_meta"]["io.modelcontextprotocol/clientCapabilities"] =
        json!({"extensions": {EXTENSION: {}}});
    message
}

pub(crate) fn of_another_principal() {
    let upstream = generous();
    let gateway = Gateway::start(&with_keys(before(&upstream.as_server("streamable-http", "modern"))));
    let by = |key: &str, message: &Value| gateway.ask(&ask_modern(message).header("X-API-Key", key)).answer();
    by(ADA, &with_tasks("tools/call", json!({"name": "gives", "arguments": {}})));
    let call = json!({"name": "t", "arguments": {}, "requestState": STATE});
    let escaped =
        with_tasks("tools/call", call.clone()).to_string().replace("requestState", "request\\u0053tate");
    let shown = [
        with_tasks("tasks/get", json!({"taskId": TASK})),
        with_tasks("tasks/update", json!({"taskId": TASK, "inputResponses": {}})),
        with_tasks("tasks/cancel", json!({"taskId": TASK})),
        with_tasks("tasks/anything", json!({"taskId": TASK})),
        with_tasks("subscriptions/listen", json!({"notifications": {"taskIds": [TASK]}})),
        with_tasks("tools/call", call.clone()),
        with_tasks("prompts/get", json!({"name": "t", "requestState": STATE})),
        with_tasks("resources/read", json!({"uri": "x:", "requestState": STATE, "inputResponses": {}})),
    ];
    let came = upstream.seen().len();
    for message in &shown {
        let refused = by(BOB, message);
        assert_eq!(code(&refused), -32602, "{message}");
        let bare = Ask::post("/rpc", message).header("X-API-Key", BOB);
        assert!(gateway.ask(&bare).answer()["error"].is_object(), "{message}");
    }
    let mut plain = request(1, "tasks/get", json!({"taskId": TASK}));
    assert!(gateway.ask(&Ask::post("/rpc", &plain).header("X-API-Key", BOB)).answer()["error"].is_object());
    plain = request(1, "tools/call", call);
    assert!(gateway.ask(&Ask::post("/rpc", &plain).header("X-API-Key", BOB)).answer()["error"].is_object());
    let disguised = ask_modern(&shown[5]).body(&escaped).header("X-API-Key", BOB);
    assert_eq!(code(&gateway.ask(&disguised).answer()), -32602, "the same name, spelt otherwise");
    assert_eq!(upstream.seen().len(), came);
    for message in &shown {
        assert!(by(ADA, message).get("error").is_none(), "{message}");
    }
}

/// The same within sessions, whose server has tasks of its own (MCP 2025-11-25).
pub(crate) fn in_sessions() {
    let upstream = Upstream::legacy(|seen, out| {
        let calls = seen.is("tools/call");
        if calls {
            let task = json!({"taskId": TASK, "status": "working", "ttl": 1000, "createdAt": "", "lastUpdatedAt": ""});
            out.json(&seen.result(json!({"task": task})));
        }
        calls
    });
    let gateway = Gateway::start(&with_keys(before(&upstream.as_server("streamable-http", "legacy"))));
    let (ada, bob) =
        (Session::of(&gateway, "2025-11-25", Some(ADA)), Session::of(&gateway, "2025-11-25", Some(BOB)));
    assert!(ada.post(&call(1, "gives")).answer()["result"].is_object());
    for method in ["tasks/get", "tasks/result", "tasks/cancel"] {
        let message = request(2, method, json!({"taskId": TASK}));
        assert_eq!(code(&bob.post(&message).answer()), -32602, "{method}");
        assert!(ada.post(&message).answer()["result"].is_object(), "{method}");
    }
}

/// What `/rpc` leaves out is what it supplies, not what it checks.
pub(crate) fn of_plain_requests() {
    let upstream = Upstream::modern(|_, _| false);
    let gateway = Gateway::start(&before(&upstream.as_server("streamable-http", "modern")));
    let ask = |message: &Value| {
        let mut reply = gateway.ask(&Ask::post("/rpc", message));
        (reply.status, code(&reply.json()))
    };
    for method in ["initialize", "ping", "resources/subscribe", "tasks/list", "subscriptions/listen"] {
        assert_eq!(ask(&request(1, method, json!({}))), (404, -32601), "{method}");
    }
    let mut other = modern(1, "tools/list", json!({}));
    other["params"]["_meta"]["io.modelcontextprotocol/protocolVersion"] = json!("2025-11-25");
    assert_eq!(ask(&other), (400, -32022));
    assert!(upstream.seen().is_empty());
    let bare = gateway.ask(&Ask::post("/rpc", &request(1, "tools/list", json!({})))).answer();
    assert!(bare["result"].is_object(), "{bare}");
}
