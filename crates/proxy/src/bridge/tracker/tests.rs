#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // A test fails by panicking.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

const INITIALIZE: &str = r#"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{}}"#;
const SETTLED: &str = r#"{"jsonrpc":"2.0","id":0,"result":{"protocolVersion":"2025-11-25"}}"#;
const DONE: &str = r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#;

fn line(text: &str) -> Vec<u8> {
    format!("{text}\n").into_bytes()
}

fn ask(id: &str) -> Vec<u8> {
    line(&format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"tools/list"}}"#))
}

fn answer(id: &str) -> Vec<u8> {
    line(&format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{{}}}}"#))
}

/// What the client is told when the daemon is lost: the ids.
fn lost(tracker: &mut Tracker) -> Vec<Value> {
    let mut out = Vec::new();
    let count = tracker.lost("gone", &mut out);
    let answers: Vec<Value> = out
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_slice(line).unwrap())
        .collect();
    assert_eq!(count, answers.len());
    answers.iter().map(|answer| answer["id"].clone()).collect()
}

/// A tracker whose client has said all this to a daemon.
fn told(lines: &[Vec<u8>]) -> Tracker {
    let mut tracker = Tracker::default();
    lines.iter().for_each(|line| tracker.client_said(line, &mut Vec::new()));
    tracker
}

#[test]
fn whoever_still_waits_is_told_and_nobody_else() {
    let cancel = line(r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":4}}"#);
    let own_answer = line(r#"{"jsonrpc":"2.0","id":77,"result":{"method":"x"}}"#);
    let batch = line(r#"[{"jsonrpc":"2.0","id":8,"method":"m"},{"jsonrpc":"2.0","id":9,"method":"m"}]"#);
    let mut tracker = told(&[ask("1"), ask("\"a\""), ask("3"), ask("4"), cancel, own_answer, batch]);
    assert_eq!(tracker.daemon_said(&answer("1")), Fate::Deliver);
    let asks_back = line(r#"{"jsonrpc":"2.0","id":3,"method":"roots/list"}"#);
    assert_eq!(tracker.daemon_said(&asks_back), Fate::Deliver, "a request of the server answers nothing");
    assert_eq!(lost(&mut tracker), [json!(3), json!(8), json!(9), json!("a")]);
    assert_eq!(lost(&mut tracker), [] as [Value; 0], "only once");
}

#[test]
fn half_a_message_is_answered_and_its_rest_is_not_taken_for_another() {
    let mut tracker = Tracker::default();
    tracker
        .client_said(br#"{"jsonrpc":"2.0","id":5,"method":"tools/call","params":{"text":""#, &mut Vec::new());
    assert_eq!(lost(&mut tracker), [] as [Value; 0], "its id may be yet to come");
    let mut on = Vec::new();
    tracker.client_said(br#"{\"id\":6,"#, &mut on);
    tracker.client_said(b"\"}}\n", &mut on);
    tracker.client_said(&ask("7"), &mut on);
    assert_eq!(on, ask("7"));
    assert_eq!(tracker.cut, [Id::Number(5)].into(), "now it is known who waits");
    assert_eq!(lost(&mut tracker), [json!(7)]);
}

#[test]
fn a_long_message_is_not_kept_and_answered_all_the_same() {
    let text = "x".repeat(2 * READABLE);
    let long = line(&format!(r#"{{"jsonrpc":"2.0","params":{{"text":"{text}"}},"id":11,"method":"m"}}"#));
    let mut tracker = Tracker::default();
    let mut on = Vec::new();
    for piece in long.chunks(10_000) {
        tracker.client_said(piece, &mut on);
        assert!(tracker.begun.len() <= READABLE + 10_000);
    }
    assert_eq!(on, long);
    assert_eq!(lost(&mut tracker), [json!(11)]);
}

#[test]
fn a_new_daemon_is_told_what_the_old_one_knew() {
    let subscribe = r#"{"jsonrpc":"2.0","id":2,"method":"resources/subscribe","params":{"uri":"x://a"}}"#;
    let mut tracker = told(&[line(INITIALIZE)]);
    tracker.daemon_said(&line(SETTLED));
    tracker.client_said(&line(DONE), &mut Vec::new());
    tracker.client_said(&line(subscribe), &mut Vec::new());
    tracker.daemon_said(&answer("2"));
    for _ in 0..2 {
        lost(&mut tracker);
        let mut on = Vec::new();
        tracker.restore(&mut on);
        assert_eq!((on, tracker.is_restoring()), (line(INITIALIZE), true));
        assert_eq!(tracker.daemon_said(&line(SETTLED)), Fate::Restored);
        let mut on = Vec::new();
        tracker.take_up(&mut on);
        assert_eq!((on, tracker.is_restoring()), ([line(DONE), line(subscribe)].concat(), false));
        assert_eq!(tracker.daemon_said(&answer("2")), Fate::Swallow);
        assert_eq!(tracker.daemon_said(&answer("2")), Fate::Deliver, "swallowed once");
    }

    tracker.restore(&mut Vec::new());
    let other = line(r#"{"jsonrpc":"2.0","id":0,"result":{"protocolVersion":"2024-11-05"}}"#);
    assert!(matches!(tracker.daemon_said(&other), Fate::NotRestored(_)));
    tracker.restore(&mut Vec::new());
    let refused = line(r#"{"jsonrpc":"2.0","id":0,"error":{"code":1,"message":""}}"#);
    assert!(matches!(tracker.daemon_said(&refused), Fate::NotRestored(_)));
}

#[test]
fn a_client_that_never_shook_hands_has_nothing_to_restore() {
    let mut tracker = told(&[line(INITIALIZE)]);
    lost(&mut tracker);
    let mut on = Vec::new();
    tracker.restore(&mut on);
    assert_eq!((on, tracker.is_restoring()), (Vec::new(), false));
}

proptest! {
    #[test]
    fn where_bytes_are_cut_changes_nothing(
        lines in prop::collection::vec("(\\{\"id\":[0-9]{1,3},\"method\":\"[a-z]{1,4}\"\\}|[\\[\\]{}\":,a-z0-9 ]{0,40})", 0..12),
        cuts in prop::collection::vec(0..600_usize, 0..12),
    ) {
        let stream = lines.join("\n") + "\n";
        let play = |cuts: &[usize]| {
            let mut bounds: Vec<_> = cuts.iter().map(|cut| cut % (stream.len() + 1)).chain([0, stream.len()]).collect();
            bounds.sort_unstable();
            let (mut tracker, mut on) = (Tracker::default(), Vec::new());
            for pair in bounds.windows(2) {
                tracker.client_said(&stream.as_bytes()[pair[0]..pair[1]], &mut on);
            }
            (on, lost(&mut tracker))
        };
        let whole = play(&[]);
        prop_assert_eq!(&whole.0, stream.as_bytes(), "everything is passed on");
        prop_assert_eq!(play(&cuts), whole);
    }

    #[test]
    fn no_bytes_of_either_side_are_too_strange(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let mut tracker = Tracker::default();
        tracker.client_said(&bytes, &mut Vec::new());
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            tracker.daemon_said(line);
        }
        lost(&mut tracker);
    }
}
