//! The figures of a run, as Markdown or JSON.

use std::fmt::{self, Write as _};

use serde::Serialize;

use crate::stats::Spread;
use crate::{latency, memory, pipelined, scan, startup};

/// All that one run measured.
#[derive(Serialize)]
pub(crate) struct Report {
    pub(crate) machine: String,
    pub(crate) command: String,
    /// Name and command of each arm.
    pub(crate) arms: Vec<(String, String)>,
    pub(crate) rounds: usize,
    pub(crate) latency: Vec<latency::Row>,
    pub(crate) pipelined: Vec<pipelined::Row>,
    pub(crate) scan: Vec<scan::Row>,
    pub(crate) startup: Vec<startup::Row>,
    pub(crate) memory: Vec<memory::Row>,
    pub(crate) size: Vec<Size>,
}

/// The program file of an arm.
#[derive(Serialize)]
pub(crate) struct Size {
    pub(crate) arm: String,
    pub(crate) mebibytes: f64,
}

impl Report {
    /// Tables for people.
    pub(crate) fn markdown(&self) -> String {
        let mut out = String::new();
        // Writing to a string cannot fail.
        let _ = self.write(&mut out);
        out
    }

    fn write(&self, out: &mut String) -> fmt::Result {
        writeln!(out, "Machine: {}.\n", self.machine)?;
        writeln!(
            out,
            "Command: `bench {}`, arms in alternating blocks, {} rounds:\n",
            self.command, self.rounds
        )?;
        for (name, command) in &self.arms {
            writeln!(out, "- {name}: `{command}`")?;
        }
        write_latency(out, &self.latency, self.arms.len())?;
        writeln!(out, "\n### Pipelined `tools/call`, {} in flight\n", pipelined::IN_FLIGHT)?;
        header(out, &["arm", "bytes", "calls/s", "min … max", "of relay", "min … max"])?;
        for row in &self.pipelined {
            let (rate, share) = (row.calls_per_second, row.of_relay);
            write!(out, "| {} | {} | {:.0} | {} ", row.arm, row.bytes, rate.median, range(rate, 0))?;
            writeln!(out, "| {:.2} | {} |", share.median, range(share, 2))?;
        }
        writeln!(out, "\n### Inspection by itself, one thread\n")?;
        write_scan(out, &self.scan)?;
        writeln!(out, "\n### Start-up, memory, size\n")?;
        header(
            out,
            &[
                "arm",
                "spawn to first answer, ms",
                "min … max",
                "RSS idle, MiB",
                "of it anonymous",
                "program, MiB",
            ],
        )?;
        let rows = self.startup.iter().zip(&self.memory).zip(&self.size);
        for ((startup, memory), size) in rows {
            let start = startup.milliseconds;
            write!(out, "| {} | {:.2} | {} ", startup.arm, start.median, range(start, 2))?;
            write!(out, "| {:.1} | {:.1} ", memory.resident, memory.resident_anonymous)?;
            writeln!(out, "| {:.1} |", size.mebibytes)?;
        }
        Ok(())
    }
}

/// The table of sequential calls at `arms` arms.
pub(crate) fn latency_table(rows: &[latency::Row], arms: usize) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = write_latency(&mut out, rows, arms);
    out
}

fn write_latency(out: &mut String, rows: &[latency::Row], arms: usize) -> fmt::Result {
    writeln!(out, "\n### Sequential `tools/call`, µs, medians of rounds\n")?;
    let columns = [
        "bytes",
        "arm",
        "calls",
        "p50",
        "p99",
        "added p50",
        "min … max",
        "added p99",
        "min … max",
        "× relay's added p50",
        "min … max",
    ];
    header(out, &columns)?;
    for (index, row) in rows.iter().enumerate() {
        let (p50, p99, ratio) = (row.added_p50, row.added_p99, row.relays);
        write!(out, "| {} | {} | {} ", row.bytes, row.arm, row.calls)?;
        write!(out, "| {:.1} | {:.1} ", row.p50.median, row.p99.median)?;
        if index.is_multiple_of(arms) {
            writeln!(out, "| | | | | | |")?;
            continue;
        }
        write!(out, "| {:+.1} | {} ", p50.median, range(p50, 1))?;
        write!(out, "| {:+.1} | {} ", p99.median, range(p99, 1))?;
        writeln!(out, "| {:.2} | {} |", ratio.median, range(ratio, 2))?;
    }
    Ok(())
}

/// The table of inspection alone.
pub(crate) fn scan_table(rows: &[scan::Row]) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = write_scan(&mut out, rows);
    out
}

fn write_scan(out: &mut String, rows: &[scan::Row]) -> fmt::Result {
    header(out, &["what", "text", "bytes", "µs", "min … max", "MB/s", "min … max"])?;
    for row in rows {
        let (time, rate) = (row.microseconds, row.megabytes_per_second);
        write!(out, "| {} | {} | {} ", row.what, row.text, row.bytes)?;
        write!(out, "| {:.2} | {} ", time.median, range(time, 2))?;
        writeln!(out, "| {:.0} | {} |", rate.median, range(rate, 0))?;
    }
    Ok(())
}

pub(crate) fn header(out: &mut String, columns: &[&str]) -> fmt::Result {
    writeln!(out, "| {} |", columns.join(" | "))?;
    writeln!(out, "|{}", "---|".repeat(columns.len()))
}

pub(crate) fn range(spread: Spread, decimals: usize) -> String {
    format!("{:.decimals$} … {:.decimals$}", spread.min, spread.max)
}
