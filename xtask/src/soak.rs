//! The daemon under load for as long as one likes.

use clap::Args;

use crate::command::{at_root, succeeds};
use crate::project;

#[derive(Args)]
pub(crate) struct Options {
    /// How long.
    #[arg(default_value_t = 600)]
    seconds: u64,
}

/// Runs the soak test of the daemon; whether it holds no more afterwards than at first.
///
/// # Errors
/// It could not be started.
pub(crate) fn run(options: &Options) -> anyhow::Result<bool> {
    let test = ["test", "--package", "mcp-guard", "--test", "daemon", "--", "--exact", "--nocapture", "soak"];
    let mut cargo = at_root(project::cargo(), &test)?;
    succeeds(cargo.env("MCP_GUARD_SOAK_SECONDS", options.seconds.to_string()))
}
