//! What happens to frames when they cannot be recorded, and that those which passed were.

use std::{
    process::Command,
    thread,
    time::{Duration, Instant},
};

use serde_json::json;
use store::{AuditReader, Filter};

use crate::guard::{Guard, audit_file, command, home, request, rule};

pub(crate) fn disk_full() {
    let home = home();
    let guarded = command(&home);
    // Files may not grow past this: to SQLite that is a disk without room. (`ulimit -f` counts 512-byte blocks.)
    let mut limited = Command::new("sh");
    limited.arg("-c").arg("trap '' XFSZ; ulimit -f 8000; exec \"$0\" \"$@\"").arg(guarded.get_program());
    limited.args(guarded.get_args()).current_dir(home.path());
    for (name, value) in guarded.get_envs() {
        if let Some(value) = value {
            limited.env(name, value);
        }
    }
    let mut guard = Guard::spawn(limited, home);
    let (mut passed, mut refused) = (0, 0);
    for id in 0..20_000 {
        let answer = guard.ask(id, "echo", json!({"n": id}));
        match rule(&answer) {
            "none" => passed += 1,
            "audit.unavailable" => {
                refused += 1;
                assert!(
                    answer["error"]["message"].as_str().unwrap().contains("no room on the disk"),
                    "{answer}"
                );
            }
            other => panic!("{other}: {answer}"),
        }
        if refused == 50 {
            break;
        }
    }
    assert!(passed > 100 && refused == 50, "{passed} passed, {refused} refused");
    guard.close();
    guard.exit();
    let recorded = AuditReader::open(&audit_file(&guard.home)).unwrap().query(&Filter::default()).unwrap();
    assert!(recorded.len() >= 2 * passed, "{} records of {passed} calls", recorded.len());
}

pub(crate) fn locked() {
    let mut guard = Guard::start();
    assert_eq!(rule(&guard.ask(0, "echo", json!(0))), "none");
    let other = rusqlite::Connection::open(audit_file(&guard.home)).unwrap();
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let start = Instant::now();
    for id in 1..20 {
        let answer = guard.ask(id, "echo", json!(id));
        assert_eq!(rule(&answer), "audit.unavailable", "{answer}");
        assert_eq!(answer["error"]["data"]["mcp-guard/denial"]["retry"], "later");
    }
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(guard.ask(99, "echo", json!("back"))["result"], "back");
}

pub(crate) fn guard_killed() {
    for round in 0..5 {
        let mut guard = Guard::start();
        guard.ask("first", "echo", json!(0));
        let mut to = guard.to.take().unwrap();
        let writer = thread::spawn(move || {
            use std::io::Write;
            for id in 0_u64.. {
                if writeln!(to, "{}", request(id, "echo", json!(id))).is_err() {
                    break;
                }
            }
        });
        thread::sleep(Duration::from_millis(40 + 30 * round));
        guard.child.kill().unwrap();
        guard.child.wait().unwrap();
        writer.join().unwrap();
        let answered = 1 + guard.lines.iter().count();
        let recorded =
            AuditReader::open(&audit_file(&guard.home)).unwrap().query(&Filter::default()).unwrap();
        let answers = recorded.iter().filter(|entry| entry.round_trip_us.is_some()).count();
        assert!(answers >= answered, "{answered} answers arrived, {answers} were recorded");
        assert!(recorded.len() >= 2 * answered);
        let ids: std::collections::BTreeSet<_> = recorded.iter().map(|entry| entry.id).collect();
        assert_eq!(ids.len(), recorded.len(), "each recorded once");
    }
}
