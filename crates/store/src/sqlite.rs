//! The audit and the state of limits, each in one SQLite file (WAL) that any number of guards share.

mod connection;
mod counters;
mod insert;
mod patience;
mod place;
mod retention;
mod schema;
mod sessions;
mod upkeep;
mod writer;

use std::path::Path;

use place::Place;
use sessions::Sessions;
use upkeep::{Remedy, Upkeep};
use writer::Writer;

pub use counters::SqliteCounters;
pub(crate) use schema::AUDIT;

use crate::{AuditSink, Record, SessionId, SessionStart, StoreError};

/// How the audit file is kept.
#[derive(Debug, Clone)]
pub struct AuditOptions {
    /// Records older than this many days are deleted; `None` keeps them for ever.
    pub retention_days: Option<u32>,
    /// Pages the write-ahead log grows by before a checkpoint is made in the background.
    pub checkpoint_pages: u32,
    /// Pages of write-ahead log at which the writer stops to make a checkpoint itself.
    pub wal_limit_pages: u32,
}

impl Default for AuditOptions {
    fn default() -> Self {
        Self { retention_days: None, checkpoint_pages: 4_000, wal_limit_pages: 16_000 }
    }
}

/// Writes records inline, one transaction per batch, to an SQLite file.
///
/// * A batch is on disk as a whole or not at all; a crash of the process loses no recorded batch,
///   a crash of the machine may lose the last ones (`synchronous=NORMAL`).
/// * Waits up to 500 ms for a lock another process holds, then 20 ms per batch until one succeeds.
/// * If the file is deleted, moved or replaced, the next batch fails with
///   [`StoreError::Replaced`] and the one after it goes to a new file at the same path.
/// * Checkpoints and retention run on a thread of their own, which starts with the first record
///   and ends with this value.
#[derive(Debug)]
pub struct SqliteAudit {
    place: Place,
    options: AuditOptions,
    sessions: Sessions,
    upkeep: Option<Upkeep>,
    writer: Option<Writer>,
}

impl SqliteAudit {
    /// Opens the audit at `path`, creating the file (mode 0600) and its folder (0700) if missing.
    ///
    /// # Errors
    /// The folder or file can be written by others or belongs to somebody else; the file is
    /// damaged, of another program or of a newer version; no room; no permission. An existing file
    /// that cannot be used is never replaced.
    pub fn open(path: &Path, options: AuditOptions) -> Result<Self, StoreError> {
        let place = Place::prepare(path)?;
        let writer = Writer::open(&place, &AUDIT)?;
        Ok(Self { place, options, sessions: Sessions::default(), upkeep: None, writer: Some(writer) })
    }

    /// Writes the row of a session whose records follow.
    ///
    /// # Errors
    /// The session was not written; its frames must not leave.
    pub fn start_session(&mut self, start: &SessionStart<'_>) -> Result<SessionId, StoreError> {
        self.leave_if_replaced()?;
        let writer = ready(&mut self.writer, &self.place, &mut self.sessions)?;
        writer.run(|conn| self.sessions.start(conn, start))
    }

    /// Notes when a session ended, for retention. `now_ms` is in milliseconds since 1970.
    ///
    /// # Errors
    /// The time was not noted; the session and its records stay readable.
    pub fn end_session(&mut self, session: SessionId, now_ms: u64) -> Result<(), StoreError> {
        self.leave_if_replaced()?;
        let writer = ready(&mut self.writer, &self.place, &mut self.sessions)?;
        writer.run(|conn| self.sessions.end(conn, session, now_ms))
    }

    /// Closes a file the path no longer leads to, so that nothing is written where nobody looks.
    fn leave_if_replaced(&mut self) -> Result<(), StoreError> {
        if self.writer.as_ref().is_none_or(Writer::in_place) {
            return Ok(());
        }
        self.upkeep = None;
        self.writer = None;
        Err(StoreError::Replaced { path: self.place.file().to_owned() })
    }
}

impl SqliteAudit {
    /// Records all of `batch` or nothing of it.
    ///
    /// # Errors
    /// Nothing of it was recorded; the next call tries anew.
    pub fn write(&mut self, batch: &[Record<'_>]) -> Result<(), StoreError> {
        if batch.is_empty() {
            return Ok(());
        }
        self.leave_if_replaced()?;
        let writer = ready(&mut self.writer, &self.place, &mut self.sessions)?;
        let sessions = &self.sessions;
        writer.run(|conn| insert::batch(conn, batch, |session| sessions.row(session)))?;
        self.after_commit();
        Ok(())
    }

    /// Adds `batch` to the open transaction, or to a new one. On an error nothing stays of the transaction.
    pub(crate) fn add(&mut self, batch: &[Record<'_>]) -> Result<(), StoreError> {
        let goes_on = self.writer.as_ref().is_some_and(Writer::in_transaction);
        if !goes_on {
            self.leave_if_replaced()?;
        }
        let writer = ready(&mut self.writer, &self.place, &mut self.sessions)?;
        let sessions = &self.sessions;
        writer.run(|conn| {
            if !goes_on {
                conn.prepare_cached("BEGIN IMMEDIATE")?.raw_execute()?;
            }
            insert::rows(conn, batch, |session| sessions.row(session))
        })
    }

    /// Commits the open transaction.
    pub(crate) fn commit(&mut self) -> Result<(), StoreError> {
        let writer = ready(&mut self.writer, &self.place, &mut self.sessions)?;
        writer.run(|conn| conn.prepare_cached("COMMIT")?.raw_execute())?;
        self.after_commit();
        Ok(())
    }

    fn after_commit(&mut self) {
        let Some(writer) = &self.writer else { return };
        let upkeep = self
            .upkeep
            .get_or_insert_with(|| Upkeep::start(writer.file(), &self.options, self.sessions.beats()));
        match upkeep.after_commit(writer.wal_pages()) {
            Some(Remedy::StartAnew) => writer.start_wal_anew(),
            Some(Remedy::Empty) => writer.empty_wal(),
            None => {}
        }
    }
}

impl AuditSink for SqliteAudit {
    fn record(&mut self, batch: &[Record<'_>]) -> impl Future<Output = Result<(), StoreError>> + Send {
        std::future::ready(self.write(batch))
    }
}

impl Drop for SqliteAudit {
    fn drop(&mut self) {
        self.upkeep = None;
        if let Some(writer) = self.writer.take() {
            writer.finish();
        }
    }
}

/// The writer, opened anew if the file was replaced; sessions that are still open get new rows.
fn ready<'w>(
    writer: &'w mut Option<Writer>,
    place: &Place,
    sessions: &mut Sessions,
) -> Result<&'w mut Writer, StoreError> {
    if writer.is_none() {
        let mut opened = Writer::open(place, &AUDIT)?;
        opened.run(|conn| sessions.carry_over(conn))?;
        *writer = Some(opened);
    }
    writer.as_mut().ok_or_else(|| StoreError::Replaced { path: place.file().to_owned() })
}
