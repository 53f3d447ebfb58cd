//! Reading the audit while guards write it.

mod entry;
mod filter;
mod follow;

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags, params_from_iter};

pub use entry::{Entry, SessionInfo};
pub use filter::Filter;
pub use follow::Follow;

use crate::sqlite::AUDIT;
use crate::{DecisionId, StoreError};
use entry::Loader;

/// Reads an audit file. Never changes it and never keeps a guard from writing.
#[derive(Debug)]
pub struct AuditReader {
    path: PathBuf,
    conn: Connection,
}

impl AuditReader {
    /// Opens the audit at `path`.
    ///
    /// # Errors
    /// [`StoreError::Missing`] if there is no file; else it is damaged, no audit, of a newer
    /// version, or not readable for us.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        if !path.exists() {
            return Err(StoreError::Missing { path: path.to_owned() });
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let failed = |error: rusqlite::Error| StoreError::sqlite(path, &error);
        let conn = Connection::open_with_flags(path, flags).map_err(failed)?;
        let number = |sql: &str| conn.query_row(sql, [], |row| row.get::<_, i64>(0));
        if number("PRAGMA application_id").map_err(failed)? != AUDIT.application_id {
            return Err(StoreError::NotOurs { path: path.to_owned() });
        }
        let found = number("PRAGMA user_version").map_err(failed)?;
        if found > AUDIT.version {
            return Err(StoreError::Newer { path: path.to_owned(), found, known: AUDIT.version });
        }
        Ok(Self { path: path.to_owned(), conn })
    }

    /// The newest entries that pass `filter`, oldest of them first.
    ///
    /// # Errors
    /// The file cannot be read, or holds a code this version does not know.
    pub fn query(&self, filter: &Filter) -> Result<Vec<Entry>, StoreError> {
        let (sql, values) = filter.to_sql();
        let failed = |error: rusqlite::Error| StoreError::sqlite(&self.path, &error);
        let mut statement = self.conn.prepare_cached(&sql).map_err(failed)?;
        let mut rows = statement.query(params_from_iter(values)).map_err(failed)?;
        let mut loader = Loader::new(&self.path);
        let mut entries = Vec::new();
        while let Some(row) = rows.next().map_err(failed)? {
            entries.push(loader.load(row)?);
        }
        entries.reverse();
        Ok(entries)
    }

    /// The entry of one decision, or `None` if there is none (or no longer).
    ///
    /// # Errors
    /// As for [`AuditReader::query`].
    pub fn get(&self, id: DecisionId) -> Result<Option<Entry>, StoreError> {
        let filter = Filter { id: Some(id), ..Filter::default() };
        Ok(self.query(&filter)?.pop())
    }

    /// Watches for entries that pass `filter` and are written from now on.
    ///
    /// # Errors
    /// As for [`AuditReader::query`].
    pub fn follow(&self, filter: Filter) -> Result<Follow<'_>, StoreError> {
        Follow::new(self, filter)
    }
}
