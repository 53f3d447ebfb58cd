//! Builds what is measured, then measures.

use std::process::Command;

use anyhow::ensure;
use clap::Args;

use crate::command::{at_root, succeeds};
use crate::project;

#[derive(Args)]
pub(crate) struct Options {
    /// The cargo profile to build with; figures for anyone else are of `release`.
    #[arg(long, default_value = "release")]
    profile: String,
    /// What to measure and how, see `cargo xtask bench help` [default: stdio]
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    bench: Vec<String>,
}

/// Runs the benchmarks.
///
/// # Errors
/// The build fails.
pub(crate) fn run(options: &Options) -> anyhow::Result<bool> {
    let packages = ["build", "--package", "mcp-guard", "--package", "bench", "--profile"];
    let mut build = at_root(project::cargo(), &packages)?;
    ensure!(succeeds(build.arg(&options.profile))?, "nothing to measure: the build failed");
    let what = if options.bench.is_empty() { &["stdio".to_owned()] } else { options.bench.as_slice() };
    let folder = if options.profile == "dev" { "debug" } else { options.profile.as_str() };
    succeeds(Command::new(project::target()?.join(folder).join("bench")).args(what))
}
