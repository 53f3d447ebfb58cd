//! The doctor, before installations that are broken in one way each.

use std::{fs, os::unix::fs::PermissionsExt, path::Path, process::Command};

use serde_json::{Value, json};

use crate::house::{House, Ran};

/// A house whose one server is the sample server.
fn house() -> House {
    let house = House::new(&[]);
    let served = house.path("served");
    fs::create_dir(&served).unwrap();
    let server = json!({"command": env!("CARGO_BIN_EXE_mcp-guard"), "args": ["sample-server", served]});
    house.reconfigure(|config| config["servers"]["files"] = server);
    house
}

/// What the doctor says of each check: state, text and remedy.
struct Told {
    code: Option<i32>,
    checks: Vec<Value>,
}

impl Told {
    fn by(mut command: Command) -> Self {
        let ran = Ran::of(command.output().unwrap());
        let told: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{ran:?}"));
        let checks = told["checks"].as_array().unwrap().clone();
        assert_eq!(told["ok"] == true, ran.code == Some(0));
        Self { code: ran.code, checks }
    }

    /// Asserts that a check came out so, with these words in its text or remedy.
    #[track_caller]
    fn has(&self, state: &str, check: &str, words: &[&str]) {
        let fits = |found: &&Value| {
            let text =
                format!("{} → {}", found["text"].as_str().unwrap(), found["remedy"].as_str().unwrap_or("-"));
            found["state"] == state && found["check"] == check && words.iter().all(|word| text.contains(word))
        };
        assert!(
            self.checks.iter().any(|found| fits(&found)),
            "no {state} {check} {words:?} in {:#?}",
            self.checks
        );
        assert_eq!(self.code, Some(i32::from(self.fails() > 0)));
        for found in &self.checks {
            assert!(found["state"] == "ok" || found["remedy"].is_string(), "without remedy: {found}");
        }
    }

    fn fails(&self) -> usize {
        self.checks.iter().filter(|found| found["state"] == "fail").count()
    }
}

fn ask(house: &House, more: &[&str]) -> Told {
    let mut command = house.command(&["doctor", "--json"]);
    command.args(more);
    Told::by(command)
}

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// Every file below the folder.
fn tree(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        found.push(path.display().to_string());
        if path.is_dir() {
            found.extend(tree(&path));
        }
    }
    found.sort();
    found
}

#[test]
fn a_sound_installation_is_called_sound_and_left_untouched() {
    let house = house();
    let before = tree(&house.path(""));
    let told = ask(&house, &[]);
    assert_eq!((told.code, told.fails()), (Some(0), 0), "{:#?}", told.checks);
    assert_eq!(tree(&house.path("")), before, "nothing is left behind");
    told.has("ok", "configuration", &["1 server"]);
    told.has("ok", "daemon", &["does not run"]);
    told.has("ok", "client", &["no client"]);
    house.start();
    let before = tree(&house.home());
    let told = ask(&house, &[]);
    told.has("ok", "daemon", &["configuration in force is that of the file"]);
    told.has("ok", "daemon", &["healthy"]);
    assert_eq!(tree(&house.home()), before);
    // For people, the same.
    let ran = house.run(&["doctor"]);
    assert!(ran.code == Some(0) && ran.stdout.contains("ok    server         files: "), "{ran:?}");
}

#[test]
fn a_broken_configuration_is_told_with_its_place() {
    let house = house();
    let with = |text: &str| {
        let file = house.path("other.yaml");
        fs::write(&file, text).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_mcp-guard"));
        house.at_home(&mut command);
        command.args(["doctor", "--json", "-c", "other.yaml"]);
        Told::by(command)
    };
    with("servers:\n  a: {comand: x}\n").has("fail", "configuration", &["other.yaml:2", "comand"]);
    with("daemon: {dashboard_port: 99999}\n").has("fail", "configuration", &["other.yaml:1"]);
    with("a: [\n").has("fail", "configuration", &["other.yaml"]);
    let mut command = Command::new(env!("CARGO_BIN_EXE_mcp-guard"));
    house.at_home(&mut command);
    command.args(["doctor", "--json", "-c", "nowhere.yaml"]);
    Told::by(command).has("fail", "configuration", &["nowhere.yaml"]);
    mode(&house.config(), 0o666);
    ask(&house, &[]).has("fail", "configuration", &["others may change", "chmod go-w"]);
}

