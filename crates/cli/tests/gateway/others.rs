//! What is said of one client's requests and subscriptions is for that client, and nobody can cancel another's: whatever
//! ids and tokens clients choose, and whatever the server says.

use std::{fs, path::Path};

use serde_json::{Value, json};

use crate::{
    gate::until,
    guard::{ADA, BOB, Gateway, before, with_keys},
    mcp::{Session, ask_modern, call, modern, notification, request},
    upstream::Upstream,
    web::{Ask, Reply, send},
};

const SUBSCRIPTION: &str = "io.modelcontextprotocol/subscriptionId";
const CHANGED: &str = "notifications/tools/list_changed";
const PROGRESS: &str = "notifications/progress";

/// More than there are ids in a test.
const NUMBERS: u64 = 50;

/// A caller with this key, or with none where none is asked for.
#[derive(Clone, Copy)]
struct Caller<'g> {
    gateway: &'g Gateway,
    key: Option<&'static str>,
}

impl Caller<'_> {
    fn sign(&self, ask: Ask) -> Ask {
        self.key.map_or(ask.clone(), |key| ask.header("X-API-Key", key))
    }

    fn begin(&self, message: &Value) -> Reply {
        let socket = send(self.gateway.port, &self.sign(ask_modern(message)).bytes());
        Reply::read(socket)
    }

    /// Has the server say all this.
    fn have_said(&self, messages: Vec<Value>) {
        let asked = modern(90, "say", json!({ "messages": messages }));
        assert_eq!(self.gateway.ask(&self.sign(ask_modern(&asked))).answer()["result"], "said");
    }
}

/// The same ids and tokens from everybody.
fn listen() -> Value {
    modern(7, "subscriptions/listen", json!({"notifications": {"toolsListChanged": true}}))
}

fn hold() -> Value {
    let mut held = modern(8, "hold", json!({}));
    held["params"]["_meta"]["progressToken"] = json!("p");
    held
}

fn changed(tag: impl Into<Value>) -> Value {
    let tag: Value = tag.into();
    notification(CHANGED, json!({"_meta": {SUBSCRIPTION: tag.clone()}, "of": tag}))
}

fn progress(token: impl Into<Value>) -> Value {
    let token: Value = token.into();
    notification(PROGRESS, json!({"progressToken": token.clone(), "progress": 1, "of": token}))
}

fn process(log: &Path) -> Value {
    json!({"command": std::env::current_exe().unwrap(), "args": ["serve", "--log", log], "era": "modern"})
}

/// All that still comes, up to the answer.
fn rest(stream: &mut Reply) -> Vec<Value> {
    std::iter::from_fn(|| stream.message()).collect()
}

/// Two clients of one caller, who share the server's process.
pub(crate) fn on_a_shared_process() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let gateway = Gateway::start(&before(&process(&log)));
    let anybody = Caller { gateway: &gateway, key: None };
    let of = apart(&log, anybody, anybody);
    let [first, second] = of.map(|of| of.expect("each hears of its own"));
    assert_ne!(first, second, "and of nothing else");
}

/// Two callers.
pub(crate) fn of_two_principals() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let gateway = Gateway::start(&with_keys(before(&process(&log))));
    let [ada, bob] = [ADA, BOB].map(|key| Caller { gateway: &gateway, key: Some(key) });
    let [first, second] = apart(&log, ada, bob);
    assert!(first.is_some() && second.is_none(), "{first:?}, {second:?}");
}

