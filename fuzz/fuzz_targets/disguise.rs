//! Whatever stands around a disguised secret, it is found where it stands; and redaction, whatever it is given, ends with
//! a text in which nothing is found.
#![no_main]

#[path = "../../crates/inspect/tests/disguise/encodings.rs"]
mod encodings;

use std::ops::Range;
use std::sync::LazyLock;

use encodings::ENCODINGS;
use inspect::{Family, Hit, Scanner, Text};
use libfuzzer_sys::fuzz_target;

static SCANNER: LazyLock<Scanner> =
    LazyLock::new(|| Scanner::new(|_| true, &[]).expect("the built-in detectors compile"));

/// Put together at run time, so that this file holds no secrets.
const SECRETS: [[&str; 2]; 3] = [
    ["AKIA", "Q2W5TZ7LKDPMBVCX"],
    ["ghp_", "16C7e42F292c6912E7710c838347Ae178B4a"],
    ["postgres://admin:", "hunter2@db.example.org/prod"],
];

/// The longest mark that stands for something found, in bytes.
const MARK: usize = 128;

fuzz_target!(|data: &[u8]| {
    if let Ok(text) = str::from_utf8(data) {
        check(text);
    }
    let [secret, encoding, at, around @ ..] = data else { return };
    let Ok(around) = str::from_utf8(around) else { return };
    let secret = SECRETS[usize::from(*secret) % SECRETS.len()].concat();
    let (name, encode) = ENCODINGS[usize::from(*encoding) % ENCODINGS.len()];
    let (lead, tail) = around.split_at(around.floor_char_boundary(usize::from(*at)));
    let disguised = encode(&secret);
    let text = format!("{lead}\n; {disguised} ;\n{tail}");
    let start = lead.len() + 3;
    let place = start..start + disguised.len();
    let hits = check(&text);
    assert!(hits.iter().any(|hit| covers(hit, &place)), "{name} hides a secret");
});

/// Whether something confidential was found there, or that there is more than is looked into.
fn covers(hit: &Hit, place: &Range<usize>) -> bool {
    let family = SCANNER.detector(hit.detector).expect("it found something").family;
    let grave = family.is_confidential() || matches!(family, Family::Anomaly | Family::Hidden);
    grave && hit.span.start < place.end && hit.span.end > place.start
}

/// What is found in `text`, when that was checked.
fn check(text: &str) -> Vec<Hit> {
    let mut hits = Vec::new();
    SCANNER.scan(Text::new(text), &mut hits);
    let mut end = 0;
    for hit in &hits {
        assert!(!hit.span.is_empty() && hit.span.start >= end, "hits overlap or are out of order");
        assert!(text.get(hit.span.clone()).is_some(), "a hit cuts a character or leaves the text");
        end = hit.span.end;
    }
    let redacted = SCANNER.redact(text);
    assert!(redacted.len() <= text.len() + text.len() * MARK, "redaction grows the text without bound");
    let mut left = Vec::new();
    SCANNER.scan(Text::new(&redacted), &mut left);
    assert!(left.is_empty(), "redaction left something: {left:?}");
    hits
}
