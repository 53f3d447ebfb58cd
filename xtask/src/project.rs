//! Where things are, and where we are run.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::Context;

/// The folder of the workspace.
///
/// # Errors
/// The program was not started by cargo.
pub(crate) fn root() -> anyhow::Result<PathBuf> {
    let manifest = env::var_os("CARGO_MANIFEST_DIR").context("run this as `cargo xtask`")?;
    let root = Path::new(&manifest).parent().context("xtask is not inside the workspace")?;
    Ok(root.to_path_buf())
}

/// Where cargo builds: `CARGO_TARGET_DIR`, else `target` in the workspace.
///
/// # Errors
/// As [`root`].
pub(crate) fn target() -> anyhow::Result<PathBuf> {
    let root = root()?;
    Ok(root.join(env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into())))
}

/// The cargo that runs us.
pub(crate) fn cargo() -> OsString {
    env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// Whether `CI` says that nobody watches: then a skipped test is a failed one.
pub(crate) fn unattended() -> bool {
    env::var("CI").is_ok_and(|ci| ci == "true" || ci == "1")
}
