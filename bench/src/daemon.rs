//! One run through a bridge and a daemon, beside what two processes in the middle add that only relay bytes.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use clap::Args;
use serde_json::{Value, json};

use crate::arm::Arm;
use crate::payload::Payload;
use crate::session::Session;
use crate::stats::Spread;
use crate::{latency, machine, memory, report, startup};

/// Payload sizes in bytes, each with the calls in one block.
const SIZES: [(usize, usize); 2] = [(300, 2_000), (65_536, 500)];
const CLIENTS: usize = 32;
const CROWDED: Duration = Duration::from_secs(2);
const CROWDED_BYTES: usize = 300;

#[derive(Args)]
pub(crate) struct Options {
    /// The guard to measure [default: `mcp-guard` beside this program]
    #[arg(long, value_name = "PATH")]
    guard: Option<PathBuf>,
    /// Rounds; in each round every arm has one block.
    #[arg(long, default_value_t = 15)]
    rounds: usize,
    /// Starts of each arm.
    #[arg(long, default_value_t = 20)]
    starts: usize,
}

/// Measures and prints.
///
/// # Errors
/// The daemon does not start, or an arm does not do what the direct one does.
pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    let bench = env::current_exe()?;
    let guard = options.guard.clone().unwrap_or_else(|| bench.with_file_name("mcp-guard"));
    let guard = fs::canonicalize(&guard)
        .with_context(|| format!("no guard at {}: build it, or give --guard PATH", guard.display()))?;
    let home = tempfile::tempdir()?;
    let daemon = Daemon::start(&guard, &bench, home.path())?;
    let arms = [
        Arm::direct(&bench, home.path()),
        Arm::relays(&bench, home.path()),
        Arm::connected(&guard, &daemon.config, home.path()),
    ];
    println!("Machine: {}.\n", machine::describe());
    let starts = startup::measure(&arms, options.starts)?;
    let idle = memory::resident(daemon.pid)?;
    let mut open = arms
        .iter()
        .map(|arm| Ok((arm.name.clone(), Session::open(arm)?)))
        .collect::<anyhow::Result<Vec<_>>>()?;
    let memory = memory::measure(&open)?;
    let mut rows = Vec::new();
    for (bytes, calls) in SIZES {
        let plan = latency::Plan { rounds: options.rounds, calls };
        rows.extend(latency::measure(&mut open, &Payload::new(bytes), &plan)?);
    }
    for (name, session) in open {
        session.close().with_context(|| format!("closing {name}"))?;
    }
    print!("{}", report::latency_table(&rows, arms.len()));
    println!("\n### {CLIENTS} clients at once, {CROWDED_BYTES} bytes\n");
    println!("| arm | calls/s | of relays |\n|---|---|---|");
    let (rates, full) = crowded(&arms, options.rounds, daemon.pid)?;
    for (index, arm) in arms.iter().enumerate() {
        let spread = |figure: &dyn Fn(f64, f64) -> f64| {
            Spread::of(rates.iter().filter_map(|round| Some(figure(*round.get(index)?, *round.get(1)?))))
        };
        println!(
            "| {} | {:.0} | {:.2} |",
            arm.name,
            spread(&|own, _| own).median,
            spread(&|own, two| own / two).median
        );
    }
    println!(
        "\n### Start-up and memory\n\n| arm | spawn to first answer, ms | RSS idle, MiB |\n|---|---|---|"
    );
    for (start, memory) in starts.iter().zip(&memory) {
        println!("| {} | {:.2} | {:.1} |", start.arm, start.milliseconds.median, memory.resident);
    }
    println!("\nThe daemon: {idle:.1} MiB without clients, {full:.1} MiB with {CLIENTS} at work.");
    daemon.stop()
}

/// Calls per second of each arm, by round, and what the daemon holds with all its clients.
fn crowded(arms: &[Arm], rounds: usize, daemon: u32) -> anyhow::Result<(Vec<Vec<f64>>, f64)> {
    let payload = Payload::new(CROWDED_BYTES);
    let mut crowds = Vec::new();
    for arm in arms {
        let crowd = (0..CLIENTS).map(|_| Session::open(arm));
        crowds.push(crowd.collect::<anyhow::Result<Vec<_>>>()?);
    }
    let mut rates = Vec::new();
    // The first round warms up and is thrown away.
    for _ in 0..=rounds.div_ceil(3) {
        let round = crowds.iter_mut().map(|crowd| crowd_rate(crowd, &payload));
        rates.push(round.collect::<anyhow::Result<Vec<_>>>()?);
    }
    rates.remove(0);
    let full = memory::resident(daemon)?;
    for session in crowds.into_iter().flatten() {
        session.close()?;
    }
    Ok((rates, full))
}

fn crowd_rate(crowd: &mut [Session], payload: &Payload) -> anyhow::Result<f64> {
    let started = Instant::now();
    let calls = thread::scope(|scope| {
        let at_work = crowd.iter_mut().map(|session| {
            scope.spawn(move || -> anyhow::Result<u64> {
                let mut calls = 0;
                while started.elapsed() < CROWDED {
                    session.call(payload)?;
                    calls += 1;
                }
                Ok(calls)
            })
        });
        let at_work: Vec<_> = at_work.collect();
        at_work
            .into_iter()
            .map(|client| client.join().ok().context("a client panicked")?)
            .sum::<anyhow::Result<u64>>()
    })?;
    Ok(calls as f64 / started.elapsed().as_secs_f64())
}

/// A daemon with a home of its own that serves the echo server.
struct Daemon {
    guard: PathBuf,
    config: PathBuf,
    pid: u32,
}

impl Daemon {
    fn start(guard: &Path, bench: &Path, home: &Path) -> anyhow::Result<Self> {
        let config = home.join("mcp-guard.yaml");
        let servers = json!({"echo": {"command": bench, "args": ["echo"]}});
        let daemon = json!({"home": home.join("daemon"), "dashboard_port": 0});
        fs::write(&config, json!({"daemon": daemon, "servers": servers}).to_string())?;
        let mut daemon = Self { guard: guard.to_owned(), config, pid: 0 };
        daemon.run(&["start", "-d"])?;
        let status: Value = serde_json::from_slice(&daemon.run(&["status", "--json"])?)?;
        daemon.pid =
            status.get("pid").and_then(Value::as_u64).context("the status has no pid")?.try_into()?;
        Ok(daemon)
    }

    fn run(&self, args: &[&str]) -> anyhow::Result<Vec<u8>> {
        let output = Command::new(&self.guard).args(args).arg("-c").arg(&self.config).output()?;
        ensure!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        Ok(output.stdout)
    }

    fn stop(mut self) -> anyhow::Result<()> {
        self.pid = 0;
        self.run(&["stop"]).map(drop)
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        if self.pid != 0 {
            let _ = self.run(&["stop"]);
        }
    }
}
