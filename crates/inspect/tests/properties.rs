//! What must hold for any text.

// What the tests share fails the way they do.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::sync::LazyLock;

use mcp_guard_inspect::{Hit, Scanner, Text, catalogue};
use proptest::prelude::*;

/// Things detectors stop at, whole and broken, to build texts from.
const PIECES: [&str; 44] = [
    "ann@example.org",
    "@",
    ".",
    "a",
    "-",
    "_",
    " ",
    "\n",
    "\\n",
    "%3D",
    "é",
    "語",
    "\u{1F600}",
    "\"",
    ":",
    "/",
    "=",
    "+",
    "1",
    "4111 1111 1111 1111",
    "4111111111111111",
    "212-555-0142",
    "+1 ",
    "(",
    ")",
    "536-22-8145",
    "ssn ",
    "phone: ",
    "AKIAQ2W5TZ7LKDPMBVCX",
    "aws secret ",
    "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",
    "ghp_",
    "ghs_1_eyJ",
    "16C7e42F292c6912E7710c838347Ae178B4a",
    "xoxb-",
    "sk-",
    "sk-ant-",
    "://",
    "postgres://u:pw1@",
    "-----BEGIN PRIVATE KEY-----",
    "-----END PRIVATE KEY-----",
    "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSj",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.",
    "[REDACTED:email]",
];

const SECRETS: [&str; 9] = [
    "ann@example.org",
    "212-555-0142",
    "536-22-8145",
    "4111111111111111",
    "AKIAQ2W5TZ7LKDPMBVCX",
    "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
    "sk-0123456789abcdef0123456789abcdef",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N",
    "postgres://app:s3cr3t@db/app",
];

/// Those of secrets and personal data: they look at values. What the others look at changes with what stands around it.
static VALUES: LazyLock<Scanner> = LazyLock::new(|| ALL.only(|known| known.family.is_confidential()));

static ALL: LazyLock<Scanner> = LazyLock::new(|| Scanner::new(|_| true, &[]).unwrap());

/// One scanner for every built-in detector alone.
static EACH: LazyLock<Vec<Scanner>> = LazyLock::new(|| {
    catalogue().iter().map(|only| Scanner::new(|known| known.name == only.name, &[]).unwrap()).collect()
});

/// There are hundreds of detectors: each case looks at every so-manieth of them.
const EVERY: usize = 16;

fn text() -> impl Strategy<Value = String> {
    let piece =
        prop_oneof![4 => prop::sample::select(&PIECES[..]).prop_map(str::to_owned), 1 => any::<String>()];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

fn scan(scanner: &Scanner, text: &str, key: Option<&str>) -> Vec<Hit> {
    let mut hits = Vec::new();
    scanner.scan(Text { text, key, place: mcp_guard_inspect::Place::UNKNOWN }, &mut hits);
    hits
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1024, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn short_texts_are_not_passed_over(text in "[ -~]{0,40}", value in text()) {
        let value: String = value.chars().take(70).collect();
        for text in [text, value] {
            // Padding adds nothing to find and makes every text long enough for every search.
            let padded = format!("{text}{}", " ".repeat(200));
            // A key that is cut short ends where the text does: only where hits begin is compared.
            let begins = |text: &str| -> Vec<_> {
                scan(&VALUES, text, None).into_iter().map(|hit| (hit.detector, hit.span.start)).collect()
            };
            prop_assert_eq!(begins(&text), begins(&padded));
        }
    }

    #[test]
    fn spans_are_sound(text in text(), key in prop::option::of(prop::sample::select(&["phone", "ssn", "secret_key"][..]))) {
        let mut end = 0;
        for hit in scan(&ALL, &text, key) {
            prop_assert!(hit.span.start >= end && hit.span.start < hit.span.end, "{:?}", hit);
            prop_assert!(text.get(hit.span.clone()).is_some(), "{:?}", hit);
            prop_assert!(ALL.detector(hit.detector).is_some());
            end = hit.span.end;
        }
    }

    #[test]
    fn redaction_leaves_nothing_behind(text in text()) {
        let redacted = ALL.redact(&text);
        prop_assert_eq!(scan(&ALL, &redacted, None), [], "{}", redacted);
    }

    #[test]
    fn redaction_leaves_the_rest_alone(text in text()) {
        let hits = scan(&ALL, &text, None);
        let redacted = ALL.redact_hits(&text, &hits);
        let mut rest = redacted.as_str();
        let mut kept = 0;
        for hit in hits {
            let name = &ALL.detector(hit.detector).unwrap().name;
            let expected = format!("{}[REDACTED:{name}]", &text[kept..hit.span.start]);
            prop_assert!(rest.starts_with(&expected), "{} in {}", expected, redacted);
            rest = &rest[expected.len()..];
            kept = hit.span.end;
        }
        prop_assert_eq!(rest, &text[kept..]);
    }

    #[test]
    fn a_space_on_either_side_hides_nothing(before in text(), secret in prop::sample::select(&SECRETS[..]), after in text()) {
        let whole = format!("{before} {secret} {after}");
        let (start, end) = (before.len() + 1, before.len() + 1 + secret.len());
        let covered = scan(&ALL, &whole, None).iter().any(|hit| hit.span.start <= start && hit.span.end >= end);
        prop_assert!(covered, "{}", whole);
    }

    #[test]
    fn disabling_the_others_changes_nothing_for_one(text in text(), some in 0..EVERY) {
        let covered = scan(&ALL, &text, None);
        for one in EACH.iter().skip(some).step_by(EVERY) {
            for hit in scan(one, &text, None) {
                prop_assert!(covered.iter().any(|all| all.span.start <= hit.span.start && all.span.end >= hit.span.end));
            }
        }
    }
}
