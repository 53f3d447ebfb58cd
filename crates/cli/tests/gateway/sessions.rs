//! Sessions belong to who began them, and there are so many for so long.

use std::{thread, time::Duration};

use serde_json::json;

use crate::{
    gate::Gate,
    guard::{ADA, BOB, Gateway, before, with_keys},
    mcp::{OneStream, Session, call, code, initialize},
    upstream::Upstream,
    web::{Ask, Reply, send},
};

const TOO_MANY: i64 = 4429;

/// No more than so many of one caller, and in all; who ends one may begin another.
pub(crate) fn too_many() {
    let upstream = Upstream::legacy(|_, _| false);
    let mut config = with_keys(before(&upstream.as_server("streamable-http", "legacy")));
    config["gateway"]["limits"] = json!({"max_sessions": 3, "max_sessions_per_principal": 2});
    let gateway = Gateway::start(&config);
    let begun = || upstream.seen().iter().filter(|seen| seen.is("initialize")).count();
    let refused = |caller: &str| {
        let ask = Ask::post("/mcp", &initialize("2025-11-25")).header("X-API-Key", caller);
        let mut reply = gateway.ask(&ask).with_status(503);
        assert_eq!(reply.header("mcp-session-id"), None);
        assert_eq!(code(&reply.json()), TOO_MANY);
        gateway.ask(&Ask::get("/sse").header("X-API-Key", caller)).with_status(503);
    };
    let first = Session::of(&gateway, "2025-11-25", Some(ADA));
    let old = OneStream::begin(&gateway, Some(ADA));
    refused(ADA);
    let theirs = Session::of(&gateway, "2025-11-25", Some(BOB));
    refused(BOB);
    assert_eq!(begun(), 3, "the server hears nothing of those that are refused");
    for session in [&first, &theirs] {
        assert!(session.post(&call(1, "t")).answer()["result"].is_object(), "those there are go on");
    }
    assert_eq!(old.post(&call(1, "t")).status, 202);
    first.ask(Ask::new("DELETE", "/mcp")).with_status(200);
    let _another = Session::of(&gateway, "2025-11-25", Some(BOB));
    refused(BOB);
    assert!(gateway.recorded("session.too_many"));
}

/// What nobody uses ends. Who listens or waits for an answer uses it.
pub(crate) fn idle() {
    let gate = Gate::default();
    let waits = gate.clone();
    let upstream = Upstream::legacy(move |seen, out| {
        let slow = seen.message["params"]["name"] == "slow";
        if slow {
            waits.pass();
            out.json(&seen.text("the answer"));
        }
        slow
    });
    let mut config = before(&upstream.as_server("streamable-http", "legacy"));
    config["gateway"]["limits"] = json!({"session_idle_timeout": 2});
    let gateway = Gateway::start(&config);
    let [unused, listens, calls] = [(); 3].map(|()| Session::begin(&gateway, "2025-11-25"));
    let listening = listens.listen().with_status(200);
    let waiting = send(gateway.port, &calls.sign(Ask::post("/mcp", &call(1, "slow"))).bytes());
    upstream.wait(|seen| seen.message["params"]["name"] == "slow");
    upstream.wait(|seen| seen.method == "DELETE");
    thread::sleep(Duration::from_secs(2));
    assert_eq!(unused.post(&call(1, "t")).status, 404);
    let ended = || upstream.seen().iter().filter(|seen| seen.method == "DELETE").count();
    assert_eq!(ended(), 1, "the server is told of the end of one, and the others are there");
    gate.open();
    assert_eq!(Reply::read(waiting).answer()["result"]["content"][0]["text"], "the answer");
    drop(listening);
    thread::sleep(Duration::from_millis(500));
    for session in [&calls, &listens] {
        assert!(session.post(&call(2, "t")).answer()["result"].is_object(), "it has only begun to be idle");
    }
    crate::gate::until(|| ended() == 3);
    assert_eq!(calls.post(&call(3, "t")).status, 404);
}

/// A client cannot choose the name of its session, nor learn or say the server's.
pub(crate) fn fixation() {
    let upstream = Upstream::legacy(|_, _| false);
    let gateway = Gateway::start(&before(&upstream.as_server("streamable-http", "legacy")));
    let chosen = "0123456789abcdef0123456789abcdef";
    for name in [chosen, "of-the-server", "", "*", "../x"] {
        let ask = Ask::post("/mcp", &initialize("2025-11-25")).header("Mcp-Session-Id", name);
        let reply = gateway.ask(&ask);
        assert_eq!((reply.status, reply.header("mcp-session-id")), (404, None), "{name}");
    }
    assert!(upstream.seen().is_empty());
    let session = Session::begin(&gateway, "2025-11-25");
    assert!(session.key != chosen && session.key.len() >= 32);
    assert_ne!(Session::begin(&gateway, "2025-11-25").key, session.key);
    let mut reply = session.post(&call(1, "t"));
    assert_eq!((reply.status, reply.header("mcp-session-id")), (200, None));
    assert!(reply.answer()["result"].is_object());
    let call = upstream.wait(|seen| seen.is("tools/call"));
    assert_eq!(call.header("mcp-session-id"), Some("of-the-server"), "its own, not ours");
    let twice = session.sign(session.sign(Ask::post("/mcp", &self::call(2, "t"))));
    assert_eq!(gateway.ask(&twice).status, 400, "one of the two would be passed over");
}

