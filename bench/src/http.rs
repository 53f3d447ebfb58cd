//! One run over HTTP: the same client before the same upstream, directly, through a bare reverse proxy, through the guard
//! and, when asked for, through peers. Everything on loopback, each a process of its own.

mod answer;
mod arm;
mod call;
mod connection;
mod crowd;
mod listener;
mod load;
mod measure;
mod peers;
mod report;
mod reverse;
mod upstream;

use std::env;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, ensure};
use clap::{Args, Subcommand};

use crate::machine;
use arm::{Arm, Process};
use call::Era;
use crowd::Kept;
use load::Pace;
use measure::Shape;
use peers::Servers;

const ANY: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// What is measured: first at full pace, then at fixed rates.
const SHAPES: [Shape; 12] = [
    Shape::new(Era::Legacy, 300, 1, Pace::Full),
    Shape::new(Era::Legacy, 300, 8, Pace::Full),
    Shape::new(Era::Legacy, 300, 32, Pace::Full),
    Shape::new(Era::Modern, 300, 1, Pace::Full),
    Shape::new(Era::Modern, 300, 8, Pace::Full),
    Shape::new(Era::Modern, 300, 32, Pace::Full),
    Shape::new(Era::Legacy, 4_096, 1, Pace::Full),
    Shape::new(Era::Legacy, 4_096, 32, Pace::Full),
    Shape::new(Era::Legacy, 65_536, 1, Pace::Full),
    Shape::new(Era::Legacy, 65_536, 8, Pace::Full),
    Shape::new(Era::Legacy, 300, 32, Pace::PerSecond(1_000)),
    Shape::new(Era::Legacy, 300, 32, Pace::PerSecond(5_000)),
];

#[derive(Args)]
pub(crate) struct Options {
    #[command(subcommand)]
    part: Option<Part>,
    /// The guard to measure [default: `mcp-guard` beside this program]
    #[arg(long, value_name = "PATH")]
    guard: Option<PathBuf>,
    /// Measure without the guard.
    #[arg(long, conflicts_with = "guard")]
    without_guard: bool,
    /// Measure proxies from PyPI too: installs them beside this program's folder, which takes a minute.
    #[arg(long)]
    peers: bool,
    /// Another program to measure in the same run; `{port}` is where it listens, `{upstream}` the server's host and port.
    #[arg(long, value_name = "NAME=COMMAND ARGS…")]
    peer: Vec<String>,
    /// Rounds; in each round every arm has one block of each shape.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Length of a block.
    #[arg(long, default_value_t = 400, value_name = "MS")]
    block: u64,
    /// Numbers of idle sessions to measure the memory of, in growing order.
    #[arg(long, default_values_t = [1_000, 10_000], value_name = "N", num_args = 0..)]
    sessions: Vec<usize>,
    /// Time before memory is read: an idle connection takes a second to give back what it holds.
    #[arg(long, default_value_t = 3_000, value_name = "MS")]
    settling: u64,
    /// Measure only the shapes whose name contains this, such as "legacy 300" or "1000/s".
    #[arg(long, default_value = "", value_name = "TEXT")]
    only: String,
}

/// The processes a run starts for itself.
#[derive(Subcommand)]
enum Part {
    /// The MCP server behind every arm.
    #[command(hide = true)]
    Upstream,
    /// The bare reverse proxy.
    #[command(hide = true)]
    ReverseProxy {
        /// The server to pass on to.
        upstream: SocketAddr,
    },
}

/// Measures and prints.
///
/// # Errors
/// An arm does not start, or does not do what the direct one does.
pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    match options.part {
        Some(Part::Upstream) => return upstream::serve(ANY),
        Some(Part::ReverseProxy { upstream }) => return reverse::serve(ANY, upstream),
        None => {}
    }
    ensure!(options.rounds > 0 && options.block > 0, "nothing to measure: give at least 1 round of 1 ms");
    let machine = machine::describe();
    let files = crowd::allow_files()?;
    let home = tempfile::tempdir()?;
    let bench = env::current_exe()?;
    let (_upstream, upstream) = Process::upstream(&bench, home.path())?;
    let bare = || Arm::bare(&bench, upstream, home.path());
    let guard = options.guard(&bench)?;
    let guard =
        |crowded| guard.as_ref().map(|guard| Arm::guard(guard, upstream, home.path(), crowded)).transpose();
    let mut arms = vec![Arm::direct(upstream), bare()?];
    arms.extend(guard(false)?);
    for peer in &options.peer {
        arms.push(Arm::peer(peer, upstream, home.path())?);
    }
    println!("Machine: {machine}.\n");
    if options.peers {
        let cache = bench.ancestors().nth(2).context("no folder above this program's")?.join("bench-peers");
        let servers = Servers { http: upstream, bench: bench.clone() };
        for peer in peers::start(&cache, &servers, home.path()) {
            match peer {
                Ok(arm) => arms.push(arm),
                Err(why) => println!("- not measured, {why}"),
            }
        }
    }
    for arm in &arms {
        println!("- {}: `{}`", arm.name, arm.shown);
    }
    let plan = measure::Plan { rounds: options.rounds, block: Duration::from_millis(options.block) };
    let shapes = SHAPES.iter().filter(|shape| shape.name().contains(&options.only));
    let rows: Vec<_> = shapes.map(|shape| measure::measure(&arms, shape, &plan)).collect();
    print!("{}", report::loads(&rows));
    drop(arms);
    let mut crowds = Vec::new();
    let settling = Duration::from_millis(options.settling);
    let plan = crowd::Plan { steps: options.sessions.clone(), settling, files };
    if !options.sessions.is_empty() {
        for kept in Kept::ALL {
            let bare = (kept != Kept::Nothing).then(bare);
            let peers = options.peer.iter().map(|peer| Arm::peer(peer, upstream, home.path()));
            for arm in bare.into_iter().chain(guard(true).transpose()).chain(peers) {
                crowds.push(crowd::measure(&arm?, kept, &plan));
            }
        }
        print!("{}", report::crowds(&crowds));
    }
    print!("{}", report::aims(&rows, &crowds));
    Ok(())
}

impl Options {
    /// The guard's program, unless it is not wanted.
    fn guard(&self, bench: &Path) -> anyhow::Result<Option<PathBuf>> {
        if self.without_guard {
            return Ok(None);
        }
        let guard = self.guard.clone().unwrap_or_else(|| bench.with_file_name("mcp-guard"));
        let guard = fs::canonicalize(&guard).with_context(|| {
            format!("no guard at {}: build it, give --guard PATH, or --without-guard", guard.display())
        })?;
        Ok(Some(guard))
    }
}
