//! What goes wrong while records are written.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test may panic and block its thread"
)]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use mcp_guard_store::*;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use support::*;

fn guard(home: &Home) -> (SqliteAudit, SessionId, Ids) {
    let mut audit = home.open();
    let session = audit.start_session(&start("files", "ann")).unwrap();
    (audit, session, Ids::for_session(session))
}

#[test]
fn a_lock_held_by_others_stalls_briefly_and_then_hardly() {
    let home = Home::new();
    let (mut audit, session, mut ids) = guard(&home);
    let other = home.intruder();
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    for (size, at_least, at_most) in [(3, 500, 2_000), (1, 20, 400), (5, 20, 400)] {
        let since = Instant::now();
        let error = audit.write(&batch(&mut ids, session, size)).unwrap_err();
        let waited = since.elapsed().as_millis();
        assert!(matches!(error, StoreError::Locked { .. }), "{error}");
        assert!(error.retry_can_help());
        assert!((at_least..at_most).contains(&waited), "waited {waited} ms");
    }
    other.execute_batch("ROLLBACK").unwrap();
    audit.write(&batch(&mut ids, session, 3)).unwrap();
    assert_eq!(home.entries().len(), 3);

    // Patience is back: a short lock is waited for.
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let release = std::thread::spawn(move || {
        sleep(Duration::from_millis(150));
        other.execute_batch("ROLLBACK").unwrap();
    });
    audit.write(&batch(&mut ids, session, 2)).unwrap();
    release.join().unwrap();
    assert_eq!(home.entries().len(), 5);
}

