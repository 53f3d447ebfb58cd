//! Limits as a client and a server meet them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)] // A test fails by panicking.

mod support;

use std::{
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};

use mcp_guard_proxy::{Clock, Meter, Side};
use serde_json::{Value, json};
use store::{Boot, Charge, Consumed, Counters, Moment, SqliteCounters, StoreError, Verdict};
use support::*;

const SECOND: Duration = Duration::from_secs(1);

const LIMITED: &str = r#"
servers:
  files:
    command: x
    policy:
      permissions: {denied_tools: [drop_table]}
      rate_limit: {requests_per_minute: 60, burst: 5, tool_limits: {delete_*: {requests_per_minute: 2}}}
      sampling: {enabled: true, rate_limit: 2}
"#;

/// Time that passes when the test says so.
#[derive(Clone, Default)]
struct Time(Arc<Mutex<Duration>>);

impl Time {
    fn wait(&self, time: Duration) {
        *self.0.lock().unwrap() += time;
    }

    fn meter(&self, folder: &Path, user: &str) -> Meter {
        let time = self.clone();
        let clock = move || {
            let ns = u64::try_from(time.0.lock().unwrap().as_nanos()).unwrap();
            Moment { boot: Boot([1; 16]), since_boot_ns: ns, wall_ns: ns }
        };
        Meter::new(SqliteCounters::with_clock(&folder.join("state.db"), clock).unwrap(), user)
    }
}

struct Scene {
    folder: tempfile::TempDir,
    time: Time,
    guard: Guard,
    id: u32,
}

impl Scene {
    fn new(yaml: &str) -> Self {
        let (folder, time) = (tempfile::tempdir().unwrap(), Time::default());
        let guard = Guard::metered(yaml, Some(time.meter(folder.path(), "ann")));
        Self { folder, time, guard, id: 0 }
    }

    /// The answer of ours, or `None` if the server got the call. Then it answers.
    fn call(&mut self, tool: &str, arguments: Value) -> Option<Value> {
        self.id += 1;
        let params = json!({"name": tool, "arguments": arguments});
        let call = json!({"jsonrpc": "2.0", "id": self.id, "method": "tools/call", "params": params});
        let (back, on) = self.guard.say(Side::Client, &call.to_string());
        assert_eq!(back.len() + on.len(), 1);
        if on.is_empty() {
            return back.into_iter().next();
        }
        let answer = json!({"jsonrpc": "2.0", "id": self.id, "result": {"content": []}});
        self.guard.say(Side::Server, &answer.to_string());
        None
    }

    fn passed(&mut self, calls: usize) -> usize {
        (0..calls).filter(|_| self.call("read", json!({})).is_none()).count()
    }
}

fn denial(answer: &Value) -> &Value {
    answer.pointer("/error/data/mcp-guard~1denial").unwrap()
}

#[test]
fn a_flood_gets_through_what_the_limit_says_and_the_rest_is_told_when() {
    let mut scene = Scene::new(LIMITED);
    assert_eq!(scene.passed(20), 5);
    for _ in 0..200 {
        scene.time.wait(Duration::from_millis(50));
        if let Some(answer) = scene.call("read", json!({})) {
            assert_eq!(answer["error"]["code"], 4429);
            assert_eq!(denial(&answer)["retry"], "later");
            assert_eq!(rule(&answer), "rate_limit.requests_per_minute");
            let wait = denial(&answer)["retry_after_ms"].as_u64().unwrap();
            assert!((1..=1000).contains(&wait), "{wait}");
        }
    }
    let told = scene.guard.verdicts().into_iter().filter(|verdict| *verdict == Verdict::Block).count();
    assert_eq!(told, 15 + 200 - 10, "ten seconds let ten more through");
}

#[test]
fn whoever_waits_as_long_as_told_is_let_through_and_nobody_sooner() {
    let mut scene = Scene::new(&LIMITED.replace("60, burst: 5", "7, burst: 1"));
    for _ in 0..20 {
        assert_eq!(scene.passed(1), 1);
        scene.time.wait(Duration::from_micros(333));
        let refused = scene.call("read", json!({})).unwrap();
        let wait = denial(&refused)["retry_after_ms"].as_u64().unwrap();
        scene.time.wait(Duration::from_millis(wait - 1));
        assert_eq!(scene.passed(1), 0);
        scene.time.wait(Duration::from_millis(1));
    }
    assert_eq!(scene.passed(1), 1);
}

#[test]
fn another_spelling_is_no_way_around_the_limit_of_a_tool() {
    let mut scene = Scene::new(LIMITED);
    assert!(scene.call("delete_file", json!({})).is_none());
    assert!(scene.call("DELETE_FILE", json!({})).is_none());
    for name in ["delete_file", "Delete_file", "delete%5Ffile", "delete-file", "delete_\u{200b}other"] {
        let refused = scene.call(name, json!({})).expect(name);
        assert_eq!(rule(&refused), "rate_limit.tool_limits", "{name}");
    }
    assert_eq!(scene.passed(9), 3, "those refused took nothing of the general limit");
}

