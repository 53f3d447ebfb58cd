//! The bridge could not start the daemon, a dead server stayed dead, and a second daemon broke the first.

use serde_json::json;

use crate::{ask, call, house::House};

pub(crate) fn connect_starts_the_daemon() {
    let house = House::new(&[("files", &[])]);
    assert_eq!(house.status()["running"], false);
    let mut client = house.connect("files");
    assert_eq!(ask(&mut client, 1, "ping", json!({}))["result"]["seen"], "ping");
    drop(client);
    assert_eq!(house.status()["running"], true, "and it outlives the bridge");
}

/// It printed "Daemon started" before it knew.
pub(crate) fn start_tells_whether_it_started() {
    let house = House::new(&[("files", &[])]);
    house.reconfigure(|config| config["polcy"] = json!({}));
    let ran = house.run(&["start", "-d"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(1), ""), "{ran:?}");
    assert!(ran.stderr.contains("polcy"), "{ran:?}");
    assert_eq!(house.status()["running"], false);
    house.reconfigure(|config| drop(config.as_object_mut().unwrap().remove("polcy")));
    house.start();
}

pub(crate) fn a_server_that_died_is_started_again() {
    let house = House::new(&[("files", &[])]);
    let mut client = house.connect("files");
    let hello = json!({"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "c", "version": "1"}});
    ask(&mut client, 1, "initialize", hello);
    client.say(r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#);
    let lost = call(&mut client, 2, "die", json!({}));
    assert_eq!(lost["error"]["code"], 4502, "whoever waited is told: {lost}");
    assert_eq!(ask(&mut client, 3, "ping", json!({}))["result"]["seen"], "ping");
    assert_eq!(house.starts("files"), 2);
    let handshakes = house.heard("files").iter().filter(|line| line.contains("\"initialize\"")).count();
    assert_eq!(handshakes, 2, "the new one was told what the old one knew");
}

pub(crate) fn a_second_daemon_leaves_the_first_alone() {
    let house = House::new(&[("files", &[])]);
    let pid = house.start();
    for args in [&["start"][..], &["start", "-d"]] {
        let ran = house.run(args);
        assert!(ran.code == Some(1) && ran.stderr.contains("already running"), "{ran:?}");
    }
    assert_eq!(house.pid(), pid);
    assert_eq!(ask(&mut house.connect("files"), 1, "ping", json!({}))["result"]["seen"], "ping");
}

/// All bridges shared one session with each server.
pub(crate) fn one_client_does_not_see_anothers_session() {
    let house = House::new(&[("files", &[])]);
    let (mut one, mut two) = (house.connect("files"), house.connect("files"));
    ask(&mut one, 1, "ping", json!({}));
    ask(&mut two, 1, "ping", json!({}));
    assert_eq!(house.starts("files"), 2);
    call(&mut one, 2, "speak", json!({}));
    assert!(two.lines.try_recv().is_err());
}
