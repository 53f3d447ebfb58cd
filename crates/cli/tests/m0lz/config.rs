//! Keys with typing errors and keys without effect were accepted, and the second save of a file was not seen.

use std::{fs, path::Path};

use serde_json::{Value, json};

use crate::{
    ask, call,
    common::client::rule,
    guarded,
    house::{House, Ran},
};

/// `validate` on this text.
fn validate(text: &str) -> Ran {
    let house = House::new(&[]);
    let file = house.path("other.yaml");
    fs::write(&file, text).unwrap();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_mcp-guard"));
    house.at_home(&mut command);
    Ran::of(command.args(["-c", "other.yaml", "validate"]).output().unwrap())
}

pub(crate) fn unknown_keys_are_refused() {
    for (text, word, meant) in [
        ("servers:\n  a:\n    comand: x\n", "comand", "command"),
        ("servers:\n  a:\n    command: x\n    polcy: {}\n", "polcy", "policy"),
        ("servrs: {}\n", "servrs", "servers"),
        ("audit: {retention: 3}\n", "retention", "retention_days"),
    ] {
        let ran = validate(text);
        assert_eq!(ran.code, Some(1), "{text}");
        assert!(
            ran.stderr.contains(word) && ran.stderr.contains(meant) && ran.stderr.contains("other.yaml:"),
            "{ran:?}"
        );
    }
}

pub(crate) fn keys_without_effect_are_refused_by_name() {
    for text in [
        "interceptors: {timeout: 5}\n",
        "daemon: {encryption: {enabled: true}}\n",
        "auth: {mode: oauth}\n",
        "auth: {oauth: {issuer: \"https://example.com\"}}\n",
        "audit: {stdout: true}\n",
    ] {
        let ran = validate(text);
        assert_eq!(ran.code, Some(1), "{text}");
        let told = ran.stderr.to_lowercase();
        assert!(
            told.contains("is not in this version, so the file is refused") && told.contains("other.yaml:1:"),
            "{text}: {told}"
        );
    }
}

pub(crate) fn an_unset_variable_in_a_comment_is_no_error() {
    assert_eq!(
        validate("# was: ${NO_SUCH_VARIABLE}\nservers: {a: {command: x}} # ${NOR_THIS}\n").code,
        Some(0)
    );
    let ran = validate("servers: {a: {command: \"${NO_SUCH_VARIABLE}\"}}\n");
    assert!(ran.code == Some(1) && ran.stderr.contains("NO_SUCH_VARIABLE"), "{ran:?}");
}

pub(crate) fn a_missing_url_is_found_when_validating() {
    let ran = validate("servers: {a: {transport: streamable-http}}\n");
    assert!(ran.code == Some(1) && ran.stderr.contains("url"), "{ran:?}");
    let ran = validate("servers: {a: {}}\n");
    assert!(ran.code == Some(1) && ran.stderr.contains("command"), "{ran:?}");
}

pub(crate) fn two_servers_of_one_name_are_refused() {
    let ran = validate("servers:\n  a: {command: x}\n  a: {command: y}\n");
    assert!(ran.code == Some(1) && ran.stderr.contains("other.yaml:3"), "{ran:?}");
}

fn save_by_rename(house: &House, change: impl FnOnce(&mut Value)) {
    let mut config: Value = serde_json::from_str(&fs::read_to_string(house.config()).unwrap()).unwrap();
    change(&mut config);
    let draft = house.path("draft");
    fs::write(&draft, config.to_string()).unwrap();
    fs::rename(draft, house.config()).unwrap();
}

fn hash(status: &Value) -> String {
    status["policy_hash"].as_str().unwrap().to_owned()
}

