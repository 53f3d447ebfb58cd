//! Answers nobody asked for, from either side.

use serde_json::{Value, json};

use crate::{
    gate::Gate,
    guard::{Gateway, before},
    mcp::{Session, ask_modern, call, call_modern, code, modern, notification, request, response},
    upstream::{Seen, Upstream},
    web::Ask,
};

/// A server that answers, in the stream of one request, another one too; and the same one again.
pub(crate) fn in_a_foreign_stream() {
    let (asked, gate) = (Gate::default(), Gate::default());
    let (waits, opens) = (gate.clone(), asked.clone());
    let upstream = Upstream::legacy(move |seen, out| {
        match seen.message["params"]["name"].as_str() {
            Some("slow") => {
                opens.open();
                waits.pass();
                out.json(&seen.text("the right answer"));
            }
            Some("liar") => {
                out.events();
                out.event(&response(&json!(1), json!({"content": [{"type": "text", "text": "a lie"}]})));
                out.event(&seen.text("first"));
                out.event(&seen.text("second"));
                out.end();
            }
            _ => return false,
        }
        true
    });
    let gateway = Gateway::start(&before(&upstream.as_server("streamable-http", "legacy")));
    let session = Session::begin(&gateway, "2025-11-25");
    std::thread::scope(|scope| {
        let slow = scope.spawn(|| session.post(&call(1, "slow")).answer());
        asked.pass();
        let mut liar = session.post(&call(2, "liar"));
        let answer = liar.answer();
        assert_eq!((&answer["id"], text(&answer)), (&json!(2), "first"));
        assert!(liar.message().is_none(), "one answer is all there is");
        gate.open();
        assert_eq!(text(&slow.join().unwrap()), "the right answer");
    });
    assert!(gateway.recorded("session.foreign_answer"));
}

/// The same by a server that is stateless, to a client of its own era.
pub(crate) fn in_a_foreign_stream_of_a_modern_server() {
    let upstream = Upstream::modern(|seen, out| {
        out.events();
        out.event(&response(&json!(1), json!({"content": [], "resultType": "complete"})));
        out.event(&request(7, "sampling/createMessage", json!({"messages": [], "maxTokens": 1})));
        out.event(&seen.text("first"));
        out.event(&seen.text("second"));
        out.end();
        true
    });
    let gateway = Gateway::start(&before(&upstream.as_server("streamable-http", "modern")));
    let mut reply = gateway.ask(&call_modern(2, "liar"));
    let answer = reply.message().unwrap();
    assert_eq!(
        (&answer["id"], text(&answer)),
        (&json!(2), "first"),
        "and no request: there are none in this era"
    );
    assert!(reply.message().is_none());
}

/// A server that answers in the stream where it speaks of its own accord.
pub(crate) fn in_the_stream_of_none() {
    let (asked, gate) = (Gate::default(), Gate::default());
    let (waits, opens) = (gate.clone(), asked.clone());
    let upstream = Upstream::legacy(move |seen, out| {
        if seen.method == "GET" {
            out.events();
            asked.pass();
            out.event(&response(&json!(1), json!({"content": [{"type": "text", "text": "a lie"}]})));
            out.event(&notification("notifications/tools/list_changed", json!({})));
            out.until_left();
        } else if seen.is("tools/call") {
            opens.open();
            waits.pass();
            out.json(&seen.text("the right answer"));
        } else {
            return false;
        }
        true
    });
    let gateway = Gateway::start(&before(&upstream.as_server("streamable-http", "legacy")));
    let session = Session::begin(&gateway, "2025-11-25");
    let mut loose = session.listen();
    std::thread::scope(|scope| {
        let call = scope.spawn(|| session.post(&call(1, "slow")).answer());
        assert_eq!(loose.message().unwrap()["method"], "notifications/tools/list_changed");
        gate.open();
        assert_eq!(text(&call.join().unwrap()), "the right answer");
    });
}

