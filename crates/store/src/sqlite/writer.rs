use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Instant;

use rusqlite::Connection;

use super::connection;
use super::patience::{self, IMPATIENT, Patience};
use super::place::{Identity, Place};
use super::schema::Schema;
use crate::StoreError;

const COPY: &str = "PRAGMA wal_checkpoint(PASSIVE)";
/// Leaves starting anew to the next commit, which gives up if at that moment another guard reads. A file that is written
/// over costs half of what one costs that grows.
const START_ANEW: &str = "PRAGMA wal_checkpoint(RESTART)";
const EMPTY: &str = "PRAGMA wal_checkpoint(TRUNCATE)";

/// The one connection that writes.
#[derive(Debug)]
pub(super) struct Writer {
    conn: Connection,
    place: Place,
    identity: Option<Identity>,
    patience: Patience,
    wal_pages: Arc<AtomicU32>,
}

#[derive(PartialEq, Eq)]
enum Checkpoint {
    Tried,
    MadeElsewhere,
}

impl Writer {
    pub(super) fn open(place: &Place, schema: &Schema) -> Result<Self, StoreError> {
        let lock = place.lock()?;
        place.claim()?;
        let patience = Patience::default();
        let mut conn = connection::open(place, schema, |conn| patience.govern(conn))?;
        let identity = place.identity();
        drop(lock);
        let wal_pages = Arc::new(AtomicU32::new(0));
        let seen = Arc::clone(&wal_pages);
        // Takes the place of SQLite's own automatic checkpoint, which would stall this connection.
        conn.wal_hook(Some(move |_: &mut _, pages: i32| {
            seen.store(pages.unsigned_abs(), Ordering::Relaxed);
            Ok(())
        }))
        .map_err(|error| StoreError::sqlite(place.file(), &error))?;
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
    ) -> Result<T, StoreError> {
        match transaction(&self.conn) {
            Ok(done) => {
                self.patience.regain();
                Ok(done)
            }
            Err(error) => Err(self.roll_back(&error)),
        }
    }

    pub(super) fn in_transaction(&self) -> bool {
        !self.conn.is_autocommit()
    }

    /// Pages in the write-ahead log after the last commit.
    pub(super) fn wal_pages(&self) -> u32 {
        self.wal_pages.load(Ordering::Relaxed)
    }

    /// Moves the write-ahead log into the database, and has the next commit write it from its start. Gives up as
    /// [`Writer::empty_wal`] does.
    pub(super) fn start_wal_anew(&self) {
        self.insist(START_ANEW);
    }

    /// Empties the write-ahead log into the database. Gives up when readers or other writers stay
    /// in the way: later commits try again.
    pub(super) fn empty_wal(&self) {
        self.insist(EMPTY);
    }

    fn insist(&self, checkpoint: &str) {
        self.patience.lose();
        let since = Instant::now();
        // SQLite does not wait for a checkpoint that is being made elsewhere; writing on meanwhile
        // would let the log outgrow any limit.
        while self.checkpoint(checkpoint) == Checkpoint::MadeElsewhere && since.elapsed() < IMPATIENT {
            patience::pause();
        }
        self.patience.regain();
    }

    /// Moves what it can of the write-ahead log into the database, without keeping others from writing.
    pub(super) fn copy_wal(&self) {
        self.checkpoint(COPY);
    }

    /// Closes after emptying the write-ahead log as far as others let us.
    pub(super) fn finish(self) {
        if self.in_place() {
            // The long part first.
            self.copy_wal();
            self.empty_wal();
        }
    }

    fn checkpoint(&self, sql: &str) -> Checkpoint {
        match self.conn.query_row(sql, [], |row| row.get(1)) {
            Ok(-1_i64) => Checkpoint::MadeElsewhere,
            // Best effort by design: what stays in the log is as durable as what is moved.
            Ok(_) | Err(_) => Checkpoint::Tried,
        }
    }

    #[cold]
    fn roll_back(&self, error: &rusqlite::Error) -> StoreError {
        if !self.conn.is_autocommit() {
            // The error that led here is the one to report.
            let _ = self.conn.execute_batch("ROLLBACK");
        }
        let error = StoreError::sqlite(self.place.file(), error);
        if matches!(error, StoreError::Locked { .. }) {
            self.patience.lose();
        }
        error
    }
}
