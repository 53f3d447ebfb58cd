//! Whatever is found is found in disguise, too, and exactly where the disguise stands.

// What the tests share fails the way they do.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

#[path = "disguise/encodings.rs"]
mod encodings;

use std::sync::LazyLock;

use encodings::{ENCODINGS, Encoding};
use mcp_guard_inspect::{Hit, Scanner, Text};

static ALL: LazyLock<Scanner> = LazyLock::new(|| Scanner::new(|_| true, &[]).unwrap());

/// What is found openly, of several families; `~` is taken out first.
const PAYLOADS: [&str; 6] = [
    "key AKIA~Q2W5TZ7LKDPMBVCX end",
    "token ghp_~16C7e42F292c6912E7710c838347Ae178B4a end",
    "postgres://admin:hunter2@db.example.org/prod",
    "card 4111 1111 1111 1111 end",
    "ssn 536-22-8145 end",
    "mail ann@example.org now",
];

fn payloads() -> impl Iterator<Item = String> {
    PAYLOADS.iter().map(|payload| payload.replace('~', ""))
}

fn scan(text: &str) -> Vec<Hit> {
    let mut hits = Vec::new();
    ALL.scan(Text::new(text), &mut hits);
    hits.retain(|hit| hit.confidence.percent() >= 80);
    hits
}

fn names(hits: &[Hit]) -> Vec<String> {
    hits.iter().map(|hit| ALL.detector(hit.detector).unwrap().id()).collect()
}

/// The share of payloads found in this disguise, with those that are not.
fn recall((name, encode): &Encoding) -> Vec<String> {
    let mut missed = Vec::new();
    for payload in payloads() {
        let plain = names(&scan(&payload));
        assert!(!plain.is_empty(), "{payload:?} is not found openly");
        for (lead, tail) in
            [("", ""), ("see: ", " and so on"), ("{\"a\":\"", "\"}"), ("日本語 ", "\n日本語"), ("x=", "&y=2")]
        {
            let text = format!("{lead}{}{tail}", encode(&payload));
            let found = names(&scan(&text));
            if !plain.iter().any(|plain| found.contains(plain)) {
                missed.push(format!("{name}: {plain:?} but {found:?} in {text:?}"));
            }
        }
    }
    missed
}

#[test]
fn disguise_hides_nothing() {
    let missed: Vec<_> = ENCODINGS.iter().flat_map(recall).collect();
    assert!(missed.is_empty(), "{} missed\n{}", missed.len(), missed.join("\n"));
}

#[test]
fn other_writing_is_no_disguise() {
    for text in ["100 % `%41` ½ … 👩‍👩‍👧 می‌خواهم", "x = 10; y = '\\n'", "sehr schön, Ångström — “ok”"]
    {
        assert_eq!(scan(text), [], "{text}");
    }
}
