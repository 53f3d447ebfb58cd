//! Checks of the dependencies, by cargo-deny and `deny.toml`.

use anyhow::ensure;

use crate::command::{answers, at_root, succeeds};
use crate::project;
use crate::steps::Outcome;

/// One version for everybody: its rules change between versions.
const VERSION: &str = "0.20.2";

/// What needs no network.
const OFFLINE: [&str; 3] = ["bans", "licenses", "sources"];

const DATABASE: &str = "https://github.com/RustSec/advisory-db";

/// Bans, licences and sources.
///
/// # Errors
/// cargo-deny is not there and cannot be installed.
pub(crate) fn check_offline() -> anyhow::Result<Outcome> {
    install()?;
    let mut deny = at_root(project::cargo(), &["deny", "--all-features", "check"])?;
    Ok(succeeds(deny.args(OFFLINE))?.into())
}

/// Known vulnerabilities, where their database can be had.
///
/// # Errors
/// As [`check_offline`].
pub(crate) fn check_advisories() -> anyhow::Result<Outcome> {
    // The limit is for networks that swallow packets in place of refusing them.
    if !answers("timeout", &["20", "git", "ls-remote", "--exit-code", DATABASE, "HEAD"]) {
        return Ok(Outcome::Skipped(format!("the advisory database {DATABASE} cannot be reached")));
    }
    install()?;
    let mut deny = at_root(project::cargo(), &["deny", "--all-features", "check", "advisories"])?;
    Ok(succeeds(&mut deny)?.into())
}

fn install() -> anyhow::Result<()> {
    let installed = at_root(project::cargo(), &["deny", "--version"])?.output();
    let wanted = format!("cargo-deny {VERSION}");
    if installed.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).trim() == wanted) {
        return Ok(());
    }
    println!("installing {wanted}");
    let mut install =
        at_root(project::cargo(), &["install", "cargo-deny", "--locked", "--version", VERSION])?;
    ensure!(succeeds(&mut install)?, "{wanted} cannot be installed");
    Ok(())
}
