//! Servers that die and come back, and sessions that go on.

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::client::{Session, call_modern, code, meanwhile, said};
use crate::common::processes;
use crate::stand::{Stand, until};
use crate::upstream::Upstream;

const GONE: i64 = 4502;

/// What the newest process at a place has heard.
fn since_start(heard: &[String]) -> Vec<&str> {
    let start = heard.iter().rposition(|line| line.starts_with("start")).unwrap();
    heard[start + 1..].iter().map(String::as_str).collect()
}

pub(crate) fn over_http() {
    let folder = tempfile::tempdir().unwrap();
    let upstream = Upstream::start(&folder.path().join("log"));
    let stand = Stand::new(|_| json!({"servers": {"web": {"url": upstream.url()}}}));
    let session = Session::begin(stand.at(), "/mcp");
    for uri in ["test://public", "test://secret"] {
        assert!(session.ask("resources/subscribe", &json!({"uri": uri})).get("result").is_some());
    }
    let first = said(&session.call("pid")).to_owned();
    stand.reconfigure(|config| {
        config["servers"]["web"]["policy"] =
            json!({"permissions": {"denied_resources": ["test://secret"], "denied_tools": ["forbidden"]}});
    });
    until("the rules are in force", || session.call("forbidden").get("result").is_none());

    let upstream = upstream.again();
    let second = session.call("pid");
    assert_ne!(said(&second), first);
    let heard = upstream.heard();
    let wanted =
        ["initialize", "notifications/initialized", "resources/subscribe test://public", "tools/call pid"];
    assert_eq!(since_start(&heard), wanted, "the subscriptions are those that the rules now allow");
    session.end();
    stand.end();
}

/// The process that serves a session.
fn process(session: &Session) -> u64 {
    session.ask("pid", &json!({}))["result"].as_u64().unwrap()
}

fn kill(pid: u64) {
    let pid = rustix::process::Pid::from_raw(i32::try_from(pid).unwrap()).unwrap();
    rustix::process::kill_process(pid, Signal::KILL).unwrap();
}

pub(crate) fn idle_process() {
    let stand = Stand::new(|stand| json!({"servers": {"one": stand.process("one")}}));
    let session = Session::begin(stand.at(), "/mcp");
    session.ask("resources/subscribe", &json!({"uri": "test://a"}));
    session.ask("logging/setLevel", &json!({"level": "error"}));
    let first = process(&session);
    kill(first);
    processes::assert_gone(first);
    let second = process(&session);
    assert_ne!(first, second);
    let heard = stand.heard("one");
    let methods: Vec<_> = since_start(&heard)
        .iter()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["method"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(methods[..2], ["initialize", "notifications/initialized"]);
    let mut retold = methods[2..methods.len() - 1].to_vec();
    retold.sort_unstable();
    assert_eq!(retold, ["logging/setLevel", "resources/subscribe"]);
    assert_eq!(methods.last().unwrap(), "pid");
    stand.end();
}

pub(crate) fn process_in_a_call() {
    let stand = Stand::new(|stand| json!({"servers": {"one": stand.process("one")}}));
    let session = std::sync::Arc::new(Session::begin(stand.at(), "/mcp"));
    let first = process(&session);
    let waiting = std::sync::Arc::clone(&session);
    let waiting = meanwhile(move || waiting.ask("hold", &json!({})));
    stand.until_heard("one", "\"hold\"");
    kill(first);
    let answer = waiting.join().unwrap();
    assert_eq!(code(&answer), Some(GONE), "{answer}");
    assert!(answer["error"]["message"].as_str().unwrap().contains("signal 9"), "{answer}");
    assert_ne!(process(&session), first);
    stand.end();
}

/// Clients of the newest revision share a process.
pub(crate) fn modern_call() {
    let stand = Stand::new(|stand| json!({"servers": {"one": stand.process("one")}}));
    let at = stand.at().to_owned();
    assert_eq!(said(&call_modern(&at, "/mcp", "first")), "first");
    let log = stand.heard("one").into_iter().rfind(|line| line.starts_with("start ")).unwrap();
    let pid: u64 = log.strip_prefix("start ").unwrap().parse().unwrap();
    let waiting = meanwhile(move || call_modern(&at, "/mcp", "hold"));
    stand.until_heard("one", "\"hold\"");
    kill(pid);
    let answer = waiting.join().unwrap();
    assert_eq!(code(&answer), Some(GONE), "{answer}");
    assert_eq!(said(&call_modern(stand.at(), "/mcp", "again")), "again");
    stand.end();
}
