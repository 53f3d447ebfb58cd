//! Who is let in, and to what.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    os::unix::net::UnixStream,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::{common::client::PATIENCE, house::House};

/// A visitor who says this first, and what they are told.
fn told(house: &House, first: &[u8]) -> String {
    let mut stream = visit(house);
    // The daemon may hang up before it has read everything.
    let _ = stream.write_all(first);
    let mut answer = String::new();
    let _ = BufReader::new(stream).read_line(&mut answer);
    answer
}

fn visit(house: &House) -> UnixStream {
    let stream = UnixStream::connect(house.home().join("daemon.sock")).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

fn hello(key: &str) -> Vec<u8> {
    format!("{}\n", json!({"version": 1, "key": key, "ask": "status"})).into_bytes()
}

pub(crate) fn strangers() {
    let house = House::new(&[("one", &[])]);
    let mut client = house.connect("one");
    assert_eq!(client.ask(0, "echo", json!(0))["result"], 0);
    let key = fs::read_to_string(house.home().join("daemon.key")).unwrap();
    assert!(told(&house, &hello(&key)).starts_with(r#"{"welcome":{"#), "the key opens");

    let near = format!("{}0", &key[1..]);
    let without_key = format!("{}\n", json!({"version": 1, "ask": "status"}));
    let other_version = format!("{}\n", json!({"version": 2, "key": key, "ask": "status"}));
    let garbage = b"\x00\xff\xfe{{{{\n".to_vec();
    let rpc = br#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#.iter().chain(b"\n").copied().collect();
    let endless = vec![b'x'; 1 << 20];
    let visitors: [(&str, Vec<u8>); 7] = [
        ("wrong key", hello(&near)),
        ("empty key", hello("")),
        ("no key", without_key.into()),
        ("other version", other_version.into()),
        ("garbage", garbage),
        ("no greeting", rpc),
        ("endless line", endless),
    ];
    for (what, first) in visitors {
        let start = Instant::now();
        let answer = told(&house, &first);
        // Of a connection that is closed with bytes unread, even the answer may be lost.
        assert!(answer.is_empty() || answer.starts_with(r#"{"refused":"#), "{what}: {answer}");
        assert!(!answer.is_empty() || what == "endless line", "{what}");
        assert!(start.elapsed() < Duration::from_secs(3), "{what}: {:?}", start.elapsed());
        assert!(!answer.contains(&key), "{what}");
        assert_eq!(client.ask(1, "echo", json!(what))["result"], what);
    }
    assert!(house.daemon_log().contains("wrong key"), "{}", house.daemon_log());
    assert!(!house.daemon_log().contains(&near), "not even a wrong key is written down");
    assert_eq!(house.status()["sessions"].as_array().unwrap().len(), 1);
}

pub(crate) fn silence() {
    let house = House::new(&[("one", &[])]);
    house.start();
    let start = Instant::now();
    let mut silent: Vec<_> = (0..50).map(|_| visit(&house)).collect();
    silent[0].write_all(br#"{"version":1,"#).unwrap();
    let mut client = house.connect("one");
    assert_eq!(client.ask(1, "echo", json!(1))["result"], 1, "others are served meanwhile");
    for mut stream in silent {
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with(r#"{"refused":"#), "{answer}");
    }
    let took = start.elapsed();
    assert!((Duration::from_secs(4)..Duration::from_secs(10)).contains(&took), "{took:?}");
    assert_eq!(client.ask(2, "echo", json!(2))["result"], 2);
}

pub(crate) fn one_server_each() {
    let house = House::new(&[("one", &[]), ("two", &[])]);
    let (mut one, mut two) = (house.connect("one"), house.connect("two"));
    one.ask(1, "any/for-one", json!(null));
    two.ask(1, "any/for-two", json!(null));
    // What a client says does not change where it goes.
    one.say(&json!({"version": 1, "ask": {"connect": {"server": "two", "config": null}}}).to_string());
    assert!(one.receive()["error"].is_object());
    one.ask(2, "any/still-one", json!({"server": "two"}));
    let heard = |server: &str| house.heard(server).join("\n");
    assert!(heard("one").contains("any/for-one") && heard("one").contains("any/still-one"));
    assert!(heard("two").contains("any/for-two") && !heard("two").contains("one"), "{}", heard("two"));
    let of = |server: &str| {
        let all = house.audit().into_iter();
        all.filter(|entry| entry.session.as_ref().unwrap().server == server)
            .filter_map(|entry| entry.method)
            .collect::<Vec<_>>()
    };
    assert!(of("two").iter().all(|method| method == "any/for-two"), "{:?}", of("two"));
}

pub(crate) fn unknown_server() {
    let house = House::new(&[("one", &[]), ("two", &[])]);
    for _ in ["without a daemon", "with one"] {
        let ran = house.run(&["connect", "-s", "three"]);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(1), ""), "{ran:?}");
        assert!(ran.stderr.contains("`three`") && ran.stderr.contains("one, two"), "{ran:?}");
    }
    assert_eq!(house.starts("one") + house.starts("two"), 0);
}

pub(crate) fn another_configuration() {
    let house = House::new(&[("one", &[])]);
    house.start();
    let other = house.path("other.yaml");
    fs::copy(house.config(), &other).unwrap();
    let other = other.to_str().unwrap();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_mcp-guard"));
    command.args(["--config", other, "connect", "-s", "one"]);
    house.at_home(&mut command);
    let ran = crate::house::Ran::of(command.output().unwrap());
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(1), ""), "{ran:?}");
    let ours = house.config();
    assert!(ran.stderr.contains(other) && ran.stderr.contains(ours.to_str().unwrap()), "{ran:?}");
    // The same file by another name is the same.
    let link = house.path("link.yaml");
    std::os::unix::fs::symlink(&ours, &link).unwrap();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_mcp-guard"));
    command.args(["--config", link.to_str().unwrap(), "connect", "-s", "one"]);
    house.at_home(&mut command);
    let mut client = crate::common::client::Client::spawn(command);
    assert_eq!(client.ask(1, "echo", Value::Null)["result"], Value::Null);
}
