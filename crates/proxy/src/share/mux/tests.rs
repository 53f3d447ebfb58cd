#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // A test fails by panicking.

use super::*;

fn mux(seats: u64) -> Mux {
    let mut mux = Mux::default();
    (1..=seats).for_each(|seat| mux.attach(seat));
    mux
}

fn request(id: &str, method: &str, params: &str) -> String {
    format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"{method}","params":{params}}}"#)
}

/// The id the server was asked with.
fn id(out: &Out) -> u64 {
    let Out::Server(message) = out else { panic!("{out:?} is not for the server") };
    at(message, &["id"]).unwrap().parse().unwrap()
}

#[test]
fn the_same_id_of_two_sessions_stays_apart() {
    let mut mux = mux(2);
    let one = mux.session_said(1, &request("\"a\"", "tools/list", "{}"));
    let two = mux.session_said(2, &request("\"a\"", "tools/list", "{}"));
    assert_ne!(id(&one[0]), id(&two[0]));
    let back = mux.server_said(&answer(&id(&two[0]).to_string(), "2"));
    assert_eq!(back, [Out::Session(2, answer("\"a\"", "2"))]);
    let back = mux.server_said(&answer(&id(&one[0]).to_string(), "1"));
    assert_eq!(back, [Out::Session(1, answer("\"a\"", "1"))]);
    assert_eq!(mux.server_said(&answer(&id(&one[0]).to_string(), "1")), [], "only once");
}

