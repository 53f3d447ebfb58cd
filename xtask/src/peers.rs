//! The official clients and servers that the tests talk to, installed by their lock files.

use std::env;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::Context;

use crate::project;

/// Names the folder of the installed peers, to us and to the tests.
pub(crate) const FOLDER: &str = "MCP_GUARD_PEERS";

const SETUP: &str = "tests/peers/setup";

/// What became of the peers.
pub(crate) enum Peers {
    /// Installed in this folder.
    Ready(PathBuf),
    /// Not all could be brought, for this reason.
    Missing(String),
}

/// Installs what is not installed yet.
///
/// # Errors
/// The setup script cannot be started.
pub(crate) fn bring() -> anyhow::Result<Peers> {
    let root = project::root()?;
    let folder = root.join(env::var_os(FOLDER).unwrap_or_else(|| "target/peers".into()));
    println!("{SETUP} {}", folder.display());
    let output = Command::new("sh")
        .arg(root.join(SETUP))
        .arg(&folder)
        .current_dir(&root)
        .stdin(Stdio::null())
        .stdout(Stdio::inherit())
        .output()
        .context("cannot start sh")?;
    let said = String::from_utf8_lossy(&output.stderr);
    eprint!("{said}");
    if output.status.success() {
        return Ok(Peers::Ready(folder));
    }
    let reason = said.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("the setup gave no reason");
    Ok(Peers::Missing(reason.to_owned()))
}
