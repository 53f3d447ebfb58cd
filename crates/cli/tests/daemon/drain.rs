//! How the daemon stops.

use std::{
    thread,
    time::{Duration, Instant},
};

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::{
    common::{client::rule, processes::assert_gone},
    house::{House, kill},
};

/// A daemon told to stop while one call takes its time and another client is idle.
fn stopped(stop: impl FnOnce(&House, u32)) {
    let house = House::new(&[("one", &[])]);
    let (mut busy, mut idle) = (house.connect("one"), house.connect("one"));
    let server = busy.ask(0, "pid", Value::Null)["result"].as_u64().unwrap();
    idle.ask(0, "echo", json!(0));
    let pid = house.pid();
    busy.send(1, "sleep", json!(1500));
    busy.ask(2, "echo", json!("in order, so the request before is in flight"));
    let start = Instant::now();
    stop(&house, pid);
    thread::sleep(Duration::from_millis(200));
    busy.send(3, "any/too-late", Value::Null);
    let refused = busy.receive();
    assert_eq!((&refused["id"], rule(&refused)), (&json!(3), "session.stopping"), "{refused}");
    assert!(start.elapsed() < Duration::from_millis(1200), "{:?}", start.elapsed());
    assert_eq!(busy.receive(), json!({"jsonrpc": "2.0", "id": 1, "result": "slept"}));
    assert_gone(pid.into());
    assert_gone(server);
    assert!(start.elapsed() < Duration::from_millis(1500 + 3000), "{:?}", start.elapsed());
    // It was stopped on purpose: no bridge starts another.
    for client in [&mut busy, &mut idle] {
        let answer = client.ask(4, "any/too-late", Value::Null);
        assert_eq!(rule(&answer), "daemon.unreachable", "{answer}");
        assert!(answer["error"]["message"].as_str().unwrap().contains("mcp-guard start -d"), "{answer}");
    }
    assert!(!house.heard("one").join("\n").contains("too-late"));
    assert_eq!(house.daemons().len(), 0);
    // Once somebody has started one, the bridges find it.
    house.start();
    for client in [&mut busy, &mut idle] {
        assert_eq!(client.ask(5, "echo", json!("back"))["result"], "back");
    }
}

pub(crate) fn by_signal() {
    stopped(|_, pid| kill(pid, Signal::TERM));
}

pub(crate) fn by_command() {
    stopped(|house, _| {
        let mut stop = house.command(&["stop"]);
        thread::spawn(move || assert!(stop.status().unwrap().success()));
    });
}

pub(crate) fn call_without_end() {
    let house = House::new(&[("one", &[])]);
    let mut client = house.connect("one");
    client.ask(0, "be-stubborn", Value::Null);
    client.send(1, "hold", Value::Null);
    client.ask(2, "echo", Value::Null);
    let pid = house.pid();
    let start = Instant::now();
    house.stop();
    assert_gone(pid.into());
    // `shutdown_timeout` is 3 s; a server that ignores everything is killed 1.5 s later.
    let took = start.elapsed();
    assert!((Duration::from_secs(3)..Duration::from_millis(6000)).contains(&took), "{took:?}");
    let answer = client.receive();
    assert_eq!((&answer["id"], rule(&answer)), (&json!(1), "session.server_gone"), "{answer}");
}

pub(crate) fn told_twice() {
    let house = House::new(&[("one", &[])]);
    let mut client = house.connect("one");
    let stubborn = client.ask(0, "be-stubborn", Value::Null)["result"].as_u64().unwrap();
    client.send(1, "hold", Value::Null);
    client.ask(2, "echo", Value::Null);
    house.reconfigure(|config| config["daemon"]["shutdown_timeout"] = json!(60));
    let pid = house.pid();
    house.run(&["reload"]);
    kill(pid, Signal::TERM);
    thread::sleep(Duration::from_millis(500));
    assert!(client.lines.try_recv().is_err(), "the first time it waits");
    let start = Instant::now();
    kill(pid, Signal::TERM);
    let answer = client.receive();
    assert_eq!((&answer["id"], rule(&answer)), (&json!(1), "session.server_gone"), "{answer}");
    assert_gone(pid.into());
    assert_gone(stubborn);
    assert!(start.elapsed() < Duration::from_secs(4), "{:?}", start.elapsed());
}
