//! One run over stdio: all arms, all figures, and what inspection costs by itself.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use clap::Args;

use crate::arm::Arm;
use crate::payload::Payload;
use crate::report::{Report, Size};
use crate::session::Session;
use crate::{latency, machine, memory, pipelined, scan, startup};

/// Payload sizes in bytes, each with the calls in one block: about as long a block for each.
const SIZES: [(usize, usize); 3] = [(300, 2_000), (4_096, 2_000), (65_536, 500)];
const PIPELINED_BYTES: usize = 300;
const PIPELINED_CALLS: u64 = 100_000;

#[derive(Args)]
pub(crate) struct Options {
    /// The guard to measure [default: `mcp-guard` beside this program]
    #[arg(long, value_name = "PATH")]
    guard: Option<PathBuf>,
    /// Measure without the guard: direct, relay and peers only.
    #[arg(long, conflicts_with = "guard")]
    without_guard: bool,
    /// Another program to measure in the same run; the server's command is put at its end.
    #[arg(long, value_name = "NAME=COMMAND ARGS…")]
    peer: Vec<String>,
    /// Rounds; in each round every arm has one block.
    #[arg(long, default_value_t = 15)]
    rounds: usize,
    /// Starts of each arm.
    #[arg(long, default_value_t = 20)]
    starts: usize,
    /// Print JSON in place of Markdown.
    #[arg(long)]
    json: bool,
}

/// Measures and prints.
///
/// # Errors
/// The guard is not there, or an arm does not do what the direct one does.
pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    ensure!(
        options.rounds > 0 && options.starts > 0,
        "nothing to measure: give at least 1 round and 1 start"
    );
    let machine = machine::describe();
    let home = tempfile::tempdir()?;
    let arms = arms(options, home.path())?;
    eprintln!("start-up: {} starts of each of {} arms", options.starts, arms.len());
    let startup = startup::measure(&arms, options.starts)?;
    let mut open = arms
        .iter()
        .map(|arm| Ok((arm.name.clone(), Session::open(arm)?)))
        .collect::<anyhow::Result<Vec<_>>>()?;
    let memory = memory::measure(&open)?;
    let mut latency = Vec::new();
    for (bytes, calls) in SIZES {
        eprintln!("latency at {bytes} bytes: {} rounds of {calls} calls", options.rounds);
        let plan = latency::Plan { rounds: options.rounds, calls };
        latency.extend(latency::measure(&mut open, &Payload::new(bytes), &plan)?);
    }
    eprintln!("pipelined: {} rounds of {PIPELINED_CALLS} calls", options.rounds);
    let plan = pipelined::Plan { rounds: options.rounds, calls: PIPELINED_CALLS };
    let pipelined = pipelined::measure(&mut open, &Payload::new(PIPELINED_BYTES), &plan)?;
    for (name, session) in open {
        session.close().with_context(|| format!("closing {name}"))?;
    }
    eprintln!("inspection alone");
    let scan = scan::measure(options.rounds)?;
    let report = Report {
        machine,
        command: env::args().skip(1).collect::<Vec<_>>().join(" "),
        arms: arms.iter().map(|arm| (arm.name.clone(), arm.shown())).collect(),
        rounds: options.rounds,
        latency,
        pipelined,
        scan,
        startup,
        memory,
        size: arms.iter().map(size).collect::<anyhow::Result<_>>()?,
    };
    if options.json {
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        print!("{}", report.markdown());
    }
    Ok(())
}

fn arms(options: &Options, home: &Path) -> anyhow::Result<Vec<Arm>> {
    let bench = env::current_exe()?;
    let mut arms = vec![Arm::direct(&bench, home), Arm::relay(&bench, home)];
    if !options.without_guard {
        let guard = options.guard.clone().unwrap_or_else(|| bench.with_file_name("mcp-guard"));
        let guard = fs::canonicalize(&guard).with_context(|| {
            format!("no guard at {}: build it, give --guard PATH, or --without-guard", guard.display())
        })?;
        arms.push(Arm::guarded(&guard, &bench, home));
    }
    for peer in &options.peer {
        arms.push(Arm::peer(peer, &bench, home)?);
    }
    Ok(arms)
}

fn size(arm: &Arm) -> anyhow::Result<Size> {
    let bytes = fs::metadata(arm.program()).map_or(0, |file| file.len());
    Ok(Size { arm: arm.name.clone(), mebibytes: bytes as f64 / f64::from(1 << 20) })
}