/// Two clients listen and wait; then the first has the server say everything to everybody, and goes. Which notification each
/// has heard, of all with different marks.
fn apart(log: &Path, first: Caller<'_>, second: Caller<'_>) -> [Option<Value>; 2] {
    let heard = |method: &str, times| {
        let is =
            |line: &str| serde_json::from_str::<Value>(line).is_ok_and(|message| message["method"] == method);
        until(|| {
            fs::read_to_string(log).unwrap_or_default().lines().filter(|line| is(line)).count() == times
        });
    };
    let mut listening = [first, second].map(|caller| {
        let mut stream = caller.begin(&listen()).with_status(200);
        assert_eq!(stream.message().unwrap()["method"], "notifications/subscriptions/acknowledged");
        stream
    });
    let calling =
        [first, second].map(|caller| send(caller.gateway.port, &caller.sign(ask_modern(&hold())).bytes()));
    heard("hold", 2);
    let marks = (0..NUMBERS).map(Value::from).chain(["7", "8", "p"].map(Value::from)).collect::<Vec<_>>();
    let said = marks.iter().flat_map(|mark| [changed(mark.clone()), progress(mark.clone())]);
    let ended = |id: u64| notification("notifications/cancelled", json!({"requestId": id}));
    let foreign = ["7", "l"].map(|id| notification("notifications/cancelled", json!({"requestId": id})));
    first.have_said(said.chain(foreign).chain([notification(CHANGED, json!({})), ended(NUMBERS)]).collect());

    // Nobody can cancel by an id.
    for id in [json!(7), json!(8), json!(1), json!(2)] {
        let cancels = json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {
            "requestId": id, "_meta": hold()["params"]["_meta"]}});
        let refused = first.gateway.ask(&first.sign(ask_modern(&cancels)));
        assert_eq!(refused.status, 202, "a notification has no answer");
    }
    assert!(first.gateway.recorded("wire.cancelled_by_id"));
    heard("notifications/cancelled", 0);

    // Whoever goes away cancels its own: the other's answer comes.
    let [gone, stays] = calling;
    drop(gone);
    heard("notifications/cancelled", 1);
    for caller in [first, second].iter().take(if first.key == second.key { 1 } else { 2 }) {
        let asked = caller.sign(ask_modern(&modern(91, "release", json!({}))));
        assert_eq!(caller.gateway.ask(&asked).answer()["result"], "released");
    }
    let mut stays = Reply::read(stays);
    let told = match stays.is_stream() {
        true => rest(&mut stays),
        false => vec![stays.json()],
    };
    let (answer, told) = told.split_last().unwrap();
    assert_eq!((&answer["id"], &answer["result"]), (&json!(8), &json!("held")));
    assert!(told.len() <= 1 && told.iter().all(|told| told["params"]["progressToken"] == "p"), "{told:?}");
    assert_eq!(told.len(), usize::from(first.key == second.key), "{told:?}");
    listening.each_mut().map(|stream| {
        let told = rest(stream);
        let (end, told) = told.split_last().unwrap();
        assert_eq!(end["id"], 7);
        assert!(
            told.len() <= 1 && told.iter().all(|told| told["params"]["_meta"][SUBSCRIPTION] == 7),
            "{told:?}"
        );
        told.first().map(|told| told["params"]["of"].clone())
    })
}

/// A server over HTTP that says in one client's stream what is another's.
pub(crate) fn in_a_stream_of_a_modern_server() {
    let upstream = Upstream::modern(|seen, out| {
        let gossips = seen.message["params"]["name"] == "gossip";
        if gossips {
            out.events();
            for told in [progress("ada's"), changed(7), progress(8), progress("p")] {
                out.event(&told);
            }
            out.event(&seen.text("done"));
            out.end();
        }
        gossips
    });
    let gateway = Gateway::start(&with_keys(before(&upstream.as_server("streamable-http", "modern"))));
    let bob = Caller { gateway: &gateway, key: Some(BOB) };
    let mut asks = modern(8, "tools/call", json!({"name": "gossip", "arguments": {}}));
    let mut without = bob.begin(&asks);
    assert_eq!(rest(&mut without).len(), 1, "who has asked for no progress hears of none");
    asks["params"]["_meta"]["progressToken"] = json!("p");
    let told = rest(&mut bob.begin(&asks));
    assert_eq!(told.len(), 2, "{told:?}");
    assert_eq!(told[0]["params"]["of"], "p");
    assert!(gateway.recorded("session.foreign_progress") && gateway.recorded("session.unasked_notification"));
}

/// Sessions have a process each.
pub(crate) fn in_sessions() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let mut server = process(&log);
    server["era"] = json!("legacy");
    let gateway = Gateway::start(&with_keys(before(&server)));
    let [ada, bob] = [ADA, BOB].map(|key| Session::of(&gateway, "2025-11-25", Some(key)));
    let mut hold = call(8, "hold");
    hold["params"]["_meta"] = json!({"progressToken": "p"});
    let waiting = send(gateway.port, &bob.sign(Ask::post("/mcp", &hold)).bytes());
    let mut listening = bob.listen().with_status(200);
    until(|| fs::read_to_string(&log).unwrap_or_default().contains(r#""name":"hold""#));
    let updated = notification("notifications/resources/updated", json!({"uri": "r:a"}));
    let said = vec![progress("p"), updated, notification(CHANGED, json!({}))];
    let said = ada.post(&request(9, "say", json!({ "messages": said }))).answer();
    assert_eq!(said["result"], "said");
    ada.post(&notification("notifications/cancelled", json!({"requestId": 8}))).with_status(202);
    until(|| fs::read_to_string(&log).unwrap_or_default().contains("notifications/cancelled"));
    assert_eq!(bob.post(&request(10, "release", json!({}))).answer()["result"], "released");
    let mut waiting = Reply::read(waiting);
    let told = rest(&mut waiting);
    assert_eq!(told.last().unwrap()["result"], "held", "it was not cancelled: {told:?}");
    assert!(told.iter().all(|told| told["params"].get("of").is_none()), "{told:?}");
    bob.ask(Ask::new("DELETE", "/mcp")).with_status(200);
    assert_eq!(rest(&mut listening), Vec::<Value>::new());
}
