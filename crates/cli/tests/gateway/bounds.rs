//! What one caller may have open, and what is kept for it, has an end.

use serde_json::{Value, json};

use crate::{
    gate::{Gate, until},
    guard::{ADA, BOB, Gateway, before, with_keys},
    mcp::{OneStream, Session, ask_modern, call, call_modern, code, modern, notification, request},
    upstream::{Out, Seen, Upstream},
    web::{Ask, Reply, send},
};

const TOO_MANY: i64 = 4429;

/// Answers calls named `slow` when the gate is open, in streams if so.
fn patient(gate: &Gate, streams: bool) -> impl Fn(&Seen, &mut Out) -> bool + use<> {
    let gate = gate.clone();
    move |seen, out| {
        let slow = seen.message["params"]["name"] == "slow";
        if slow && streams {
            out.events();
            out.event(&notification("notifications/message", json!({"level": "info", "data": "begun"})));
        }
        if slow {
            gate.pass();
            let answer = seen.text("the answer");
            if streams {
                out.event(&answer)
            } else {
                out.json(&answer)
            }
            out.end();
        }
        slow
    }
}

fn slow(upstream: &Upstream) -> usize {
    upstream.seen().iter().filter(|seen| seen.message["params"]["name"] == "slow").count()
}

/// Requests of one caller that wait, of both eras together.
pub(crate) fn of_requests() {
    let gate = Gate::default();
    let upstream = Upstream::legacy(patient(&gate, false));
    let mut config = with_keys(before(&upstream.as_server("streamable-http", "legacy")));
    config["gateway"]["limits"] = json!({"max_requests_per_principal": 3});
    let gateway = Gateway::start(&config);
    let session = Session::of(&gateway, "2025-11-25", Some(ADA));
    let by = |key: &str, ask: Ask| send(gateway.port, &ask.header("X-API-Key", key).bytes());
    let listen = modern(9, "subscriptions/listen", json!({"notifications": {"toolsListChanged": true}}));
    let mut listening = Reply::read(by(ADA, ask_modern(&listen))).with_status(200);
    assert!(listening.message().is_some());
    let waiting = [
        by(ADA, call_modern(1, "slow")),
        send(gateway.port, &session.sign(Ask::post("/mcp", &call(2, "slow"))).bytes()),
    ];
    until(|| slow(&upstream) == 2);
    let plain = Ask::post("/rpc", &call(4, "t"));
    for ask in
        [call_modern(3, "t"), plain, session.sign(Ask::post("/mcp", &call(5, "t"))).without("Authorization")]
    {
        let refused = Reply::read(by(ADA, ask)).answer();
        assert_eq!(code(&refused), TOO_MANY, "{refused}");
        assert!(refused.to_string().contains("max_requests_per_principal"));
    }
    assert!(
        Reply::read(by(BOB, call_modern(1, "t"))).answer()["result"].is_object(),
        "others have their own"
    );
    gate.open();
    for waiting in waiting {
        assert!(Reply::read(waiting).answer()["result"].is_object());
    }
    assert!(Reply::read(by(ADA, call_modern(6, "t"))).answer()["result"].is_object());
    assert!(session.post(&call(7, "t")).answer()["result"].is_object());
    drop(listening);
    assert!(gateway.recorded("session.too_many"));
    let asked = upstream.seen().iter().filter(|seen| seen.is("tools/call")).count();
    assert_eq!(asked, 5, "what was refused did not reach the server");
}

