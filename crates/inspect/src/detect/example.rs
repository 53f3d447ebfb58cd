//! Numbers that authorities and payment providers publish for tests and examples. They are nobody's, and count for less
//! where the text says that they are examples; elsewhere they count like any other, so that a guard can be tried out.

use super::context::contains_word;
use crate::ascii::{byte, is_alnum, slice};

/// How far from a number a word may call it an example, in bytes.
const REACH: usize = 120;

#[rustfmt::skip]
const WORDS: [&str; 13] = [
    "example", "examples", "sample", "samples", "test", "tests", "testing", "dummy", "fake", "mock", "fictional",
    "placeholder", "fixture",
];

/// Test cards of payment providers, and social security numbers that the SSA withdrew or that no area has.
#[rustfmt::skip]
const PUBLISHED: [&str; 34] = [
    "4111111111111111", "4012888888881881", "4242424242424242", "4000056655665556", "4000002500003155",
    "4005519200000004", "4009348888881881", "4012000033330026", "4217651111111119", "4500600000000061",
    "4222222222222", "5555555555554444", "5105105105105100", "5200828282828210", "5454545454545454",
    "2223003122003222", "2223000048400011", "2222405343248877", "378282246310005", "371449635398431",
    "378734493671000", "6011111111111117", "6011000990139424", "6011000000000004", "6011981111111113",
    "3530111333300000", "3566002020360505", "30569309025904", "38520000023237", "36227206271667",
    "6200000000000005", "078051120", "219099999", "123456789",
];

/// Whether the number at `start..end` is published, and called an example.
pub(super) fn is_example(text: &[u8], start: usize, end: usize) -> bool {
    let digits = || slice(text, start..end).iter().filter(|byte| byte.is_ascii_digit());
    PUBLISHED.iter().any(|known| digits().eq(known.as_bytes())) && {
        let lead = slice(text, start.saturating_sub(REACH)..start);
        let tail = slice(text, end..text.len().min(end + REACH));
        [lead, tail].into_iter().any(calls_example)
    }
}

/// Whether a word stands there that is no part of a host's name, such as `example.org`.
fn calls_example(part: &[u8]) -> bool {
    part.split(|byte| byte.is_ascii_whitespace()).any(|word| {
        let host = |at: usize| byte(word, at) == b'.' && is_alnum(byte(word, at + 1));
        !(0..word.len()).any(|at| host(at) || byte(word, at) == b'@') && contains_word(word, &WORDS)
    })
}
