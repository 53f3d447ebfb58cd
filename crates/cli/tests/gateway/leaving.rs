//! Clients that go away, and a gateway that is stopped or killed, in the middle of a call.

use std::{fs, io::Write, net::TcpStream, path::Path, process::Command};

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::{
    common::client::Client,
    gate::{Gate, until},
    guard::{Gateway, before},
    mcp::{OneStream, Session, ask_modern, call, call_modern, initialize, modern, notification},
    upstream::{Out, Seen, Upstream},
    web::{Ask, Reply, connect, send},
};

/// A server whose calls wait for the gate, with or without a stream for them, and take note of who leaves.
fn patient(gate: &Gate, streams: bool) -> impl Fn(&Seen, &mut Out) -> bool + use<> {
    let gate = gate.clone();
    move |seen, out| {
        if !seen.is("tools/call") {
            return false;
        }
        if streams {
            out.events();
            out.event(&notification("notifications/message", json!({"level": "info", "data": "begun"})));
        }
        let name = seen.message["params"]["name"].as_str();
        if name == Some("endless") {
            out.until_left();
        } else if name == Some("t") {
            out.json(&seen.text("at once"));
        } else if streams {
            gate.pass();
            out.event(&seen.text("the answer"));
            out.end();
        } else {
            gate.pass();
            out.json(&seen.text("the answer"));
        }
        true
    }
}

/// That is how a client of MCP 2026-07-28 cancels.
pub(crate) fn a_modern_client() {
    for streams in [false, true] {
        let upstream = Upstream::modern(patient(&Gate::default(), streams));
        let gateway = Gateway::start(&before(&upstream.as_server("streamable-http", "modern")));
        let mut message = modern(1, "tools/call", json!({"name": "endless", "arguments": {}}));
        message["params"]["_meta"]["io.modelcontextprotocol/logLevel"] = json!("info");
        let stream = send(gateway.port, &ask_modern(&message).bytes());
        upstream.wait(|seen| seen.is("tools/call"));
        drop(stream);
        upstream.wait(|seen| seen.left);
    }
}

/// A legacy server has no other way to learn of it than to be told.
pub(crate) fn a_modern_client_of_a_legacy_server() {
    let upstream = Upstream::legacy(patient(&Gate::default(), true));
    let gateway = Gateway::start(&before(&upstream.as_server("streamable-http", "legacy")));
    let stream = send(gateway.port, &call_modern(7, "endless").bytes());
    let asked = upstream.wait(|seen| seen.is("tools/call"));
    drop(stream);
    let told = upstream.wait(|seen| seen.is("notifications/cancelled"));
    assert_eq!(told.message["params"]["requestId"], asked.message["id"]);
}

/// The same for a process, which hears it on its standard input.
pub(crate) fn a_modern_client_of_a_process() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let gateway = Gateway::start(&before(&process(&log)));
    let held = modern(7, "hold", json!({}));
    let stream = send(gateway.port, &ask_modern(&held).bytes());
    let heard = |wanted: &str| until(|| fs::read_to_string(&log).unwrap_or_default().contains(wanted));
    heard(r#""method":"hold""#);
    drop(stream);
    heard("notifications/cancelled");
}

/// A client with a session that goes away cancels nothing: the answer waits for it.
pub(crate) fn a_client_with_a_session() {
    let gate = Gate::default();
    let upstream = Upstream::legacy(patient(&gate, true));
    let gateway = Gateway::start(&before(&upstream.as_server("streamable-http", "legacy")));
    let session = Session::begin(&gateway, "2025-11-25");
    let mut stream = session.post(&call(1, "slow"));
    let begun = std::iter::from_fn(|| stream.event()).find(|event| !event.data.is_empty()).unwrap();
    drop(stream);
    gate.open();
    let mut again = session.resume(&begun.id).with_status(200);
    assert_eq!(again.answer()["result"]["content"][0]["text"], "the answer");
    assert!(!upstream.seen().iter().any(|seen| seen.is("notifications/cancelled") || seen.left));
}

/// One with a single stream takes its session with it.
pub(crate) fn a_client_with_one_stream() {
    let upstream = Upstream::legacy(|_, _| false);
    let gateway = Gateway::start(&before(&upstream.as_server("streamable-http", "legacy")));
    let client = OneStream::begin(&gateway, None);
    let endpoint = client.endpoint.clone();
    drop(client);
    upstream.wait(|seen| seen.method == "DELETE");
    assert_eq!(gateway.ask(&Ask::post(&endpoint, &call(1, "t"))).status, 404);
}

