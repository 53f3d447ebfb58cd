use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::{Charge, Consumed, Counters, SqliteCounters, StoreError};

/// A handle on the counters of this process; clones share them. The file is opened, or created, with the first
/// question: without limits there is none.
#[derive(Debug, Clone)]
pub struct SharedCounters {
    path: PathBuf,
    open: Arc<Mutex<Option<SqliteCounters>>>,
}

impl SharedCounters {
    /// Counters in the file at `path`.
    pub fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), open: Arc::default() }
    }

    /// Opens the file now, for those who want to know at once whether that is possible.
    ///
    /// # Errors
    /// As [`SqliteCounters::open`].
    pub fn open(&self) -> Result<(), StoreError> {
        self.with(|_| Ok(()))
    }

    fn with<T>(
        &self,
        work: impl FnOnce(&mut SqliteCounters) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *open {
            Some(counters) => work(counters),
            none => work(none.insert(SqliteCounters::open(&self.path)?)),
        }
    }
}

impl Counters for SharedCounters {
    fn consume(&mut self, charges: &[Charge<'_>]) -> Result<Consumed, StoreError> {
        self.with(|counters| counters.consume(charges))
    }
}