#[test]
fn the_server_shakes_hands_once_and_cannot_ask_anybody() {
    let mut mux = mux(3);
    let hello =
        request("0", "initialize", r#"{"protocolVersion":"2025-11-25","capabilities":{"sampling":{}}}"#);
    let first = mux.session_said(1, &hello);
    let Out::Server(sent) = &first[0] else { panic!() };
    assert_eq!(at(sent, &["params", "capabilities"]), Some("{}"));
    assert_eq!(mux.session_said(2, &hello), []);
    let back = mux.server_said(&answer(&id(&first[0]).to_string(), r#"{"x":1}"#));
    assert_eq!(back, [1, 2].map(|seat| Out::Session(seat, answer("0", r#"{"x":1}"#))));
    assert_eq!(mux.session_said(3, &hello), [Out::Session(3, answer("0", r#"{"x":1}"#))]);
    let done = r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#;
    assert_eq!((mux.session_said(1, done).len(), mux.session_said(2, done).len()), (1, 0));

    let asks = mux.server_said(&request("7", "sampling/createMessage", "{}"));
    let Out::Server(refusal) = &asks[0] else { panic!() };
    assert!(refusal.contains("-32601") && refusal.contains("\"id\":7"), "{refusal}");
    assert_eq!(mux.server_said(&request("8", "ping", "{}")), [Out::Server(answer("8", "{}"))]);
}

#[test]
fn progress_updates_and_cancellations_find_their_session() {
    let mut mux = mux(2);
    let call = r#"{"name":"t","_meta":{"progressToken":"mine"}}"#;
    mux.session_said(2, &request("5", "tools/call", call));
    let sent = mux.session_said(1, &request("5", "tools/call", call));
    let ours = id(&sent[0]);
    let Out::Server(message) = &sent[0] else { panic!() };
    assert_eq!(at(message, &["params", "_meta", "progressToken"]).unwrap(), ours.to_string());
    let progress = |token: &str| {
        format!(
            r#"{{"jsonrpc":"2.0","method":"notifications/progress","params":{{"progressToken":{token},"progress":1}}}}"#
        )
    };
    assert_eq!(mux.server_said(&progress(&ours.to_string())), [Out::Session(1, progress("\"mine\""))]);
    assert_eq!(mux.server_said(&progress("999")), []);
    let hello = r#"{"capabilities":{},"_meta":{"progressToken":"hello"}}"#;
    let hello = mux.session_said(2, &request("0", "initialize", hello));
    let token = id(&hello[0]).to_string();
    assert_eq!(mux.server_said(&progress(&token)), [Out::Session(2, progress("\"hello\""))]);
    let cancel = |id: &str| {
        format!(r#"{{"jsonrpc":"2.0","method":"notifications/cancelled","params":{{"requestId":{id}}}}}"#)
    };
    assert_eq!(mux.session_said(1, &cancel("5")), [Out::Server(cancel(&ours.to_string()))]);
    assert_eq!(mux.session_said(1, &cancel("6")), [], "not its own");
}

#[test]
fn a_resource_is_watched_once_and_until_nobody_does() {
    let mut mux = mux(3);
    let on = request("1", "resources/subscribe", r#"{"uri":"x://a"}"#);
    let off = request("2", "resources/unsubscribe", r#"{"uri":"x://a"}"#);
    assert!(matches!(mux.session_said(1, &on)[..], [Out::Server(_)]));
    assert_eq!(mux.session_said(2, &on), [Out::Session(2, answer("1", "{}"))]);
    let updated = r#"{"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":"x://a"}}"#;
    assert_eq!(mux.server_said(updated), [1, 2].map(|seat| Out::Session(seat, updated.to_owned())));
    assert_eq!(mux.session_said(1, &off), [Out::Session(1, answer("2", "{}"))]);
    assert_eq!(mux.server_said(updated), [Out::Session(2, updated.to_owned())]);
    let gone = mux.detach(2);
    assert!(matches!(&gone[..], [Out::Server(last)] if last.contains("resources/unsubscribe")), "{gone:?}");
    let changed = r#"{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}"#;
    assert_eq!(mux.server_said(changed), [1, 3].map(|seat| Out::Session(seat, changed.to_owned())));
}

#[test]
fn a_session_that_leaves_is_not_answered_and_holds_up_nobody() {
    let mut mux = mux(2);
    let hello = request("0", "initialize", r#"{"protocolVersion":"2025-11-25","capabilities":{}}"#);
    let first = mux.session_said(1, &hello);
    mux.session_said(2, &hello);
    let slow = mux.session_said(1, &request("1", "tools/list", "{}"));
    let gone = mux.detach(1);
    assert!(
        matches!(&gone[..], [Out::Server(cancel)] if cancel.contains("notifications/cancelled")),
        "{gone:?}"
    );
    assert_eq!(mux.server_said(&answer(&id(&slow[0]).to_string(), "{}")), []);
    let back = mux.server_said(&answer(&id(&first[0]).to_string(), "{}"));
    assert_eq!(back, [Out::Session(2, answer("0", "{}"))]);
}

#[test]
fn what_is_listened_for_comes_to_the_listener() {
    let mut mux = mux(2);
    let listen = mux.session_said(1, &request("\"l\"", "subscriptions/listen", "{}"));
    let told = |id: &str| {
        format!(
            r#"{{"jsonrpc":"2.0","method":"notifications/tools/list_changed","params":{{"_meta":{{"{SUBSCRIPTION}":{id}}}}}}}"#
        )
    };
    let ours = id(&listen[0]).to_string();
    assert_eq!(mux.server_said(&told(&ours)), [Out::Session(1, told("\"l\""))]);
    assert_eq!(mux.server_said(&told("77")), []);
}

#[test]
fn what_is_cancelled_and_never_answered_is_forgotten_in_the_end() {
    let mut mux = mux(1);
    for number in 0..3 * UNWANTED {
        mux.session_said(1, &request(&number.to_string(), "tools/call", "{}"));
        let cancel = format!(
            r#"{{"jsonrpc":"2.0","method":"notifications/cancelled","params":{{"requestId":{number}}}}}"#
        );
        assert_eq!(mux.session_said(1, &cancel).len(), 1);
    }
    assert_eq!(mux.asked.len(), UNWANTED);
}

#[test]
fn an_answer_whose_id_is_spelt_otherwise_is_none() {
    let mut mux = mux(1);
    let asked = id(&mux.session_said(1, &request("7", "tools/call", "{}"))[0]);
    for spelt in [format!("+{asked}"), format!("0{asked}"), format!("{asked}.0"), format!("\"{asked}\"")] {
        assert_eq!(mux.server_said(&answer(&spelt, "{}")), [], "{spelt}");
    }
    assert_eq!(mux.server_said(&answer(&asked.to_string(), "{}")), [Out::Session(1, answer("7", "{}"))]);
}

#[test]
fn how_a_task_stands_is_not_told_to_others() {
    let mut mux = mux(2);
    let told = r#"{"jsonrpc":"2.0","method":"notifications/tasks/status","params":{"taskId":"t","statusMessage":"mine"}}"#;
    assert_eq!(mux.server_said(told), []);
}
