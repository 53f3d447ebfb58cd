use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, params};

use crate::record::cut;
use crate::{SessionId, SessionStart, TEXT_CAP};

/// The sessions of this process that have not ended.
#[derive(Debug, Default)]
pub(super) struct Sessions {
    open: Beats,
    /// Rows given in a new file to sessions of a deleted one; empty unless that happened.
    moved: HashMap<SessionId, i64>,
}

/// The rows whose last sign of life must be kept fresh, so that retention spares them.
pub(super) type Beats = Arc<Mutex<Vec<Open>>>;

#[derive(Debug)]
pub(super) struct Open {
    id: SessionId,
    row: i64,
    start: OwnedStart,
}

#[derive(Debug)]
struct OwnedStart {
    started_ms: i64,
    texts: [String; 5],
    pid: u32,
}

impl Sessions {
    pub(super) fn beats(&self) -> Beats {
        Arc::clone(&self.open)
    }

    /// The row that records of a session refer to.
    pub(super) fn row(&self, session: SessionId) -> i64 {
        if self.moved.is_empty() {
            return session.row();
        }
        self.moved.get(&session).copied().unwrap_or(session.row())
    }

    pub(super) fn start(&self, conn: &Connection, start: &SessionStart<'_>) -> rusqlite::Result<SessionId> {
        let start = OwnedStart::of(start);
        let row = start.insert(conn, None)?;
        let id = SessionId::from_row(row);
        lock(&self.open).push(Open { id, row, start });
        Ok(id)
    }

    pub(super) fn end(&mut self, conn: &Connection, session: SessionId, now_ms: u64) -> rusqlite::Result<()> {
        // Off the list first, lest a sign of life overwrite the end.
        lock(&self.open).retain(|open| open.id != session);
        see(conn, self.row(session), now_ms)?;
        self.moved.remove(&session);
        Ok(())
    }

    /// Gives the open sessions rows in a file that replaced theirs.
    pub(super) fn carry_over(&mut self, conn: &Connection) -> rusqlite::Result<()> {
        let mut open = lock(&self.open);
        let all = conn.unchecked_transaction()?;
        for session in open.iter_mut() {
            session.row = session.start.insert(&all, None)?;
            self.moved.insert(session.id, session.row);
        }
        all.commit()
    }
}

/// Notes that the open sessions are alive, restoring the row of any that retention took for dead.
pub(super) fn beat(conn: &Connection, beats: &Beats, now_ms: u64) -> rusqlite::Result<()> {
    for session in lock(beats).iter() {
        if see(conn, session.row, now_ms)? == 0 {
            session.start.insert(conn, Some(session.row))?;
        }
    }
    Ok(())
}

fn see(conn: &Connection, row: i64, now_ms: u64) -> rusqlite::Result<usize> {
    conn.execute("UPDATE sessions SET seen_ms=?2 WHERE id=?1", params![row, now_ms.cast_signed()])
}

impl OwnedStart {
    fn of(start: &SessionStart<'_>) -> Self {
        let texts = [start.principal, start.server, start.command, start.policy_hash, start.profile];
        Self {
            started_ms: start.started_ms.cast_signed(),
            texts: texts.map(|text| cut(text, TEXT_CAP).to_owned()),
            pid: start.pid,
        }
    }

    fn insert(&self, conn: &Connection, row: Option<i64>) -> rusqlite::Result<i64> {
        let [principal, server, command, policy_hash, profile] = &self.texts;
        conn.execute(
            "INSERT INTO sessions VALUES(?1,?2,?2,?3,?4,?5,?6,?7,?8)",
            params![row, self.started_ms, principal, server, command, policy_hash, profile, self.pid],
        )?;
        Ok(conn.last_insert_rowid())
    }
}

fn lock(beats: &Beats) -> MutexGuard<'_, Vec<Open>> {
    beats.lock().unwrap_or_else(PoisonError::into_inner)
}
