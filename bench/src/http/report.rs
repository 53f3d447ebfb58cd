//! The figures of a run, as Markdown.

use std::fmt::{self, Write as _};

use super::arm::GUARD;
use super::crowd;
use super::load::Pace;
use super::measure::Row;
use crate::report::{header, range};

/// The beginning of an error, fit for a table.
pub(crate) fn brief(error: &anyhow::Error) -> String {
    format!("{error:#}").replace(['\n', '\r', '|'], " ").chars().take(80).collect()
}

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

/// What the gateway is to reach, and whether it did in this run.
pub(crate) fn aims(rows: &[Row], crowds: &[crowd::Row]) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = write_aims(&mut out, rows, crowds);
    out
}

fn write_aims(out: &mut String, rows: &[Row], crowds: &[crowd::Row]) -> fmt::Result {
    writeln!(out, "\n### Against what we aim for\n")?;
    header(out, &["aim", "measured", "reached"])?;
    let reached = |reached| if reached { "yes" } else { "**no**" };
    for row in rows.iter().filter(|row| row.shape.bytes == 300 && row.shape.pace == Pace::Full) {
        let Some((_, Ok(guard))) = row.arms.iter().find(|(arm, _)| arm == GUARD) else { continue };
        let name = row.shape.name();
        if row.shape.connections == 1 {
            let ratio = guard.bares.median;
            writeln!(
                out,
                "| {name}: p50 at most 1.5 × what the bare proxy adds | {ratio:.2} × | {} |",
                reached(ratio <= 1.5)
            )?;
        }
        if row.shape.connections == 32 {
            let share = guard.of_bare.median;
            writeln!(
                out,
                "| {name}: at least 0.6 of the bare proxy's calls | {share:.2} | {} |",
                reached(share >= 0.6)
            )?;
        }
    }
    for row in crowds.iter().filter(|row| row.arm == GUARD) {
        let (kept, all) = (row.kept.name(), row.each_of_all());
        let last = row.each_more().last().unwrap_or_default();
        let linear = last <= 1.2 * all && row.failure.is_none();
        write!(out, "| an idle session that keeps {kept}: at most 30 KB, and no more for later ones ")?;
        writeln!(out, "| {all:.1}, the last ones {last:.1} | {} |", reached(linear && all <= 30.0))?;
    }
    Ok(())
}

fn write_crowds(out: &mut String, rows: &[crowd::Row]) -> fmt::Result {
    writeln!(out, "\n### Idle sessions\n")?;
    header(out, &["arm", "each keeps", "sessions", "RSS, MiB", "KB for each more"])?;
    for row in rows {
        let more = [String::new()].into_iter().chain(row.each_more().map(|more| format!("{more:.1} ")));
        for ((sessions, resident), more) in row.steps.iter().zip(more) {
            writeln!(out, "| {} | {} | {sessions} | {resident:.1} | {more}|", row.arm, row.kept.name())?;
        }
        if let Some(failure) = &row.failure {
            writeln!(out, "| {} | {} | failed: {failure} | | |", row.arm, row.kept.name())?;
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
        for (index, (name, arm)) in row.arms.iter().enumerate() {
            write!(out, "| {} | {name} ", row.shape.name())?;
            let arm = match arm {
                Ok(arm) => arm,
                Err(error) => {
                    writeln!(out, "| failed: {error} | | | | | | | | | |")?;
                    continue;
                }
            };
            write!(out, "| {:.0} ", arm.rate.median)?;
            // An arm that cannot keep up is ever later: its times are what it had of them when the block ended.
            let late = match row.shape.pace {
                Pace::Full => {
                    write!(out, "| {:.2} | {} ", arm.of_bare.median, range(arm.of_bare, 2))?;
                    ""
                }
                Pace::PerSecond(rate) => {
                    write!(out, "| | ")?;
                    if arm.rate.median < 0.95 * f64::from(rate) { "≥ " } else { "" }
                }
            };
            write!(out, "| {late}{:.0} | {late}{:.0} ", arm.p50.median, arm.p99.median)?;
            if index == 0 {
                writeln!(out, "| | | | | |")?;
                continue;
            }
            write!(out, "| {late}{:+.0} | {late}{:+.0} ", arm.added_p50.median, arm.added_p99.median)?;
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
