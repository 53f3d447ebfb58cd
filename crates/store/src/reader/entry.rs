use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use rusqlite::Row;

use crate::{DecisionId, Direction, Era, Kind, StoreError, Verdict};

/// One record with its session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The decision; carries the time.
    pub id: DecisionId,
    /// A frame or which event.
    pub kind: Kind,
    /// `None` for events that travel nowhere.
    pub direction: Option<Direction>,
    /// The protocol revision, if it was known.
    pub era: Option<Era>,
    /// The JSON-RPC method; for a response the one it answers.
    pub method: Option<String>,
    /// Tool name, resource URI or prompt name, masked.
    pub target: Option<String>,
    /// What became of it.
    pub verdict: Verdict,
    /// What would have become of it under an enforcing profile, where that differs.
    pub would: Option<Verdict>,
    /// The findings as JSON; cut, and then perhaps no valid JSON, if they were very long.
    pub findings: Option<String>,
    /// Time spent deciding, in microseconds.
    pub guard_us: u64,
    /// For a response: time since its request was forwarded, in microseconds.
    pub round_trip_us: Option<u64>,
    /// Size of the frame as it was read, in bytes.
    pub bytes: u64,
    /// The session, unless its row is gone.
    pub session: Option<Arc<SessionInfo>>,
}

/// A guarded session as it was started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionInfo {
    /// The row in the `sessions` table.
    pub row: i64,
    /// Milliseconds since 1970.
    pub started_ms: u64,
    /// Who used the guard.
    pub principal: String,
    /// The server's name in the configuration.
    pub server: String,
    /// The server's command line, masked.
    pub command: String,
    /// Hash of the compiled policy.
    pub policy_hash: String,
    /// The profile in force.
    pub profile: String,
    /// The guard's process id.
    pub pid: u32,
}

/// The columns [`Loader::load`] reads, in its order.
pub(super) const COLUMNS: &str = "r.id, r.kind, r.direction, r.era, r.method, r.target, r.verdict, \
    r.would, r.findings, r.guard_us, r.round_trip_us, r.bytes, \
    s.id, s.started_ms, s.principal, s.server, s.command, s.policy_hash, s.profile, s.pid";

/// Turns rows into entries; entries of one session share what is known of it.
pub(super) struct Loader<'p> {
    path: &'p Path,
    sessions: HashMap<i64, Arc<SessionInfo>>,
}

impl<'p> Loader<'p> {
    pub(super) fn new(path: &'p Path) -> Self {
        Self { path, sessions: HashMap::new() }
    }

    pub(super) fn load(&mut self, row: &Row<'_>) -> Result<Entry, StoreError> {
        let failed = |error: rusqlite::Error| StoreError::sqlite(self.path, &error);
        let code = |at| row.get::<_, Option<i64>>(at).map_err(failed);
        let text = |at| row.get::<_, Option<String>>(at).map_err(failed);
        let count = |at| Ok(code(at)?.map_or(0, i64::unsigned_abs));
        let key = code(0)?.unwrap_or_default();
        let unknown = |column, code: Option<i64>| StoreError::UnknownCode {
            path: self.path.to_owned(),
            key,
            column,
            code: code.unwrap_or(-1),
        };
        let verdict = |at, column| match code(at)? {
            Some(code) => Verdict::from_code(code).map(Some).ok_or_else(|| unknown(column, Some(code))),
            None => Ok(None),
        };
        let kind = code(1)?;
        let direction = code(2)?;
        Ok(Entry {
            id: DecisionId::from_key(key).ok_or_else(|| unknown("id", Some(key)))?,
            kind: kind.and_then(Kind::from_code).ok_or_else(|| unknown("kind", kind))?,
            direction: match direction {
                Some(code) => {
                    Some(Direction::from_code(code).ok_or_else(|| unknown("direction", direction))?)
                }
                None => None,
            },
            era: code(3)?.and_then(Era::from_code),
            method: text(4)?,
            target: text(5)?,
            verdict: verdict(6, "verdict")?.ok_or_else(|| unknown("verdict", None))?,
            would: verdict(7, "would")?,
            findings: text(8)?,
            guard_us: count(9)?,
            round_trip_us: code(10)?.map(i64::unsigned_abs),
            bytes: count(11)?,
            session: self.session(row).map_err(failed)?,
        })
    }

    fn session(&mut self, row: &Row<'_>) -> rusqlite::Result<Option<Arc<SessionInfo>>> {
        let Some(id) = row.get::<_, Option<i64>>(12)? else {
            return Ok(None);
        };
        if let Some(known) = self.sessions.get(&id) {
            return Ok(Some(Arc::clone(known)));
        }
        let info = Arc::new(SessionInfo {
            row: id,
            started_ms: row.get::<_, i64>(13)?.unsigned_abs(),
            principal: row.get(14)?,
            server: row.get(15)?,
            command: row.get(16)?,
            policy_hash: row.get(17)?,
            profile: row.get(18)?,
            pid: row.get(19)?,
        });
        self.sessions.insert(id, Arc::clone(&info));
        Ok(Some(info))
    }
}
