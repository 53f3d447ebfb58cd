//! What the store's tests share.
#![allow(dead_code, reason = "each test binary uses its part")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use mcp_guard_store::*;

/// A folder of its own with a path for the audit in it.
pub(crate) struct Home {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) file: PathBuf,
}

impl Home {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("audit.db");
        Self { folder, file }
    }

    pub(crate) fn open(&self) -> SqliteAudit {
        open(&self.file)
    }

    pub(crate) fn entries(&self) -> Vec<Entry> {
        AuditReader::open(&self.file).unwrap().query(&Filter::default()).unwrap()
    }

    /// A second connection that can do to the file what another program might.
    pub(crate) fn intruder(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(&self.file).unwrap()
    }
}

pub(crate) fn open(path: &Path) -> SqliteAudit {
    SqliteAudit::open(path, AuditOptions::default()).unwrap()
}

pub(crate) fn now_ms() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis().try_into().unwrap()
}

pub(crate) fn start<'a>(server: &'a str, principal: &'a str) -> SessionStart<'a> {
    SessionStart {
        started_ms: now_ms(),
        principal,
        server,
        command: "npx server --token [REDACTED:token]",
        policy_hash: "5f3c0a",
        profile: "balanced",
        pid: std::process::id(),
    }
}

pub(crate) fn record(id: DecisionId, session: SessionId) -> Record<'static> {
    Record {
        id,
        session,
        kind: Kind::Frame,
        direction: Some(Direction::ClientToServer),
        era: Some(Era::of_date(2025, 11, 25)),
        method: Some("tools/call"),
        target: Some("read_text_file"),
        verdict: Verdict::Allow,
        would: None,
        findings: None,
        guard_us: 7,
        round_trip_us: None,
        bytes: 312,
    }
}

pub(crate) fn batch(ids: &mut Ids, session: SessionId, count: usize) -> Vec<Record<'static>> {
    (0..count).map(|_| record(ids.next(now_ms()), session)).collect()
}

pub(crate) fn set_mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

pub(crate) fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

/// Runs the ignored test `name` of this binary in a process of its own, on the audit at `file`.
pub(crate) fn child(name: &str, file: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", name, "--ignored", "--nocapture"]).env(CHILD_FILE, file);
    command
}

/// The audit a child works on.
pub(crate) fn child_file() -> PathBuf {
    std::env::var_os(CHILD_FILE).expect("started by another test").into()
}

const CHILD_FILE: &str = "STORE_TEST_FILE";
