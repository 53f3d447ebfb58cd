//! The binary under everything that goes wrong: servers that die, clients that leave, full disks, locked files.
//! This program is also the server it guards (`serve`), so that nothing else has to be there.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)] // A test fails by panicking.
#![allow(clippy::disallowed_methods)] // These programs have no loop to stop: they wait, and the server exits as told.

mod audit;
#[path = "../common/mod.rs"]
mod common;
mod ends;
mod guard;
mod limits;
mod load;

use libtest_mimic::{Arguments, Trial};

fn main() {
    if std::env::args().nth(1).as_deref() == Some("serve") {
        return common::fake_server::serve();
    }
    let tests: &[(&str, fn())] = &[
        ("a_server_killed_in_the_middle_of_an_answer", ends::server_killed_mid_answer),
        ("a_server_that_exits_gives_its_status", ends::server_exit_status),
        ("a_client_that_closes_its_end_gets_what_is_in_flight", ends::client_closes_while_waiting),
        ("a_server_that_closes_its_output_before_it_ends", ends::lingering_server),
        ("a_client_that_is_gone_takes_the_server_with_it", ends::client_gone),
        ("a_client_that_is_gone_behind_a_server_that_does_not_read", ends::client_gone_behind_a_deaf_server),
        ("a_server_that_ignores_everything_is_killed_with_its_children", ends::stubborn_server),
        ("a_signal_stops_guard_and_server", ends::told_to_stop),
        ("a_program_that_does_not_exist", ends::no_such_program),
        ("ten_thousand_requests_in_flight", load::ten_thousand_in_flight),
        ("a_line_of_64_mib", load::line_of_64_mib),
        ("a_server_that_floods_stderr_nobody_reads", load::stderr_flood),
        ("a_reader_that_is_slow", load::slow_reader),
        ("both_sides_flood_each_other", load::both_flood),
        ("stdin_cut_at_every_byte", load::byte_by_byte),
        ("stdin_and_stdout_are_files", load::files_for_streams),
        ("no_room_for_the_audit", audit::disk_full),
        ("the_audit_is_locked_by_another_process", audit::locked),
        ("no_frame_leaves_that_is_not_recorded_when_the_guard_is_killed", audit::guard_killed),
        ("a_flood_gets_through_what_the_limit_says", limits::flood),
        ("two_guards_share_a_limit", limits::two_guards),
        ("a_limit_outlives_a_killed_guard", limits::killed_guard),
        ("counts_that_are_locked_let_nothing_limited_pass", limits::locked_counts),
        ("counts_that_cannot_be_opened_keep_the_guard_from_starting", limits::broken_counts),
    ];
    let trials = tests.iter().map(|&(name, test)| {
        Trial::test(name, move || {
            test();
            Ok(())
        })
    });
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit();
}
