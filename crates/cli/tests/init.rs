//! `mcp-guard init` as a person runs it, with clients' files in a home of its own.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)] // A test fails by panicking.

use std::{
    fs,
    io::Write,
    path::PathBuf,
    process::{Command, Output, Stdio},
};

use serde_json::{Value, json};
use tempfile::TempDir;

const GUARD: &str = env!("CARGO_BIN_EXE_mcp-guard");

struct Home(TempDir);

impl Home {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, path: &str) -> PathBuf {
        self.0.path().canonicalize().unwrap().join(path)
    }

    fn write(&self, path: &str, text: &str) {
        fs::create_dir_all(self.path(path).parent().unwrap()).unwrap();
        fs::write(self.path(path), text).unwrap();
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap()
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.env_clear().env("HOME", self.path("")).current_dir(self.path("")).stdin(Stdio::null());
        command
    }

    fn run(&self, args: &[&str]) -> Output {
        self.command(GUARD).args(args).output().unwrap()
    }

    /// Runs `init`; what it said, and its status.
    fn init(&self, args: &[&str]) -> (String, Option<i32>) {
        let output = self.run(&[&["init"], args].concat());
        (text(&output.stdout) + &text(&output.stderr), output.status.code())
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Two clients with the sample server, one of them with a secret.
fn two_clients() -> (Home, String, String) {
    let home = Home::new();
    let server = json!({ "command": GUARD, "args": ["sample-server", home.path("files")] });
    let mut claude = json!({ "mcpServers": { "files": server.clone() }, "numStartups": 1 });
    claude["mcpServers"]["files"]["env"] = json!({ "SERVICE_TOKEN": "hunter2-secret" });
    let claude = format!("{claude:#}\n");
    let cursor = format!("// mine\n{:#}\n", json!({ "mcpServers": { "other": server } }));
    home.write(".claude.json", &claude);
    home.write(".cursor/mcp.json", &cursor);
    home.write("files/notes.txt", "Ship it.");
    (home, claude, cursor)
}

#[test]
fn one_command_guards_every_server_and_another_puts_everything_back() {
    let (home, claude, cursor) = two_clients();
    let (said, status) = home.init(&["--apply", "--yes"]);
    assert_eq!(status, Some(0), "{said}");
    assert!(!said.contains("hunter2"), "{said}");
    assert!(
        !home.read("mcp-guard.yaml").contains("hunter2") && !home.read(".claude.json").contains("hunter2")
    );
    assert!(home.read(".local/state/mcp-guard/secrets.env").contains("SERVICE_TOKEN=\"hunter2-secret\"\n"));
    assert!(home.read(".cursor/mcp.json").starts_with("// mine\n{"));
    assert_eq!(home.run(&["validate"]).status.code(), Some(0), "the secret is found without the environment");

    let entry: Value = serde_json::from_str(&home.read(".claude.json")).unwrap();
    let entry = &entry["mcpServers"]["files"];
    let config = home.path("mcp-guard.yaml");
    assert_eq!(entry, &json!({ "command": GUARD, "args": ["connect", "-s", "files", "-c", config] }));

    let written = home.read("mcp-guard.yaml");
    let (said, status) = home.init(&["--apply", "--yes"]);
    assert!(status == Some(0) && said.contains("guarded already"), "{said}");
    assert_eq!(home.read("mcp-guard.yaml"), written);

    let (said, status) = home.init(&["--undo"]);
    assert_eq!(status, Some(0), "{said}");
    assert_eq!((home.read(".claude.json"), home.read(".cursor/mcp.json")), (claude, cursor));
    assert!(home.init(&["--undo"]).0.contains("nothing to undo"));
}

/// What the client starts answers as the server did.
#[test]
fn the_rewritten_entry_reaches_the_server() {
    let (home, ..) = two_clients();
    home.init(&["--apply", "--yes"]);
    let entry: Value = serde_json::from_str(&home.read(".claude.json")).unwrap();
    let entry = &entry["mcpServers"]["files"];
    let args: Vec<_> = entry["args"].as_array().unwrap().iter().map(|arg| arg.as_str().unwrap()).collect();
    let mut client = home.command(entry["command"].as_str().unwrap());
    client.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut client = client.spawn().unwrap();
    let lines = [
        json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
            "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": { "name": "t", "version": "1" } } }),
        json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }),
        json!({ "jsonrpc": "2.0", "id": 2, "method": "tools/call",
            "params": { "name": "read_file", "arguments": { "path": "notes.txt" } } }),
    ];
    let mut to = client.stdin.take().unwrap();
    for line in &lines {
        writeln!(to, "{line}").unwrap();
    }
    drop(to);
    let output = client.wait_with_output().unwrap();
    home.run(&["stop"]);
    let said = text(&output.stdout);
    assert!(said.contains("Ship it."), "{said}\n{}", text(&output.stderr));
}

