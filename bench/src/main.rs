//! What the guard costs, measured against the same server without it and behind a bare byte relay.
//!
//! Every arm is driven by the same client in the same run, in alternating blocks, because absolute
//! times on a shared machine mean little: read the differences and the ratios.

mod arm;
mod daemon;
mod detect;
mod echo;
#[cfg(target_os = "linux")]
mod http;
mod latency;
mod machine;
mod memory;
mod payload;
mod pipelined;
mod relay;
mod report;
mod scan;
mod session;
mod startup;
mod stats;
mod stdio;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Measure what mcp-guard adds to a stdio server.
#[derive(Parser)]
#[command(name = "bench", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Latency, throughput, start-up, memory and size over stdio.
    Stdio(stdio::Options),
    /// Latency, throughput, start-up and memory through a bridge and a daemon.
    Daemon(daemon::Options),
    /// Latency at full pace and at fixed rates, throughput and memory over HTTP.
    #[cfg(target_os = "linux")]
    Http(http::Options),
    /// Inspection by itself, in one thread.
    Scan(scan::Options),
    /// The rules by themselves: clean text, worst cases, sizes, and what it takes to start.
    Detect(detect::Options),
    /// The trivial MCP server every arm ends in.
    #[command(hide = true)]
    Echo,
    /// The bare byte relay: the least any process in the middle can add.
    #[command(hide = true)]
    Relay {
        /// The server to relay to.
        #[arg(last = true, required = true)]
        server: Vec<OsString>,
    },
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Stdio(options) => stdio::run(&options).map(|()| ExitCode::SUCCESS),
        Command::Daemon(options) => daemon::run(&options).map(|()| ExitCode::SUCCESS),
        #[cfg(target_os = "linux")]
        Command::Http(options) => http::run(&options).map(|()| ExitCode::SUCCESS),
        Command::Scan(options) => scan::run(&options).map(|()| ExitCode::SUCCESS),
        Command::Detect(options) => detect::run(&options).map(|()| ExitCode::SUCCESS),
        Command::Echo => echo::serve().map(|()| ExitCode::SUCCESS),
        Command::Relay { server } => relay::run(&server),
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("bench: {error:#}");
        ExitCode::FAILURE
    })
}
