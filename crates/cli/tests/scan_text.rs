//! `mcp-guard scan-text` and `mcp-guard rules` as a person runs them.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // A test fails by panicking.

use std::{
    fs,
    io::Write,
    path::Path,
    process::{Command, Output, Stdio},
};

use serde_json::{Value, json};
use tempfile::TempDir;

fn command(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mcp-guard"));
    command.args(args).current_dir(folder).env_clear().env("HOME", folder);
    command
}

fn run(folder: &Path, args: &[&str]) -> Output {
    command(folder, args).stdin(Stdio::null()).output().unwrap()
}

fn with_input(folder: &Path, args: &[&str], input: &str) -> Output {
    let mut child = command(folder, args);
    let mut child =
        child.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn json_of(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}{}", out(output), err(output)))
}

const KEY: &str = "AKIAIOSFODNN7EXAMPLE";

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

#[test]
fn a_finding_is_shown_with_its_line_underlined_and_masked() {
    let folder = folder();
    let text = format!("first\nthe key\u{202E} is {KEY} and kim@example.com\n");
    let done = with_input(folder.path(), &["scan-text"], &text);
    assert_eq!(done.status.code(), Some(1));
    let shown = out(&done);
    assert!(shown.contains("secret.aws_key: AWS access key id"), "{shown}");
    assert!(shown.contains("<stdin>:2:13"), "{shown}");
    assert!(shown.contains("the key\\u{202e} is AKIA… (20 characters) and … (15 characters)"), "{shown}");
    assert!(shown.contains("^^^^^^^^^^^^^^^^^^^^^ high, 97% sure: redact"), "{shown}");
    assert!(!shown.contains(KEY) && !shown.contains("kim@") && !shown.contains('\u{202E}'), "{shown}");
}

#[test]
fn the_exit_status_says_whether_something_was_found() {
    let folder = folder();
    let status = |args: &[&str], text: &str| with_input(folder.path(), args, text).status.code();
    assert_eq!(status(&["scan-text"], "nothing here"), Some(0));
    assert_eq!(status(&["scan-text"], "kim@example.com"), Some(1));
    assert_eq!(status(&["scan-text", "--fail-on", "redact"], "kim@example.com"), Some(0));
    assert_eq!(status(&["scan-text", "--fail-on", "redact"], KEY), Some(1));
    assert_eq!(status(&["scan-text", "--fail-on", "block"], KEY), Some(0));
    assert_eq!(status(&["scan-text", "--fail-on", "block", "--direction", "request"], KEY), Some(1));
    assert_eq!(status(&["scan-text", "missing.txt"], ""), Some(2));
    assert_eq!(status(&["scan-text", "--as", "nowhere"], ""), Some(2));
    fs::write(folder.path().join("bad.yaml"), "nonsense: 1\n").unwrap();
    assert_eq!(status(&["-c", "bad.yaml", "scan-text"], ""), Some(2));
}

#[test]
fn the_place_decides_which_rules_look_and_what_follows() {
    let folder = folder();
    let action = |args: &[&str]| {
        let args = [&["scan-text", "--format", "json"], args].concat();
        json_of(&with_input(folder.path(), &args, KEY))["findings"][0]["action"].clone()
    };
    assert_eq!(action(&["--as", "content"]), "block");
    assert_eq!(action(&["--as", "result"]), "redact");
    assert_eq!(action(&["--as", "metadata", "--direction", "request"]), "block");
}

#[test]
fn places_count_lines_characters_and_bytes() {
    let folder = folder();
    fs::write(folder.path().join("a b.txt"), format!("é→\nx {KEY}")).unwrap();
    let done = run(folder.path(), &["scan-text", "--format", "json", "a b.txt"]);
    let found = &json_of(&done)["findings"][0];
    for (member, value) in [
        ("file", json!("a b.txt")),
        ("rule", json!("secret.aws_key")),
        ("line", json!(2)),
        ("column", json!(3)),
        ("end_column", json!(23)),
        ("char_offset", json!(5)),
        ("byte_offset", json!(8)),
        ("byte_length", json!(20)),
        ("found", json!("AKIA… (20 characters)")),
    ] {
        assert_eq!(found[member], value, "{member}");
    }
}

#[test]
fn sarif_has_what_code_scanners_read() {
    let folder = folder();
    fs::write(folder.path().join("a b.txt"), format!("x {KEY}\n{KEY} kim@example.com")).unwrap();
    let done = run(folder.path(), &["scan-text", "--format", "sarif", "a b.txt"]);
    let log = json_of(&done);
    assert_eq!(log["version"], "2.1.0");
    let driver = &log["runs"][0]["tool"]["driver"];
    assert_eq!(driver["name"], "mcp-guard");
    let rules = driver["rules"].as_array().unwrap();
    assert_eq!(rules.iter().map(|rule| &rule["id"]).collect::<Vec<_>>(), ["secret.aws_key", "pii.email"]);
    for rule in rules {
        assert!(rule["shortDescription"]["text"].as_str().unwrap().len() > 3);
        assert!(rule["properties"]["tags"].is_array());
    }
    let results = log["runs"][0]["results"].as_array().unwrap();
    assert_eq!(results.len(), 3);
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert!(["note", "warning", "error"].contains(&result["level"].as_str().unwrap()));
        assert!(!result["message"]["text"].as_str().unwrap().contains(KEY));
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "a%20b.txt");
        for member in ["startLine", "startColumn", "endLine", "endColumn", "charOffset", "charLength"] {
            assert!(place["region"][member].is_u64(), "{member}");
        }
    }
    assert_eq!(results[1]["locations"][0]["physicalLocation"]["region"]["startLine"], 2);
}

