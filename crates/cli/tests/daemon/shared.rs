//! Servers that several clients share.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::{
    common::{client::rule, processes::assert_gone},
    house::House,
};

fn shared() -> House {
    let house = House::new(&[("one", &[])]);
    house.reconfigure(|config| config["servers"]["one"]["share"] = json!(true));
    house
}

fn initialize() -> String {
    let params = json!({"protocolVersion": "2025-11-25", "capabilities": {"sampling": {}}, "clientInfo": {}});
    json!({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": params}).to_string()
}

pub(crate) fn one_process_for_many_clients() {
    let house = shared();
    let mut clients: Vec<_> = (0..6).map(|_| house.connect("one")).collect();
    for client in &mut clients {
        client.say(&initialize());
        assert_eq!(client.receive()["result"]["serverInfo"]["name"], "fake");
    }
    // The same ids everywhere, and answers that come in another order.
    for (nth, client) in clients.iter_mut().enumerate() {
        client.send(1, "sleep", json!(300 - 40 * nth));
        client.send("x", "echo", json!(nth));
    }
    for (nth, client) in clients.iter().enumerate() {
        assert_eq!(client.receive(), json!({"jsonrpc": "2.0", "id": "x", "result": nth}));
        assert_eq!(client.receive(), json!({"jsonrpc": "2.0", "id": 1, "result": "slept"}));
    }
    assert_eq!(house.starts("one"), 1);
    let hellos: Vec<_> = house.heard("one").into_iter().filter(|line| line.contains("initialize")).collect();
    assert_eq!(hellos.len(), 1);
    assert!(!hellos[0].contains("sampling"), "it could not say whom it asks: {}", hellos[0]);
}

pub(crate) fn one_that_leaves_or_does_not_read_harms_nobody() {
    let house = shared();
    let (mut quick, mut leaver) = (house.connect("one"), house.connect("one"));
    quick.ask(1, "echo", json!(1));
    leaver.ask(1, "echo", json!(1));
    let (mut slow, unread) =
        crate::common::client::Client::spawn_unread(house.command(&["connect", "-s", "one"]));
    for id in 0..30 {
        slow.send(id, "big", json!(1_000_000));
    }
    leaver.child.kill().unwrap();
    for id in 2..50 {
        let start = Instant::now();
        assert_eq!(quick.ask(id, "echo", json!(id))["result"], id);
        assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    }
    drop(unread);
    assert_eq!(house.starts("one"), 1);
}

pub(crate) fn a_shared_server_that_dies_is_replaced_for_everybody() {
    let house = shared();
    let mut clients: Vec<_> = (0..3).map(|_| house.connect("one")).collect();
    for client in &mut clients {
        client.say(&initialize());
        client.receive();
        client.send(1, "hold", Value::Null);
        // The answer to what comes after it says that the server holds it.
        client.ask(2, "echo", Value::Null);
    }
    clients[0].send(3, "exit", json!(9));
    for (nth, client) in clients.iter().enumerate() {
        for _ in 0..if nth == 0 { 2 } else { 1 } {
            let answer = client.receive();
            assert_eq!(rule(&answer), "session.server_gone", "{answer}");
        }
    }
    for client in &mut clients {
        assert_eq!(client.ask(4, "echo", json!("again"))["result"], "again");
    }
    assert_eq!(house.starts("one"), 2);
}

pub(crate) fn it_ends_with_the_last_client() {
    let house = shared();
    let (mut one, mut two) = (house.connect("one"), house.connect("one"));
    let server = one.ask(1, "pid", Value::Null)["result"].as_u64().unwrap();
    assert_eq!(two.ask(1, "pid", Value::Null)["result"], server);
    one.close();
    one.exit();
    assert_eq!(two.ask(2, "echo", json!(2))["result"], 2);
    two.close();
    two.exit();
    assert_gone(server);
}
