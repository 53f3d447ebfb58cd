//! Writing and reading as a guard and `logs` do.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test may panic and block its thread"
)]

mod support;

use std::thread::sleep;
use std::time::{Duration, Instant};

use mcp_guard_store::*;
use support::*;

#[test]
fn what_is_recorded_is_read_back_with_its_session() {
    let home = Home::new();
    let mut audit = home.open();
    let session = audit.start_session(&start("files", "ann")).unwrap();
    let mut ids = Ids::for_session(session);
    let full = Record {
        direction: Some(Direction::ServerToClient),
        verdict: Verdict::Redact,
        would: Some(Verdict::Block),
        findings: Some(r#"[{"rule":"secrets.aws"}]"#),
        round_trip_us: Some(1_234),
        bytes: u64::from(u32::MAX) + 1,
        ..record(ids.next(now_ms()), session)
    };
    let bare = Record {
        kind: Kind::RefusedLine,
        direction: None,
        era: None,
        method: None,
        target: None,
        ..record(ids.next(now_ms()), session)
    };
    audit.write(&[full]).unwrap();
    audit.write(&[bare]).unwrap();

    let reader = AuditReader::open(&home.file).unwrap();
    let entry = reader.get(full.id).unwrap().unwrap();
    assert_eq!(entry.id, full.id);
    assert_eq!((entry.kind, entry.direction), (full.kind, full.direction));
    assert_eq!((entry.verdict, entry.would), (full.verdict, full.would));
    assert_eq!(entry.era, full.era);
    assert_eq!((entry.method.as_deref(), entry.target.as_deref()), (full.method, full.target));
    assert_eq!(entry.findings.as_deref(), full.findings);
    assert_eq!((entry.guard_us, entry.round_trip_us, entry.bytes), (7, Some(1_234), full.bytes));
    let info = entry.session.unwrap();
    assert_eq!((info.server.as_str(), info.principal.as_str()), ("files", "ann"));
    assert_eq!((info.row, info.pid), (session.row(), std::process::id()));

    let entry = reader.get(bare.id).unwrap().unwrap();
    assert_eq!(entry.kind, Kind::RefusedLine);
    assert_eq!((entry.direction, entry.era, entry.method, entry.target), (None, None, None, None));
    assert_eq!(reader.get(ids.next(now_ms())).unwrap(), None);
}

#[test]
fn batches_of_every_size_arrive_whole() {
    let home = Home::new();
    let mut audit = home.open();
    let session = audit.start_session(&start("files", "ann")).unwrap();
    let mut ids = Ids::for_session(session);
    let mut expected = Vec::new();
    for size in (0..=90).chain([127, 128, 129, 1_000]) {
        let batch = batch(&mut ids, session, size);
        audit.write(&batch).unwrap();
        expected.extend(batch.iter().map(|record| record.id));
    }
    let found: Vec<_> = home.entries().iter().map(|entry| entry.id).collect();
    assert_eq!(found, expected);
}

#[test]
fn absent_texts_do_not_linger_from_the_record_before() {
    let home = Home::new();
    let mut audit = home.open();
    let session = audit.start_session(&start("files", "ann")).unwrap();
    let mut ids = Ids::for_session(session);
    let with = Record { findings: Some("[1]"), ..record(ids.next(now_ms()), session) };
    let without = Record { target: None, ..record(ids.next(now_ms()), session) };
    let last = Record { method: None, ..record(ids.next(now_ms()), session) };
    audit.write(&[with, without, last]).unwrap();
    let found = home.entries();
    let findings: Vec<_> = found.iter().map(|entry| entry.findings.as_deref()).collect();
    assert_eq!(findings, [Some("[1]"), None, None]);
    assert_eq!(found[1].target, None);
    assert_eq!(found[2].method, None);
}

#[test]
fn long_texts_are_cut_between_characters() {
    let home = Home::new();
    let mut audit = home.open();
    let long = "é".repeat(FINDINGS_CAP);
    let session = audit.start_session(&start(&long, "ann")).unwrap();
    let id = Ids::for_session(session).next(now_ms());
    let text = Some(format!("x{long}"));
    let text = text.as_deref();
    audit.write(&[Record { method: text, target: text, findings: text, ..record(id, session) }]).unwrap();
    let entry = home.entries().remove(0);
    assert_eq!(entry.target.unwrap().len(), TEXT_CAP - 1);
    assert_eq!(entry.method.unwrap().len(), TEXT_CAP - 1);
    assert_eq!(entry.findings.unwrap().len(), FINDINGS_CAP - 1);
    assert_eq!(entry.session.unwrap().server.len(), TEXT_CAP);
}

#[test]
fn following_shows_each_new_entry_once_even_if_its_id_is_older() {
    let home = Home::new();
    let mut audit = home.open();
    let session = audit.start_session(&start("files", "ann")).unwrap();
    let (mut early, mut late) = (Ids::for_session(session), Ids::random());
    let now = now_ms();
    audit.write(&[record(early.next(now), session)]).unwrap();

    let reader = AuditReader::open(&home.file).unwrap();
    let mut follow = reader.follow(Filter::default()).unwrap();
    assert_eq!(follow.poll().unwrap(), []);
    let newer = record(late.next(now + 400), session);
    let older = record(early.next(now + 1), session);
    for record in [newer, older] {
        audit.write(&[record]).unwrap();
        let ids: Vec<_> = follow.poll().unwrap().iter().map(|entry| entry.id).collect();
        assert_eq!(ids, [record.id]);
    }
    assert_eq!(follow.poll().unwrap(), []);
}

#[test]
fn an_id_taken_by_another_process_fails_the_whole_batch() {
    let home = Home::new();
    let (mut one, mut two) = (home.open(), home.open());
    let session = one.start_session(&start("files", "ann")).unwrap();
    let (mut ids, mut same) = (Ids::for_session(session), Ids::for_session(session));
    let now = now_ms();
    let first: Vec<_> = (0..3).map(|_| record(ids.next(now), session)).collect();
    one.write(&first).unwrap();

    let before = record(same.next(now - 9), session);
    let clash = record(same.next(now), session);
    let error = two.write(&[before, clash]).unwrap_err();
    assert!(matches!(error, StoreError::Collision { .. }), "{error}");
    assert!(error.retry_can_help());
    assert_eq!(home.entries().len(), 3);

    same.reseed();
    two.write(&[record(same.next(now), session)]).unwrap();
    assert_eq!(home.entries().len(), 4);
}

#[test]
fn old_records_and_dead_sessions_are_deleted() {
    const DAY_MS: u64 = 86_400_000;
    let home = Home::new();
    let old = now_ms() - 3 * DAY_MS;
    {
        let mut audit = home.open();
        let dead = audit.start_session(&SessionStart { started_ms: old, ..start("dead", "ann") }).unwrap();
        let mut ids = Ids::for_session(dead);
        for _ in 0..3 {
            let batch: Vec<_> = (0..400).map(|_| record(ids.next(old), dead)).collect();
            audit.write(&batch).unwrap();
        }
        audit.end_session(dead, old).unwrap();
    }
    let options = AuditOptions { retention_days: Some(1), ..AuditOptions::default() };
    let mut audit = SqliteAudit::open(&home.file, options).unwrap();
    // Started long ago, still alive: its row stays.
    let session = audit.start_session(&SessionStart { started_ms: old, ..start("files", "ann") }).unwrap();
    let mut ids = Ids::for_session(session);
    audit.write(&batch(&mut ids, session, 5)).unwrap();
    let sessions = || -> i64 {
        let count = "SELECT count(*) FROM sessions";
        home.intruder().query_row(count, [], |row| row.get(0)).unwrap()
    };
    let since = Instant::now();
    while sessions() > 1 {
        assert!(since.elapsed() < Duration::from_secs(20), "the dead session stays");
        sleep(Duration::from_millis(10));
    }
    let left = home.entries();
    assert_eq!(left.len(), 5);
    assert!(left.iter().all(|entry| entry.session.as_ref().unwrap().server == "files"));
}
