//! The gateway when servers, connections, certificates and it itself go away. This program is also the servers behind it:
//! `serve` on standard streams, `upstream` over HTTP.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)] // A test fails by panicking.
#![allow(clippy::disallowed_methods)] // These programs have no loop to stop: they wait.

mod client;
#[path = "../common/mod.rs"]
mod common;
#[path = "../daemon/dice.rs"]
mod dice;
mod ends;
mod faults;
mod http;
mod reload;
mod restarts;
mod resumed;
mod soak;
mod stand;
mod tls;
mod upstream;

use libtest_mimic::{Arguments, Trial};

fn main() {
    match std::env::args().nth(1).as_deref() {
        Some("serve") => return common::fake_server::serve(),
        Some("upstream") => return upstream::serve(),
        _ => {}
    }
    let tests: &[(&str, fn())] = &[
        ("a_server_that_is_restarted_is_told_everything_again", restarts::over_http),
        ("a_process_killed_while_idle_is_told_everything_again", restarts::idle_process),
        ("a_process_killed_in_a_call", restarts::process_in_a_call),
        ("a_server_of_modern_clients_killed_in_a_call", restarts::modern_call),
        ("a_server_killed_before_its_answer", faults::killed_before_headers),
        ("a_server_killed_in_the_middle_of_its_answer", faults::killed_in_json),
        ("a_server_killed_in_the_middle_of_a_stream", faults::killed_in_a_stream),
        ("a_server_that_resets_the_connection", faults::reset),
        ("a_server_that_never_answers", faults::mute),
        ("a_server_that_has_vanished", faults::vanished),
        ("a_server_that_answers_drop_by_drop", faults::trickle),
        ("a_server_that_is_not_there_is_left_alone_and_taken_back", faults::breaker),
        ("a_stream_cut_off_goes_on_with_what_was_missed", resumed::cut_off),
        ("a_call_cut_off_is_answered_to_whoever_comes_back", resumed::call_cut_off),
        ("a_cancelled_call_is_answered_to_nobody", resumed::cancelled),
        ("an_edited_configuration_holds_in_open_sessions", reload::edited),
        ("a_server_taken_out_of_the_configuration", reload::taken_out),
        ("a_replaced_certificate_is_shown", tls::replaced),
        ("whoever_is_told_to_stop_answers_what_is_in_flight", ends::drains),
        ("a_killed_gateway_leaves_no_orphans", ends::killed),
        ("soak", soak::soak),
    ];
    let trials = tests.iter().map(|&(name, test)| {
        Trial::test(name, move || {
            test();
            Ok(())
        })
    });
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit();
}
