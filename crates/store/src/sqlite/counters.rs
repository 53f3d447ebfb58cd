use std::path::Path;

use rusqlite::{Connection, OptionalExtension, Row};

use super::place::Place;
use super::schema::STATE;
use super::writer::Writer;
use crate::counters::{Bucket, take_all};
use crate::{Boot, Charge, Consumed, Counters, Moment, StoreError};

/// Questions between two rounds of tidying.
const ROUND: u32 = 4_096;

/// Buckets in an SQLite file that any number of guards share.
///
/// * A question is one transaction. A crash of the process forgets no answer, a crash of the machine may
///   forget the last ones (`synchronous=NORMAL`).
/// * Waits up to 500 ms for a lock another process holds, then 20 ms a question until one succeeds.
/// * If the file is deleted, moved or replaced, the next question goes to a new one at the same path.
/// * A bucket that is full again is no longer kept.
#[derive(Debug)]
pub struct SqliteCounters<C = fn() -> Moment> {
    place: Place,
    writer: Option<Writer>,
    clock: C,
    asked: u32,
}

impl SqliteCounters {
    /// Opens the state at `path`, creating the file (mode 0600) and its folder (0700) if missing.
    ///
    /// # Errors
    /// As [`SqliteAudit::open`](crate::SqliteAudit::open).
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        Self::with_clock(path, Moment::now)
    }
}

impl<C: Fn() -> Moment> SqliteCounters<C> {
    /// As [`SqliteCounters::open`], with a clock of the caller's choice. All who share a file must see the same time.
    ///
    /// # Errors
    /// As there.
    pub fn with_clock(path: &Path, clock: C) -> Result<Self, StoreError> {
        let place = Place::prepare(path)?;
        let writer = Writer::open(&place, &STATE)?;
        let mut counters = Self { place, writer: Some(writer), clock, asked: 0 };
        counters.tidy();
        Ok(counters)
    }
}

impl<C: Fn() -> Moment> Counters for SqliteCounters<C> {
    fn consume(&mut self, charges: &[Charge<'_>]) -> Result<Consumed, StoreError> {
        if charges.is_empty() {
            return Ok(Consumed::Taken);
        }
        let clock = &self.clock;
        let writer = writer(&mut self.writer, &self.place)?;
        let consumed = writer.run(|conn| question(conn, charges, clock))?;
        self.asked += 1;
        if self.asked >= ROUND {
            self.tidy();
        }
        Ok(consumed)
    }
}

impl<C: Fn() -> Moment> SqliteCounters<C> {
    /// Forgets what is full again and empties the log. What fails here is done in the next round.
    fn tidy(&mut self) {
        self.asked = 0;
        let now = (self.clock)();
        if let Some(writer) = &mut self.writer {
            let _ =
                writer.run(|conn| conn.execute(FORGET, (now.boot.0, ns(now.since_boot_ns), ns(now.wall_ns))));
            writer.empty_wal();
        }
    }
}

impl<C> Drop for SqliteCounters<C> {
    fn drop(&mut self) {
        if let Some(writer) = self.writer.take() {
            writer.finish();
        }
    }
}

/// The writer, to a new file if the path leads to one.
fn writer<'w>(writer: &'w mut Option<Writer>, place: &Place) -> Result<&'w mut Writer, StoreError> {
    if writer.as_ref().is_none_or(|writer| !writer.in_place()) {
        *writer = None;
        *writer = Some(Writer::open(place, &STATE)?);
    }
    writer.as_mut().ok_or_else(|| StoreError::Replaced { path: place.file().to_owned() })
}

const LOAD: &str = "SELECT boot,at_ns,wall_ns,full_ns,full_part FROM buckets WHERE key=?1";
const KEEP: &str = "INSERT OR REPLACE INTO buckets VALUES(?1,?2,?3,?4,?5,?6)";
const FORGET: &str = "DELETE FROM buckets WHERE
    CASE WHEN boot=?1 THEN full_ns<?2 ELSE wall_ns+(full_ns-at_ns)<?3 END";

fn question(
    conn: &Connection,
    charges: &[Charge<'_>],
    clock: impl Fn() -> Moment,
) -> rusqlite::Result<Consumed> {
    conn.prepare_cached("BEGIN IMMEDIATE")?.raw_execute()?;
    // Read under the lock, so that time never runs backwards from one question to the next.
    let now = clock();
    let mut buckets = Vec::with_capacity(charges.len());
    for charge in charges {
        buckets.push(load(conn, charge.key, &now)?);
    }
    let consumed = take_all(charges, &mut buckets, now.since_boot_ns);
    if consumed == Consumed::Taken {
        for (charge, bucket) in charges.iter().zip(&buckets) {
            keep(conn, charge.key, *bucket, &now)?;
        }
    }
    conn.prepare_cached("COMMIT")?.raw_execute()?;
    Ok(consumed)
}

fn load(conn: &Connection, key: &str, now: &Moment) -> rusqlite::Result<Bucket> {
    let found = conn.prepare_cached(LOAD)?.query_row([key], |row| {
        let bucket = Bucket { at_ns: back(row, 1)?, full_ns: back(row, 3)?, full_part: row.get(4)? };
        let then = Moment { boot: Boot(row.get(0)?), since_boot_ns: bucket.at_ns, wall_ns: back(row, 2)? };
        Ok((then, bucket))
    });
    let Some((then, bucket)) = found.optional()? else { return Ok(Bucket::default()) };
    if now.follows(&then) {
        return Ok(bucket);
    }
    let carried = bucket.carried_over(&then, now);
    // From here on the clock counts that nobody can set, whether or not the request is admitted.
    keep(conn, key, carried, now)?;
    Ok(carried)
}

fn keep(conn: &Connection, key: &str, bucket: Bucket, now: &Moment) -> rusqlite::Result<()> {
    let (at, wall, full) = (ns(bucket.at_ns), ns(now.wall_ns), ns(bucket.full_ns));
    conn.prepare_cached(KEEP)?.execute((key, now.boot.0, at, wall, full, bucket.full_part))?;
    Ok(())
}

/// SQLite's integers have a sign.
fn ns(ns: u64) -> i64 {
    i64::try_from(ns).unwrap_or(i64::MAX)
}

fn back(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    Ok(row.get::<_, i64>(column)?.max(0).cast_unsigned())
}
