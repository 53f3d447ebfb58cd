//! The configuration changes under open sessions.

use std::{
    fs,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::{
    common::client::{Client, rule},
    house::{House, Over},
};

fn deny(tools: &[&str]) -> impl FnOnce(&mut Value) {
    let policy = json!({"permissions": {"denied_tools": tools}});
    move |config| config["servers"]["one"]["policy"] = policy
}

/// The house's configuration after a change, elsewhere: to be renamed.
fn draft(house: &House, change: impl FnOnce(&mut Value)) -> std::path::PathBuf {
    let mut config = serde_json::from_str(&fs::read_to_string(house.config()).unwrap()).unwrap();
    change(&mut config);
    let draft = house.path("draft.yaml");
    fs::write(&draft, config.to_string()).unwrap();
    draft
}

/// The rule that answers a call of `tool`.
fn call(client: &mut Client, tool: &str) -> String {
    client.say(
        &json!({"jsonrpc": "2.0", "id": tool, "method": "tools/call", "params": {"name": tool}}).to_string(),
    );
    let answer = client.receive();
    assert_eq!(answer["id"], tool, "{answer}");
    rule(&answer).to_owned()
}

fn until_denied(client: &mut Client, tool: &str) {
    let start = Instant::now();
    while call(client, tool) == "none" {
        assert!(start.elapsed() < Duration::from_secs(5), "{tool} is still allowed");
        thread::sleep(Duration::from_millis(10));
    }
}

pub(crate) fn edited() {
    let house = House::new(&[("one", &[]), ("two", &[])]);
    let (mut one, mut two) = (house.connect("one"), house.connect("two"));
    let server = one.ask(0, "pid", Value::Null)["result"].clone();
    assert_eq!(call(&mut one, "a"), "none");

    // By rename, twice in a row.
    fs::rename(draft(&house, deny(&["a"])), house.config()).unwrap();
    fs::rename(draft(&house, deny(&["a", "b"])), house.config()).unwrap();
    until_denied(&mut one, "b");
    assert_ne!(call(&mut one, "a"), "none");
    // And again, with one in between that may be read or not.
    fs::rename(draft(&house, deny(&["a", "b", "c"])), house.config()).unwrap();
    until_denied(&mut one, "c");

    // By truncating and writing, in pieces.
    let text = fs::read(draft(&house, deny(&["a", "b", "c", "d"]))).unwrap();
    let mut file = fs::File::create(house.config()).unwrap();
    for piece in text.chunks(text.len() / 3) {
        std::io::Write::write_all(&mut file, piece).unwrap();
        thread::sleep(Duration::from_millis(50));
    }
    until_denied(&mut one, "d");
    let status = house.status();
    assert_eq!(status["pending"], Value::Null, "{status}");

    assert_eq!(call(&mut two, "a"), "none", "the rule is for one server");
    assert_eq!(call(&mut one, "e"), "none");
    assert_eq!(one.ask(0, "pid", Value::Null)["result"], server, "and its process is the same");
}

/// A change that comes while the one before is being taken up is not lost.
pub(crate) fn edited_again_and_again() {
    let house = House::new(&[("one", &[])]);
    let mut one = house.connect("one");
    let names: Vec<_> = (0..30).map(|n| format!("t{n}")).collect();
    for round in 1..=names.len() {
        let denied: Vec<_> = names[..round].iter().map(String::as_str).collect();
        fs::rename(draft(&house, deny(&denied)), house.config()).unwrap();
        // Around the time it takes them to settle and to be read.
        thread::sleep(Duration::from_millis(240 + round as u64));
    }
    until_denied(&mut one, "t29");
}

pub(crate) fn invalid() {
    let house = House::new(&[("one", &[])]);
    house.reconfigure(deny(&["a"]));
    let mut one = house.connect("one");
    assert_ne!(call(&mut one, "a"), "none");
    let good = fs::read(house.config()).unwrap();
    let hash = house.status()["policy_hash"].clone();
    // The last one is not there at all.
    for bad in [Some("servers: ["), Some("profile: lenient\n"), Some("serverz: {}\n"), None] {
        match bad {
            Some(text) => fs::write(house.config(), text).unwrap(),
            None => fs::remove_file(house.config()).unwrap(),
        }
        let status = house.until(|status| status["pending"].is_string());
        assert!(status["pending"].as_str().unwrap().contains("stays in force"), "{status}");
        assert_eq!(status["policy_hash"], hash);
        let ran = house.run(&["reload"]);
        assert_eq!(ran.code, Some(1), "{bad:?}: {ran:?}");
        assert!(ran.stderr.contains("old configuration stays in force"), "{ran:?}");
        // In the session that is open, and in a new one of somebody who names the file.
        let mut new = bad.map(|_| house.connect("one"));
        for client in [&mut one].into_iter().chain(&mut new) {
            assert_ne!(call(client, "a"), "none");
            assert_eq!(call(client, "b"), "none");
        }
        fs::write(house.config(), &good).unwrap();
        house.until(|status| status["pending"].is_null());
    }
}

pub(crate) fn server_removed() {
    let house = House::new(&[("one", &[]), ("two", &[])]);
    let (mut one, mut two) = (house.connect("one"), house.connect("two"));
    let server = one.ask(0, "pid", Value::Null)["result"].as_u64().unwrap();
    two.ask(0, "echo", Value::Null);
    one.send(1, "sleep", json!(1000));
    one.ask(2, "echo", json!("so that the one before is in flight"));
    house.reconfigure(|config| drop(config["servers"].as_object_mut().unwrap().remove("one")));
    house.run(&["reload", "--confirm"]);
    one.send(3, "echo", Value::Null);
    let refused = one.receive();
    assert_eq!((&refused["id"], rule(&refused)), (&json!(3), "session.stopping"), "{refused}");
    assert!(
        refused["error"]["message"].as_str().unwrap().contains("taken out of the configuration"),
        "{refused}"
    );
    assert_eq!(one.receive(), json!({"jsonrpc": "2.0", "id": 1, "result": "slept"}));
    crate::common::processes::assert_gone(server);
    thread::sleep(Duration::from_millis(500));
    let answer = one.ask(4, "echo", Value::Null);
    let text = answer["error"]["message"].as_str().unwrap();
    assert!(text.contains("no server `one`") && text.contains("two"), "{answer}");
    assert_eq!(two.ask(1, "echo", json!("still here"))["result"], "still here");
}

pub(crate) fn calls_in_flight() {
    let house = House::new(&[("one", &[])]);
    let mut client = house.connect("one");
    let server = client.ask("p", "pid", Value::Null)["result"].clone();
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let changes = scope.spawn(|| {
            let _over = Over(&done);
            let mut denied = Vec::new();
            for round in 0..10 {
                denied.push(format!("t{round}"));
                house.reconfigure(deny(&denied.iter().map(String::as_str).collect::<Vec<_>>()));
                let ran = house.run(&["reload"]);
                assert_eq!(ran.code, Some(0), "{ran:?}");
            }
        });
        let (mut sent, mut answered) = (0, 0);
        while !done.load(Ordering::Relaxed) && !changes.is_finished() || answered < sent {
            while sent < answered + 50 && !done.load(Ordering::Relaxed) {
                client.send(sent, "sleep", json!(sent % 20));
                sent += 1;
            }
            let answer = client.receive();
            assert_eq!(answer["result"], "slept", "{answer}");
            answered += 1;
        }
        assert!(sent > 100, "{sent}");
    });
    assert_ne!(call(&mut client, "t9"), "none");
    assert_eq!(client.ask("p", "pid", Value::Null)["result"], server);
}

