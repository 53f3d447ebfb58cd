use std::time::Duration;

use rusqlite::{Connection, OptionalExtension};

use super::upkeep::Bell;
use crate::DecisionId;

/// Rows deleted in one transaction: few enough that a guard waiting to write hardly notices.
const CHUNK: u32 = 500;
const BREATHER: Duration = Duration::from_millis(5);
const DAY_MS: u64 = 24 * 60 * 60 * 1000;
/// Open sessions give a sign of life each hour; give them the benefit of a day.
const SESSION_GRACE_MS: u64 = DAY_MS;

/// The moment before which records are deleted.
pub(super) fn cutoff_ms(now_ms: u64, days: u32) -> u64 {
    now_ms.saturating_sub(u64::from(days) * DAY_MS)
}

/// Deletes the records from before `cutoff_ms`, oldest first, and the sessions that ended before.
/// Stops early when the bell asks for it.
pub(super) fn run(conn: &Connection, bell: &Bell, cutoff_ms: u64) -> rusqlite::Result<()> {
    let end = DecisionId::first_at(cutoff_ms).key();
    let mut last =
        conn.prepare("SELECT max(id) FROM (SELECT id FROM records WHERE id<?1 ORDER BY id LIMIT ?2)")?;
    let mut delete = conn.prepare("DELETE FROM records WHERE id<=?1")?;
    while let Some(last) =
        last.query_row((end, CHUNK), |row| row.get::<_, Option<i64>>(0)).optional()?.flatten()
    {
        delete.execute([last])?;
        if bell.stops_within(BREATHER) {
            return Ok(());
        }
    }
    let dead = cutoff_ms.saturating_sub(SESSION_GRACE_MS).cast_signed();
    conn.execute("DELETE FROM sessions WHERE seen_ms<?1", [dead])?;
    Ok(())
}
