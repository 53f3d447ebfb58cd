//! The daemon and its bridges under everything that goes wrong. This program is also the server they guard (`serve`).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)] // A test fails by panicking.
#![allow(clippy::disallowed_methods)] // These programs have no loop to stop: they wait, and the server exits as told.

mod alone;
mod bridge;
#[path = "../common/mod.rs"]
mod common;
mod dice;
mod door;
mod drain;
mod house;
mod kills;
mod limits;
mod neighbours;
mod pieces;
mod records;
mod reload;
mod restarts;
mod shared;
mod soak;
mod surroundings;

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
        (
            "a_bridge_killed_before_a_server_that_does_not_read",
            bridge::killed_before_a_server_that_does_not_read,
        ),
        ("a_bridge_between_files", bridge::standard_streams_are_files),
        ("strangers_are_refused_and_others_served", door::strangers),
        ("whoever_says_nothing_is_sent_away", door::silence),
        ("a_connection_is_for_one_server", door::one_server_each),
        ("an_unknown_server_is_refused_with_the_known_names", door::unknown_server),
        ("another_configuration_is_refused", door::another_configuration),
        ("a_server_starts_where_its_client_is", surroundings::those_of_the_client),
        ("a_shared_server_starts_where_the_daemon_is", surroundings::those_of_the_daemon_if_shared),
        ("clients_that_share_a_server_are_kept_apart", shared::one_process_for_many_clients),
        ("a_client_of_a_shared_server_harms_no_other", shared::one_that_leaves_or_does_not_read_harms_nobody),
        (
            "a_shared_server_that_dies_is_replaced",
            shared::a_shared_server_that_dies_is_replaced_for_everybody,
        ),
        ("a_shared_server_ends_with_its_last_client", shared::it_ends_with_the_last_client),
        ("a_server_started_again_knows_everything", restarts::unseen),
        ("a_server_started_by_another_daemon_knows_everything", restarts::unseen_with_the_daemon),
        ("a_server_that_dies_at_once_is_started_ever_less_often", restarts::dies_at_once),
        ("a_server_that_says_nothing_is_given_up", restarts::says_nothing),
        ("an_answer_that_comes_too_late_is_for_nobody", restarts::answers_too_late),
        ("a_server_killed_in_the_middle_of_an_answer", restarts::killed_in_the_middle_of_an_answer),
        ("loud_servers_beside_a_quick_one", neighbours::loud),
        ("an_edited_configuration_holds_in_open_sessions", reload::edited),
        ("the_last_of_many_edits_holds", reload::edited_again_and_again),
        ("an_invalid_configuration_changes_nothing", reload::invalid),
        ("a_server_taken_out_of_the_configuration", reload::server_removed),
        ("calls_in_flight_outlive_a_reload", reload::calls_in_flight),
        ("what_loosens_waits_to_be_confirmed", reload::loosening),
        ("a_changed_base_is_taken_up", reload::base),
        ("what_cannot_be_reloaded_says_so", reload::another_command),
        ("limits_count_all_sessions_of_a_user", limits::of_all_sessions),
        ("limits_that_come_with_a_reload_hold", limits::that_come_with_a_reload),
        ("no_room_for_the_audit_of_a_daemon", records::disk_full),
        ("the_audit_of_a_daemon_is_locked", records::locked),
        ("a_full_log_is_put_aside", records::log_that_is_full),
        ("a_line_of_the_client_is_cut_in_two", pieces::of_the_client),
        ("a_line_of_the_daemon_is_cut_in_two", pieces::of_the_daemon),
        ("a_daemon_dies_after_its_client_has_said_everything", pieces::nothing_more_to_say),
        ("a_killed_daemon_leaves_no_orphans", kills::orphans),
        ("whatever_is_killed_everybody_is_answered_and_everything_recorded", kills::at_random),
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