/// Streams, whoever opened them.
pub(crate) fn of_streams() {
    for era in ["legacy", "modern"] {
        let gate = Gate::default();
        let upstream = match era {
            "legacy" => Upstream::legacy(patient(&gate, true)),
            _ => Upstream::modern(patient(&gate, true)),
        };
        let mut config = before(&upstream.as_server("streamable-http", era));
        config["gateway"]["limits"] = json!({"max_streams": 2});
        let gateway = Gateway::start(&config);
        let session = (era == "legacy").then(|| Session::begin(&gateway, "2025-11-25"));
        let ask = |id| {
            session.as_ref().map_or_else(
                || {
                    let mut message = modern(id, "tools/call", json!({"name": "slow", "arguments": {}}));
                    message["params"]["_meta"]["io.modelcontextprotocol/logLevel"] = json!("info");
                    ask_modern(&message)
                },
                |session| session.sign(Ask::post("/mcp", &call(id, "slow"))),
            )
        };
        let mut open = [1, 2].map(|id| gateway.ask(&ask(id)).with_status(200));
        assert!(open.iter().all(Reply::is_stream));
        let refused = gateway.ask(&ask(3)).answer();
        assert_eq!(code(&refused), TOO_MANY, "{era}: {refused}");
        assert!(refused.to_string().contains("max_streams"), "{refused}");
        if let Some(session) = &session {
            upstream
                .wait(|seen| seen.is("notifications/cancelled") && seen.message["params"]["requestId"] == 3);
            session.listen().with_status(503);
            gateway.ask(&Ask::get("/sse")).with_status(503);
        }
        gate.open();
        for stream in &mut open {
            assert!(stream.answer()["result"].is_object(), "{era}");
        }
        drop(open);
        until(|| gateway.ask(&ask(4)).answer()["result"].is_object());
    }
}

/// What a server that takes the place of another would have to be told.
pub(crate) fn of_what_is_remembered() {
    let upstream = Upstream::legacy(|_, _| false);
    let gateway = Gateway::start(&before(&upstream.as_server("streamable-http", "legacy")));
    let session = Session::begin(&gateway, "2025-11-25");
    let subscribe =
        |id, uri: &str| session.post(&request(id, "resources/subscribe", json!({"uri": uri}))).answer();
    let long = "x".repeat(400_000);
    for id in 1..=2 {
        assert!(
            subscribe(id, &format!("r:{id}{long}"))
                .get("error")
                .is_some_and(|error| error["code"] == TOO_MANY)
                == (id == 2)
        );
    }
    assert!(subscribe(3, "r:short")["result"].is_object());
    assert!(session.post(&call(4, "t")).answer()["result"].is_object());
    assert!(gateway.recorded("session.too_much_to_remember"));
    assert_eq!(upstream.seen().iter().filter(|seen| seen.is("resources/subscribe")).count(), 2);
}

/// A message of the server that is too long and answers nothing is dropped on the record.
pub(crate) fn of_what_a_server_says() {
    let folder = tempfile::tempdir().unwrap();
    for era in ["legacy", "modern"] {
        let log = folder.path().join(era);
        let server =
            json!({"command": std::env::current_exe().unwrap(), "args": ["serve", "--log", log], "era": era});
        let mut config = before(&server);
        config["limits"] = json!({"max_frame_bytes": 4096});
        let gateway = Gateway::start(&config);
        let shouts = json!({"size": 10_000});
        let shouted = |answer: Value| assert_eq!(answer["result"], "shouted", "{answer}");
        if era == "legacy" {
            let session = Session::begin(&gateway, "2025-11-25");
            shouted(session.post(&request(1, "shout", shouts.clone())).answer());
            let mut old = OneStream::begin(&gateway, None);
            old.post(&request(1, "shout", shouts)).with_status(202);
            shouted(old.stream.answer());
        } else {
            shouted(gateway.ask(&ask_modern(&modern(1, "shout", shouts))).answer());
        }
        until(|| gateway.recorded("wire.refused"));
    }
    let upstream = Upstream::legacy(|seen, out| {
        let listens = seen.method == "GET";
        if listens {
            out.events();
            let long =
                notification("notifications/message", json!({"level": "info", "data": "x".repeat(10_000)}));
            out.event(&long);
            out.until_left();
        }
        listens
    });
    let mut config = before(&upstream.as_server("streamable-http", "legacy"));
    config["limits"] = json!({"max_frame_bytes": 4096});
    let gateway = Gateway::start(&config);
    let session = Session::begin(&gateway, "2025-11-25");
    let _listening = session.listen();
    until(|| gateway.recorded("wire.refused"));
}