/// To everybody but its principal a session does not exist.
pub(crate) fn theft() {
    let upstream = Upstream::legacy(|_, _| false);
    let config = with_keys(before(&upstream.as_server("streamable-http", "legacy")));
    let gateway = Gateway::start(&config);
    let session = Session::of(&gateway, "2025-11-25", Some(ADA));
    let stream = OneStream::begin(&gateway, Some(ADA));
    let stolen = |ask: Ask| ask.header("Mcp-Session-Id", &session.key).header("X-API-Key", BOB);
    let invented = |ask: Ask| ask.header("Mcp-Session-Id", &"0".repeat(32)).header("X-API-Key", BOB);
    for ask in [Ask::post("/mcp", &call(1, "t")), Ask::get("/mcp"), Ask::new("DELETE", "/mcp")] {
        let (mut theirs, mut nobodys) = (gateway.ask(&stolen(ask.clone())), gateway.ask(&invented(ask)));
        assert_eq!((theirs.status, nobodys.status), (404, 404));
        assert_eq!(theirs.text(), nobodys.text(), "nobody learns that there is such a session");
    }
    let resumed = stolen(Ask::get("/mcp")).header("Last-Event-ID", "0-0-0");
    assert_eq!(gateway.ask(&resumed).status, 404);
    let post = Ask::post(&stream.endpoint, &call(1, "t"));
    assert_eq!(gateway.ask(&post.clone().header("X-API-Key", BOB)).status, 404);
    assert_eq!(gateway.ask(&post).status, 401, "the name of a session is no credential");
    let unsigned = Ask::post("/mcp", &call(1, "t")).header("Mcp-Session-Id", &session.key);
    assert_eq!(gateway.ask(&unsigned).status, 401);
    assert!(!upstream.seen().iter().any(|seen| seen.is("tools/call") || seen.method == "DELETE"));
    assert!(session.post(&call(1, "t")).answer()["result"].is_object(), "it is as it was");
}

/// A session with one server is none with another.
pub(crate) fn of_another_server() {
    let (one, other) = (Upstream::legacy(|_, _| false), Upstream::legacy(|_, _| false));
    let mut config = before(&one.as_server("streamable-http", "legacy"));
    config["servers"]["default"] = config["servers"]["s"].take();
    config["servers"]["other"] = other.as_server("streamable-http", "legacy");
    config["servers"].as_object_mut().unwrap().remove("s");
    let gateway = Gateway::start(&config);
    let session = Session::begin(&gateway, "2025-11-25");
    let stream = OneStream::begin(&gateway, None);
    assert_eq!(session.ask(Ask::post("/mcp/other", &call(1, "t"))).status, 404);
    let crossed = stream.endpoint.replace("/messages", "/messages/other");
    assert_eq!(gateway.ask(&Ask::post(&crossed, &call(1, "t"))).status, 404);
    assert!(other.seen().is_empty());
}

/// The revision that was agreed on holds for the whole session.
pub(crate) fn another_revision() {
    let upstream = Upstream::legacy(|_, _| false);
    let gateway = Gateway::start(&before(&upstream.as_server("streamable-http", "legacy")));
    let session = Session::begin(&gateway, "2025-11-25");
    for version in ["2025-03-26", "2025-06-18", "2024-11-05", "2026-07-28", "1", ""] {
        let reply = session.ask(Ask::post("/mcp", &call(1, "t")).header("MCP-Protocol-Version", version));
        assert_eq!(reply.status, 400, "{version}");
    }
    let both = Ask::post("/mcp", &call(1, "t")).header("MCP-Protocol-Version", "2025-11-25");
    assert_eq!(session.ask(both.clone().header("MCP-Protocol-Version", "2026-07-28")).status, 400);
    let stream = Ask::get("/mcp").header("MCP-Protocol-Version", "2025-06-18");
    assert_eq!(session.ask(stream).status, 400);
    assert!(!upstream.seen().iter().any(|seen| seen.is("tools/call")));
    assert_eq!(session.ask(both).status, 200);
    // Batches are of 2025-03-26: to agree on it in the middle would allow what was not agreed on.
    let again = session.post(&initialize("2025-03-26")).json();
    assert!(again.get("error").is_some(), "{again}");
    let batch = json!([call(2, "t"), call(3, "t")]);
    assert_eq!(session.post(&batch).status, 400);
}