pub(crate) fn every_save_by_rename_is_taken_up() {
    let house = House::new(&[("files", &[])]);
    let mut client = house.connect("files");
    for tool in ["one", "two", "three", "four"] {
        assert!(call(&mut client, 1, tool, json!({})).get("result").is_some(), "{tool}");
        let before = hash(&house.status());
        save_by_rename(&house, |config| {
            config["servers"]["files"]["policy"]["permissions"]["denied_tools"] = json!([tool]);
        });
        house.until(|status| hash(status) != before);
        let refused = call(&mut client, 2, tool, json!({}));
        assert_eq!(rule(&refused), "permission.denied_tools", "in the session that is open: {refused}");
    }
    assert_eq!(house.starts("files"), 1, "and the server went on");
}

pub(crate) fn a_faulty_file_leaves_the_old_rules_in_force() {
    let house = guarded(json!({"permissions": {"denied_tools": ["x"]}}));
    let mut client = house.connect("files");
    ask(&mut client, 1, "ping", json!({}));
    let sound = fs::read_to_string(house.config()).unwrap();
    fs::write(house.config(), "servers: {files: {comand: x}}\n").unwrap();
    let status = house.until(|status| !status["pending"].is_null());
    assert!(status["pending"].as_str().unwrap().contains("comand"), "{status}");
    assert_eq!(rule(&call(&mut client, 2, "x", json!({}))), "permission.denied_tools");
    fs::write(house.config(), sound).unwrap();
    house.until(|status| status["pending"].is_null());
}

/// It warned that this needs a restart.
pub(crate) fn servers_come_and_go_without_a_restart() {
    let house = House::new(&[("files", &[])]);
    let pid = house.start();
    fs::write(house.config(), house.yaml(&[("files", &[]), ("second", &[])])).unwrap();
    house.until(|status| status["servers"].as_array().unwrap().len() == 2);
    assert_eq!(ask(&mut house.connect("second"), 1, "ping", json!({}))["result"]["seen"], "ping");
    fs::write(house.config(), house.yaml(&[("files", &[])])).unwrap();
    house.until(|status| status["servers"].as_array().unwrap().len() == 1);
    assert_eq!(house.run(&["connect", "-s", "second"]).code, Some(1));
    assert_eq!(house.pid(), pid);
}

pub(crate) fn log_level_is_heeded() {
    for (level, tells) in [("info", true), ("error", false)] {
        let house = House::new(&[("files", &[])]);
        house.reconfigure(|config| config["daemon"]["log_level"] = json!(level));
        house.start();
        house.stop();
        assert_eq!(
            house.daemon_log().contains("serving 1 servers"),
            tells,
            "{level}: {}",
            house.daemon_log()
        );
    }
}

/// A house whose configuration extends a base.
fn extending(base: Value, overlay: impl FnOnce(&Path) -> Value) -> House {
    let house = House::new(&[]);
    let file = house.path("base.yaml");
    fs::write(&file, base.to_string()).unwrap();
    fs::write(house.config(), overlay(&file).to_string()).unwrap();
    house
}

/// `read_*` of the base and `read_file` of the user's file met as text and came to nothing.
pub(crate) fn an_overlay_meets_its_base_in_meaning() {
    let exe = std::env::current_exe().unwrap();
    let server = |allowed: &str| json!({"permissions": {"allowed_tools": [allowed]}});
    let house = extending(
        json!({"servers": {"files": {"command": exe, "args": ["serve"], "policy": server("read_*")}}}),
        |base| json!({"extends": {"path": base}, "daemon": {"dashboard_port": 0}, "servers": {"files": {"policy": server("read_file")}}}),
    );
    let mut client = house.connect("files");
    assert!(call(&mut client, 1, "read_file", json!({})).get("result").is_some());
    for tool in ["read_other", "write_file"] {
        assert_eq!(rule(&call(&mut client, 2, tool, json!({}))), "permission.allowed_tools", "{tool}");
    }
}

pub(crate) fn an_overlay_adds_no_servers_unasked() {
    let house = extending(
        json!({"servers": {"files": {"command": "x"}}}),
        |base| json!({"extends": {"path": base}, "servers": {"mine": {"command": "anything"}}}),
    );
    let ran = house.run(&["validate"]);
    assert!(
        ran.code == Some(1) && ran.stderr.contains("has no server `mine`, and allows no new ones"),
        "{ran:?}"
    );
}