/// A client that answers what it was not asked: nothing, somebody else's question, or the same one twice.
pub(crate) fn by_the_client() {
    let upstream = Upstream::legacy(|seen, out| {
        if !seen.is("tools/call") {
            return false;
        }
        out.events();
        let question = json!({"messages": [], "maxTokens": 1});
        out.event(
            &json!({"jsonrpc": "2.0", "id": "q", "method": "sampling/createMessage", "params": question}),
        );
        out.until_left();
        true
    });
    let gateway = Gateway::start(&before(&upstream.as_server("streamable-http", "legacy")));
    let (asked, other) = (Session::begin(&gateway, "2025-11-25"), Session::begin(&gateway, "2025-11-25"));
    let mut stream = asked.post(&call(1, "asks"));
    assert_eq!(stream.message().unwrap()["id"], "q");
    let sampled = json!({"role": "assistant", "content": {"type": "text", "text": "x"}, "model": "m"});
    let answer = response(&json!("q"), sampled.clone());
    let failure = json!({"jsonrpc": "2.0", "id": "q", "error": {"code": -1, "message": "no"}});
    assert_eq!(other.post(&answer).status, 400, "it is the question of another session");
    assert_eq!(other.post(&failure).status, 400);
    assert_eq!(asked.post(&response(&json!("z"), sampled.clone())).status, 400);
    assert_eq!(asked.post(&response(&json!(1), sampled)).status, 400, "the client's own request");
    assert_eq!(asked.post(&answer).status, 202);
    assert_eq!(asked.post(&answer).status, 400, "it was answered");
    assert_eq!(asked.post(&failure).status, 400);
    let answers = upstream.seen().into_iter().filter(|seen| seen.message.get("result").is_some());
    assert_eq!(answers.count(), 1);
}

/// Clients of MCP 2026-07-28 ask, and do nothing else: what they were asked they answer in requests.
pub(crate) fn by_a_modern_client() {
    let gate = Gate::default();
    let waits = gate.clone();
    let upstream = Upstream::legacy(move |seen, out| {
        let calls = seen.is("tools/call");
        if calls {
            waits.pass();
            out.json(&seen.text("the right answer"));
        }
        calls
    });
    let gateway = Gateway::start(&before(&upstream.as_server("streamable-http", "legacy")));
    let modern = |message: &Value| {
        gateway.ask(&Ask::post("/mcp", message).header("MCP-Protocol-Version", "2026-07-28")).status
    };
    std::thread::scope(|scope| {
        let call = scope.spawn(|| gateway.ask(&call_modern(1, "slow")).answer());
        upstream.wait(|seen| seen.is("tools/call"));
        assert_eq!(modern(&response(&json!("q"), json!({}))), 400);
        for method in ["cancelled", "initialized", "roots/list_changed", "progress"] {
            let params = json!({"requestId": 1, "progressToken": 1, "progress": 1});
            assert_eq!(modern(&notification(&format!("notifications/{method}"), params)), 202);
        }
        gate.open();
        assert_eq!(text(&call.join().unwrap()), "the right answer", "nobody else cancels it by its number");
    });
    let told =
        |seen: &Seen| seen.message["method"].as_str().unwrap_or_default().starts_with("notifications/");
    assert_eq!(
        upstream.seen().iter().filter(|seen| told(seen)).count(),
        1,
        "our own that we are initialized"
    );
    for method in ["initialize", "ping", "logging/setLevel", "resources/subscribe", "resources/unsubscribe"] {
        let message = self::modern(2, method, json!({"level": "debug", "uri": "x:"}));
        let mut reply = gateway.ask(&ask_modern(&message).without("Mcp-Name"));
        assert_eq!((reply.status, code(&reply.json())), (404, -32601), "{method}");
    }
}

fn text(answer: &Value) -> &str {
    answer["result"]["content"][0]["text"].as_str().unwrap_or_else(|| panic!("no text: {answer}"))
}
