//! URIs were stored as they came, nothing was ever deleted, and what could not be recorded passed all the same.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::json;
use store::{AuditOptions, Direction, Ids, Kind, Record, SessionStart, SqliteAudit, Verdict};

use crate::{ask, call, common::client::rule, house::House};

pub(crate) fn uris_and_names_are_masked() {
    let house = House::new(&[("files", &[])]);
    house.reconfigure(|config| {
        config["servers"]["files"]["policy"] =
            json!({"permissions": {"denied_resources": ["file:///secret/**"]}});
    });
    let mut client = house.connect("files");
    ask(&mut client, 1, "resources/read", json!({"uri": "file:///secret/ann@example.org"}));
    ask(&mut client, 2, "resources/read", json!({"uri": "file:///open/ann@example.org"}));
    call(&mut client, 3, "for ann@example.org", json!({}));
    drop(client);
    house.stop();
    let shown = house.run(&["logs", "--json"]).stdout;
    assert!(shown.contains("[REDACTED:email]"), "{shown}");
    for file in ["audit.db", "audit.db-wal", "daemon.log"] {
        let bytes = std::fs::read(house.home().join(file)).unwrap_or_default();
        assert!(!bytes.windows(15).any(|window| window == b"ann@example.org"), "{file}");
    }
    assert!(!shown.contains("ann@example.org"), "{shown}");
}

pub(crate) fn old_records_are_deleted() {
    let house = House::new(&[("files", &[])]);
    house.reconfigure(|config| config["audit"] = json!({"retention_days": 10}));
    let now = u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap();
    let ago = |days: u64| now - days * 86_400_000;
    let mut audit = SqliteAudit::open(&house.audit_file(), AuditOptions::default()).unwrap();
    for (days, name) in [(20, "old"), (5, "young")] {
        let start = SessionStart {
            started_ms: ago(days),
            principal: "ann",
            server: "files",
            command: "",
            policy_hash: "",
            profile: "balanced",
            pid: 1,
        };
        let session = audit.start_session(&start).unwrap();
        let record = Record {
            id: Ids::for_session(session).next(ago(days)),
            session,
            kind: Kind::Frame,
            direction: Some(Direction::ClientToServer),
            era: None,
            method: Some("tools/call"),
            target: Some(name),
            verdict: Verdict::Allow,
            would: None,
            findings: None,
            guard_us: 1,
            round_trip_us: None,
            bytes: 1,
        };
        audit.write(&[record]).unwrap();
    }
    drop(audit);
    let targets = || -> Vec<String> { house.audit().into_iter().filter_map(|entry| entry.target).collect() };
    assert_eq!(targets(), ["old", "young"]);
    let mut client = house.connect("files");
    ask(&mut client, 1, "ping", json!({}));
    let start = std::time::Instant::now();
    while targets() != ["young"] {
        assert!(start.elapsed() < crate::common::client::PATIENCE, "{:?}", targets());
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}

pub(crate) fn what_cannot_be_recorded_does_not_pass() {
    let house = House::new(&[("files", &[])]);
    let mut client = house.connect("files");
    ask(&mut client, 1, "ping", json!({}));
    let other = rusqlite::Connection::open(house.audit_file()).unwrap();
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    assert_eq!(rule(&ask(&mut client, 2, "x/secret", json!({}))), "audit.unavailable");
    other.execute_batch("ROLLBACK").unwrap();
    assert!(ask(&mut client, 3, "ping", json!({})).get("result").is_some());
    assert!(!house.heard("files").join("\n").contains("x/secret"));
}

/// A wrong `--last` was ignored: everything was shown.
pub(crate) fn a_wrong_span_is_refused() {
    let house = House::new(&[]);
    for span in ["soon", "15", "-1h", "1y"] {
        let ran = house.run(&["logs", &format!("--last={span}")]);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{span}: {ran:?}");
    }
    for span in ["15m", "1h", "7d"] {
        assert_ne!(house.run(&["logs", "--last", span]).code, Some(2), "{span}");
    }
}
