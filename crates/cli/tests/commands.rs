//! The commands as a person runs them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)] // A test fails by panicking.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use serde_json::{Value, json};
use tempfile::TempDir;

/// A folder with nothing in it, as home, working folder and place for state and configuration.
struct Home(TempDir);

impl Home {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn with_config(yaml: &str) -> Self {
        let home = Self::new();
        fs::write(home.path().join("mcp-guard.yaml"), yaml).unwrap();
        home
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mcp-guard"));
        command.args(args).current_dir(self.path()).env("HOME", self.path());
        for variable in ["MCP_GUARD_CONFIG", "XDG_CONFIG_HOME", "XDG_STATE_HOME"] {
            command.env_remove(variable);
        }
        command
    }

    fn run(&self, args: &[&str]) -> Output {
        self.command(args).stdin(Stdio::null()).output().unwrap()
    }

    /// Runs the sample server behind the guard, says `lines`, and returns what came back, by id.
    fn session(&self, args: &[&str], lines: &[Value]) -> Vec<Value> {
        let mut child = self.command(&["run"]);
        child.args(args).arg("--").args([env!("CARGO_BIN_EXE_mcp-guard"), "sample-server"]).arg(self.path());
        let mut child =
            child.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut to = child.stdin.take().unwrap();
        for line in lines {
            writeln!(to, "{line}").unwrap();
        }
        drop(to);
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", text(&output.stderr));
        let mut answers: Vec<Value> =
            text(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        // A refusal is there before the server has answered anything.
        answers.sort_by_key(|answer| answer["id"].as_u64());
        answers
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn call(id: u32, tool: &str, path: &str) -> Value {
    json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": {"name": tool, "arguments": {"path": path}}})
}

const DENY: &str = "servers:\n  files:\n    command: x\n    policy:\n      permissions:\n        denied_tools: [\"delete_*\"]\n";

#[test]
fn the_demo_shows_each_step_raw_and_guarded() {
    let output = Home::new().run(&["demo"]);
    let told = text(&output.stdout);
    assert!(output.status.success(), "{}", text(&output.stderr));
    for line in [
        "  direct   list_files, read_file, delete_file\n  guarded  list_files, read_file\n",
        "  direct   Ship the release on Friday.\n  guarded  Ship the release on Friday.\n",
        "  guarded  AWS_ACCESS_KEY_ID=[REDACTED:aws_key] ⏎ AWS_SECRET_ACCESS_KEY=[REDACTED:aws_secret_key]\n",
        "  direct   deleted notes.txt\n  guarded  ✗ the tool \"DELETE_FILE\" is denied\n",
        "  direct   name,salary ⏎ Kim,71000\n  guarded  ✗ the resource ",
        "The audit has 11 records; these found something:",
        " run -- npx -y @modelcontextprotocol/server-filesystem ~/project\n",
    ] {
        assert!(told.contains(line), "{line:?} is missing in:\n{told}");
    }
    assert!(!told.contains('\u{1b}'), "no colours where nobody sees them");
}

#[test]
fn what_was_blocked_can_be_looked_up_and_explained() {
    let home = Home::with_config(DENY);
    let answers = home.session(&[], &[call(1, "DELETE_FILE", "a"), call(2, "list_files", "")]);
    let denial = &answers[0]["error"]["data"]["mcp-guard/denial"];
    let decision = denial["decision_id"].as_str().unwrap();
    assert_eq!((&denial["rule"], &denial["retry"]), (&json!("permission.denied_tools"), &json!("never")));

    let told = text(&home.run(&["explain", &decision.to_lowercase()]).stdout);
    for part in [
        "block — client → server: tools/call DELETE_FILE",
        "permission.denied_tools asks for block in the permission stage",
        "rule from mcp-guard.yaml:6:24",
        "to let it pass: take \"delete_*\" out of servers.files.policy.permissions.denied_tools",
        "files",
    ] {
        assert!(told.contains(part), "{part:?} is missing in:\n{told}");
    }
    let output = home.run(&["explain", "0000000000000"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("there is no decision 0000000000000"));

    let all = text(&home.run(&["logs"]).stdout);
    assert_eq!(all.lines().last(), Some("3 records"), "{all}");
    let blocked = text(&home.run(&["logs", "-t", "block", "--json", "--last", "15m"]).stdout);
    let record: Value = serde_json::from_str(blocked.trim()).unwrap();
    assert_eq!(record["decision_id"], decision);
    assert_eq!(
        (&record["server"], &record["method"], &record["target"]),
        (&json!("files"), &json!("tools/call"), &json!("DELETE_FILE"))
    );
    for (filter, count) in [
        (["-m", "tools/*"], 3),
        (["-m", "prompts/get"], 0),
        (["-s", "files"], 3),
        (["-s", "other"], 0),
        (["-u", "no such user"], 0),
        (["-t", "allow"], 2),
        (["--limit", "1"], 1),
    ] {
        let mut args = vec!["logs", "--json"];
        args.extend(filter);
        assert_eq!(text(&home.run(&args).stdout).lines().count(), count, "{filter:?}");
    }
}

#[test]
fn what_arguments_may_be_holds_at_the_call_and_is_told_in_the_list() {
    let home = Home::with_config(
        "servers:\n  files:\n    command: x\n    policy:\n      arguments:\n        - tools: [\"read_*\"]\n          rules:\n            \
         - at: /path\n              glob: [\"*.md\"]\n              required: true\n",
    );
    fs::write(home.path().join("a.md"), "whales").unwrap();
    fs::write(home.path().join("b.txt"), "secret").unwrap();
    let list = json!({"jsonrpc": "2.0", "id": 3, "method": "tools/list"});
    let answers = home.session(&[], &[call(1, "read_file", "a.md"), call(2, "read_file", "b.txt"), list]);
    assert_eq!(answers[0]["result"]["content"][0]["text"], "whales");
    let denial = &answers[1]["error"]["data"]["mcp-guard/denial"];
    assert_eq!((&denial["rule"], &denial["retry"]), (&json!("argument.glob"), &json!("changed")));
    let tools = answers[2]["result"]["tools"].as_array().unwrap();
    let schema = |name: &str| &tools.iter().find(|tool| tool["name"] == name).unwrap()["inputSchema"];
    assert_eq!(schema("read_file")["properties"]["path"]["pattern"], r"^[^\/]*\.md$");
    assert_eq!(schema("read_file")["required"], json!(["path"]));
    assert!(schema("list_files")["properties"]["path"].get("pattern").is_none());
    let told = text(&home.run(&["explain", denial["decision_id"].as_str().unwrap()]).stdout);
    assert!(told.contains("rule from mcp-guard.yaml:8:15"), "{told}");
}

#[test]
fn the_profile_of_the_command_line_wins() {
    let home = Home::with_config(DENY);
    fs::write(home.path().join("key"), "AKIAIOSFODNN7EXAMPLE").unwrap();
    let said = |args: &[&str]| {
        let answers = home.session(args, &[call(1, "read_file", "key"), call(2, "delete_file", "nothing")]);
        (answers[0]["result"]["content"][0]["text"].clone(), answers[1].get("error").is_some())
    };
    assert_eq!(said(&["--profile", "monitor"]), (json!("AKIAIOSFODNN7EXAMPLE"), false));
    let would = text(&home.run(&["logs", "-t", "shadow-block", "--json"]).stdout);
    assert_eq!(serde_json::from_str::<Value>(&would).unwrap()["would"], "block");
    assert_eq!(said(&["--profile", "balanced"]), (json!("[REDACTED:aws_key]"), true));
    assert_eq!(said(&["--profile", "strict"]), (json!("[REDACTED:aws_key]"), true));
}

#[test]
fn records_that_are_being_written_can_be_followed() {
    use std::io::{BufRead, BufReader};
    let home = Home::new();
    home.session(&[], &[call(1, "list_files", "")]);
    let mut follow = home.command(&["logs", "--follow", "--json"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(follow.stdout.take().unwrap()).lines();
    let mut next = || -> Value { serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap() };
    assert_eq!(next()["direction"], "client-to-server");
    assert_eq!(next()["direction"], "server-to-client");
    home.session(&[], &[call(1, "read_file", "nothing")]);
    assert_eq!(next()["target"], "read_file");
    follow.kill().unwrap();
    follow.wait().unwrap();
}

#[test]
fn a_wrong_configuration_says_what_where_and_how_to_mend_it() {
    let home = Home::with_config("servers:\n  files:\n    comand: npx\n");
    let output = home.run(&["validate"]);
    let told = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1));
    for part in ["mcp-guard.yaml:3:5", "comand", "command"] {
        assert!(told.contains(part), "{part:?} is missing in:\n{told}");
    }
    // The guard itself does not start with it either.
    let output = home.run(&["run", "--", "true"]);
    assert_eq!((output.status.code(), text(&output.stdout)), (Some(1), String::new()));

    let output = Home::with_config(DENY).run(&["validate"]);
    assert_eq!(text(&output.stdout), "mcp-guard.yaml is valid: 1 server, balanced profile.\n");
    let output = Home::new().run(&["-c", "nowhere.yaml", "validate"]);
    assert!(text(&output.stderr).contains("nowhere.yaml") && output.status.code() == Some(1));
}

#[test]
fn the_configuration_is_found_where_it_is_said_to_be() {
    let found = |home: &Home, command: &mut Command| {
        let output = command.current_dir(home.path()).output().unwrap();
        text(&output.stdout)
    };
    let home = Home::with_config(DENY);
    fs::write(home.path().join("other.yaml"), "profile: strict\n").unwrap();
    assert!(found(&home, &mut home.command(&["validate"])).contains("1 server"));
    assert!(
        found(&home, home.command(&["validate"]).env("MCP_GUARD_CONFIG", "other.yaml")).contains("strict")
    );
    assert!(
        found(
            &home,
            home.command(&["validate", "-c", "mcp-guard.yaml"]).env("MCP_GUARD_CONFIG", "other.yaml")
        )
        .contains("1 server")
    );
    let user = Home::new();
    let folder = user.path().join(".config/mcp-guard");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("mcp-guard.yaml"), "profile: monitor\n").unwrap();
    assert!(found(&user, &mut user.command(&["validate"])).contains("monitor"));
    assert!(
        found(&Home::new(), &mut Home::new().command(&["validate"])).contains("built-in balanced profile")
    );
}

#[test]
fn run_says_which_server_it_misses() {
    let two = "servers:\n  a: {command: x}\n  b: {url: \"http://localhost/\", transport: streamable-http}\n";
    for (args, part) in [
        (vec!["run"], "several servers; say which with --server: a, b"),
        (vec!["run", "-s", "c"], "no server `c`; it has: a, b"),
        (vec!["run", "-s", "b"], "reached by URL"),
    ] {
        let output = Home::with_config(two).run(&args);
        assert!(text(&output.stderr).contains(part) && !output.status.success(), "{}", text(&output.stderr));
    }
    let output = Home::new().run(&["run"]);
    assert!(text(&output.stderr).contains("mcp-guard run -- npx some-server"), "{}", text(&output.stderr));
}

#[test]
fn a_guard_that_cannot_record_does_not_start() {
    use std::os::unix::fs::PermissionsExt;
    let home = Home::new();
    let folder = home.path().join(".local/state/mcp-guard");
    fs::create_dir_all(&folder).unwrap();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o777)).unwrap();
    let output = home.run(&["run", "--", "touch", "started"]);
    let told = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.contains("other users can write to") && told.contains("chmod"), "{told}");
    assert!(!home.path().join("started").exists(), "nor does the server");
}

