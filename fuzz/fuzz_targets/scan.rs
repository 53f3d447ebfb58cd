//! Hits are places in the text, in order and apart; redaction leaves the rest as it was.
#![no_main]

use std::sync::LazyLock;

use inspect::{Place, Scanner, Text, Where};
use libfuzzer_sys::fuzz_target;

static SCANNER: LazyLock<Scanner> =
    LazyLock::new(|| Scanner::new(|_| true, &[]).expect("the built-in detectors compile"));

/// Arguments are judged by what they are for.
const ARGUMENTS: [Where; 6] =
    [Where::Path, Where::Url, Where::Uri, Where::Value, Where::Command, Where::Query];

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    scan(text, None, Place::UNKNOWN);
    for kind in ARGUMENTS {
        scan(text, None, Place::new(kind));
    }
    if let Some((key, value)) = text.split_once('\n') {
        scan(value, Some(key), Place::UNKNOWN);
    }
});

fn scan(text: &str, key: Option<&str>, place: Place) {
    let mut hits = Vec::new();
    SCANNER.scan(Text { text, key, place }, &mut hits);
    let mut kept = String::new();
    let mut end = 0;
    for hit in &hits {
        assert!(!hit.span.is_empty() && hit.span.start >= end, "hits overlap or are out of order");
        assert!(text.get(hit.span.clone()).is_some(), "a hit cuts a character or leaves the text");
        assert!(SCANNER.detector(hit.detector).is_some());
        kept.push_str(&text[end..hit.span.start]);
        end = hit.span.end;
    }
    kept.push_str(&text[end..]);
    let mut redacted = SCANNER.redact_hits(text, &hits);
    for hit in &hits {
        let mark = format!("[REDACTED:{}]", SCANNER.detector(hit.detector).unwrap().name);
        redacted = redacted.replacen(&mark, "", 1);
    }
    if !text.contains("[REDACTED:") {
        assert_eq!(redacted, kept);
    }
}
