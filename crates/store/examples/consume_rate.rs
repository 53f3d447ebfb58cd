//! What a question about limits costs, by charges per question:
//! `cargo run -p mcp-guard-store --profile quick --example consume_rate [FOLDER]`.

use std::error::Error;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use mcp_guard_store::{Charge, Counters, SqliteCounters};

const RUN: Duration = Duration::from_secs(2);

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args_os().nth(1).map_or_else(std::env::temp_dir, PathBuf::from);
    let folder = folder.join(format!("consume-rate-{}", std::process::id()));
    println!(
        "{:>8} {:>8} {:>12} {:>10} {:>10} {:>10}",
        "charges", "answer", "questions/s", "p50 µs", "p99 µs", "max µs"
    );
    for charges in [1, 2, 4] {
        for (answer, count) in [("taken", NonZeroU32::MAX), ("refused", NonZeroU32::MIN)] {
            measure(&folder.join("state.db"), charges, answer, count)?;
        }
    }
    std::fs::remove_dir_all(folder)?;
    Ok(())
}

fn measure(file: &Path, charges: usize, answer: &str, count: NonZeroU32) -> Result<(), Box<dyn Error>> {
    let mut counters = SqliteCounters::open(file)?;
    let keys: Vec<_> =
        (0..charges).map(|nth| format!("server files minute {nth} user ann {count}")).collect();
    let hour = Duration::from_secs(3600);
    let charges: Vec<_> = keys.iter().map(|key| Charge { key, count, period: hour, burst: count }).collect();
    let mut taken = Vec::with_capacity(1 << 20);
    let begun = Instant::now();
    while begun.elapsed() < RUN {
        let since = Instant::now();
        counters.consume(&charges)?;
        taken.push(since.elapsed());
    }
    let rate = taken.len() as f64 / begun.elapsed().as_secs_f64();
    taken.sort_unstable();
    let at = |part: f64| {
        let nth = ((taken.len() - 1) as f64 * part) as usize;
        taken.get(nth).copied().unwrap_or_default().as_secs_f64() * 1e6
    };
    println!(
        "{:>8} {answer:>8} {rate:>12.0} {:>10.1} {:>10.1} {:>10.1}",
        charges.len(),
        at(0.5),
        at(0.99),
        at(1.0)
    );
    Ok(())
}