pub(crate) fn loosening() {
    let house = House::new(&[("one", &[])]);
    house.reconfigure(deny(&["a", "b"]));
    house.reconfigure(|config| config["reload"] = json!({"require_confirmation": true}));
    let mut one = house.connect("one");
    assert_ne!(call(&mut one, "a"), "none");

    // The file no longer asks for it, but the rules in force do.
    fs::rename(
        draft(&house, |config| {
            config["reload"] = json!({"require_confirmation": false});
            deny(&["b"])(config);
        }),
        house.config(),
    )
    .unwrap();
    let status = house.until(|status| status["pending"].is_string());
    assert!(status["pending"].as_str().unwrap().contains("--confirm"), "{status}");
    let ran = house.run(&["reload"]);
    assert_eq!(ran.code, Some(3), "{ran:?}");
    assert!(ran.stdout.contains("loosens servers.one.policy.permissions.denied_tools"), "{ran:?}");
    assert_ne!(call(&mut one, "a"), "none", "it waits");

    let ran = house.run(&["reload", "--confirm"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!((call(&mut one, "a"), call(&mut one, "b") == "none"), ("none".to_owned(), false));
    assert_eq!(house.status()["pending"], Value::Null);
    assert!(house.daemon_log().contains("loosens servers.one"), "{}", house.daemon_log());

    // What tightens waits for nobody.
    house.reconfigure(|config| config["reload"] = json!({"require_confirmation": true}));
    house.reconfigure(deny(&["b", "c"]));
    until_denied(&mut one, "c");
}

pub(crate) fn base() {
    let house = House::new(&[("one", &[])]);
    let base = house.path("base.yaml");
    let servers = |denied: &[&str]| {
        let mut config: Value = serde_json::from_str(&house.yaml(&[("one", &[])])).unwrap();
        deny(denied)(&mut config);
        config.as_object_mut().unwrap().remove("daemon");
        config.to_string()
    };
    fs::write(&base, servers(&["a"])).unwrap();
    house.reconfigure(|config| *config = json!({"extends": {"path": base}, "daemon": config["daemon"]}));
    let mut one = house.connect("one");
    assert_ne!(call(&mut one, "a"), "none");
    assert_eq!(call(&mut one, "b"), "none");
    fs::write(&base, servers(&["a", "b"])).unwrap();
    until_denied(&mut one, "b");
}

pub(crate) fn another_command() {
    let house = House::new(&[("one", &[])]);
    let mut one = house.connect("one");
    let server = one.ask(0, "pid", Value::Null)["result"].clone();
    house.reconfigure(|config| config["servers"]["one"]["env"] = json!({"NEW": "1"}));
    let ran = house.run(&["reload"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.stdout.contains("waits for a restart: servers.one"), "{ran:?}");
    assert_eq!(one.ask(0, "pid", Value::Null)["result"], server);
    house.reconfigure(|config| config["daemon"]["dashboard_port"] = json!(1));
    let ran = house.run(&["reload"]);
    assert!(ran.stdout.contains("waits for a restart: daemon.dashboard_port"), "{ran:?}");
}
