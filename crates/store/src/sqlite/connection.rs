use std::path::Path;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use super::place::Place;
use super::schema::Schema;
use crate::StoreError;

/// Opens the file at `place` for writing, creating the schema in an empty one. Call it under
/// [`Place::lock`], after [`Place::claim`].
pub(super) fn open(
    place: &Place,
    schema: &Schema,
    prepare: impl FnOnce(&mut Connection) -> rusqlite::Result<()>,
) -> Result<Connection, StoreError> {
    let flags =
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    let path = place.file();
    let failed = |error: rusqlite::Error| StoreError::sqlite(path, &error);
    let mut conn = Connection::open_with_flags(path, flags).map_err(failed)?;
    prepare(&mut conn).map_err(failed)?;
    let empty = is_empty(path, schema, &conn)?;
    configure(&mut conn, empty.then_some(schema)).map_err(failed)?;
    Ok(conn)
}

/// Whether the file has no schema yet; an error if it has one that is not ours.
fn is_empty(path: &Path, schema: &Schema, conn: &Connection) -> Result<bool, StoreError> {
    let failed = |error: rusqlite::Error| StoreError::sqlite(path, &error);
    let number = |sql: &str| conn.query_row(sql, [], |row| row.get::<_, i64>(0));
    let found = number("PRAGMA user_version").map_err(failed)?;
    if found == 0 {
        let tables = number("SELECT count(*) FROM sqlite_schema").map_err(failed)?;
        return match tables {
            0 => Ok(true),
            _ => Err(StoreError::NotOurs { path: path.to_owned() }),
        };
    }
    if number("PRAGMA application_id").map_err(failed)? != schema.application_id {
        return Err(StoreError::NotOurs { path: path.to_owned() });
    }
    if found > schema.version {
        return Err(StoreError::Newer { path: path.to_owned(), found, known: schema.version });
    }
    Ok(false)
}

/// Sets up the connection, and a file that is empty yet by `create`.
fn configure(conn: &mut Connection, create: Option<&Schema>) -> rusqlite::Result<()> {
    // Closing must not checkpoint or delete files by name: the names may belong to a newer file.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    if let Some(schema) = create {
        conn.pragma_update(None, "page_size", schema.page_bytes)?;
    }
    conn.query_row("PRAGMA journal_mode=WAL", [], |_| Ok(()))?;
    conn.execute_batch("PRAGMA synchronous=NORMAL; PRAGMA cache_size=-512;")?;
    if let Some(schema) = create {
        let creation = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        creation.execute_batch(schema.tables)?;
        creation.pragma_update(None, "application_id", schema.application_id)?;
        creation.pragma_update(None, "user_version", schema.version)?;
        creation.commit()?;
    }
    Ok(())
}
