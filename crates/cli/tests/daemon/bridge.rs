//! How bridges end.

use std::{
    io::Write,
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::{
    common::{client::Client, processes::assert_gone},
    house::House,
};

pub(crate) fn input_closed_while_waiting() {
    let house = House::new(&[("one", &[])]);
    let mut client = house.connect("one");
    for id in 0..50 {
        client.send(id, "sleep", json!(800));
    }
    client.close();
    let mut answered: Vec<_> = (0..50).map(|_| client.receive()["id"].as_u64().unwrap()).collect();
    answered.sort_unstable();
    assert_eq!(answered, (0..50).collect::<Vec<_>>());
    client.assert_silence();
    assert_eq!(client.exit().0.code(), Some(0));
    house.until(|status| status["sessions"] == json!([]));
}

pub(crate) fn output_closed() {
    let house = House::new(&[("one", &[])]);
    let (mut client, output) = Client::spawn_unread(house.command(&["connect", "-s", "one"]));
    client.send(1, "be-stubborn", Value::Null);
    client.send(2, "big", json!(10_000_000));
    thread::sleep(Duration::from_millis(500));
    // With an answer half-way through the pipe, and its input still open.
    drop(output);
    let (_, took) = client.exit();
    assert!(took < Duration::from_secs(2), "{took:?}");
    house.until(|status| status["sessions"] == json!([]));
}

pub(crate) fn killed() {
    let house = House::new(&[("one", &[]), ("two", &[])]);
    house.reconfigure(|config| config["daemon"]["shutdown_timeout"] = json!(60));
    let mut other = house.connect("two");
    for waits in [false, true] {
        let mut client = house.connect("one");
        let server = client.ask(1, "pid", Value::Null)["result"].as_u64().unwrap();
        let grandchild = client.ask(2, "be-stubborn", Value::Null)["result"].as_u64().unwrap();
        if waits {
            client.send(3, "hold", Value::Null);
            client.ask(4, "echo", Value::Null);
        }
        client.child.kill().unwrap();
        let start = Instant::now();
        assert_gone(server);
        assert_gone(grandchild);
        // Even if it waits for an answer: nobody is left to have it.
        assert!(start.elapsed() < Duration::from_secs(5), "waits {waits}: {:?}", start.elapsed());
        assert_eq!(other.ask(5, "echo", json!("still here"))["result"], "still here");
    }
}

/// What the server does not take fills every buffer on the way, and the bridge's end is behind it.
pub(crate) fn killed_before_a_server_that_does_not_read() {
    let house = House::new(&[("one", &[])]);
    house.reconfigure(|config| config["servers"]["one"] = json!({"command": "sleep", "args": ["1000"]}));
    let mut client = house.connect("one");
    let mut to = client.to.take().unwrap();
    let line = crate::common::client::request(1, "any", json!("x".repeat(8_000_000)));
    let writes = thread::spawn(move || to.write_all(format!("{line}\n{line}\n").as_bytes()));
    house.until(|status| status["sessions"] != json!([]));
    thread::sleep(Duration::from_millis(1500));
    client.child.kill().unwrap();
    house.until(|status| status["sessions"] == json!([]));
    assert!(writes.join().unwrap().is_err(), "everything fitted into the buffers");
}

pub(crate) fn standard_streams_are_files() {
    let house = House::new(&[("one", &[])]);
    house.start();
    let (input, output) = (house.path("in"), house.path("out"));
    let lines: String =
        (0..200).map(|id| format!("{}\n", crate::common::client::request(id, "echo", json!(id)))).collect();
    // The last line lacks its end.
    std::fs::write(&input, lines.trim_end()).unwrap();
    let mut bridge = house.command(&["connect", "-s", "one"]);
    bridge.stdin(std::fs::File::open(&input).unwrap()).stdout(std::fs::File::create(&output).unwrap());
    assert!(bridge.status().unwrap().success());
    assert_eq!(std::fs::read_to_string(&output).unwrap().lines().count(), 200);
}
