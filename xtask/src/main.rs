//! The project's chores, run as `cargo xtask`.

mod bench;
mod ci;
mod command;
mod debian;
mod deny;
mod docs;
mod fuzz;
mod peers;
mod platforms;
mod project;
mod soak;
mod steps;
mod tally;
mod test;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The project's chores.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// All that a change must pass: format, lints, documentation, dependencies, tests.
    Ci(test::Options),
    /// Check that the program compiles for the systems that the tests are not run on.
    Platforms,
    /// Bring the peers the tests talk to, then run all tests and a while of fuzzing.
    Test(test::Options),
    /// Write the generated files of `docs/`.
    Docs(docs::Options),
    /// Build the guard for release and measure what it costs.
    Bench(bench::Options),
    /// Keep the daemon or the gateway under load for a while and see that it ends up as it began.
    Soak(soak::Options),
    /// Fuzz one target, or each in turn.
    Fuzz(fuzz::Options),
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().chore {
        Chore::Ci(options) => ci::run(&options),
        Chore::Platforms => Ok(platforms::run()),
        Chore::Test(options) => test::run(&options),
        Chore::Docs(options) => docs::run(&options),
        Chore::Bench(options) => bench::run(&options),
        Chore::Soak(options) => soak::run(&options),
        Chore::Fuzz(options) => fuzz::run(&options),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}
