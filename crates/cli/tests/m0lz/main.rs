//! The faults of m0lz.03 MCP-Guard, each before our own program. `docs/from-m0lz.md` names them one by one. This
//! program is also the server that is guarded (`serve`).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)] // A test fails by panicking.
#![allow(clippy::disallowed_methods)] // Tests wait.

mod audit;
#[path = "../common/mod.rs"]
mod common;
mod config;
mod content;
#[allow(dead_code, reason = "each program uses its part")]
#[path = "../daemon/house.rs"]
mod house;
mod init;
mod permissions;
mod processes;
mod protocol;
mod rates;
mod server;

use libtest_mimic::{Arguments, Trial};
use serde_json::{Value, json};

use crate::{common::client::Client, house::House};

/// Tests by the names of their functions.
macro_rules! trials {
    ($($module:ident :: $name:ident),* $(,)?) => {
        vec![$(Trial::test(stringify!($name), || { $module::$name(); Ok(()) })),*]
    };
}

fn main() {
    if std::env::args().nth(1).as_deref() == Some("serve") {
        return server::serve();
    }
    let trials = trials![
        protocol::a_plain_client_shakes_hands_and_is_served,
        protocol::what_a_client_can_do_reaches_the_server,
        protocol::methods_nobody_knows_pass,
        protocol::a_notification_is_not_answered,
        protocol::the_servers_errors_keep_their_code_and_data,
        protocol::what_the_server_says_by_itself_arrives,
        protocol::a_server_may_ask_the_model_only_if_enabled,
        protocol::a_long_message_passes_and_a_broken_one_is_answered,
        rates::a_flood_gets_what_the_limit_says,
        rates::a_limit_outlives_the_daemon,
        rates::a_tools_limit_is_its_own,
        permissions::other_spellings_of_a_denied_tool_are_denied,
        permissions::a_name_past_1024_characters_is_denied,
        permissions::nested_resources_are_denied,
        permissions::a_faulty_pattern_is_refused_at_load,
        permissions::prompts_templates_and_subscriptions_are_judged,
        permissions::lists_hide_what_is_denied,
        content::secrets_past_64_kib_are_found,
        content::secrets_in_names_and_uris_do_not_pass,
        content::numbers_that_are_no_phones_pass_unchanged,
        content::more_than_two_kinds_of_secret_are_known,
        content::a_catastrophic_expression_delays_nothing,
        content::one_action_leaves_the_other_defaults,
        content::what_only_warns_is_not_redacted_with_the_rest,
        content::keys_of_objects_are_searched,
        content::a_stray_credential_is_inspected_like_any_text,
        config::unknown_keys_are_refused,
        config::keys_without_effect_are_refused_by_name,
        config::an_unset_variable_in_a_comment_is_no_error,
        config::a_missing_url_is_found_when_validating,
        config::two_servers_of_one_name_are_refused,
        config::every_save_by_rename_is_taken_up,
        config::a_faulty_file_leaves_the_old_rules_in_force,
        config::servers_come_and_go_without_a_restart,
        config::log_level_is_heeded,
        config::an_overlay_meets_its_base_in_meaning,
        config::an_overlay_adds_no_servers_unasked,
        processes::connect_starts_the_daemon,
        processes::start_tells_whether_it_started,
        processes::a_server_that_died_is_started_again,
        processes::a_second_daemon_leaves_the_first_alone,
        processes::one_client_does_not_see_anothers_session,
        audit::uris_and_names_are_masked,
        audit::old_records_are_deleted,
        audit::what_cannot_be_recorded_does_not_pass,
        audit::a_wrong_span_is_refused,
        init::servers_of_one_name_are_both_kept,
        init::projects_and_urls_are_not_forgotten,
        init::a_configuration_is_never_overwritten,
    ];
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

/// A house with one server, whose policy is this.
fn guarded(policy: Value) -> House {
    let house = House::new(&[("files", &[])]);
    house.reconfigure(|config| config["servers"]["files"]["policy"] = policy);
    house
}

/// Sends a request and gives its answer; what else the server says in between is skipped.
fn ask(client: &mut Client, id: u64, method: &str, params: Value) -> Value {
    client.say(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}).to_string());
    loop {
        let answer = client.receive();
        if answer["id"] == id && answer.get("method").is_none() {
            return answer;
        }
    }
}

/// Calls a tool.
fn call(client: &mut Client, id: u64, tool: &str, arguments: Value) -> Value {
    ask(client, id, "tools/call", json!({"name": tool, "arguments": arguments}))
}

/// The text of a tool's answer.
fn text(answer: &Value) -> &str {
    answer["result"]["content"][0]["text"].as_str().unwrap_or_else(|| panic!("{answer}"))
}
