//! `mcp-guard demo`: one client session, played without and with the guard before the same server.

mod sample_server;
mod scene;

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::ExitCode,
};

use serde_json::{Value, json};
use store::{AuditReader, Filter};

pub(crate) use self::sample_server::sample_server;
use self::scene::Scene;
use crate::{
    client::Client,
    failure::Failure,
    paint::{BAD, CHANGED, FAINT, GOOD, STRONG, paint},
    record,
};

pub(crate) fn demo() -> Result<ExitCode, Failure> {
    let failed = |error: io::Error| Failure::new(format!("the demo could not run: {error}"));
    let me = std::env::current_exe().map_err(failed)?;
    let scene = Scene::set(&me).map_err(failed)?;

    anstream::println!(
        "{}\n",
        paint(
            STRONG,
            "One client, one file server. Each request first goes straight to the server, then through mcp-guard."
        )
    );
    let steps = steps(&scene.folder);
    let direct = play(&scene.direct(), &steps).map_err(failed)?;
    scene.restore().map_err(failed)?;
    let guarded = play(&scene.guarded(), &steps).map_err(failed)?;
    for ((step, direct), guarded) in steps.iter().zip(&direct).zip(&guarded) {
        show(step, direct, guarded, &scene.folder);
    }
    show_records(&scene.audit)?;
    let name = me.file_name().unwrap_or_default().to_string_lossy().into_owned();
    anstream::println!(
        "\n{}",
        paint(
            STRONG,
            "Guard your own server: in your MCP client's configuration, put this before its command"
        )
    );
    anstream::println!("    {name} run -- npx -y @modelcontextprotocol/server-filesystem ~/project");
    Ok(ExitCode::SUCCESS)
}

/// One request of the session.
struct Step {
    title: &'static str,
    method: &'static str,
    params: Value,
}

fn steps(folder: &Path) -> Vec<Step> {
    let call = |name: &str, path: &str| json!({ "name": name, "arguments": { "path": path } });
    let outside = format!("file://{}/%2e%2e/private/salaries.csv", folder.display());
    let step = |title, method, params| Step { title, method, params };
    vec![
        step("What tools are there?", "tools/list", json!({})),
        step("Read the notes", "tools/call", call("read_file", "notes.txt")),
        step("Read the settings, which hold an AWS key", "tools/call", call("read_file", "settings.txt")),
        step("Delete a file, spelt to slip past a deny-list", "tools/call", call("DELETE_FILE", "notes.txt")),
        step("Leave the folder by an encoded ..", "resources/read", json!({ "uri": outside })),
    ]
}

/// Plays the session against a command line; the answers in order.
fn play(command: &[PathBuf], steps: &[Step]) -> io::Result<Vec<Value>> {
    let mut client = Client::start(command)?;
    let hello = json!({
        "protocolVersion": "2025-11-25",
        "capabilities": {},
        "clientInfo": { "name": "mcp-guard demo", "version": env!("CARGO_PKG_VERSION") },
    });
    client.ask("initialize", &hello)?;
    client.tell("notifications/initialized")?;
    let answers = steps.iter().map(|step| client.ask(step.method, &step.params)).collect();
    client.finish()?;
    answers
}

fn show(step: &Step, direct: &Value, guarded: &Value, folder: &Path) {
    anstream::println!("{}  {}", paint(STRONG, step.title), paint(FAINT, asked(step, folder)));
    anstream::println!("  direct   {}", paint(FAINT, said(direct)));
    let style = match guarded.get("error") {
        Some(_) => BAD,
        None if direct != guarded => CHANGED,
        None => GOOD,
    };
    anstream::println!("  guarded  {}\n", paint(style, said(guarded)));
}

fn asked(step: &Step, folder: &Path) -> String {
    let text = |pointer| step.params.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let folder = folder.display().to_string();
    match step.method {
        "tools/call" => format!("{} {}", text("/name"), text("/arguments/path")),
        "resources/read" => format!("{} {}", step.method, text("/uri").replace(&folder, "…")),
        method => method.to_owned(),
    }
}

/// An answer in one line.
fn said(answer: &Value) -> String {
    let text = |pointer| {
        answer.pointer(pointer).and_then(Value::as_str).map(|text| text.trim_end().replace('\n', " ⏎ "))
    };
    if let Some(message) = text("/error/data/mcp-guard~1denial/text") {
        return format!("✗ {message}");
    }
    if let Some(tools) = answer.pointer("/result/tools").and_then(Value::as_array) {
        let names: Vec<_> = tools.iter().filter_map(|tool| tool.get("name")?.as_str()).collect();
        return names.join(", ");
    }
    let found =
        ["/result/content/0/text", "/result/contents/0/text", "/error/message"].into_iter().find_map(text);
    found.unwrap_or_else(|| answer.to_string())
}

fn show_records(audit: &Path) -> Result<(), Failure> {
    let entries = AuditReader::open(audit)?.query(&Filter::default())?;
    let found: Vec<_> = entries.iter().filter(|entry| entry.findings.is_some()).collect();
    anstream::println!(
        "{} {}",
        paint(STRONG, format_args!("The audit has {} records; these found something:", entries.len())),
        paint(FAINT, "(mcp-guard logs, mcp-guard explain ID)")
    );
    for entry in found {
        anstream::println!("{}", record::line(entry));
    }
    Ok(())
}

/// Writes a file and the folders it needs.
fn write(file: &Path, text: &str) -> io::Result<()> {
    if let Some(parent) = file.parent() {
        fs::create_dir_all(parent)?;
    }
    fs::write(file, text)
}
