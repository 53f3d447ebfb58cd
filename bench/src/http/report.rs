//! The figures of a run, as Markdown.

use std::fmt::{self, Write as _};

use super::crowd;
use super::load::Pace;
use super::measure::Row;
use crate::report::{header, range};

/// The table of all kinds of load.
pub(crate) fn loads(rows: &[Row]) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = write_loads(&mut out, rows);
    out
}

/// The table of idle sessions.
pub(crate) fn crowds(rows: &[crowd::Row]) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = write_crowds(&mut out, rows);
    out
}

fn write_crowds(out: &mut String, rows: &[crowd::Row]) -> fmt::Result {
    writeln!(out, "\n### Idle sessions\n")?;
    header(out, &["arm", "each keeps", "sessions", "RSS, MiB", "KB for each more"])?;
    for row in rows {
        let mut before = None;
        for &(sessions, resident) in &row.steps {
            write!(out, "| {} | {} | {sessions} | {resident:.1} ", row.arm, row.kept.name())?;
            match before.replace((sessions, resident)) {
                Some((fewer, less)) => {
                    let more = (resident - less) * 1024.0 * 1024.0 / 1000.0 / (sessions - fewer) as f64;
                    writeln!(out, "| {more:.1} |")?;
                }
                None => writeln!(out, "| |")?,
            }
        }
    }
    Ok(())
}

fn write_loads(out: &mut String, rows: &[Row]) -> fmt::Result {
    writeln!(out, "\n### `tools/call`, µs, medians of rounds\n")?;
    let columns = [
        "load",
        "arm",
        "calls/s",
        "of bare",
        "min … max",
        "p50",
        "p99",
        "added p50",
        "added p99",
        "× bare's added p50",
        "min … max",
        "its CPU",
    ];
    header(out, &columns)?;
    for row in rows {
        for (index, arm) in row.arms.iter().enumerate() {
            write!(out, "| {} | {} | {:.0} ", row.shape.name(), arm.arm, arm.rate.median)?;
            if row.shape.pace == Pace::Full {
                write!(out, "| {:.2} | {} ", arm.of_bare.median, range(arm.of_bare, 2))?;
            } else {
                write!(out, "| | ")?;
            }
            write!(out, "| {:.0} | {:.0} ", arm.p50.median, arm.p99.median)?;
            if index == 0 {
                writeln!(out, "| | | | | |")?;
                continue;
            }
            write!(out, "| {:+.0} | {:+.0} ", arm.added_p50.median, arm.added_p99.median)?;
            writeln!(
                out,
                "| {:.2} | {} | {:.1} |",
                arm.bares.median,
                range(arm.bares, 2),
                arm.processor.median
            )?;
        }
    }
    Ok(())
}
