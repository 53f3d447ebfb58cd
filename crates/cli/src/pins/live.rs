//! What a server is now: started, greeted and asked for every list.

use std::{io, process::Command, sync::mpsc::sync_channel, thread};

use policy::ServerPolicy;
use proxy::pins::Whom;
use serde_json::{Value, json};
use trust::{Item, Kind, Surface};

use crate::{client::Client, failure::Failure};

/// Pages of one list that are asked for.
const MOST_PAGES: usize = 1000;

/// Lists, by the capability that offers them.
const LISTS: [(&str, &str, Kind); 4] = [
    ("tools", "tools/list", Kind::Tool),
    ("prompts", "prompts/list", Kind::Prompt),
    ("resources", "resources/list", Kind::Resource),
    ("resources", "resources/templates/list", Kind::Template),
];

/// Starts the server as the configuration says, and takes up all it shows of itself.
pub(super) fn surface(name: &str, server: &ServerPolicy) -> Result<Surface, Failure> {
    let launch = server.launch.as_ref();
    let Some((launch, program)) = launch.and_then(|launch| Some((launch, launch.command.clone()?))) else {
        return Err(Failure::new(format!(
            "the server `{name}` is reached by URL; it is pinned when it is first used (pins.mode: first-use)"
        )));
    };
    let mut command = Command::new(program);
    command.args(&launch.args).envs(&launch.env);
    if let Some(folder) = &launch.cwd {
        command.current_dir(folder);
    }
    let failed = |error: &dyn std::fmt::Display| Failure::new(format!("the server `{name}`: {error}"));
    let client = Client::spawn(command).map_err(|error| failed(&error))?;
    let process = client.process();
    let (told, answer) = sync_channel(1);
    thread::spawn(move || told.send(talk(client)));
    let patience = server.supervision.start_timeout;
    let shown = answer.recv_timeout(patience).unwrap_or_else(|_| {
        proxy::background::terminate(process);
        Err(io::Error::other(format!("no answer within {} s", patience.as_secs())))
    });
    let mut surface = shown.map_err(|error| failed(&error))?;
    if let Some(whom) = Whom::configured(launch) {
        surface.items.insert((Kind::Identity, String::new()), Item::new(whom.identity(server)));
    }
    Ok(surface)
}

fn talk(mut client: Client) -> io::Result<Surface> {
    let hello = json!({
        "protocolVersion": "2025-11-25",
        "capabilities": {},
        "clientInfo": { "name": "mcp-guard pins", "version": env!("CARGO_PKG_VERSION") },
    });
    let mut surface = Surface::default();
    let welcome = result(client.ask("initialize", &hello)?)?;
    surface.introduce(&welcome);
    client.tell("notifications/initialized")?;
    for (capability, method, kind) in LISTS {
        if welcome.pointer(&format!("/capabilities/{capability}")).is_none() {
            continue;
        }
        let mut params = json!({});
        for _ in 0..MOST_PAGES {
            // Not every server that has resources has templates.
            let page = match result(client.ask(method, &params)?) {
                Ok(page) => page,
                Err(_) if kind == Kind::Template => break,
                Err(error) => return Err(error),
            };
            match surface.add_page(kind, &page).map_err(io::Error::other)? {
                Some(cursor) => params = json!({ "cursor": cursor }),
                None => break,
            }
        }
    }
    client.finish()?;
    Ok(surface)
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
