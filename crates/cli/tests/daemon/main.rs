//! The daemon and its bridges under everything that goes wrong. This program is also the server they guard (`serve`).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)] // A test fails by panicking.
#![allow(clippy::disallowed_methods)] // These programs have no loop to stop: they wait, and the server exits as told.

mod alone;
mod bridge;
#[path = "../common/mod.rs"]
mod common;
mod door;
mod drain;
mod house;
mod shared;

use libtest_mimic::{Arguments, Trial};

fn main() {
    if std::env::args().nth(1).as_deref() == Some("serve") {
        return common::fake_server::serve();
    }
    let tests: &[(&str, fn())] = &[
        ("ten_bridges_at_once_start_one_daemon", alone::ten_bridges_at_once),
        ("of_two_starts_at_once_one_wins", alone::two_starts_at_once),
        ("what_a_killed_daemon_left_is_cleaned", alone::remains_of_a_killed_daemon),
        ("a_daemon_starts_while_it_is_looked_for", alone::looked_at_while_it_starts),
        ("files_and_socket_are_for_one_user", alone::files_of_one_user),
        ("a_key_others_can_read_is_refused", alone::a_key_others_can_read),
        ("a_folder_others_can_change_is_refused", alone::a_folder_others_can_change),
        ("a_daemon_stopped_by_signal_drains", drain::by_signal),
        ("a_daemon_stopped_by_command_drains", drain::by_command),
        ("a_call_without_end_is_cut_off", drain::call_without_end),
        ("whoever_stops_it_twice_does_not_wait", drain::told_twice),
        ("a_bridge_whose_input_ends_delivers_what_is_in_flight", bridge::input_closed_while_waiting),
        ("a_bridge_whose_output_is_closed_ends", bridge::output_closed),
        ("a_killed_bridge_takes_its_server_with_it", bridge::killed),
        ("a_bridge_between_files", bridge::standard_streams_are_files),
        ("strangers_are_refused_and_others_served", door::strangers),
        ("whoever_says_nothing_is_sent_away", door::silence),
        ("a_connection_is_for_one_server", door::one_server_each),
        ("an_unknown_server_is_refused_with_the_known_names", door::unknown_server),
        ("another_configuration_is_refused", door::another_configuration),
        ("clients_that_share_a_server_are_kept_apart", shared::one_process_for_many_clients),
        ("a_client_of_a_shared_server_harms_no_other", shared::one_that_leaves_or_does_not_read_harms_nobody),
        (
            "a_shared_server_that_dies_is_replaced",
            shared::a_shared_server_that_dies_is_replaced_for_everybody,
        ),
        ("a_shared_server_ends_with_its_last_client", shared::it_ends_with_the_last_client),
    ];
    let trials = tests.iter().map(|&(name, test)| {
        Trial::test(name, move || {
            test();
            Ok(())
        })
    });
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit();
}
