//! Which folders and files are used, and which are refused.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic and block its thread")]

mod support;

use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::process::CommandExt;

use mcp_guard_store::*;
use support::*;

const NOBODY: u32 = 65_534;

fn refused(home: &Home) -> StoreError {
    SqliteAudit::open(&home.file, AuditOptions::default()).unwrap_err()
}

#[test]
fn everything_created_is_for_us_alone() {
    let home = Home::new();
    let folder = home.folder.path().join("state/mcp-guard");
    let file = folder.join("audit.db");
    let mut audit = open(&file);
    audit.start_session(&start("files", "ann")).unwrap();
    assert_eq!(mode(&folder), 0o700);
    assert_eq!(mode(folder.parent().unwrap()), 0o700);
    for name in ["audit.db", "audit.db-wal", "audit.db-shm"] {
        assert_eq!(mode(&folder.join(name)), 0o600, "{name}");
    }
}

#[test]
fn a_folder_others_can_write_to_is_refused() {
    let home = Home::new();
    for bits in [0o777, 0o770, 0o702, 0o1777] {
        set_mode(home.folder.path(), bits);
        let error = refused(&home);
        assert!(matches!(error, StoreError::Writable { mode, .. } if mode == bits), "{error}");
        assert!(error.to_string().contains("chmod 700"), "{error}");
        assert!(!home.file.exists());
    }
    set_mode(home.folder.path(), 0o755);
    home.open();
}

#[test]
fn a_file_others_can_write_to_is_refused_and_one_they_can_read_is_closed_to_them() {
    let home = Home::new();
    drop(home.open());
    set_mode(&home.file, 0o660);
    let error = refused(&home);
    assert!(error.to_string().contains("chmod 600"), "{error}");
    set_mode(&home.file, 0o644);
    home.open();
    assert_eq!(mode(&home.file), 0o600);
}

#[test]
fn only_plain_files_are_used() {
    let home = Home::new();
    let other = home.folder.path().join("other.db");
    drop(open(&other));
    symlink(&other, &home.file).unwrap();
    assert!(matches!(refused(&home), StoreError::NotAFile { .. }));
    fs::remove_file(&home.file).unwrap();
    fs::create_dir(&home.file).unwrap();
    assert!(matches!(refused(&home), StoreError::NotAFile { .. }));
}

#[test]
fn files_of_others_are_left_as_they_are() {
    let home = Home::new();
    for bytes in [b"no database at all, but long enough to be read as a header".repeat(20), b"x".to_vec()] {
        fs::write(&home.file, &bytes).unwrap();
        set_mode(&home.file, 0o600);
        let error = refused(&home);
        assert!(matches!(error, StoreError::NotOurs { .. }), "{error}");
        assert!(!error.retry_can_help());
        assert_eq!(fs::read(&home.file).unwrap(), bytes);
        assert!(matches!(AuditReader::open(&home.file), Err(StoreError::NotOurs { .. })));
        fs::remove_file(&home.file).unwrap();
    }
    home.intruder().execute_batch("CREATE TABLE theirs(x)").unwrap();
    set_mode(&home.file, 0o600);
    assert!(matches!(refused(&home), StoreError::NotOurs { .. }));
    assert!(matches!(AuditReader::open(&home.file), Err(StoreError::NotOurs { .. })));
}

#[test]
fn a_newer_schema_is_refused() {
    let home = Home::new();
    drop(home.open());
    home.intruder().pragma_update(None, "user_version", 99).unwrap();
    for error in [refused(&home), AuditReader::open(&home.file).unwrap_err()] {
        assert!(matches!(error, StoreError::Newer { found: 99, known: 1, .. }), "{error}");
        assert!(error.to_string().contains("upgrade"), "{error}");
    }
}

#[test]
fn damage_is_reported() {
    let home = Home::new();
    {
        let mut audit = home.open();
        let session = audit.start_session(&start("files", "ann")).unwrap();
        audit.write(&batch(&mut Ids::for_session(session), session, 500)).unwrap();
    }
    let mut bytes = fs::read(&home.file).unwrap();
    bytes[4096..].fill(0xa5);
    fs::write(&home.file, &bytes).unwrap();
    let mut audit = home.open();
    let session = SessionId::from_row(1);
    let error = audit.write(&batch(&mut Ids::random(), session, 1)).unwrap_err();
    assert!(matches!(error, StoreError::Corrupt { .. }), "{error}");
    assert!(!error.retry_can_help());
    let error = AuditReader::open(&home.file).unwrap().query(&Filter::default()).unwrap_err();
    assert!(matches!(error, StoreError::Corrupt { .. }), "{error}");
}

#[test]
fn a_missing_audit_cannot_be_read() {
    let home = Home::new();
    let error = AuditReader::open(&home.file).unwrap_err();
    assert!(matches!(error, StoreError::Missing { .. }), "{error}");
    assert!(!home.file.exists());
}

#[test]
fn a_folder_we_cannot_write_to_is_reported() {
    let home = Home::new();
    set_mode(home.folder.path(), 0o500);
    let mut command = child("child_meets_a_read_only_folder", &home.file);
    let exe = tempfile::tempdir().unwrap();
    if rustix::process::geteuid().is_root() {
        // Root may write anywhere, so somebody else tries.
        let copy = exe.path().join("test");
        fs::copy(std::env::current_exe().unwrap(), &copy).unwrap();
        set_mode(exe.path(), 0o755);
        std::os::unix::fs::chown(home.folder.path(), Some(NOBODY), None).unwrap();
        let args: Vec<_> = command.get_args().map(ToOwned::to_owned).collect();
        let mut unprivileged = std::process::Command::new(copy);
        unprivileged.args(args).envs(command.get_envs().filter_map(|(key, value)| Some((key, value?))));
        unprivileged.uid(NOBODY).current_dir("/");
        command = unprivileged;
    }
    assert!(command.status().unwrap().success());
}

#[test]
#[ignore = "started by a_folder_we_cannot_write_to_is_reported"]
fn child_meets_a_read_only_folder() {
    let error = SqliteAudit::open(&child_file(), AuditOptions::default()).unwrap_err();
    assert!(matches!(error, StoreError::ReadOnly { .. }), "{error}");
    assert!(error.to_string().contains("writable for you"), "{error}");
}
