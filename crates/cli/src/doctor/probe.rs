//! Talks to each server the way a client does, guarded and recorded like one.

use std::{
    io,
    path::PathBuf,
    sync::mpsc::sync_channel,
    thread,
    time::{Duration, Instant},
};

use policy::{Policy, ServerPolicy, Transport};
use serde_json::{Value, json};

use super::finding::Finding;
use crate::{args::ConfigArgs, client::Client};

const CHECK: &str = "probe";

/// Pages of tools looked at.
const MOST_PAGES: usize = 100;

/// What a server has shown of itself.
struct Shown {
    revision: String,
    tools: usize,
    took: Duration,
}

/// Starts each server: through the daemon if it runs (and is not started for this), else by `run`.
pub(super) fn check(config: &ConfigArgs, policy: &Policy, daemon: bool, findings: &mut Vec<Finding>) {
    for server in policy.servers() {
        let Some(name) = server.name.as_deref() else { continue };
        if server.launch.as_ref().is_some_and(|launch| launch.transport == Transport::Stdio) {
            findings.push(match probe(config, name, server, daemon) {
                Ok(shown) => Finding::ok(
                    CHECK,
                    format!(
                        "{name}: {}, {} tools, {:.1} s",
                        shown.revision,
                        shown.tools,
                        shown.took.as_secs_f32()
                    ),
                ),
                Err(why) => Finding::fail(
                    CHECK,
                    format!("{name} ({}): {why}", server.at),
                    format!("see what it prints: `mcp-guard run -s {name}`"),
                ),
            });
        }
    }
}

fn probe(config: &ConfigArgs, name: &str, server: &ServerPolicy, daemon: bool) -> Result<Shown, String> {
    let mut command = vec![std::env::current_exe().map_err(|error| error.to_string())?];
    if let Some(file) = &config.config {
        command.extend(["--config".into(), file.clone()]);
    }
    let task = if daemon { "connect" } else { "run" };
    command.extend([task, "--server", name].map(PathBuf::from));

    let since = Instant::now();
    let client = Client::start(&command).map_err(|error| error.to_string())?;
    let process = client.process();
    let (told, answer) = sync_channel(1);
    thread::spawn(move || told.send(talk(client)));
    // One server may be slow to come, all the more when it is fetched first.
    let patience = server.supervision.start_timeout;
    let shown = answer.recv_timeout(patience).unwrap_or_else(|_| {
        proxy::background::terminate(process);
        Err(io::Error::other(format!("no answer within {} s", patience.as_secs())))
    });
    let (revision, tools) = shown.map_err(|error| error.to_string())?;
    Ok(Shown { revision, tools, took: since.elapsed() })
}

/// The revision and how many tools there are.
fn talk(mut client: Client) -> io::Result<(String, usize)> {
    let hello = json!({
        "protocolVersion": "2025-11-25",
        "capabilities": {},
        "clientInfo": { "name": "mcp-guard doctor", "version": env!("CARGO_PKG_VERSION") },
    });
    let welcome = result(client.ask("initialize", &hello)?)?;
    let revision = welcome.get("protocolVersion").and_then(Value::as_str).unwrap_or("no revision").to_owned();
    client.tell("notifications/initialized")?;
    let mut tools = 0;
    if welcome.pointer("/capabilities/tools").is_some() {
        let mut params = json!({});
        for _ in 0..MOST_PAGES {
            let page = result(client.ask("tools/list", &params)?)?;
            tools += page.get("tools").and_then(Value::as_array).map_or(0, Vec::len);
            match page.get("nextCursor") {
                Some(cursor) if !cursor.is_null() => params = json!({ "cursor": cursor }),
                _ => break,
            }
        }
    }
    client.finish()?;
    Ok((revision, tools))
}

fn result(answer: Value) -> io::Result<Value> {
    match answer.get("result") {
        Some(result) => Ok(result.clone()),
        None => {
            let message = answer.pointer("/error/message").and_then(Value::as_str);
            Err(io::Error::other(message.unwrap_or("an answer without result").to_owned()))
        }
    }
}
