//! How sessions end.

use std::{os::unix::process::ExitStatusExt, time::Duration};

use serde_json::{Value, json};

use crate::guard::{Guard, assert_gone, command, home, rule};

fn assert_server_gone(answer: &Value) {
    assert_eq!((rule(answer), &answer["error"]["code"]), ("session.server_gone", &json!(4502)), "{answer}");
}

pub(crate) fn server_killed_mid_answer() {
    let mut guard = Guard::start();
    for id in 0..20 {
        guard.send(id, "hold", json!(null));
    }
    guard.send("h", "half", json!(null));
    for _ in 0..21 {
        let answer = guard.receive();
        assert_server_gone(&answer);
        assert!(answer["error"]["message"].as_str().unwrap().contains("signal 9"), "{answer}");
    }
    guard.assert_silence();
    let (status, took) = guard.exit();
    assert_eq!(status.code(), Some(128 + 9));
    assert!(took < Duration::from_secs(2), "told at once, not after {took:?}");
}

pub(crate) fn server_exit_status() {
    for code in [0, 3, 255] {
        let mut guard = Guard::start();
        guard.send(1, "hold", json!(null));
        guard.send(2, "exit", json!(code));
        assert_server_gone(&guard.receive());
        assert_server_gone(&guard.receive());
        assert_eq!(guard.exit().0.code(), Some(code));
    }
}

pub(crate) fn client_closes_while_waiting() {
    let mut guard = Guard::start();
    for id in 0..50 {
        guard.send(id, "hold", json!(null));
    }
    guard.send("r", "release-later", json!(2500));
    assert_eq!(guard.receive()["id"], "r");
    guard.close();
    for id in 0..50 {
        assert_eq!(guard.receive(), json!({"jsonrpc": "2.0", "id": id, "result": "held"}));
    }
    guard.assert_silence();
    assert_eq!(guard.exit().0.code(), Some(0));
}

pub(crate) fn lingering_server() {
    let mut guard = Guard::start();
    guard.ask(1, "linger", json!(900));
    guard.close();
    guard.assert_silence();
    assert_eq!(guard.exit().0.code(), Some(0), "it ends by itself, in its own time");
}

pub(crate) fn client_gone() {
    let home = home();
    let command = command(&home);
    let (mut guard, output) = Guard::spawn_unread(command, home);
    guard.send(1, "be-stubborn", json!(null));
    guard.send(2, "big", json!(10_000_000));
    std::thread::sleep(Duration::from_millis(300));
    // Both ends at once, with an answer half-way through the pipe.
    drop(output);
    guard.close();
    let (_, took) = guard.exit();
    assert!(took < Duration::from_secs(8), "{took:?}");
}

pub(crate) fn client_gone_behind_a_deaf_server() {
    let home = home();
    let command = command(&home);
    let (mut guard, output) = Guard::spawn_unread(command, home);
    guard.send(1, "release-later", json!(60_000));
    std::thread::sleep(Duration::from_millis(300));
    // More than the guard keeps for a server that does not read, so that it no longer reads its client either.
    let notification = json!({"jsonrpc": "2.0", "method": "n", "params": ["z".repeat(60_000)]}).to_string();
    (0..19).for_each(|_| guard.say(&notification));
    drop(output);
    guard.close();
    let (_, took) = guard.exit();
    assert!(took < Duration::from_secs(8), "{took:?}");
}

pub(crate) fn stubborn_server() {
    let mut guard = Guard::start();
    let server = guard.ask(1, "pid", json!(null))["result"].as_u64().unwrap();
    let grandchild = guard.ask(2, "be-stubborn", json!(null))["result"].as_u64().unwrap();
    guard.close();
    let (status, took) = guard.exit();
    assert_eq!(status.code(), Some(0));
    assert!(took < Duration::from_secs(8), "{took:?}");
    assert_gone(server);
    assert_gone(grandchild);
}

pub(crate) fn told_to_stop() {
    for signal in [rustix::process::Signal::TERM, rustix::process::Signal::INT, rustix::process::Signal::HUP]
    {
        let mut guard = Guard::start();
        let server = guard.ask(1, "pid", json!(null))["result"].as_u64().unwrap();
        let grandchild = guard.ask(2, "be-stubborn", json!(null))["result"].as_u64().unwrap();
        guard.send(3, "hold", json!(null));
        guard.ask(4, "echo", json!("in order, so the request before is in flight"));
        let pid = rustix::process::Pid::from_child(&guard.child);
        rustix::process::kill_process(pid, signal).unwrap();
        assert_server_gone(&guard.receive());
        let (status, _) = guard.exit();
        assert_eq!((status.code(), status.signal()), (Some(0), None));
        assert_gone(server);
        assert_gone(grandchild);
    }
}

pub(crate) fn no_such_program() {
    let home = home();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_mcp-guard"));
    command.current_dir(home.path()).env("XDG_STATE_HOME", home.path()).env("XDG_CONFIG_HOME", home.path());
    let output = command.args(["run", "--", "no-such-server", "--x"]).output().unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(127), "{told}");
    assert!(told.contains("cannot start the server `no-such-server`") && told.contains("PATH"), "{told}");
    assert!(output.stdout.is_empty());
}
