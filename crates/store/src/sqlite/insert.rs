use std::sync::LazyLock;

use rusqlite::{Connection, Statement};

use crate::record::cut;
use crate::{FINDINGS_CAP, Record, SessionId, TEXT_CAP};

const ROW: &str = "(?,?,?,?,?,?,?,?,?,?,?,?,?)";

/// Rows per statement, most first. One statement for many rows spares the start of each and half
/// of the searches for the end of the table.
const ROWS: [usize; 4] = [64, 16, 4, 1];

static STATEMENTS: LazyLock<[String; ROWS.len()]> = LazyLock::new(|| {
    ROWS.map(|rows| format!("INSERT OR ROLLBACK INTO records VALUES{}", vec![ROW; rows].join(",")))
});

/// Inserts all of `batch` or nothing; `row_of` gives the row of a session.
pub(super) fn batch(
    conn: &Connection,
    batch: &[Record<'_>],
    row_of: impl Fn(SessionId) -> i64,
) -> rusqlite::Result<()> {
    // A single statement is a transaction of its own, and cheaper than an explicit one.
    let explicit = !ROWS.contains(&batch.len());
    if explicit {
        conn.prepare_cached("BEGIN IMMEDIATE")?.raw_execute()?;
    }
    rows(conn, batch, row_of)?;
    if explicit {
        conn.prepare_cached("COMMIT")?.raw_execute()?;
    }
    Ok(())
}

/// Inserts `batch` as a part of the transaction that is open, if one is.
pub(super) fn rows(
    conn: &Connection,
    batch: &[Record<'_>],
    row_of: impl Fn(SessionId) -> i64,
) -> rusqlite::Result<()> {
    let mut left = batch;
    for (rows, sql) in ROWS.into_iter().zip(STATEMENTS.iter()) {
        if left.len() < rows {
            continue;
        }
        let mut insert = conn.prepare_cached(sql)?;
        while let Some((now, rest)) = left.split_at_checked(rows) {
            let mut at = 0;
            for record in now {
                at = bind(&mut insert, at, record, row_of(record.session))?;
            }
            insert.raw_execute()?;
            left = rest;
        }
    }
    Ok(())
}

/// Binds a record to the parameters after the one numbered `at`; returns the last it bound.
fn bind(
    insert: &mut Statement<'_>,
    mut at: usize,
    record: &Record<'_>,
    session: i64,
) -> rusqlite::Result<usize> {
    let mut next = || {
        at += 1;
        at
    };
    insert.raw_bind_parameter(next(), record.id.key())?;
    insert.raw_bind_parameter(next(), session)?;
    insert.raw_bind_parameter(next(), record.kind.code())?;
    insert.raw_bind_parameter(next(), record.direction.map(|direction| direction.code()))?;
    insert.raw_bind_parameter(next(), record.era.map(|era| era.code()))?;
    insert.raw_bind_parameter(next(), record.method.map(|method| cut(method, TEXT_CAP)))?;
    insert.raw_bind_parameter(next(), record.target.map(|target| cut(target, TEXT_CAP)))?;
    insert.raw_bind_parameter(next(), record.verdict.code())?;
    insert.raw_bind_parameter(next(), record.would.map(|would| would.code()))?;
    insert.raw_bind_parameter(next(), record.findings.map(|findings| cut(findings, FINDINGS_CAP)))?;
    insert.raw_bind_parameter(next(), record.guard_us)?;
    insert.raw_bind_parameter(next(), record.round_trip_us)?;
    insert.raw_bind_parameter(next(), i64::try_from(record.bytes).unwrap_or(i64::MAX))?;
    Ok(at)
}
