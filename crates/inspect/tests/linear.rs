//! No text takes more than linear time: sixteen times as much of it may take
//! about sixteen times as long, where anything quadratic takes 256 times.

use std::time::{Duration, Instant};

use mcp_guard_inspect::{Scanner, Text};

const SMALL: usize = 8 << 10;
const FACTOR: usize = 16;

/// Best of a few runs, because a shared machine only ever makes them longer.
fn time(scanner: &Scanner, text: &str) -> Duration {
    let run = || {
        let mut hits = Vec::new();
        let start = Instant::now();
        scanner.scan(Text { text, key: Some("phone"), place: mcp_guard_inspect::Place::UNKNOWN }, &mut hits);
        start.elapsed()
    };
    (0..3).map(|_| run()).fold(Duration::MAX, Duration::min)
}

#[test]
fn floods_take_linear_time() {
    let scanner = Scanner::new(|_| true, &[]).unwrap();
    #[rustfmt::skip]
    let floods = [
        "@", "a@", "a.", "a@b.", "a@b.co", "1", "1 ", "111-", "4111 ", "4111 1111 ", "536-22-", "123456789 ", "212-555-",
        "+1 ", "+44(", "(", "eyJ", ".eyJ", "eyJhbGciOiJ9.", "-", "-BEGIN ", "-----BEGIN PRIVATE KEY-----",
        "-----BEGIN PRIVATE KEY-----\nabc ", "-----BEGIN PRIVATE KEY----- a: b ", "sk-", " sk-", "sk-ant-", "://", "redis://",
        "redis://a:b", "redis://a:b@", "redis://h/?password=", "redis://h/a?b&c;", "secret", "secret ", "aws secret a/",
        "AKIA", " AKIAQ2W5TZ7LKDPMBVCX", "ghp_", "ghs_1_eyJ.", "github_pat_", "xox", "xoxe.xoxp-", "xoxb-", "xapp-1", "ya29.", "pypi-AgE", "npm_", "whsec_", "AIza", "GOCSPX-", "hooks.slack.com/services/",
        "\\n", "%3D", "\x1b[3", "1A2B3C4D ", "12 34 56 ", "AB 12 34 ", "1.1.1.", "GB82 WEST 1234 ", "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2 ", "2001:", "00:1A:", "ssn 123456789", "phone:", "[REDACTED:jwt]",
        "69 67 6e ", "69:67:6e:", "0x69,", "105, 103, ", "01101001 ", "1 ,;", "1gn0r3 ", "a0", "1", "pr3v10u5 1n5truct10n5 ",
    ];
    let grows_too_fast = |flood: &&str| {
        let small = time(&scanner, &flood.repeat(SMALL / flood.len()));
        let large = time(&scanner, &flood.repeat(SMALL * FACTOR / flood.len()));
        large > small * 4 * FACTOR as u32
    };
    // What is quadratic is so every time; a busy machine is not.
    let quadratic: Vec<_> = floods.iter().filter(|flood| (0..6).all(|_| grows_too_fast(flood))).collect();
    assert!(quadratic.is_empty(), "{quadratic:?}");
}
