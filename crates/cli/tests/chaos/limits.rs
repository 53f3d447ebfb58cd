//! That limits hold in real time, between processes and over their deaths.

use std::{
    fs,
    process::Command,
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    common::client::Client,
    guard::{Guard, command, home, rule},
};

const LIMIT: &str = "rate_limit: {requests_per_minute: 60, burst: 5}";

fn limited(home: &TempDir) -> Command {
    let file = home.path().join("mcp-guard.yaml");
    fs::write(&file, LIMIT).unwrap();
    let mut command = command(home);
    command.env("MCP_GUARD_CONFIG", file);
    command
}

fn guard() -> Guard {
    let home = home();
    Guard::spawn(limited(&home), home)
}

fn passes(answer: &Value) -> bool {
    match rule(answer) {
        "none" => true,
        "rate_limit.requests_per_minute" => false,
        other => panic!("{other}: {answer}"),
    }
}

fn wait_of(answer: &Value) -> Duration {
    assert_eq!(answer["error"]["code"], 4429);
    let ms = answer.pointer("/error/data/mcp-guard~1denial/retry_after_ms").unwrap().as_u64().unwrap();
    Duration::from_millis(ms)
}

fn used_up(guard: &mut Client) {
    for id in 0..5 {
        assert!(passes(&guard.ask(id, "echo", json!(0))));
    }
}

pub(crate) fn flood() {
    let mut guard = guard();
    // The server is there, and nothing has been counted yet.
    assert_eq!(rule(&guard.ask("i", "initialize", json!(0))), "none");
    let begun = Instant::now();
    assert!(passes(&guard.ask("first", "echo", json!(0))));
    let first = Instant::now();
    let (mut passed, mut refused) = (1, 0);
    while begun.elapsed() < Duration::from_millis(2_300) {
        match passes(&guard.ask(refused, "echo", json!(0))) {
            true => passed += 1,
            false => refused += 1,
        }
    }
    let (least, most) = (first.elapsed().as_secs(), begun.elapsed().as_secs());
    assert!((5 + least..=5 + most).contains(&passed), "{passed} in {:?}", begun.elapsed());
    assert!(refused > 500, "a flood: {refused}");
    let wait = wait_of(&guard.ask("early", "echo", json!(0)));
    assert!(wait <= Duration::from_secs(1), "{wait:?}");
    thread::sleep(wait);
    assert!(passes(&guard.ask("in time", "echo", json!(0))), "after {wait:?}");
}

pub(crate) fn two_guards() {
    let mut one = guard();
    used_up(&mut one);
    let mut other = Client::spawn(limited(&one.home));
    let wait = wait_of(&other.ask(0, "echo", json!(0)));
    assert!(!passes(&one.ask(10, "echo", json!(0))));
    thread::sleep(wait);
    assert!(passes(&other.ask(1, "echo", json!(0))));
    assert!(!passes(&one.ask(11, "echo", json!(0))), "the other one took it");
}

pub(crate) fn killed_guard() {
    let mut guard = guard();
    used_up(&mut guard);
    guard.child.kill().unwrap();
    guard.child.wait().unwrap();
    let mut next = Client::spawn(limited(&guard.home));
    let wait = wait_of(&next.ask(0, "echo", json!(0)));
    thread::sleep(wait);
    assert!(passes(&next.ask(1, "echo", json!(0))));
}

pub(crate) fn locked_counts() {
    let mut guard = guard();
    assert!(passes(&guard.ask(0, "echo", json!(0))));
    let state = guard.home.path().join("mcp-guard").join("state.db");
    let other = rusqlite::Connection::open(state).unwrap();
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    for id in 1..5 {
        let answer = guard.ask(id, "echo", json!(0));
        assert_eq!((rule(&answer), &answer["error"]["code"]), ("rate_limit.unavailable", &json!(4503)));
    }
    assert_eq!(rule(&guard.ask("i", "initialize", json!(0))), "none", "what counts towards nothing passes");
    other.execute_batch("ROLLBACK").unwrap();
    assert!(passes(&guard.ask(6, "echo", json!(0))));
}

pub(crate) fn broken_counts() {
    let home = home();
    let folder = home.path().join("mcp-guard");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("state.db"), "no database").unwrap();
    let output = limited(&home).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains("state.db") && told.contains("move it away"), "{told}");
    // Without limits nobody asks for it.
    fs::remove_file(home.path().join("mcp-guard.yaml")).unwrap();
    let mut unlimited = Guard::spawn(command(&home), home);
    assert_eq!(rule(&unlimited.ask(0, "echo", json!(0))), "none");
}
