use std::collections::BTreeSet;

use super::{AuditReader, Entry, Filter};
use crate::{DecisionId, StoreError};

/// Guards take ids before they write, so a smaller id may appear after a greater one. Longer than
/// any guard waits for a lock.
const LATE_MS: u64 = 5_000;

/// Entries as they are written, each once.
#[derive(Debug)]
pub struct Follow<'r> {
    reader: &'r AuditReader,
    filter: Filter,
    newest: DecisionId,
    seen: BTreeSet<DecisionId>,
    version: Option<i64>,
}

impl<'r> Follow<'r> {
    pub(super) fn new(reader: &'r AuditReader, filter: Filter) -> Result<Self, StoreError> {
        let recent = reader.query(&Filter { limit: Some(1), ..Filter::default() })?;
        let newest = recent.first().map_or(DecisionId::first_at(0), |entry| entry.id);
        let mut follow = Self {
            reader,
            filter: Filter { limit: None, ..filter },
            newest,
            seen: BTreeSet::new(),
            version: None,
        };
        follow.poll()?;
        Ok(follow)
    }

    /// What was written since the last call, by id. Cheap when nothing was; the limit of the
    /// filter plays no part.
    ///
    /// # Errors
    /// As for [`AuditReader::query`].
    pub fn poll(&mut self) -> Result<Vec<Entry>, StoreError> {
        let version = self.data_version()?;
        if self.version == Some(version) {
            return Ok(Vec::new());
        }
        let floor = DecisionId::first_at(self.newest.unix_ms().saturating_sub(LATE_MS));
        let after_id = self.filter.after_id.max(Some(floor));
        let mut entries = self.reader.query(&Filter { after_id, ..self.filter.clone() })?;
        entries.retain(|entry| self.seen.insert(entry.id));
        if let Some(last) = entries.last() {
            self.newest = self.newest.max(last.id);
        }
        self.seen = self.seen.split_off(&floor);
        self.version = Some(version);
        Ok(entries)
    }

    /// Changes whenever another connection has committed.
    fn data_version(&self) -> Result<i64, StoreError> {
        let version = self.reader.conn.query_row("PRAGMA data_version", [], |row| row.get(0));
        version.map_err(|error| StoreError::sqlite(&self.reader.path, &error))
    }
}
