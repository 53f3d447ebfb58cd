use std::path::Path;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use super::place::Place;
use crate::AuditError;

/// Marks the file as ours (`PRAGMA application_id`): "MGau".
pub(crate) const APPLICATION_ID: i64 = 0x4d47_6175;
/// The newest schema this version knows (`PRAGMA user_version`).
pub(crate) const SCHEMA_VERSION: i64 = 1;

const PAGE_BYTES: u32 = 4096;

const SCHEMA: &str = "
CREATE TABLE sessions(
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    started_ms INTEGER NOT NULL,
    seen_ms INTEGER NOT NULL,
    principal TEXT NOT NULL,
    server TEXT NOT NULL,
    command TEXT NOT NULL,
    policy_hash TEXT NOT NULL,
    profile TEXT NOT NULL,
    pid INTEGER NOT NULL
);
CREATE TABLE records(
    id INTEGER PRIMARY KEY,
    session INTEGER,
    kind INTEGER,
    direction INTEGER,
    era INTEGER,
    method TEXT,
    target TEXT,
    verdict INTEGER,
    would INTEGER,
    findings TEXT,
    guard_us INTEGER,
    round_trip_us INTEGER,
    bytes INTEGER
);
";

/// Opens the file at `place` for writing, creating the schema in an empty one. Call it under
/// [`Place::lock`], after [`Place::claim`].
pub(super) fn open(
    place: &Place,
    prepare: impl FnOnce(&mut Connection) -> rusqlite::Result<()>,
) -> Result<Connection, AuditError> {
    let flags =
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    let path = place.file();
    let failed = |error: rusqlite::Error| AuditError::sqlite(path, &error);
    let mut conn = Connection::open_with_flags(path, flags).map_err(failed)?;
    prepare(&mut conn).map_err(failed)?;
    let empty = is_empty(path, &conn)?;
    configure(&mut conn, empty).map_err(failed)?;
    Ok(conn)
}

/// Whether the file has no schema yet; an error if it has one that is not ours.
fn is_empty(path: &Path, conn: &Connection) -> Result<bool, AuditError> {
    let failed = |error: rusqlite::Error| AuditError::sqlite(path, &error);
    let number = |sql: &str| conn.query_row(sql, [], |row| row.get::<_, i64>(0));
    let found = number("PRAGMA user_version").map_err(failed)?;
    if found == 0 {
        let tables = number("SELECT count(*) FROM sqlite_schema").map_err(failed)?;
        return match tables {
            0 => Ok(true),
            _ => Err(AuditError::NotAnAudit { path: path.to_owned() }),
        };
    }
    if number("PRAGMA application_id").map_err(failed)? != APPLICATION_ID {
        return Err(AuditError::NotAnAudit { path: path.to_owned() });
    }
    if found > SCHEMA_VERSION {
        return Err(AuditError::Newer { path: path.to_owned(), found, known: SCHEMA_VERSION });
    }
    Ok(false)
}

fn configure(conn: &mut Connection, empty: bool) -> rusqlite::Result<()> {
    // Closing must not checkpoint or delete files by name: the names may belong to a newer file.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    if empty {
        conn.pragma_update(None, "page_size", PAGE_BYTES)?;
    }
    conn.query_row("PRAGMA journal_mode=WAL", [], |_| Ok(()))?;
    conn.execute_batch("PRAGMA synchronous=NORMAL; PRAGMA cache_size=-512;")?;
    if empty {
        let schema = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        schema.execute_batch(SCHEMA)?;
        schema.pragma_update(None, "application_id", APPLICATION_ID)?;
        schema.pragma_update(None, "user_version", SCHEMA_VERSION)?;
        schema.commit()?;
    }
    Ok(())
}
