//! Finds the configuration and the places it names.

use std::path::PathBuf;

use policy::{ConfigError, Overrides, Policy, Profile};
use proxy::local::Place;

use crate::{args::ConfigArgs, failure::Failure};

/// The file in force, if there is one.
pub(crate) fn file(args: &ConfigArgs) -> Result<Option<PathBuf>, Failure> {
    Ok(policy::locate(args.config.as_deref(), &|name| std::env::var_os(name))?)
}

/// The policy in force; `profile` wins over the file's.
pub(crate) fn policy(args: &ConfigArgs, profile: Option<Profile>) -> Result<Policy, Failure> {
    Ok(match file(args)? {
        Some(file) => policy::load_with(&file, Overrides { profile })?,
        None => Policy::builtin(profile.unwrap_or_default())?,
    })
}

/// The policy in force, once more.
pub(crate) fn load(args: &ConfigArgs) -> Result<Policy, ConfigError> {
    match policy::locate(args.config.as_deref(), &|name| std::env::var_os(name))? {
        Some(file) => policy::load(&file),
        None => Policy::builtin(Profile::default()),
    }
}

/// Where the daemon lives.
pub(crate) fn place(_config: &ConfigArgs) -> Result<Place, Failure> {
    let home = state_dir()?;
    let socket = home.join("daemon.sock");
    Ok(Place::new(home, socket)?)
}

/// Where the audit is kept.
pub(crate) fn audit_file(policy: &Policy) -> Result<PathBuf, Failure> {
    if let Some(path) = &policy.audit().path {
        return Ok(path.clone());
    }
    Ok(state_dir()?.join("audit.db"))
}

fn state_dir() -> Result<PathBuf, Failure> {
    policy::state_dir(&|name| std::env::var_os(name)).ok_or_else(|| {
        Failure::new(
            "there is no place for what is kept: set HOME, XDG_STATE_HOME, or audit.path and daemon.home in the \
             configuration",
        )
    })
}