/// Whoever waits is answered; nobody else is let in.
pub(crate) fn stopped() {
    let gate = Gate::default();
    let servers = [Upstream::legacy(patient(&gate, true)), Upstream::legacy(patient(&gate, false))];
    for upstream in servers {
        let mut gateway = Gateway::start(&before(&upstream.as_server("streamable-http", "legacy")));
        let session = Session::begin(&gateway, "2025-11-25");
        let mut idle = session.listen().with_status(200);
        let mut one_stream = OneStream::begin(&gateway, None);
        let asks = [session.sign(Ask::post("/mcp", &call(1, "slow"))), call_modern(2, "slow")];
        let waiting = asks.map(|ask| send(gateway.port, &ask.bytes()));
        one_stream.post(&call(3, "slow")).with_status(202);
        let mut late = connect(gateway.port);
        until(|| upstream.seen().iter().filter(|seen| seen.is("tools/call")).count() == 3);
        gateway.signal(Signal::TERM);
        assert!(idle.event().is_none(), "a stream for nothing is not waited for");
        until(|| TcpStream::connect(("127.0.0.1", gateway.port)).is_err());
        // It may be gone already.
        let _ = late.write_all(&Ask::post("/mcp", &initialize("2025-11-25")).bytes());
        assert!(matches!(Reply::read(late).status, 0 | 503), "nobody else is let in");
        gate.open();
        for stream in waiting {
            let answer = Reply::read(stream).answer();
            assert_eq!(answer["result"]["content"][0]["text"], "the answer", "{answer}");
        }
        assert_eq!(one_stream.stream.answer()["result"]["content"][0]["text"], "the answer");
        assert!(gateway.ended().success());
        upstream.wait(|seen| seen.method == "DELETE");
        assert!(!gateway.said().contains("cut off"), "{}", gateway.said());
    }
}

/// What does not end is cut off in time.
pub(crate) fn stopped_with_a_call_without_end() {
    let upstream = Upstream::legacy(patient(&Gate::default(), true));
    let mut config = before(&upstream.as_server("streamable-http", "legacy"));
    config["gateway"]["shutdown_timeout"] = json!(1);
    let mut gateway = Gateway::start(&config);
    let session = Session::begin(&gateway, "2025-11-25");
    let _stream = session.post(&call(1, "endless"));
    gateway.signal(Signal::TERM);
    assert!(gateway.ended().success());
}

/// Nothing is left of a gateway that was killed.
pub(crate) fn killed() {
    let folder = tempfile::tempdir().unwrap();
    let mut gateway = Gateway::start(&before(&process(&folder.path().join("log"))));
    let session = Session::begin(&gateway, "2025-11-25");
    assert!(gateway.ask(&ask_modern(&modern(1, "pid", json!({})))).answer()["result"].is_u64());
    drop(session);
    assert!(gateway.processes().iter().filter(|process| process.contains("serve --log")).count() >= 2);
    gateway.signal(Signal::KILL);
    gateway.ended();
    assert_eq!(gateway.left_over(), Vec::<String>::new());
}

fn process(log: &Path) -> Value {
    json!({"command": std::env::current_exe().unwrap(), "args": ["serve", "--log", log]})
}

/// Behind a bridge and a daemon, a request that the server has not begun to answer keeps nobody waiting, and can be cancelled.
pub(crate) fn a_client_of_a_bridge() {
    let upstream = Upstream::legacy(patient(&Gate::default(), false));
    let home = tempfile::tempdir().unwrap();
    let config = home.path().join("mcp-guard.yaml");
    let servers = json!({"s": upstream.as_server("streamable-http", "legacy")});
    fs::write(&config, json!({"daemon": {"dashboard_port": 0}, "servers": servers}).to_string()).unwrap();
    let command = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mcp-guard"));
        command.arg("--config").arg(&config).args(args).current_dir(home.path());
        command
            .env("XDG_STATE_HOME", home.path())
            .env("XDG_CONFIG_HOME", home.path())
            .env("HOME", home.path());
        command
    };
    let mut client = Client::spawn(command(&["connect", "-s", "s"]));
    client.say(&initialize("2025-11-25").to_string());
    assert!(client.receive()["result"].is_object());
    client.say(&notification("notifications/initialized", json!({})).to_string());
    client.say(&call(5, "endless").to_string());
    client.say(&call(6, "t").to_string());
    let answer = client.receive();
    assert_eq!(answer["id"], 6, "{answer}");
    upstream.wait(|seen| seen.message["id"] == 5);
    client.say(&notification("notifications/cancelled", json!({"requestId": 5})).to_string());
    upstream.wait(|seen| seen.is("notifications/cancelled"));
    upstream.wait(|seen| seen.message["id"] == 5 && seen.left);
    client.close();
    assert!(command(&["stop"]).status().unwrap().success());
}

/// What a client with a session no longer wants is not waited for, whether the server has begun to answer or not.
pub(crate) fn a_client_that_cancels() {
    for streams in [false, true] {
        let upstream = Upstream::legacy(move |seen, out| {
            let calls = seen.is("tools/call");
            if calls && streams {
                out.events();
            }
            if calls {
                out.until_left();
            }
            calls
        });
        let gateway = Gateway::start(&before(&upstream.as_server("streamable-http", "legacy")));
        let session = Session::begin(&gateway, "2025-11-25");
        for (id, ends) in [(1, "a cancellation"), (2, "the end of the session")] {
            let _waiting = send(gateway.port, &session.sign(Ask::post("/mcp", &call(id, "endless"))).bytes());
            upstream.wait(|seen| seen.message["id"] == id && !seen.left);
            if ends == "a cancellation" {
                session
                    .post(&notification("notifications/cancelled", json!({"requestId": id})))
                    .with_status(202);
            } else {
                session.ask(Ask::new("DELETE", "/mcp")).with_status(200);
            }
            upstream.wait(|seen| seen.message["id"] == id && seen.left);
        }
    }
}