#[test]
fn a_program_that_may_not_be_run_gives_126() {
    let home = Home::new();
    fs::write(home.path().join("server"), "").unwrap();
    let output = home.run(&["run", "--", "./server"]);
    assert_eq!(output.status.code(), Some(126), "{}", text(&output.stderr));
}

#[test]
fn every_example_is_valid() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    let mut examples = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "yaml") {
            let output = Home::new().run(&["validate", "-c", path.to_str().unwrap()]);
            assert!(output.status.success(), "{}", text(&output.stderr));
            examples += 1;
        }
    }
    assert!(examples >= 3, "{examples} examples");
}

#[test]
fn the_policy_shows_where_each_value_comes_from() {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../examples/team-member.yaml");
    let show = |more: &[&str]| {
        let mut args = vec!["policy", "show", "-c", file.to_str().unwrap()];
        args.extend(more);
        Home::new().run(&args)
    };
    let shown = text(&show(&["--explain"]).stdout);
    let line = |path: &str| {
        let found = shown.lines().find(|line| line.starts_with(&format!("{path}: ")));
        found.unwrap_or_else(|| panic!("no {path} in {shown}")).to_owned()
    };
    assert!(line("profile").starts_with("profile: \"strict\"  # "), "{shown}");
    assert!(line("profile").contains("team-member.yaml:9:10; over \"balanced\" of "), "{shown}");
    assert!(line("servers.git.policy.permissions.denied_tools").ends_with(" (base)"), "{shown}");
    assert!(!shown.contains("limits.max_depth"), "built-in values are not asked for");

    assert!(text(&show(&["--effective"]).stdout).contains("limits.max_depth: 128"));
    let notes = text(&show(&["--server", "notes", "--role", "default"]).stdout);
    assert!(notes.contains("servers.notes.command") && !notes.contains("servers.git"), "{notes}");
    assert!(notes.contains("auth.roles.default") && !notes.contains("auth.roles.developers"), "{notes}");
    let list: serde_json::Value = serde_json::from_str(&text(&show(&["--json"]).stdout)).unwrap();
    assert!(
        list.as_array()
            .unwrap()
            .iter()
            .any(|entry| entry["path"] == "audit.retention_days" && entry["value"] == 30)
    );
    assert!(text(&show(&["--server", "gti"]).stderr).contains("it has: git, notes, time"));
}

#[test]
fn a_key_can_be_made_and_its_hash_put_into_the_configuration() {
    let made = Home::new().run(&["api-key", "ada"]);
    let (key, told) = (text(&made.stdout), text(&made.stderr));
    assert!(key.starts_with("mcpg_") && key.lines().count() == 1, "{key}");
    assert!(!told.contains(key.trim()), "{told}");
    let (_, section) = told.split_once("\n\n").unwrap();
    let home = Home::with_config(section);
    let output = home.run(&["policy", "show"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(
        text(&output.stdout).contains(r#"auth.api_keys.ada: {"groups":[],"key":"********"}"#),
        "{output:?}"
    );
}