#[test]
fn an_endless_text_is_refused() {
    let folder = folder();
    let mut child = command(folder.path(), &["scan-text"]);
    let zero = fs::File::open("/dev/zero");
    let Ok(zero) = zero else { return };
    let done = child.stdin(zero).output().unwrap();
    assert_eq!(done.status.code(), Some(2));
    assert!(err(&done).contains("larger than 64 MiB"), "{}", err(&done));
}

const PACK: &str = "\
pack: own
version: 1
tags: [own]
actions:
  balanced: { request: warn, response: redact }
  strict: { request: block, response: block }
rules:
  - id: secret.acme_token
    title: Acme token
    confidence: 95
    find:
      - token: { prefix: [acme_], chars: 'a-z0-9', length: [8, 12] }
    match: [\"acme_~0a1b2c3d4e\"]
    no_match: [\"acme_corp\"]
";

fn with_pack(pack: &str) -> TempDir {
    let folder = folder();
    fs::write(folder.path().join("own.yaml"), pack).unwrap();
    fs::write(folder.path().join("mcp-guard.yaml"), "rules:\n  packs: [own.yaml]\n").unwrap();
    folder
}

#[test]
fn the_rules_of_the_configuration_look_too() {
    let folder = with_pack(PACK);
    let done = with_input(folder.path(), &["scan-text", "--format", "json"], "it is acme_0a1b2c3d4e.");
    let found = json_of(&done);
    assert_eq!(found["findings"][0]["rule"], "secret.acme_token");
    assert_eq!(found["findings"][0]["action"], "redact");
    assert!(!found.to_string().contains("0a1b2c3d4e"), "{found}");
}

#[test]
fn rules_are_listed_with_what_follows_in_the_profile() {
    let folder = with_pack(PACK);
    let list = |args: &[&str]| json_of(&run(folder.path(), &[&["rules", "list", "--json"], args].concat()));
    let all = list(&[]);
    assert!(all.as_array().unwrap().iter().any(|rule| rule["id"] == "secret.github_token"));
    let own = list(&["--tag", "own"]);
    assert_eq!(own.as_array().unwrap().len(), 1);
    assert_eq!(own[0]["actions"], json!({ "request": "warn", "response": "redact" }));
    assert_eq!(list(&["--tag", "own", "--profile", "strict"])[0]["actions"]["request"], "block");
    let pii = list(&["--family", "pii"]);
    assert!(pii.as_array().unwrap().iter().all(|rule| rule["family"] == "pii"));
    let shown = out(&run(folder.path(), &["rules", "list", "acme"]));
    assert!(shown.contains("secret.acme_token") && shown.contains("1 rule, balanced profile"), "{shown}");
}

#[test]
fn a_rule_is_shown_whole_without_a_secret() {
    let folder = with_pack(PACK);
    let shown = out(&run(folder.path(), &["rules", "show", "secret.github_token"]));
    for part in ["GitHub token", "block in requests, redact in answers", "every place", "97%"] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    assert_eq!(
        json_of(&run(folder.path(), &["rules", "show", "acme_token", "--json"]))["id"],
        "secret.acme_token"
    );
    let done = run(folder.path(), &["rules", "show", "secret.nothing"]);
    assert_eq!(done.status.code(), Some(1));
    assert!(err(&done).contains("rules list"), "{}", err(&done));
}

#[test]
fn packs_are_tried_on_their_samples() {
    let folder = with_pack(PACK);
    let done = run(folder.path(), &["rules", "test", "own.yaml"]);
    assert_eq!((done.status.code(), out(&done).as_str()), (Some(0), "1 rules, 2 samples, 0 wrong\n"));
    fs::write(folder.path().join("own.yaml"), PACK.replace("acme_corp", "acme_corporation")).unwrap();
    let done = run(folder.path(), &["rules", "test", "own.yaml"]);
    assert_eq!(done.status.code(), Some(1));
    assert!(out(&done).contains("own.yaml:8:"), "{}", out(&done));
    assert!(out(&done).contains("finds something in \"acme_corporation\""), "{}", out(&done));
}

#[test]
fn a_bad_pack_is_told_with_its_file_and_line() {
    let folder = with_pack(&PACK.replace("    title:", "    tytle:"));
    for args in [&["rules", "test", "own.yaml"][..], &["rules", "list"], &["validate"]] {
        let done = run(folder.path(), args);
        assert_eq!(done.status.code(), Some(1), "{args:?}");
        let said = err(&done);
        assert!(said.contains("own.yaml:9:") && said.contains("unknown key `tytle`"), "{said}");
    }
}

#[test]
fn our_own_rules_are_right_about_their_samples() {
    let done = run(folder().path(), &["rules", "test"]);
    assert!(done.status.success(), "{}", out(&done));
    assert!(out(&done).contains(" 0 wrong"), "{}", out(&done));
}