#[test]
fn what_others_may_read_or_change_is_told() {
    let house = house();
    house.start();
    house.stop();
    for (name, broken, sound, word) in [
        ("daemon.key", 0o644, 0o600, "others may read"),
        ("dashboard.token", 0o640, 0o600, "others may read"),
        ("audit.db", 0o666, 0o600, "others may change"),
        ("", 0o777, 0o700, "others may change"),
    ] {
        let path = house.home().join(name);
        mode(&path, broken);
        let told = ask(&house, &[]);
        told.has(
            "fail",
            "home",
            &[word, path.to_str().unwrap().trim_end_matches('/'), &format!("chmod {sound:o}")],
        );
        mode(&path, sound);
    }
    assert_eq!(ask(&house, &[]).fails(), 0);
}

#[test]
fn an_audit_that_cannot_be_written_is_told() {
    let house = house();
    house.start();
    house.stop();
    let audit = house.audit_file();
    {
        let other = rusqlite::Connection::open(&audit).unwrap();
        other.execute_batch("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE").unwrap();
        ask(&house, &[]).has("fail", "audit", &["locked"]);
    }
    fs::write(&audit, "x".repeat(5000)).unwrap();
    ask(&house, &[]).has("fail", "audit", &["audit.db", "move it away"]);
    fs::remove_file(&audit).unwrap();
    // Even the superuser cannot make a folder there.
    house.reconfigure(|config| config["audit"] = json!({"path": "/proc/nowhere/audit.db"}));
    ask(&house, &[]).has("fail", "audit", &["/proc", "audit.path"]);
    house.reconfigure(|config| config["audit"] = json!({"enabled": false}));
    let told = ask(&house, &[]);
    told.has("warn", "audit", &["nothing is recorded"]);
    assert_eq!(told.fails(), 0);
}

#[test]
fn servers_that_cannot_be_started_are_told_with_their_place() {
    let house = house();
    let dull = house.path("dull");
    fs::write(&dull, "").unwrap();
    house.reconfigure(|config| {
        config["servers"] = json!({
            "gone": {"command": "no-such-program"},
            "dull": {"command": dull},
            "lost": {"command": "sh", "cwd": "/no/such/folder"},
            "elsewhere": {"command": "sh", "env": {"PATH": "/nowhere"}},
            "web": {"url": "https://example.com/mcp", "transport": "streamable-http"},
            "shell": {"command": "sh"},
        });
    });
    let told = ask(&house, &[]);
    told.has("fail", "server", &["gone (", "mcp-guard.yaml:1:", "no-such-program", "servers.gone.command"]);
    told.has("fail", "server", &["dull (", "may not be run", "chmod +x"]);
    told.has("fail", "server", &["lost (", "/no/such/folder", "servers.lost.cwd"]);
    told.has("fail", "server", &["elsewhere (", "no program sh"]);
    told.has("ok", "server", &["web: by URL"]);
    told.has("ok", "gateway", &["would listen at 127.0.0.1:8080"]);
    told.has("ok", "server", &["shell: /"]);
    assert_eq!(told.fails(), 4);
}

#[test]
fn a_probe_starts_each_server_through_the_guard() {
    let house = house();
    house.reconfigure(|config| {
        config["servers"]["deaf"] = json!({"command": "sleep", "args": ["60"], "start_timeout": 1});
        config["servers"]["dies"] = json!({"command": "false"});
    });
    for daemon in [false, true] {
        if daemon {
            house.start();
        }
        let told = ask(&house, &["--probe"]);
        told.has("ok", "probe", &["files: 2025-11-25, 3 tools"]);
        told.has("fail", "probe", &["deaf (", "mcp-guard run -s deaf"]);
        told.has("fail", "probe", &["dies ("]);
        assert_eq!(house.status()["running"], daemon, "none is started for it");
    }
    let methods: Vec<_> = house.audit().into_iter().filter_map(|entry| entry.method).collect();
    assert!(methods.iter().filter(|method| *method == "tools/list").count() >= 4, "{methods:?}");
}

