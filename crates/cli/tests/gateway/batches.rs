//! Batches are of MCP 2025-03-26 alone, and each of their messages is decided by itself.

use serde_json::{Value, json};

use crate::{
    guard::{Gateway, before},
    mcp::{OneStream, Session, ask_modern, call, initialize, modern, notification},
    upstream::Upstream,
    web::Ask,
};

pub(crate) fn message_by_message() {
    let upstream = Upstream::legacy(|_, _| false);
    let mut server = upstream.as_server("streamable-http", "legacy");
    server["policy"] = json!({"permissions": {"denied_tools": ["denied"]}});
    let gateway = Gateway::start(&before(&server));
    let session = Session::begin(&gateway, "2025-03-26");
    let mixed = json!([
        call(1, "fine"),
        call(2, "denied"),
        notification("notifications/roots/list_changed", json!({})),
        initialize("2025-11-25"),
        {"jsonrpc": "1.0", "id": 3, "method": "x"},
        [call(4, "nested")],
        call(1, "repeated"),
        {"jsonrpc": "2.0", "id": "q", "result": {}},
    ]);
    let mut reply = session.post(&mixed).with_status(200);
    let answers: Vec<_> = std::iter::from_fn(|| reply.message()).collect();
    let of = |id: Value| answers.iter().filter(move |answer| answer["id"] == id).collect::<Vec<_>>();
    assert!(of(json!(1)).iter().filter(|answer| answer["result"].is_object()).count() == 1, "{answers:#?}");
    assert!(of(json!(2)).iter().all(|answer| answer["error"].is_object()), "{answers:#?}");
    assert_eq!(of(json!(2)).len(), 1);
    assert_eq!(of(json!(0)).len(), 1, "no second `initialize`: {answers:#?}");
    let called = |name: &str| upstream.seen().iter().any(|seen| seen.message["params"]["name"] == name);
    assert!(called("fine") && !called("denied") && !called("nested") && !called("repeated"));
    assert_eq!(upstream.seen().iter().filter(|seen| seen.is("initialize")).count(), 1);
    assert!(
        !upstream.seen().iter().any(|seen| seen.message.is_array() || seen.message.get("result").is_some())
    );
    let told = json!([notification("notifications/roots/list_changed", json!({}))]);
    assert_eq!(session.post(&told).status, 202, "there is nothing to wait for");
    assert_eq!(session.post(&json!([])).status, 400);
}

pub(crate) fn nowhere_else() {
    let (legacy, new) = (Upstream::legacy(|_, _| false), Upstream::modern(|_, _| false));
    let mut config = before(&legacy.as_server("streamable-http", "legacy"));
    config["servers"]["default"] = config["servers"]["s"].take();
    config["servers"].as_object_mut().unwrap().remove("s");
    config["servers"]["new"] = new.as_server("streamable-http", "modern");
    let gateway = Gateway::start(&config);
    let batch = json!([call(1, "hidden"), call(2, "hidden")]);
    for revision in ["2025-06-18", "2025-11-25"] {
        assert_eq!(Session::begin(&gateway, revision).post(&batch).status, 400, "{revision}");
    }
    assert_eq!(OneStream::begin(&gateway, None).post(&batch).status, 400);
    let fresh = json!([initialize("2025-03-26"), call(1, "hidden")]);
    assert_eq!(gateway.ask(&Ask::post("/mcp", &fresh)).status, 400);
    assert_eq!(gateway.ask(&Ask::post("/rpc/new", &batch)).status, 400);
    let modern = json!([modern(1, "tools/list", json!({})), modern(2, "tools/list", json!({}))]);
    assert_eq!(gateway.ask(&ask_modern(&modern).path("/mcp/new")).status, 400);
    assert!(new.seen().is_empty() && !legacy.seen().iter().any(|seen| seen.is("tools/call")));
}
