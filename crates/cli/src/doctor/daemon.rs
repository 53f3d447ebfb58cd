use std::{fs, path::Path};

use policy::Policy;
use proxy::{
    daemon::{Condition, Health, Status},
    local::{Ask, Place, dial, running},
};
use serde::de::DeserializeOwned;

use super::finding::Finding;
use crate::{args::ConfigArgs, configuration, daemon::wait_for};

const CHECK: &str = "daemon";

const RESTART: &str = "`mcp-guard stop`, then `mcp-guard start -d`";

/// Whether the daemon that runs is the one that would be started now, and does its work. Gives whether one runs.
pub(super) fn check(
    config: &ConfigArgs,
    place: &Place,
    policy: Option<&Policy>,
    findings: &mut Vec<Finding>,
) -> bool {
    match running(place) {
        Ok(Some(_)) => {}
        Ok(None) => {
            findings.push(Finding::ok(CHECK, "does not run; `mcp-guard connect` starts it"));
            return false;
        }
        Err(error) => {
            findings.push(Finding::error(CHECK, error));
            return false;
        }
    }
    let status: Status = match ask(place, Ask::Status) {
        Ok(status) => status,
        Err(error) => {
            findings.push(Finding::error(CHECK, error));
            return false;
        }
    };
    findings.push(Finding::ok(CHECK, format!("runs as process {}", status.pid)));
    let ours = env!("CARGO_PKG_VERSION");
    if status.version != ours {
        let text = format!("is version {}, and this program is {ours}", status.version);
        findings.push(Finding::warn(CHECK, text, RESTART));
    }
    findings.extend(same_configuration(config, policy, &status));
    match ask::<Health>(place, Ask::Health) {
        Ok(health) => findings.push(condition(&health)),
        Err(error) => findings.push(Finding::error(CHECK, error)),
    }
    true
}

fn ask<T: DeserializeOwned>(place: &Place, what: Ask) -> Result<T, String> {
    let dialled = wait_for(dial(place, what)).map_err(|failure| failure.to_string())?;
    let answer = dialled.map_err(|error| error.to_string())?.answer;
    serde_json::from_value(answer).map_err(|_| format!("the daemon is of another version; {RESTART}"))
}

fn same_configuration(config: &ConfigArgs, policy: Option<&Policy>, status: &Status) -> Option<Finding> {
    let real = |path: &Path| fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let here = configuration::file(config).ok()?;
    if here.as_deref().map(real) != status.config.as_deref().map(real) {
        let shown = |path: Option<&Path>| path.map_or("none".to_owned(), |path| path.display().to_string());
        let text = format!(
            "its configuration is {}, the one found here {}",
            shown(status.config.as_deref()),
            shown(here.as_deref())
        );
        return Some(Finding::warn(CHECK, text, format!("name the one you mean with -c, or {RESTART}")));
    }
    if let Some(pending) = &status.pending {
        let pending = pending.lines().next().unwrap_or_default();
        let (text, remedy) =
            pending.split_once("; ").unwrap_or((pending, "`mcp-guard validate` shows the place"));
        return Some(Finding::warn(CHECK, text, remedy));
    }
    if policy?.hash() != status.policy_hash {
        let text = "the configuration in force is not that of the file";
        return Some(Finding::warn(CHECK, text, "`mcp-guard reload` says why, or puts it in force"));
    }
    Some(Finding::ok(CHECK, "the configuration in force is that of the file"))
}

fn condition(health: &Health) -> Finding {
    match health.status {
        Condition::Healthy => Finding::ok(CHECK, format!("healthy, {} clients", health.bridges)),
        Condition::Degraded => {
            let down =
                health.servers.iter().filter(|(_, state)| *state == "down").map(|(name, _)| name.as_str());
            let text = format!("degraded: {} keeps ending", down.collect::<Vec<_>>().join(", "));
            Finding::warn(CHECK, text, "`mcp-guard status` says why")
        }
        Condition::Unhealthy => {
            let text = format!("unhealthy: nothing passes (the audit: {})", health.database);
            Finding::fail(CHECK, text, "see the daemon's log, and the audit's line here")
        }
    }
}