#[test]
fn a_daemon_that_is_not_as_it_should_be_is_told() {
    let house = house();
    house.start();
    // A file that cannot be used stays pending; the daemon goes on with the old one.
    let text = fs::read_to_string(house.config()).unwrap();
    fs::write(house.config(), "servers: {a: {comand: x}}\n").unwrap();
    house.run(&["reload"]);
    ask(&house, &[]).has("warn", "daemon", &["old one stays in force"]);
    fs::write(house.config(), text).unwrap();
    house.run(&["reload"]);
    assert_eq!(ask(&house, &[]).fails(), 0);

    let other = house.path("other.yaml");
    fs::copy(house.config(), &other).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_mcp-guard"));
    house.at_home(&mut command);
    command.args(["doctor", "--json", "-c", "other.yaml"]);
    Told::by(command).has("warn", "daemon", &["mcp-guard.yaml", "other.yaml", "mcp-guard stop"]);

    let key = house.home().join("daemon.key");
    let right = fs::read_to_string(&key).unwrap();
    fs::write(&key, "0".repeat(64)).unwrap();
    ask(&house, &[]).has("fail", "daemon", &["key"]);
    fs::write(&key, right).unwrap();
}

#[test]
fn clients_that_go_round_the_guard_are_named() {
    let house = house();
    let guard = env!("CARGO_BIN_EXE_mcp-guard");
    let servers = json!({"mcpServers": {
        "direct": {"command": "npx", "args": ["some-server"]},
        "through": {"command": guard, "args": ["connect", "-s", "files"]},
    }});
    fs::write(house.path(".mcp.json"), servers.to_string()).unwrap();
    let told = ask(&house, &[]);
    told.has("warn", "client", &[".mcp.json", "not guarded: direct (line 1)", "mcp-guard init --apply"]);
    let servers = json!({"mcpServers": {"through": {"command": guard, "args": ["connect", "-s", "files"]}}});
    fs::write(house.path(".mcp.json"), servers.to_string()).unwrap();
    ask(&house, &[]).has("ok", "client", &[".mcp.json", "all 1 go through the guard"]);
    fs::write(house.path(".mcp.json"), "{").unwrap();
    ask(&house, &[]).has("warn", "client", &[".mcp.json"]);
}

#[test]
fn too_few_file_descriptors_are_told() {
    let house = house();
    let inner = house.command(&["doctor", "--json"]);
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -n 200; exec \"$0\" \"$@\""]).arg(inner.get_program()).args(inner.get_args());
    house.at_home(&mut command);
    Told::by(command).has("warn", "descriptors", &["200", "ulimit -n"]);
}

#[test]
fn a_gateway_that_lets_in_too_many_is_told_of() {
    let house = house();
    let token = house.path("token");
    fs::write(&token, "t").unwrap();
    fs::set_permissions(&token, PermissionsExt::from_mode(0o644)).unwrap();
    house.reconfigure(|config| {
        config["gateway"] = json!({"listen": ["0.0.0.0:1"], "tls": {"cert": "/no/cert", "key": "/no/key"}});
        config["servers"]["web"] = json!({"url": "https://example.com/mcp", "token_file": token});
    });
    let told = ask(&house, &[]);
    told.has("warn", "gateway", &["0.0.0.0:1 lets in everybody", "--api-key"]);
    told.has("warn", "gateway", &["other users can read", "chmod 600"]);
    told.has("fail", "gateway", &["/no/cert cannot be read"]);
    house.reconfigure(|config| config["profile"] = json!("strict"));
    ask(&house, &[]).has("fail", "gateway", &["0.0.0.0:1 would let in everybody", "--api-key"]);
    house.reconfigure(|config| config["auth"] = json!({"mode": "api_key"}));
    ask(&house, &[]).has("fail", "gateway", &["callers must show an API key, and there is none"]);
}
