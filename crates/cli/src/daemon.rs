//! `mcp-guard start`, `stop`, `status`, `health`, `dashboard-token` and `reload`.

mod health;
mod start;
mod status;
mod stop;

use std::{collections::BTreeMap, process::ExitCode};

use proxy::{
    Command,
    daemon::Outcome,
    local::{Ask, dial},
};

pub(crate) use self::{health::health, start::start, status::status, stop::stop};
use crate::{
    args::{ConfigArgs, ReloadArgs},
    configuration,
    failure::Failure,
};

pub(crate) fn reload(config: &ConfigArgs, args: &ReloadArgs) -> Result<ExitCode, Failure> {
    let place = configuration::place_now(config)?;
    let answer = wait_for(dial(&place, Ask::Reload { confirm: args.confirm }))??.answer;
    let (changes, code) = match serde_json::from_value(answer).map_err(Failure::new)? {
        Outcome::Unchanged => {
            anstream::println!("the configuration is as it was");
            (Vec::new(), 0)
        }
        Outcome::Applied(changes) => {
            anstream::println!("the new configuration is in force:");
            (changes, 0)
        }
        Outcome::Unconfirmed(changes) => {
            anstream::println!("it loosens the policy; `mcp-guard reload --confirm` puts it in force:");
            (changes, 3)
        }
        Outcome::Refused(why) => {
            return Err(Failure::new(format!("{why}\nThe old configuration stays in force.")));
        }
    };
    changes.iter().for_each(|change| anstream::println!("  {change}"));
    Ok(ExitCode::from(code))
}

pub(crate) fn dashboard_token(config: &ConfigArgs) -> Result<ExitCode, Failure> {
    let place = configuration::place_now(config)?;
    anstream::println!("{}", place.dashboard_token()?.reveal());
    Ok(ExitCode::SUCCESS)
}

/// How a process starts that ends the servers we leave behind should we be killed.
pub(crate) fn reaper() -> Result<Command, Failure> {
    Ok(Command {
        program: std::env::current_exe().map_err(Failure::new)?.to_string_lossy().into_owned(),
        args: vec!["reap".to_owned()],
        base_env: None,
        env: BTreeMap::new(),
        folder: None,
    })
}

/// Runs something short that waits for the daemon.
pub(crate) fn wait_for<T>(what: impl Future<Output = T>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Failure::new)?;
    Ok(runtime.block_on(what))
}
