//! How fast records are written, by records per batch:
//! `cargo run -p mcp-guard-store --profile quick --example record_rate [FOLDER [SIZE…]]`.

use std::error::Error;
use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use mcp_guard_store::{
    AuditOptions, Direction, Era, Ids, Kind, Record, SessionId, SessionStart, SqliteAudit, Verdict,
};

const RUN: Duration = Duration::from_secs(2);

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args_os().nth(1).map_or_else(std::env::temp_dir, PathBuf::from);
    let folder = folder.join(format!("record-rate-{}", std::process::id()));
    println!(
        "{:>6} {:>12} {:>12} {:>10} {:>10} {:>10} {:>10}",
        "batch", "records/s", "ns/record", "CPU ns", "p50 µs", "p99 µs", "max µs"
    );
    let sizes: Vec<usize> = std::env::args().skip(2).filter_map(|size| size.parse().ok()).collect();
    for size in if sizes.is_empty() { vec![1, 2, 4, 16, 64, 100, 300, 1_000] } else { sizes } {
        measure(&folder.join(format!("{size}.db")), size)?;
    }
    let file = folder.join("existing.db");
    drop(SqliteAudit::open(&file, AuditOptions::default())?);
    let since = Instant::now();
    let audit = SqliteAudit::open(&file, AuditOptions::default())?;
    println!("open of an existing file: {:?}", since.elapsed());
    drop(audit);
    println!("resident: {}", resident()?);
    std::fs::remove_dir_all(folder)?;
    Ok(())
}

fn measure(file: &std::path::Path, size: usize) -> Result<(), Box<dyn Error>> {
    let mut audit = SqliteAudit::open(file, AuditOptions::default())?;
    let session = audit.start_session(&SessionStart {
        started_ms: now_ms()?,
        principal: "ann",
        server: "files",
        command: "npx server-filesystem /home/ann",
        policy_hash: "5f3c0a",
        profile: "balanced",
        pid: std::process::id(),
    })?;
    let mut ids = Ids::for_session(session);
    let mut taken = Vec::with_capacity(1 << 20);
    let begun = Instant::now();
    let mut batch = Vec::with_capacity(size);
    let busy = cpu_ns()?;
    while begun.elapsed() < RUN {
        let now = now_ms()?;
        batch.clear();
        batch.extend((0..size).map(|nth| record(&mut ids, session, now, nth)));
        let since = Instant::now();
        audit.write(&batch)?;
        taken.push(since.elapsed());
    }
    let busy = cpu_ns()? - busy;
    let total: Duration = taken.iter().sum();
    let records = taken.len() * size;
    taken.sort_unstable();
    let at = |share: f64| {
        let nth = ((taken.len() - 1) as f64 * share) as usize;
        taken.get(nth).map_or(0.0, |time| time.as_secs_f64() * 1e6)
    };
    println!(
        "{size:>6} {:>12.0} {:>12.0} {:>10} {:>10.1} {:>10.1} {:>10.0}",
        records as f64 / total.as_secs_f64(),
        total.as_nanos() as f64 / records as f64,
        busy / records as u64,
        at(0.5),
        at(0.99),
        at(1.0),
    );
    Ok(())
}

/// A call and its answer by turns, as a proxy sees them.
fn record(ids: &mut Ids, session: SessionId, now: u64, nth: usize) -> Record<'static> {
    let answer = nth % 2 == 1;
    Record {
        id: ids.next(now),
        session,
        kind: Kind::Frame,
        direction: Some(if answer { Direction::ServerToClient } else { Direction::ClientToServer }),
        era: Some(Era::of_date(2025, 11, 25)),
        method: Some("tools/call"),
        target: Some("read_text_file"),
        verdict: Verdict::Allow,
        would: None,
        findings: None,
        guard_us: 9,
        round_trip_us: answer.then_some(1_500),
        bytes: 312,
    }
}

fn now_ms() -> Result<u64, Box<dyn Error>> {
    Ok(SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis().try_into()?)
}

/// Time this thread has run, which other work on the machine changes little.
fn cpu_ns() -> Result<u64, Box<dyn Error>> {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    Ok(stat.split(' ').next().unwrap_or_default().parse()?)
}

fn resident() -> Result<String, Box<dyn Error>> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with("VmRSS"));
    Ok(line.unwrap_or("unknown").to_owned())
}
