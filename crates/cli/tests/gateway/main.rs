//! The gateway under attack: by its clients, by its servers, and by whoever can reach it. Servers and clients here are ours
//! and say what a test says, byte by byte.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)] // A test fails by panicking.
#![allow(clippy::disallowed_methods)] // Threads here have no loop to stop.

mod answers;
mod batches;
mod beside;
mod bounds;
#[path = "../common/mod.rs"]
mod common;
#[cfg(target_os = "linux")]
mod crowds;
mod formalities;
mod gate;
mod guard;
mod handles;
mod hosts;
#[cfg(any(target_os = "linux", target_os = "macos"))]
mod keyring;
mod keys;
mod leaving;
mod mcp;
mod others;
mod resuming;
mod servers;
mod sessions;
mod slow;
mod smuggling;
#[path = "../common/turn.rs"]
mod turn;
mod upstream;
mod web;

use libtest_mimic::{Arguments, Trial};

fn main() {
    if std::env::args().nth(1).as_deref() == Some("serve") {
        return common::fake_server::serve();
    }
    let tests: &[(&str, fn())] = &[
        ("answers::in_a_foreign_stream", answers::in_a_foreign_stream),
        ("answers::in_a_foreign_stream_of_a_modern_server", answers::in_a_foreign_stream_of_a_modern_server),
        ("answers::in_the_stream_of_none", answers::in_the_stream_of_none),
        ("answers::by_the_client", answers::by_the_client),
        ("answers::by_a_modern_client", answers::by_a_modern_client),
        ("batches::message_by_message", batches::message_by_message),
        ("batches::nowhere_else", batches::nowhere_else),
        ("beside::headers_with_secrets", beside::headers_with_secrets),
        ("beside::arguments_nobody_has_inspected", beside::arguments_nobody_has_inspected),
        ("bounds::of_requests", bounds::of_requests),
        ("bounds::of_streams", bounds::of_streams),
        ("bounds::of_what_is_remembered", bounds::of_what_is_remembered),
        ("bounds::of_what_a_server_says", bounds::of_what_a_server_says),
        ("formalities::headers_and_body", formalities::headers_and_body),
        ("formalities::what_a_request_says_of_itself", formalities::what_a_request_says_of_itself),
        ("formalities::arguments_in_headers", formalities::arguments_in_headers),
        ("formalities::other_methods", formalities::other_methods),
        ("others::on_a_shared_process", others::on_a_shared_process),
        ("others::of_two_principals", others::of_two_principals),
        ("others::in_a_stream_of_a_modern_server", others::in_a_stream_of_a_modern_server),
        ("others::in_sessions", others::in_sessions),
        ("resuming::what_is_said_again", resuming::what_is_said_again),
        ("resuming::with_ids_of_others", resuming::with_ids_of_others),
        ("slow::bodies_too_long", slow::bodies_too_long),
        ("slow::bodies_without_end", slow::bodies_without_end),
        ("slow::heads_without_end", slow::heads_without_end),
        ("smuggling::shapes", smuggling::shapes),
        ("smuggling::as_sent_to_the_server", smuggling::as_sent_to_the_server),
        ("handles::of_another_principal", handles::of_another_principal),
        ("handles::in_sessions", handles::in_sessions),
        ("handles::of_plain_requests", handles::of_plain_requests),
        ("hosts::other_names_and_other_sites", hosts::other_names_and_other_sites),
        ("hosts::a_host_that_is_said_twice", hosts::a_host_that_is_said_twice),
        ("hosts::the_authority_of_http_2", hosts::the_authority_of_http_2),
        ("keys::guessing", keys::guessing),
        ("keys::go_no_further", keys::go_no_further),
        ("leaving::a_modern_client", leaving::a_modern_client),
        ("leaving::a_modern_client_of_a_legacy_server", leaving::a_modern_client_of_a_legacy_server),
        ("leaving::a_modern_client_of_a_process", leaving::a_modern_client_of_a_process),
        ("leaving::a_client_of_a_bridge", leaving::a_client_of_a_bridge),
        ("leaving::a_client_that_cancels", leaving::a_client_that_cancels),
        ("leaving::a_client_with_a_session", leaving::a_client_with_a_session),
        ("leaving::a_client_with_one_stream", leaving::a_client_with_one_stream),
        ("leaving::stopped", leaving::stopped),
        ("leaving::stopped_with_a_call_without_end", leaving::stopped_with_a_call_without_end),
        ("leaving::killed", leaving::killed),
        ("servers::that_answer_wrongly", servers::that_answer_wrongly),
        ("servers::that_answer_with_errors", servers::that_answer_with_errors),
        ("servers::that_take_their_time", servers::that_take_their_time),
        ("servers::that_do_not_begin", servers::that_do_not_begin),
        ("servers::that_send_us_elsewhere", servers::that_send_us_elsewhere),
        ("servers::whose_address_holds_a_key", servers::whose_address_holds_a_key),
        ("sessions::too_many", sessions::too_many),
        ("sessions::idle", sessions::idle),
        ("sessions::fixation", sessions::fixation),
        ("sessions::theft", sessions::theft),
        ("sessions::of_another_server", sessions::of_another_server),
        ("sessions::another_revision", sessions::another_revision),
    ];
    #[cfg(any(target_os = "linux", target_os = "macos"))]
    let tests = &[tests, keyring::TESTS].concat()[..];
    // Elsewhere a machine has one loopback address.
    #[cfg(target_os = "linux")]
    let tests = &[tests, CROWDS].concat()[..];
    let trials = tests.iter().map(|&(name, test)| {
        Trial::test(name, move || {
            let _turn = turn::take();
            test();
            Ok(())
        })
    });
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit();
}

#[cfg(target_os = "linux")]
const CROWDS: &[(&str, fn())] = &[
    ("crowds::idle_streams", crowds::idle_streams),
    ("crowds::more_than_a_shell_allows", crowds::more_than_a_shell_allows),
    ("crowds::connections", crowds::connections),
    ("crowds::refused", crowds::refused),
    ("crowds::posts_without_end", crowds::posts_without_end),
];
