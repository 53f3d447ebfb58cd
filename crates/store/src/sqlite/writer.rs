use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use rusqlite::Connection;

use super::connection;
use super::patience::Patience;
use super::place::{Identity, Place};
use crate::AuditError;

/// The one connection that records.
#[derive(Debug)]
pub(super) struct Writer {
    conn: Connection,
    place: Place,
    identity: Option<Identity>,
    patience: Patience,
    wal_pages: Arc<AtomicU32>,
}

impl Writer {
    pub(super) fn open(place: &Place) -> Result<Self, AuditError> {
        let lock = place.lock()?;
        place.claim()?;
        let patience = Patience::default();
        let mut conn = connection::open(place, |conn| patience.govern(conn))?;
        let identity = place.identity();
        drop(lock);
        let wal_pages = Arc::new(AtomicU32::new(0));
        let seen = Arc::clone(&wal_pages);
        // Takes the place of SQLite's own automatic checkpoint, which would stall this connection.
        conn.wal_hook(Some(move |_: &mut _, pages: i32| {
            seen.store(pages.unsigned_abs(), Ordering::Relaxed);
            Ok(())
        }))
        .map_err(|error| AuditError::sqlite(place.file(), &error))?;
        Ok(Self { conn, place: place.clone(), identity, patience, wal_pages })
    }

    /// Whether the path still leads to the file this connection writes.
    pub(super) fn in_place(&self) -> bool {
        self.place.identity() == self.identity
    }

    /// The file this connection writes, for another connection to it.
    pub(super) fn file(&self) -> (Place, Option<Identity>) {
        (self.place.clone(), self.identity)
    }

    /// Runs one transaction; on an error nothing of it stays.
    pub(super) fn run<T>(
        &mut self,
        transaction: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, AuditError> {
        match transaction(&self.conn) {
            Ok(done) => {
                self.patience.regain();
                Ok(done)
            }
            Err(error) => Err(self.roll_back(&error)),
        }
    }

    /// Pages in the write-ahead log after the last commit.
    pub(super) fn wal_pages(&self) -> u32 {
        self.wal_pages.load(Ordering::Relaxed)
    }

    /// Copies the write-ahead log into the database so that the next commit starts it anew. Fails
    /// silently when readers or other writers are in the way: the next commits try again.
    pub(super) fn restart_wal(&self) {
        self.patience.lose();
        self.checkpoint("PRAGMA wal_checkpoint(RESTART)");
        self.patience.regain();
    }

    /// Closes after emptying the write-ahead log as far as others let us.
    pub(super) fn finish(self) {
        if self.in_place() {
            self.patience.lose();
            // The first does the long part without keeping other guards from writing.
            self.checkpoint("PRAGMA wal_checkpoint(PASSIVE)");
            self.checkpoint("PRAGMA wal_checkpoint(TRUNCATE)");
        }
    }

    fn checkpoint(&self, sql: &str) {
        // Best effort by design: what stays in the log is as durable as what is moved.
        let _ = self.conn.query_row(sql, [], |_| Ok(()));
    }

    #[cold]
    fn roll_back(&self, error: &rusqlite::Error) -> AuditError {
        if !self.conn.is_autocommit() {
            // The error that led here is the one to report.
            let _ = self.conn.execute_batch("ROLLBACK");
        }
        let error = AuditError::sqlite(self.place.file(), error);
        if matches!(error, AuditError::Locked { .. }) {
            self.patience.lose();
        }
        error
    }
}
