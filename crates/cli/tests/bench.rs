//! `mcp-guard bench` as a person runs it.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // A test fails by panicking.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use serde_json::{Value, json};
use tempfile::TempDir;

fn bench(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mcp-guard"));
    command.arg("bench").args(args).current_dir(folder);
    command.env_clear().env("HOME", folder).output().unwrap()
}

/// One sample of each surface and kind.
fn corpus() -> TempDir {
    let call = |argument| json!({ "method": "tools/call", "params": { "name": "t", "arguments": argument } });
    let rows = [
        ("a1", "attack", "secret_leak", "tool_result", "text", json!("key AKIAIOSFODNN7EXAMPLE")),
        ("a2", "attack", "secret_leak", "tool_args", "json", call(json!({ "x": "AKIAIOSFODNN7EXAMPLE" }))),
        ("a3", "attack", "secret_leak", "tool_result", "text", json!("no key \u{200E} <b>here</b>")),
        ("b1", "benign", "prompt", "prompt", "text", json!("hello")),
        ("b2", "benign", "tool", "tool_description", "json", json!({ "name": "t", "inputSchema": {} })),
        ("b3", "benign", "result", "text", "text", json!("card 4111 1111 1111 1111")),
    ];
    let lines = rows.map(|(id, kind, category, surface, form, value)| {
        json!({ "id": id, "kind": kind, "category": category, "surface": surface, form: value }).to_string()
    });
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("mine.jsonl"), lines.join("\n")).unwrap();
    folder
}

#[test]
fn a_corpus_is_judged_by_the_legs_and_counted() {
    let folder = corpus();
    let done = bench(folder.path(), &["--corpus", ".", "--list", "5", "--format", "json"]);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let report: Value = serde_json::from_slice(&done.stdout).unwrap();
    let mine = &report["corpora"][0];
    assert_eq!(mine["name"], "mine");
    let total = &mine["total"];
    assert_eq!((&total["attacks"]["rows"], &total["attacks"]["enforced"]), (&json!(3), &json!(2)));
    assert_eq!((&total["benign"]["rows"], &total["benign"]["enforced"]), (&json!(3), &json!(1)));
    assert_eq!(mine["categories"]["secret_leak"]["attacks"]["found"], 2);
    let share = &total["attacks"]["found_share"];
    assert!(share["from"].as_f64() < share["percent"].as_f64(), "{share}");
    let missed = &mine["misses"][0];
    assert_eq!(missed["id"], "a3");
    assert!(!missed["text"].as_str().unwrap().contains('\u{200E}'), "{missed}");
    let alarm = &mine["false_alarms"][0];
    assert_eq!(alarm["id"], "b3");
    assert!(!alarm.to_string().contains("4111 1111 1111 1111"), "{alarm}");
    assert_eq!(report["speed"]["messages"], 6);
}

#[test]
fn figures_can_be_pasted_and_drawn() {
    let folder = corpus();
    let done =
        bench(folder.path(), &["--corpus", ".", "--list", "5", "--format", "markdown", "--svg", "c.svg"]);
    let page = String::from_utf8(done.stdout).unwrap();
    assert!(page.contains("| mine | 3 | 66.7 (20.8–93.9) | 66.7 (20.8–93.9) | 3 |"), "{page}");
    assert!(page.contains("| mine: secret\\_leak | 3 |"), "{page}");
    assert!(page.contains("- `a3` ") && !page.contains("<b>here"), "{page}");
    let chart = fs::read_to_string(folder.path().join("c.svg")).unwrap();
    assert!(chart.starts_with("<svg") && chart.contains(">mine</text>"), "{chart}");
}

#[test]
fn our_own_samples_are_there_without_any_folder() {
    let folder = tempfile::tempdir().unwrap();
    let done = bench(folder.path(), &["--format", "json"]);
    let report: Value = serde_json::from_slice(&done.stdout).unwrap();
    let of = |name: &str| report["corpora"].as_array().unwrap().iter().find(|c| c["name"] == name).unwrap();
    assert!(of("own_attacks")["categories"].as_object().unwrap().len() >= 10);
    assert!(of("own_benign")["total"]["benign"]["rows"].as_u64() >= Some(10_000));
    // One in a thousand at most.
    let alarms = &of("own_benign")["total"]["benign"]["enforced_share"]["percent"];
    assert!(alarms.as_f64() <= Some(0.1), "{alarms}");
    assert_eq!(of("own_attacks")["categories"]["elicitation"]["attacks"]["enforced_share"]["percent"], 100.0);
}

#[test]
fn what_is_no_corpus_is_told_with_its_line() {
    let folder = corpus();
    fs::write(folder.path().join("other.jsonl"), "{\"id\": 1}\n").unwrap();
    let done = bench(folder.path(), &["--corpus", "."]);
    assert_eq!(done.status.code(), Some(1));
    let said = String::from_utf8(done.stderr).unwrap();
    assert!(said.contains("other.jsonl:1:"), "{said}");
    let done = bench(folder.path(), &["--corpus", ".", "--only", "nothing"]);
    assert!(String::from_utf8(done.stderr).unwrap().contains("no such corpus"));
}
