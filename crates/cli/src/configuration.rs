//! Finds the configuration and the places it names.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use policy::{ConfigError, DaemonSettings, Overrides, Policy, Profile, ServerPolicy};
use proxy::local::Place;
use store::{AuditOptions, SharedAudit, SharedCounters, SqliteAudit};

use crate::{
    args::ConfigArgs,
    failure::Failure,
    secrets::{self, Secrets},
    web::Web,
};

/// The file in force, if there is one.
pub(crate) fn file(args: &ConfigArgs) -> Result<Option<PathBuf>, Failure> {
    Ok(policy::locate(args.config.as_deref(), &|name| std::env::var_os(name))?)
}

/// The policy in force; `profile` wins over the file's.
pub(crate) fn policy(args: &ConfigArgs, profile: Option<Profile>) -> Result<Policy, Failure> {
    Ok(load(args, profile)?)
}

/// The policy in force, once more.
pub(crate) fn load(args: &ConfigArgs, profile: Option<Profile>) -> Result<Policy, ConfigError> {
    match policy::locate(args.config.as_deref(), &|name| std::env::var_os(name))? {
        Some(file) => read(&file, Overrides { profile }),
        None => Policy::builtin(profile.unwrap_or_default()),
    }
}

/// The policy of a file. A variable is looked for in the environment, then among the secrets that `init` kept.
pub(crate) fn read(file: &Path, overrides: Overrides) -> Result<Policy, ConfigError> {
    let kept = match policy::state_dir(&|name| std::env::var_os(name)) {
        Some(home) => secrets::read(&home).map_err(|message| ConfigError::plain(message, None))?,
        None => Secrets::new(),
    };
    policy::load_using(file, &|name| secrets::variable(&kept, name), overrides, &Web)
}

/// The guard's home: not `daemon.home`, which is not known before the configuration has been read.
pub(crate) fn state_dir() -> Result<PathBuf, Failure> {
    policy::state_dir(&|name| std::env::var_os(name)).ok_or_else(nowhere)
}

/// Where the daemon is to live.
pub(crate) fn place(args: &ConfigArgs) -> Result<Place, Failure> {
    place_of(&daemon(args)?)
}

/// Where a daemon is that may run: an edit that went wrong must not keep anybody from one that goes on with its
/// old configuration.
pub(crate) fn place_now(args: &ConfigArgs) -> Result<Place, Failure> {
    let settings = daemon(args).unwrap_or_else(|error| {
        let error = error.to_string();
        let why = error.lines().next().unwrap_or_default();
        anstream::eprintln!("mcp-guard: looking for the daemon in its usual place, for {why}");
        DaemonSettings::default()
    });
    place_of(&settings)
}

fn place_of(daemon: &DaemonSettings) -> Result<Place, Failure> {
    let env = |name: &str| std::env::var_os(name);
    let (home, socket) = daemon.home(&env).zip(daemon.socket(&env)).ok_or_else(nowhere)?;
    Ok(Place::new(home, socket)?)
}

/// What the file says of the daemon; nothing else of it is read.
pub(crate) fn daemon(args: &ConfigArgs) -> Result<DaemonSettings, Failure> {
    Ok(file(args)?.map(|file| policy::load_daemon(&file)).transpose()?.unwrap_or_default())
}

/// Where the audit is kept.
pub(crate) fn audit_file(policy: &Policy) -> Result<PathBuf, Failure> {
    if let Some(path) = &policy.audit().path {
        return Ok(path.clone());
    }
    let home = policy.daemon().home(&|name| std::env::var_os(name)).ok_or_else(nowhere)?;
    Ok(home.join("audit.db"))
}

/// Where everything is recorded that a process with many sessions does; `None` if the policy turns that off.
pub(crate) fn audit(policy: &Policy) -> Result<Option<SharedAudit>, Failure> {
    if !policy.audit().enabled {
        return Ok(None);
    }
    let options =
        AuditOptions { retention_days: Some(policy.audit().retention_days), ..AuditOptions::default() };
    Ok(Some(SharedAudit::new(SqliteAudit::open(&audit_file(policy)?, options)?)))
}

/// Where limits are counted; opened at once if one of `servers` has any. `None` where there is no place and no need.
pub(crate) fn counters<'s>(
    policy: &Policy,
    mut servers: impl Iterator<Item = &'s Arc<ServerPolicy>>,
) -> Result<Option<SharedCounters>, Failure> {
    let limited = servers.any(|server| server.has_limits());
    let Some(home) = policy.daemon().home(&|name| std::env::var_os(name)) else {
        return if limited { Err(nowhere()) } else { Ok(None) };
    };
    let counters = SharedCounters::new(&home.join("state.db"));
    if limited {
        counters.open()?;
    }
    Ok(Some(counters))
}

fn nowhere() -> Failure {
    Failure::new(
        "there is no place for what is kept: set HOME or XDG_STATE_HOME (on Windows LOCALAPPDATA), or daemon.home in the configuration",
    )
}
