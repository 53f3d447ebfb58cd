//! What happens to frames when they cannot be recorded, and to the daemon's own log.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    process::Command,
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Resource, Rlimit, prlimit};
use serde_json::{Value, json};

use crate::{common::client::rule, house::House};

pub(crate) fn disk_full() {
    let house = House::new(&[("one", &[])]);
    // Files may not grow past this: to SQLite that is a disk without room. (`ulimit -f` counts 512-byte blocks.)
    let start = house.command(&["start", "-d"]);
    let mut limited = Command::new("sh");
    limited.arg("-c").arg("trap '' XFSZ; ulimit -S -f 4000; exec \"$0\" \"$@\"").arg(start.get_program());
    limited.args(start.get_args());
    house.at_home(&mut limited);
    assert!(limited.status().unwrap().success());
    let mut client = house.connect("one");
    let (mut passed, mut refused) = (0, Vec::new());
    for id in 0..20_000 {
        let answer = client.ask(id, &format!("any/{id}"), Value::Null);
        match rule(&answer) {
            "none" => passed += 1,
            "audit.unavailable" => {
                assert_eq!(answer["error"]["code"], 4503);
                assert!(
                    answer["error"]["message"].as_str().unwrap().contains("no room on the disk"),
                    "{answer}"
                );
                refused.push(id);
            }
            other => panic!("{other}: {answer}"),
        }
        if refused.len() == 50 {
            break;
        }
    }
    assert!(passed > 100 && refused.len() == 50, "{passed} passed, {} refused", refused.len());
    let heard = house.heard("one").join("\n");
    // Its answer may be what was not delivered, but of fifty in a row the requests were not.
    let reached = refused.iter().filter(|id| heard.contains(&format!("\"any/{id}\""))).count();
    assert!(reached <= 1, "{reached} refused requests were delivered");

    let limit = Rlimit { current: None, maximum: None };
    prlimit(Pid::from_raw(house.pid().cast_signed()), Resource::Fsize, limit).unwrap();
    let start = Instant::now();
    while rule(&client.ask("again", "echo", json!(1))) != "none" {
        assert!(start.elapsed() < Duration::from_secs(5), "it does not recover");
        thread::sleep(Duration::from_millis(20));
    }
    let recorded = house.audit().len();
    assert!(recorded >= 2 * passed, "{recorded} records of {passed} calls");
}

pub(crate) fn locked() {
    let house = House::new(&[("one", &[]), ("two", &[])]);
    let (mut one, mut two) = (house.connect("one"), house.connect("two"));
    for client in [&mut one, &mut two] {
        assert_eq!(rule(&client.ask(0, "echo", json!(0))), "none");
    }
    let other = rusqlite::Connection::open(house.audit_file()).unwrap();
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let start = Instant::now();
    for id in 1..10 {
        for client in [&mut one, &mut two] {
            let answer = client.ask(id, "any/locked", Value::Null);
            assert_eq!(
                (rule(&answer), &answer["error"]["code"]),
                ("audit.unavailable", &json!(4503)),
                "{answer}"
            );
        }
    }
    assert!(start.elapsed() < Duration::from_secs(6), "{:?}", start.elapsed());
    other.execute_batch("ROLLBACK").unwrap();
    for client in [&mut one, &mut two] {
        assert_eq!(client.ask(99, "echo", json!("back"))["result"], "back");
    }
    assert!(!house.heard("one").join("\n").contains("locked"));
    assert!(!house.heard("two").join("\n").contains("locked"));
}

pub(crate) fn log_that_is_full() {
    const FULL: usize = 8 * 1024 * 1024;
    let house = House::new(&[("one", &[])]);
    house.start();
    let (log, old) = (house.home().join("daemon.log"), house.home().join("daemon.log.1"));
    fs::write(&log, vec![b'.'; FULL]).unwrap();
    fs::write(&old, "of long ago").unwrap();
    fs::set_permissions(&old, fs::Permissions::from_mode(0o600)).unwrap();
    let mut client = house.connect("one");
    client.say("this is no message");
    assert_eq!(rule(&client.receive()), "wire.refused");
    let start = Instant::now();
    while fs::metadata(&old).unwrap().len() < FULL as u64 {
        assert!(start.elapsed() < Duration::from_secs(5), "it is not put aside");
        thread::sleep(Duration::from_millis(10));
    }
    for _ in 0..100 {
        client.say("this is no message");
        client.receive();
    }
    assert!((1..100_000).contains(&house.daemon_log().len()), "{}", house.daemon_log().len());
    for file in [&log, &old] {
        assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
