//! The official conformance suite: what it finds through the guard is what it finds without it.
//!
//! `tests/peers/setup` installs the suite (`cargo xtask test` calls it); `tests/conformance` has the server and the
//! client that it examines, and the exceptions.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod client;
mod exceptions;
mod harness;
#[path = "../common/installed.rs"]
mod installed;
#[path = "../common/processes.rs"]
mod processes;
mod report;
mod running;
mod setup;
mod suite;
#[path = "../common/turn.rs"]
mod turn;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};

use exceptions::Run;
use harness::Harness;
use setup::Setup;
use suite::Suite;

fn main() -> ExitCode {
    let direct = Suite::ALL.into_iter().map(|suite| {
        let name = format!("server::direct::{}", suite.revision());
        trial(name, move |harness| suite.direct(harness).assert_sound(suite))
    });
    let guarded = Setup::ALL.into_iter().flat_map(|setup| {
        setup.suites().iter().map(move |suite| {
            let name = format!("server::{}::{}", setup.name(), suite.revision());
            trial(name, move |harness| same_through_the_guard(setup, *suite, harness))
        })
    });
    let client = client::SCENARIOS.into_iter().map(|(suite, scenario)| {
        let name = format!("client::{scenario}::{}", suite.revision());
        trial(name, move |harness| client::same_through_the_guard(suite, scenario, harness))
    });
    let trials = direct.chain(guarded).chain(client).collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn trial(name: String, test: impl Fn(&Harness) + Send + 'static) -> Trial {
    let described = format!("conformance {name}");
    Trial::test(name, move || {
        if let Some(peers) = installed::folder(&described, &["conformance"]) {
            test(&Harness::new(&peers));
        }
        Ok(())
    })
}

fn same_through_the_guard(setup: Setup, suite: Suite, harness: &Harness) {
    let direct = suite.direct(harness);
    let _turn = turn::take();
    let guarded = setup.examine(suite, harness);
    Run { setup: setup.name(), suite }.judge(&direct.differences(&guarded));
}