#[test]
fn a_dry_run_shows_everything_and_writes_nothing() {
    let (home, claude, cursor) = two_clients();
    let (said, status) = home.init(&["--dry-run"]);
    assert_eq!(status, Some(0), "{said}");
    for part in [
        "servers:\n",
        "SERVICE_TOKEN: \"${SERVICE_TOKEN}\"",
        "+++ ",
        "\"connect\"",
        "-        \"SERVICE_TOKEN\": \"[hidden]\"",
    ] {
        assert!(said.contains(part), "{part:?} is missing in:\n{said}");
    }
    assert!(!said.contains("hunter2"), "{said}");
    assert_eq!((home.read(".claude.json"), home.read(".cursor/mcp.json")), (claude, cursor));
    assert!(!home.path("mcp-guard.yaml").exists() && !home.path(".local").exists());
}

#[test]
fn an_existing_configuration_is_never_overwritten() {
    let (home, claude, _) = two_clients();
    let mine = "# mine\nservers:\n  files:\n    command: something-else\n";
    home.write("mcp-guard.yaml", mine);
    let (said, status) = home.init(&["--apply", "--yes"]);
    assert_eq!(status, Some(1), "{said}");
    assert!(said.contains("exists and is not overwritten") && said.contains("files-claude-code:"), "{said}");
    assert_eq!((home.read("mcp-guard.yaml").as_str(), home.read(".claude.json")), (mine, claude));

    let added = said.split_once("servers:\n").unwrap().1;
    home.write("mcp-guard.yaml", &format!("{mine}{added}"));
    let (said, status) = home.init(&["--apply", "--yes"]);
    assert_eq!(status, Some(0), "what was shown can be added as it is: {said}");
    assert!(home.read(".claude.json").contains("files-claude-code"));
}

#[test]
fn without_a_terminal_nothing_is_changed_unasked() {
    let (home, claude, _) = two_clients();
    let (said, status) = home.init(&["--apply"]);
    assert_eq!(status, Some(1));
    assert!(said.contains("add --yes"), "{said}");
    assert_eq!(home.read(".claude.json"), claude);
    assert!(!home.path("mcp-guard.yaml").exists());
}

#[test]
fn clients_are_chosen_by_name() {
    let (home, claude, cursor) = two_clients();
    let (said, status) = home.init(&["--client", "emacs"]);
    assert_eq!(status, Some(1));
    assert!(
        said.contains("no client `emacs`") && said.contains("claude-desktop, claude-code, cursor"),
        "{said}"
    );
    assert_eq!(home.init(&["--client", "cursor", "--apply", "--yes"]).1, Some(0));
    assert_eq!(home.read(".claude.json"), claude);
    assert_ne!(home.read(".cursor/mcp.json"), cursor);
}

#[test]
fn where_there_is_nothing_it_says_where_it_looked() {
    let home = Home::new();
    let (said, status) = home.init(&[]);
    assert_eq!(status, Some(0));
    assert!(said.contains("No MCP server was found") && said.contains(".cursor/mcp.json"), "{said}");
    assert!(!home.path("mcp-guard.yaml").exists());
    let told: Value = serde_json::from_slice(&home.run(&["init", "--json"]).stdout).unwrap();
    assert_eq!(told["entries"], json!([]));
    assert!(told["looked_at"].as_array().unwrap().len() > 30);
}

#[test]
fn machines_are_told_in_json() {
    let (home, ..) = two_clients();
    let output = home.run(&["init", "--json", "--apply", "--yes"]);
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    let entry = &told["entries"][0];
    assert_eq!(
        (&entry["client"], &entry["status"], &entry["server"]),
        (&json!("claude-code"), &json!("guard"), &json!("files"))
    );
    assert_eq!(told["applied"].as_array().unwrap().len(), 2);
    assert!(!told.to_string().contains("hunter2"), "{told}");
    let undone: Value = serde_json::from_slice(&home.run(&["init", "--undo", "--json"]).stdout).unwrap();
    assert_eq!(undone["undone"][0]["restored"], json!(true));
}

#[test]
fn secrets_others_can_read_are_not_used() {
    use std::os::unix::fs::PermissionsExt;
    let (home, ..) = two_clients();
    home.init(&[]);
    let secrets = home.path(".local/state/mcp-guard/secrets.env");
    assert_eq!(fs::metadata(&secrets).unwrap().permissions().mode() & 0o777, 0o600);
    fs::set_permissions(&secrets, fs::Permissions::from_mode(0o644)).unwrap();
    let output = home.run(&["validate"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("chmod 600"), "{}", text(&output.stderr));
}
