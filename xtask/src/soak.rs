//! The daemon or the gateway under load for as long as one likes.

use clap::{Args, ValueEnum};

use crate::command::{at_root, succeeds};
use crate::project;

#[derive(Args)]
pub(crate) struct Options {
    /// How long.
    #[arg(default_value_t = 600)]
    seconds: u64,
    /// What is under load.
    #[arg(long, value_enum, default_value_t = Target::Daemon)]
    target: Target,
}

#[derive(Clone, Copy, ValueEnum)]
enum Target {
    Daemon,
    Gateway,
}

/// Runs a soak test; whether what is under load holds no more afterwards than at first.
///
/// # Errors
/// It could not be started.
pub(crate) fn run(options: &Options) -> anyhow::Result<bool> {
    let program = match options.target {
        Target::Daemon => "daemon",
        Target::Gateway => "survival",
    };
    let test = ["test", "--package", "mcp-guard", "--test", program, "--", "--exact", "--nocapture", "soak"];
    let mut cargo = at_root(project::cargo(), &test)?;
    succeeds(cargo.env("MCP_GUARD_SOAK_SECONDS", options.seconds.to_string()))
}
