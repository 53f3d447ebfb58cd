use std::borrow::Cow;

use super::{
    decode::percent_fully,
    text::{Kind, fold_case, visible},
};

/// Decoding can uncover something to normalise and the other way round, each time at the price of
/// at least half of what is left: 32 rounds are more than any name that fits in memory can need.
const ROUNDS: usize = 32;

/// The reading of a tool or prompt name in which only its letters count: percent-decoded to the
/// end, NFKC, without invisible characters, without case, each run of separators one `_`.
///
/// Borrows a name that already is in this form. Idempotent.
pub fn fold(name: &str) -> Cow<'_, str> {
    if name.bytes().all(is_settled) && !name.contains("__") {
        return Cow::Borrowed(name);
    }
    settle(name, |text| separators(&plain_once(text, Kind::Name)).into_owned())
}

/// [`fold`] for the literal text of a pattern: [`WILDCARDS`](super::WILDCARDS) stay where they are.
pub fn fold_pattern(pattern: &str) -> Cow<'_, str> {
    settle(pattern, |text| separators(&plain_once(text, Kind::Pattern)).into_owned())
}

/// [`fold`] with separators as they were written: what a regular expression is matched against.
pub fn plain(name: &str) -> Cow<'_, str> {
    if name.bytes().all(|byte| is_settled(byte) || is_ascii_separator(byte)) {
        return Cow::Borrowed(name);
    }
    settle(name, |text| plain_once(text, Kind::Name).into_owned())
}

fn settle(name: &str, step: impl Fn(&str) -> String) -> Cow<'_, str> {
    let mut text = step(name);
    if text == name {
        return Cow::Borrowed(name);
    }
    for _ in 0..ROUNDS {
        let next = step(&text);
        if next == text {
            break;
        }
        text = next;
    }
    Cow::Owned(text)
}

fn plain_once(text: &str, kind: Kind) -> Cow<'_, str> {
    let decoded = percent_fully(text);
    let seen = visible(&decoded, kind);
    let folded = fold_case(&seen);
    if folded == text { Cow::Borrowed(text) } else { Cow::Owned(folded.into_owned()) }
}

fn separators(text: &str) -> Cow<'_, str> {
    // A server that trims its input acts on what is between the spaces.
    let trimmed = text.trim();
    let mut out = String::with_capacity(trimmed.len());
    for c in trimmed.chars() {
        if !is_separator(c) {
            out.push(c);
        } else if !out.ends_with('_') {
            out.push('_');
        }
    }
    if out == text { Cow::Borrowed(text) } else { Cow::Owned(out) }
}

fn is_separator(c: char) -> bool {
    match u8::try_from(c) {
        Ok(byte) if byte.is_ascii() => c == '_' || is_ascii_separator(byte),
        _ => {
            c.is_whitespace()
                || matches!(
                    c,
                    '\u{2010}'
                        ..='\u{2015}'
                            | '\u{2212}'
                            | '\u{2044}'
                            | '\u{2215}'
                            | '\u{2216}'
                            | '\u{29F5}'
                            | '\u{29F8}'
                            | '\u{B7}'
                )
        }
    }
}

fn is_ascii_separator(byte: u8) -> bool {
    matches!(byte, b'-' | b' ' | b'.' | b'/' | b'\\' | b':')
}

/// ASCII that no step of [`fold`] touches, except for runs of `_`.
fn is_settled(byte: u8) -> bool {
    matches!(byte, 0x21..=0x7E) && !byte.is_ascii_uppercase() && byte != b'%' && !is_ascii_separator(byte)
}
