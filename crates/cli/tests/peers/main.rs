//! Official MCP clients before official MCP servers: what a client sees through the guard is what it sees without it.
//!
//! `tests/peers/setup` installs the peers (`cargo xtask test` calls it); `tests/peers/scenarios` says what is done.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod client;
mod daemon;
mod difference;
#[path = "../common/gateway.rs"]
mod gateway;
mod inspector;
#[path = "../common/installed.rs"]
mod installed;
mod over;
#[path = "../common/processes.rs"]
mod processes;
mod remote;
mod served;
mod stage;
mod transcript;
#[path = "../common/turn.rs"]
mod turn;

use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Trial};

use client::Client;
use daemon::Daemon;
use stage::{Path, Stage};

const PARTS: [&str; 3] = ["node", "python1", "python2"];
const SCENARIOS: [&str; 5] = ["filesystem", "everything", "memory", "git", "time"];

fn main() -> ExitCode {
    let root = tempfile::tempdir().unwrap();
    let daemon = Arc::new(Daemon::new(root.path()));
    let trial = |(scenario, client): (&'static str, Client)| {
        let (daemon, root) = (Arc::clone(&daemon), root.path().to_owned());
        Trial::test(format!("{scenario}::{}", client.name()), move || {
            same_through_the_guard(scenario, client, &root, &daemon);
            Ok(())
        })
    };
    let trials = pairs().map(trial).chain(served::trials(root.path()));
    let trials = trials.chain(inspector::trials(root.path())).collect();
    let ended = libtest_mimic::run(&Arguments::from_args(), trials);
    daemon.end();
    ended.exit_code()
}

fn pairs() -> impl Iterator<Item = (&'static str, Client)> {
    SCENARIOS.into_iter().flat_map(|scenario| Client::ALL.map(|client| (scenario, client)))
}

fn same_through_the_guard(scenario: &str, client: Client, root: &std::path::Path, daemon: &Daemon) {
    let test = format!("peers {scenario} with {}", client.name());
    let Some(peers) = installed::folder(&test, &PARTS) else {
        return;
    };
    let _turn = turn::take();
    let stage = Stage::new(scenario, client, &peers, root);

    let direct = stage.play(Path::Direct);
    direct.transcript.assert_worth_comparing(stage.scenario(), client, false);

    let guarded = stage.play(Path::Guarded);
    let differences = difference::between(&direct.transcript, &guarded.transcript);
    assert!(differences.is_empty(), "the guard changed what the client sees:\n{}", differences.join("\n"));
    let lost = difference::lost_lines(&direct.stderr, &guarded.stderr);
    assert!(lost.is_empty(), "lines of the server's stderr that did not pass:\n{}", lost.join("\n"));

    let stages = pairs().map(|(scenario, client)| Stage::new(scenario, client, &peers, root));
    daemon.serve(stages.map(|stage| (stage.server_name(), stage.configured())));
    // What the server prints for people is in the daemon's log.
    let connected = stage.play(Path::Connected(daemon));
    let differences = difference::between(&direct.transcript, &connected.transcript);
    assert!(differences.is_empty(), "the daemon changed what the client sees:\n{}", differences.join("\n"));
}
