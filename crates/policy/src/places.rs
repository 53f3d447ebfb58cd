mod system;

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

pub(crate) use self::system::System;
use crate::ConfigError;

/// The name of the configuration file in every place it is looked for.
const FILE: &str = "mcp-guard.yaml";

/// Finds the configuration file: `explicit` (from `-c`), else `$MCP_GUARD_CONFIG`, else
/// `mcp-guard.yaml` in the current folder, else in `$XDG_CONFIG_HOME/mcp-guard` (or
/// `~/.config/mcp-guard`; on Windows in `%APPDATA%\mcp-guard`). `None` means that there is none and
/// the built-in profile applies.
///
/// # Errors
/// When a file was asked for by name and does not exist. A place that cannot be looked at counts as
/// a file, so that reading it fails loudly instead of falling back to milder rules.
pub fn locate(
    explicit: Option<&Path>,
    env: &dyn Fn(&str) -> Option<OsString>,
) -> Result<Option<PathBuf>, ConfigError> {
    let set = |name: &str| env(name).filter(|value| !value.is_empty());
    if let Some(path) = explicit {
        return named(path.to_owned(), "-c").map(Some);
    }
    if let Some(path) = set("MCP_GUARD_CONFIG") {
        return named(path.into(), "$MCP_GUARD_CONFIG").map(Some);
    }
    let user = System::OURS.config_dir(&set).map(|folder| folder.join(FILE));
    Ok([Some(PathBuf::from(FILE)), user].into_iter().flatten().find(|path| may_exist(path)))
}

/// The folder for audit records and other state: `$XDG_STATE_HOME/mcp-guard`, or
/// `~/.local/state/mcp-guard`; on Windows `%LOCALAPPDATA%\mcp-guard`. `None` when there is no home folder either.
pub fn state_dir(env: &dyn Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let set = |name: &str| env(name).filter(|value| !value.is_empty());
    System::OURS.state_dir(&set)
}

fn named(path: PathBuf, by: &str) -> Result<PathBuf, ConfigError> {
    if may_exist(&path) {
        return Ok(path);
    }
    let message = format!("there is no configuration file {} (given by {by})", path.display());
    Err(ConfigError::plain(
        message,
        Some("check the path, or leave it out to use the built-in balanced profile"),
    ))
}

fn may_exist(path: &Path) -> bool {
    path.try_exists().unwrap_or(true)
}
