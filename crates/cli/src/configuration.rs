//! Finds the configuration and the places it names.

use std::path::PathBuf;

use policy::{Overrides, Policy, Profile};

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

/// Where the audit is kept.
pub(crate) fn audit_file(policy: &Policy) -> Result<PathBuf, Failure> {
    if let Some(path) = &policy.audit().path {
        return Ok(path.clone());
    }
    let state = policy::state_dir(&|name| std::env::var_os(name));
    let state = state.ok_or_else(|| {
        Failure::new(
            "there is no place for the audit: set HOME, XDG_STATE_HOME or audit.path in the configuration",
        )
    })?;
    Ok(state.join("audit.db"))
}
