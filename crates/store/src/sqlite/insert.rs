use rusqlite::{Connection, Statement};

use crate::record::cut;
use crate::{FINDINGS_CAP, Record, SessionId, TEXT_CAP};

const COLUMNS: usize = 13;
const ONE: &str = "INSERT OR ROLLBACK INTO records VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?)";

/// Inserts all of `batch` or nothing; `row_of` gives the row of a session.
pub(super) fn batch(
    conn: &Connection,
    batch: &[Record<'_>],
    row_of: impl Fn(SessionId) -> i64,
) -> rusqlite::Result<()> {
    if let [record] = batch {
        let mut insert = conn.prepare_cached(ONE)?;
        bind(&mut insert, 0, record, row_of(record.session))?;
        insert.raw_execute()?;
        return Ok(());
    }
    conn.prepare_cached("BEGIN IMMEDIATE")?.raw_execute()?;
    let mut insert = conn.prepare_cached(ONE)?;
    for record in batch {
        bind(&mut insert, 0, record, row_of(record.session))?;
        insert.raw_execute()?;
    }
    conn.prepare_cached("COMMIT")?.raw_execute()?;
    Ok(())
}

fn bind(insert: &mut Statement<'_>, nth: usize, record: &Record<'_>, session: i64) -> rusqlite::Result<()> {
    let mut at = nth * COLUMNS;
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
    insert.raw_bind_parameter(next(), i64::try_from(record.bytes).unwrap_or(i64::MAX))
}