#[test]
fn what_is_refused_for_another_reason_is_not_counted() {
    let mut scene = Scene::new(LIMITED);
    for _ in 0..50 {
        assert_eq!(rule(&scene.call("drop_table", json!({})).unwrap()), "permission.denied_tools");
        let key = json!({"key": "AKIAIOSFODNN7EXAMPLE"});
        assert_eq!(rule(&scene.call("read", key).unwrap()), "secret.aws_key");
    }
    let waiting = json!({"jsonrpc": "2.0", "id": "w", "method": "tools/list"}).to_string();
    assert_eq!(scene.guard.say(Side::Client, &waiting).1.len(), 1);
    for _ in 0..50 {
        assert_eq!(rule(&scene.guard.say(Side::Client, &waiting).0[0]), "session.repeated_id");
    }
    assert_eq!(scene.passed(9), 4);
}

#[test]
fn what_a_new_server_is_told_again_is_not_counted_again() {
    let mut scene = Scene::new(LIMITED);
    let hello = json!({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {"protocolVersion": "2025-11-25", "capabilities": {}}});
    scene.guard.say(Side::Client, &hello.to_string());
    scene.guard.say(Side::Server, &json!({"jsonrpc": "2.0", "id": 0, "result": {"protocolVersion": "2025-11-25", "capabilities": {}, "serverInfo": {}}}).to_string());
    let subscribe =
        json!({"jsonrpc": "2.0", "id": 1, "method": "resources/subscribe", "params": {"uri": "file:///a"}});
    scene.guard.say(Side::Client, &subscribe.to_string());
    scene.guard.say(Side::Server, &json!({"jsonrpc": "2.0", "id": 1, "result": {}}).to_string());
    scene.id = 1;
    assert_eq!(scene.passed(9), 4, "the subscription counted");
    for _ in 0..3 {
        let guard = &mut scene.guard;
        now(guard.session.server_gone("gone", Clock::now(), &mut guard.out));
        now(guard.session.restore(Clock::now(), &mut guard.out));
        let mut told = guard.leaves().1;
        let mut lines = 0;
        while let Some(line) = told.pop() {
            lines += 1;
            if let Some(id) = line.get("id") {
                let result = json!({"protocolVersion": "2025-11-25", "capabilities": {}, "serverInfo": {}});
                told = guard
                    .say(Side::Server, &json!({"jsonrpc": "2.0", "id": id, "result": result}).to_string())
                    .1;
            }
        }
        assert_eq!(lines, 2, "the handshake and the subscription");
    }
    scene.time.wait(SECOND);
    assert_eq!(scene.passed(9), 1);
}

#[test]
fn sessions_of_a_user_share_a_bucket_and_other_users_have_their_own() {
    let mut scene = Scene::new(LIMITED);
    assert_eq!(scene.passed(3), 3);
    let beside = Guard::metered(LIMITED, Some(scene.time.meter(scene.folder.path(), "ann")));
    scene.guard = beside;
    assert_eq!(scene.passed(9), 2);
    scene.guard = Guard::metered(LIMITED, Some(scene.time.meter(scene.folder.path(), "bob")));
    assert_eq!(scene.passed(9), 5);
}

#[test]
fn a_server_asks_the_model_as_often_as_it_may() {
    let mut scene = Scene::new(LIMITED);
    let mut asked = |id: u32| {
        let params = json!({"messages": [], "maxTokens": 1});
        let ask = json!({"jsonrpc": "2.0", "id": id, "method": "sampling/createMessage", "params": params});
        let (client, server) = scene.guard.say(Side::Server, &ask.to_string());
        (client.len(), server.first().map(|answer| rule(answer).to_owned()))
    };
    assert_eq!(asked(1), (1, None));
    assert_eq!(asked(2), (1, None));
    assert_eq!(asked(3), (0, Some("sampling.rate_limit".to_owned())));
    assert_eq!(scene.passed(9), 5, "the client has limits of its own");
}

struct Broken;

impl Counters for Broken {
    fn consume(&mut self, _: &[Charge<'_>]) -> Result<Consumed, StoreError> {
        Err(StoreError::Locked { path: "state.db".into() })
    }
}

#[test]
fn what_cannot_be_counted_does_not_pass() {
    for meter in [Some(Meter::new(Broken, "ann")), None] {
        let mut scene = Scene { guard: Guard::metered(LIMITED, meter), ..Scene::new(LIMITED) };
        let refused = scene.call("read", json!({})).unwrap();
        assert_eq!(refused["error"]["code"], 4503);
        assert_eq!((rule(&refused), &denial(&refused)["retry"]), ("rate_limit.unavailable", &json!("later")));
        let (_, on) = scene.guard.ask(json!("p"), "ping");
        assert_eq!(on.len(), 1, "a ping counts towards nothing");
    }
    let monitored = format!("profile: monitor{LIMITED}");
    let guard = Guard::metered(&monitored, Some(Meter::new(Broken, "ann")));
    let mut scene = Scene { guard, ..Scene::new(&monitored) };
    assert_eq!(scene.passed(3), 3);
    assert_eq!(scene.guard.verdicts()[0], Verdict::ShadowBlock);
}
