//! `mcp-guard policy show`.

use std::process::ExitCode;

use policy::{Entry, Location, Policy};
use serde_json::{Value, json};

use crate::{
    args::{ConfigArgs, PolicyShowArgs},
    configuration,
    failure::Failure,
    paint::{FAINT, paint},
};

pub(crate) fn show(config: &ConfigArgs, args: &PolicyShowArgs) -> Result<ExitCode, Failure> {
    let policy = configuration::policy(config, None)?;
    for notice in policy.notices() {
        anstream::eprintln!("note: {notice}");
    }
    known(
        "server",
        args.server.as_deref(),
        policy.entries().iter().filter_map(|entry| entry.server.as_deref()),
    )?;
    known("role", args.role.as_deref(), policy.entries().iter().filter_map(|entry| entry.role.as_deref()))?;
    let entries: Vec<&Entry> = policy.entries().iter().filter(|entry| wanted(entry, &policy, args)).collect();
    if args.json {
        anstream::println!("{:#}", entries.iter().map(|entry| as_json(entry)).collect::<Value>());
        return Ok(ExitCode::SUCCESS);
    }
    if entries.is_empty() {
        anstream::println!("# No file says anything; `--effective` shows what is built in.");
    }
    for entry in entries {
        let line = format!("{}: {}", entry.path, entry.value);
        match args.explain {
            true => anstream::println!("{line}  {}", paint(FAINT, format_args!("# {}", explained(entry)))),
            false => anstream::println!("{line}"),
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn wanted(entry: &Entry, policy: &Policy, args: &PolicyShowArgs) -> bool {
    let is = |asked: &Option<String>, name: Option<&str>| match (asked, name) {
        (Some(asked), Some(name)) => asked == name,
        _ => true,
    };
    if !is(&args.server, entry.server.as_deref()) || !is(&args.role, entry.role.as_deref()) {
        return false;
    }
    let built_in = entry.at.iter().all(|at| matches!(at, Location::BuiltIn(_))) && entry.overruled.is_empty();
    (args.effective || !built_in) && !(args.server.is_none() && repeats(entry, policy))
}

/// Whether it only says of a server what is said of all.
fn repeats(entry: &Entry, policy: &Policy) -> bool {
    let Some(server) = &entry.server else { return false };
    let Some(general) = entry.path.strip_prefix(&format!("servers.{server}.pii.")) else { return false };
    let same = |other: &&Entry| {
        other.server.is_none()
            && other.path.strip_prefix("pii.") == Some(general)
            && other.value == entry.value
    };
    policy.entries().iter().any(|other| same(&other))
}

fn known<'n>(
    kind: &str,
    asked: Option<&str>,
    names: impl Iterator<Item = &'n str> + Clone,
) -> Result<(), Failure> {
    let Some(asked) = asked.filter(|asked| !names.clone().any(|name| name == *asked)) else { return Ok(()) };
    let mut names: Vec<_> = names.collect();
    names.dedup();
    let there =
        if names.is_empty() { "it has none".to_owned() } else { format!("it has: {}", names.join(", ")) };
    Err(Failure::new(format!("the configuration has no {kind} `{asked}`; {there}")))
}

/// Where the value comes from, and what it won against.
fn explained(entry: &Entry) -> String {
    let mut text = entry.at.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    if entry.in_base {
        text.push_str(" (base)");
    }
    for loser in &entry.overruled {
        text.push_str(&format!("; over {} of {}", loser.value, loser.at));
    }
    text
}

fn as_json(entry: &Entry) -> Value {
    let overruled =
        entry.overruled.iter().map(|other| json!({ "value": other.value, "at": other.at.to_string() }));
    json!({
        "path": entry.path,
        "value": entry.value,
        "at": entry.at.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "overruled": overruled.collect::<Vec<_>>(),
        "server": entry.server.as_deref(),
        "role": entry.role.as_deref(),
        "base": entry.in_base,
    })
}
