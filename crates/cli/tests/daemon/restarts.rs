//! Servers that end before their clients.

use std::{
    thread,
    time::{Duration, Instant},
};

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::{
    common::{
        client::{Client, rule},
        processes::assert_gone,
    },
    house::{House, kill},
};

const HELLO: &str = r#"{"jsonrpc":"2.0","id":"hello","method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}"#;
const READY: &str = r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#;

/// A client says what a server has to know.
fn settle_in(client: &mut Client) {
    let request = |id: &str, method: &str, params: Value| {
        json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}).to_string()
    };
    let subscribe = |id, uri| request(id, "resources/subscribe", json!({ "uri": uri }));
    client.say(HELLO);
    assert_eq!(client.receive()["result"]["protocolVersion"], "2025-11-25");
    client.say(READY);
    for line in [
        subscribe("s1", "file:///a"),
        subscribe("s2", "file:///b"),
        request("u", "resources/unsubscribe", json!({"uri": "file:///a"})),
        request("l1", "logging/setLevel", json!({"level": "error"})),
        request("l2", "logging/setLevel", json!({"level": "debug"})),
    ] {
        client.say(&line);
        assert!(client.receive()["result"].is_object());
    }
}

/// What the newest server of this name was told.
fn newest(house: &House, server: &str) -> Vec<Value> {
    let heard = house.heard(server);
    let start = heard.iter().rposition(|line| line.starts_with("start ")).unwrap();
    heard[start + 1..].iter().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn assert_knows_everything(house: &House) {
    let told = newest(house, "one");
    let methods: Vec<_> = told.iter().map(|line| line["method"].as_str().unwrap()).collect();
    let all =
        ["initialize", "notifications/initialized", "logging/setLevel", "resources/subscribe", "any/next"];
    assert_eq!(methods, all);
    assert_eq!(told[0]["params"]["clientInfo"]["name"], "t");
    assert_eq!(
        (&told[2]["params"]["level"], &told[3]["params"]["uri"]),
        (&json!("debug"), &json!("file:///b"))
    );
}

pub(crate) fn unseen() {
    let house = House::new(&[("one", &[])]);
    let mut client = house.connect("one");
    settle_in(&mut client);
    let server = client.ask("p", "pid", Value::Null)["result"].as_u64().unwrap();
    kill(server.try_into().unwrap(), Signal::KILL);
    assert_gone(server);
    // Without being asked: it has subscriptions to serve.
    house.until(|_| newest(&house, "one").len() == 4);
    // The client sees nothing of it: this is the next thing it hears.
    assert_eq!(client.ask("n", "any/next", Value::Null)["result"], "any/next");
    assert_knows_everything(&house);
    assert_eq!(house.status()["servers"][0]["restarts"], 1);
}

pub(crate) fn unseen_with_the_daemon() {
    let house = House::new(&[("one", &[])]);
    let mut client = house.connect("one");
    settle_in(&mut client);
    let server = client.ask("p", "pid", Value::Null)["result"].as_u64().unwrap();
    let daemon = house.pid();
    kill(daemon, Signal::KILL);
    assert_gone(server);
    // The bridge may not have heard of it yet: what it still sends to the dead is answered with "try again".
    let mut answer = client.ask("n", "any/next", Value::Null);
    if answer["error"]["data"]["mcp-guard/denial"]["retry"] == "later" {
        answer = client.ask("n again", "any/next", Value::Null);
    }
    assert_eq!(answer["result"], "any/next", "{answer}");
    assert_knows_everything(&house);
    assert_ne!(house.pid(), daemon);
}

pub(crate) fn dies_at_once() {
    let house = House::new(&[("bad", &["dies"]), ("good", &[])]);
    let (mut bad, mut good) = (house.connect("bad"), house.connect("good"));
    let good_server = good.ask(0, "pid", Value::Null)["result"].clone();
    let start = Instant::now();
    let mut id = 0;
    while start.elapsed() < Duration::from_secs(3) {
        id += 1;
        let asked = Instant::now();
        let answer = bad.ask(id, "echo", Value::Null);
        assert_eq!(rule(&answer), "session.server_gone", "{answer}");
        assert_eq!(answer["error"]["data"]["mcp-guard/denial"]["retry"], "later", "{answer}");
        assert!(answer["error"]["message"].as_str().unwrap().contains("status 7"), "{answer}");
        assert!(asked.elapsed() < Duration::from_secs(1), "{:?}", asked.elapsed());
        assert_eq!(good.ask(id, "echo", json!(id))["result"], json!(id));
        thread::sleep(Duration::from_millis(10));
    }
    // At once, and after 0.5 and 1 s; each time the wait is doubled.
    assert!((2..=4).contains(&house.starts("bad")), "{} starts", house.starts("bad"));
    assert!(id > 30, "{id} answers");
    let status = house.status();
    let state = |server: &Value| (server["name"].clone(), server["state"].clone());
    let states: Vec<_> = status["servers"].as_array().unwrap().iter().map(state).collect();
    assert_eq!(states, [(json!("bad"), json!("down")), (json!("good"), json!("running"))]);
    assert_eq!(good.ask(0, "pid", Value::Null)["result"], good_server);
}

pub(crate) fn says_nothing() {
    let house = House::new(&[("mute", &["mute"]), ("good", &[])]);
    house.reconfigure(|config| config["servers"]["mute"]["start_timeout"] = json!(1));
    let (mut mute, mut good) = (house.connect("mute"), house.connect("good"));
    let start = Instant::now();
    mute.say(HELLO);
    good.say(HELLO);
    assert!(good.receive()["result"].is_object());
    let answer = mute.receive();
    let took = start.elapsed();
    assert_eq!((&answer["id"], rule(&answer)), (&json!("hello"), "session.server_gone"), "{answer}");
    assert!((Duration::from_secs(1)..Duration::from_secs(4)).contains(&took), "{took:?}");
    assert_eq!(good.ask(1, "echo", json!(1))["result"], 1);
}

pub(crate) fn answers_too_late() {
    let house = House::new(&[("one", &[])]);
    house.reconfigure(|config| config["servers"]["one"]["request_timeout"] = json!(1));
    let mut client = house.connect("one");
    client.ask(0, "echo", Value::Null);
    let start = Instant::now();
    client.send(1, "hold", Value::Null);
    let answer = client.receive();
    assert_eq!((&answer["id"], &answer["error"]["code"]), (&json!(1), &json!(4504)), "{answer}");
    assert!(start.elapsed() < Duration::from_secs(3), "{:?}", start.elapsed());
    // The answer that comes after all is for nobody.
    assert_eq!(client.ask(2, "release", Value::Null)["result"], "released");
}

pub(crate) fn killed_in_the_middle_of_an_answer() {
    let house = House::new(&[("one", &[])]);
    let mut client = house.connect("one");
    for id in 0..20 {
        client.send(id, "hold", Value::Null);
    }
    client.send(20, "half", Value::Null);
    let mut told: Vec<_> = (0..21).map(|_| client.receive()).collect();
    told.sort_by_key(|answer| answer["id"].as_u64());
    for (id, answer) in told.iter().enumerate() {
        assert_eq!((&answer["id"], rule(answer)), (&json!(id), "session.server_gone"), "{answer}");
    }
    assert_eq!(client.ask(99, "echo", json!("again"))["result"], "again");
}
