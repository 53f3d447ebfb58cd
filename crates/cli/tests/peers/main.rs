//! Official MCP clients before official MCP servers: what a client sees through the guard is what it sees without it.
//!
//! `tests/peers/setup` installs the peers (`cargo xtask test` calls it); `tests/peers/scenarios` says what is done.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod client;
mod difference;
mod installed;
#[path = "../common/processes.rs"]
mod processes;
mod stage;
mod transcript;
mod turn;

use client::Client;
use stage::{Path, Stage};

fn same_through_the_guard(scenario: &str, client: Client) {
    let Some(peers) = installed::folder(&format!("{scenario} with {}", client.name())) else {
        return;
    };
    let _turn = turn::take();
    let stage = Stage::new(scenario, client, &peers);

    let direct = stage.play(Path::Direct);
    direct.transcript.assert_worth_comparing(stage.scenario(), client);
    let guarded = stage.play(Path::Guarded);

    let differences = difference::between(&direct.transcript, &guarded.transcript);
    assert!(differences.is_empty(), "the guard changed what the client sees:\n{}", differences.join("\n"));
    let lost = difference::lost_lines(&direct.stderr, &guarded.stderr);
    assert!(lost.is_empty(), "lines of the server's stderr that did not pass:\n{}", lost.join("\n"));
}

macro_rules! matrix {
    ($($scenario:ident)+) => {$(
        mod $scenario {
            use crate::{client::Client, same_through_the_guard};

            const NAME: &str = stringify!($scenario);

            #[test]
            fn typescript_1() {
                same_through_the_guard(NAME, Client::Typescript1);
            }

            #[test]
            fn typescript_2_legacy() {
                same_through_the_guard(NAME, Client::Typescript2Legacy);
            }

            #[test]
            fn typescript_2_auto() {
                same_through_the_guard(NAME, Client::Typescript2Auto);
            }

            #[test]
            fn python_1() {
                same_through_the_guard(NAME, Client::Python1);
            }

            #[test]
            fn python_2_legacy() {
                same_through_the_guard(NAME, Client::Python2Legacy);
            }

            #[test]
            fn python_2_modern() {
                same_through_the_guard(NAME, Client::Python2Modern);
            }
        }
    )+};
}

matrix! { filesystem everything memory git time }