#[test]
fn a_full_disk_fails_whole_batches_until_there_is_room() {
    let home = Home::new();
    // The system then refuses writes past the limit as it would on a full disk, with partial
    // writes and all; the signal that would end the process first is ignored.
    let child = child("child_runs_out_of_room", &home.file);
    let status = Command::new("sh")
        .args(["-c", r#"trap "" XFSZ; exec "$0" "$@""#])
        .arg(child.get_program())
        .args(child.get_args())
        .envs(child.get_envs().filter_map(|(key, value)| Some((key, value?))))
        .status();
    assert!(status.unwrap().success());
}

#[test]
#[ignore = "started by a_full_disk_fails_whole_batches_until_there_is_room"]
fn child_runs_out_of_room() {
    let mut audit = open(&child_file());
    let session = audit.start_session(&start("files", "ann")).unwrap();
    let mut ids = Ids::for_session(session);
    let unlimited = getrlimit(Resource::Fsize);
    setrlimit(Resource::Fsize, Rlimit { current: Some(150_000), maximum: unlimited.maximum }).unwrap();
    let (mut recorded, mut failed) = (0, 0);
    while failed < 5 {
        match audit.write(&batch(&mut ids, session, 37)) {
            Ok(()) => recorded += 37,
            Err(error) => {
                assert!(matches!(error, StoreError::Full { .. }), "{error}");
                assert!(error.retry_can_help());
                failed += 1;
            }
        }
    }
    assert!(recorded > 0);
    setrlimit(Resource::Fsize, unlimited).unwrap();
    audit.write(&batch(&mut ids, session, 37)).unwrap();
    drop(audit);
    let entries = AuditReader::open(&child_file()).unwrap().query(&Filter::default()).unwrap();
    assert_eq!(entries.len(), recorded + 37);
}

#[test]
fn a_killed_guard_loses_no_recorded_batch_and_leaves_no_half_of_one() {
    let home = Home::new();
    for round in 0..4 {
        let mut child = child("child_records_until_killed", &home.file)
            .env("ROUND", round.to_string())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut told = Vec::new();
        while told.len() < 20 {
            told.push(lines.next().unwrap().unwrap());
        }
        sleep(Duration::from_millis(7 * round));
        child.kill().unwrap();
        child.wait().unwrap();
        told.extend(lines.map_while(Result::ok));
        let told: Vec<_> = told.iter().filter_map(|line| line.strip_prefix("recorded ")).collect();
        assert!(!told.is_empty());

        let mut batches: BTreeMap<String, Vec<u64>> = BTreeMap::new();
        for entry in home.entries() {
            batches.entry(entry.target.unwrap()).or_default().push(entry.bytes);
        }
        for (name, sizes) in &batches {
            assert!(sizes.iter().all(|size| *size == sizes.len() as u64), "half of batch {name}");
        }
        for name in told {
            assert!(batches.contains_key(name), "batch {name} is gone");
        }
    }
}

#[test]
#[ignore = "started by a_killed_guard_loses_no_recorded_batch_and_leaves_no_half_of_one"]
fn child_records_until_killed() {
    let round = std::env::var("ROUND").unwrap();
    let options = AuditOptions { checkpoint_pages: 20, wal_limit_pages: 60, ..AuditOptions::default() };
    let mut audit = SqliteAudit::open(&child_file(), options).unwrap();
    let session = audit.start_session(&start("files", "ann")).unwrap();
    let mut ids = Ids::for_session(session);
    for nth in 0.. {
        let name = format!("{round}/{nth}");
        let size = [1, 100, 7, 300][nth % 4];
        let batch: Vec<_> = batch(&mut ids, session, size)
            .into_iter()
            .map(|record| Record { target: Some(&name), bytes: size as u64, ..record })
            .collect();
        audit.write(&batch).unwrap();
        let mut out = std::io::stdout().lock();
        writeln!(out, "recorded {name}").and_then(|()| out.flush()).unwrap();
    }
}

#[test]
fn a_deleted_file_is_noticed_at_once_and_replaced_once_told() {
    let home = Home::new();
    let (mut audit, session, mut ids) = guard(&home);
    audit.write(&batch(&mut ids, session, 3)).unwrap();
    fs::remove_file(&home.file).unwrap();
    let error = audit.write(&batch(&mut ids, session, 2)).unwrap_err();
    assert!(matches!(error, StoreError::Replaced { .. }), "{error}");
    assert!(error.retry_can_help());
    assert!(!home.file.exists());
    let kept = batch(&mut ids, session, 4);
    audit.write(&kept).unwrap();
    let entries = home.entries();
    assert_eq!(entries.len(), 4);
    assert!(entries.iter().all(|entry| entry.session.as_ref().unwrap().server == "files"));
    assert_eq!(mode(&home.file), 0o600);
    drop(audit);
    assert_eq!(home.entries().len(), 4);
}

#[test]
fn guards_of_a_moved_file_join_the_new_one_without_harm() {
    let home = Home::new();
    let (mut one, session_one, mut ids_one) = guard(&home);
    one.write(&batch(&mut ids_one, session_one, 3)).unwrap();
    fs::rename(&home.file, home.folder.path().join("old.db")).unwrap();
    let mut two = home.open();
    let session_two = two.start_session(&start("git", "bob")).unwrap();
    let mut ids_two = Ids::random();
    two.write(&batch(&mut ids_two, session_two, 5)).unwrap();

    let error = one.write(&batch(&mut ids_one, session_one, 1)).unwrap_err();
    assert!(matches!(error, StoreError::Replaced { .. }), "{error}");
    two.write(&batch(&mut ids_two, session_two, 5)).unwrap();
    one.write(&batch(&mut ids_one, session_one, 7)).unwrap();
    let of = |server: &str| {
        let filter = Filter { server: Some(server.to_owned()), ..Filter::default() };
        AuditReader::open(&home.file).unwrap().query(&filter).unwrap().len()
    };
    assert_eq!((of("files"), of("git")), (7, 10));
    drop((one, two));
    let check: String = home.intruder().query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(check, "ok");
    assert_eq!((of("files"), of("git")), (7, 10));
}

#[test]
fn ids_from_a_clock_set_back_are_recorded_in_order() {
    let home = Home::new();
    let (mut audit, session, mut ids) = guard(&home);
    let now = now_ms();
    let mut given = Vec::new();
    for clock in [now, now - 3_600_000, 0, now - 1, now + 2] {
        let batch: Vec<_> = (0..10).map(|_| record(ids.next(clock), session)).collect();
        audit.write(&batch).unwrap();
        given.extend(batch.iter().map(|record| record.id));
    }
    let found: Vec<_> = home.entries().iter().map(|entry| entry.id).collect();
    assert_eq!(found, given);
}

#[test]
fn the_log_stays_bounded_while_guards_write_without_pause() {
    const LIMIT_PAGES: u32 = 300;
    let home = Home::new();
    drop(home.open());
    let log = home.folder.path().join("audit.db-wal");
    let largest = std::thread::scope(|scope| {
        let write = || {
            let options = AuditOptions {
                checkpoint_pages: 50,
                wal_limit_pages: LIMIT_PAGES,
                ..AuditOptions::default()
            };
            let mut audit = SqliteAudit::open(&home.file, options).unwrap();
            let session = audit.start_session(&start("files", "ann")).unwrap();
            let mut ids = Ids::for_session(session);
            let mut largest = 0;
            for _ in 0..4_000 {
                audit.write(&batch(&mut ids, session, 1)).unwrap();
                largest = largest.max(fs::metadata(&log).unwrap().len());
            }
            largest
        };
        let guards = [scope.spawn(write), scope.spawn(write)];
        guards.map(|guard| guard.join().unwrap()).into_iter().max().unwrap()
    });
    assert!(largest < u64::from(LIMIT_PAGES) * 4 * 2_072, "{largest} bytes");
    assert_eq!(home.entries().len(), 8_000);
    assert_eq!(fs::metadata(&log).map_or(0, |log| log.len()), 0);
}

#[test]
fn eight_processes_lose_and_duplicate_nothing() {
    const PER_PROCESS: usize = 60 * (1 + 8 + 64 + 13);
    let home = Home::new();
    let children: Vec<_> =
        (0..8).map(|_| child("child_records_its_share", &home.file).spawn().unwrap()).collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    let mut per_session = BTreeMap::new();
    for entry in home.entries() {
        *per_session.entry(entry.session.unwrap().row).or_insert(0) += 1;
    }
    let counts: Vec<_> = per_session.into_values().collect();
    assert_eq!(counts, [PER_PROCESS; 8]);
}

#[test]
#[ignore = "started by eight_processes_lose_and_duplicate_nothing"]
fn child_records_its_share() {
    let mut audit = open(&child_file());
    let session = audit.start_session(&start("files", "ann")).unwrap();
    let mut ids = Ids::for_session(session);
    for _ in 0..60 {
        for size in [1, 8, 64, 13] {
            audit.write(&batch(&mut ids, session, size)).unwrap();
        }
    }
}
