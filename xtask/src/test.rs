//! All tests, with what they need.

use std::fs;
use std::path::Path;

use clap::Args;

use crate::command::{at_root, watched};
use crate::fuzz::{self, Verdict};
use crate::peers::{self, Peers};
use crate::tally::Tally;
use crate::{debian, project};

/// Names a file to which a test that cannot run here appends `NAME: REASON`, one line each.
const SKIPS: &str = "MCP_GUARD_TEST_SKIPS";

/// Unattended, property tests draw the same cases each time: a change is refused for what it does, not for what chance
/// finds that day. By hand they draw new ones.
const SEED: (&str, &str) = ("PROPTEST_RNG_SEED", "20250618");

#[derive(Args)]
pub(crate) struct Options {
    /// How long each fuzz target runs.
    #[arg(long, value_name = "SECONDS", default_value_t = 20)]
    fuzz_seconds: u64,
    /// Install missing Debian packages; done unasked when CI=true and we are root.
    #[arg(long)]
    install: bool,
}

/// Runs the tests and prints their sum; whether all is well.
///
/// # Errors
/// The tests could not be started at all.
pub(crate) fn run(options: &Options) -> anyhow::Result<bool> {
    let tally = run_all(options)?;
    tally.print();
    Ok(tally.good(project::unattended()))
}

/// Brings the peers, then runs every test, doc test and fuzz target.
///
/// # Errors
/// As [`run`].
pub(crate) fn run_all(options: &Options) -> anyhow::Result<Tally> {
    let mut tally = Tally::default();
    if options.install || project::unattended() {
        debian::install_missing()?;
    }
    println!("\n==> peers");
    let peers = peers::bring()?;
    if let Peers::Missing(reason) = &peers {
        tally.skip("peers", reason);
    }
    println!("\n==> tests");
    run_tests(&peers, &mut tally)?;
    println!("\n==> fuzzing, {} s for each target", options.fuzz_seconds);
    for (target, verdict) in fuzz::run_each(options.fuzz_seconds)? {
        match verdict {
            Verdict::Sound => tally.passed += 1,
            Verdict::Broken => tally.failed += 1,
            Verdict::NotRun(reason) => tally.skip(format!("fuzz {target}"), reason),
        }
    }
    Ok(tally)
}

fn run_tests(peers: &Peers, tally: &mut Tally) -> anyhow::Result<()> {
    let skips = project::target()?.join("skipped-tests");
    if skips.exists() {
        fs::remove_file(&skips)?;
    }
    let mut cargo = at_root(project::cargo(), &["test", "--workspace", "--no-fail-fast"])?;
    cargo.env(SKIPS, &skips);
    if project::unattended() {
        cargo.env(SEED.0, SEED.1);
    }
    match peers {
        Peers::Ready(folder) => cargo.env(peers::FOLDER, folder),
        Peers::Missing(_) => cargo.env_remove(peers::FOLDER),
    };
    let passed = watched(&mut cargo, |line| tally.read(line))?;
    if !passed && tally.failed == 0 {
        println!("FAILED: cargo test ended before all tests had run");
        tally.failed += 1;
    }
    count_skips(&skips, tally)
}

/// A test that could not run has told cargo that it passed.
fn count_skips(file: &Path, tally: &mut Tally) -> anyhow::Result<()> {
    if !file.exists() {
        return Ok(());
    }
    for line in fs::read_to_string(file)?.lines() {
        let (name, reason) = line.split_once(": ").unwrap_or((line, "no reason given"));
        tally.passed = tally.passed.saturating_sub(1);
        tally.skip(name, reason);
    }
    Ok(())
}
