//! The same attacks in one disguise after the other: what is found plain should be found disguised.

use std::io::Write as _;

use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD, Engine as _};
use flate2::{Compression, write::GzEncoder};
use serde_json::{json, value::RawValue};

use super::{attacks, sample};
use crate::bench::corpus::{Kind, Sample};

/// One disguise, and what it is tried on.
type Disguise = (&'static str, On, fn(&str) -> String);

/// What a disguise leaves intact.
#[derive(Clone, Copy, PartialEq, Eq)]
enum On {
    /// Whoever undoes it has the same text again.
    All,
    /// Only what is read as words survives it.
    Words,
}

const DISGUISES: [Disguise; 36] = [
    ("plain", On::All, str::to_owned),
    ("percent", On::All, |text| bytes(text, "", |byte| format!("%{byte:02X}"))),
    ("percent_twice", On::All, |text| bytes(text, "", |byte| format!("%25{byte:02x}"))),
    ("base64", On::All, |text| BASE64_STANDARD.encode(text)),
    ("base64url", On::All, |text| BASE64_URL_SAFE_NO_PAD.encode(text)),
    ("base64_twice", On::All, |text| BASE64_STANDARD.encode(BASE64_STANDARD.encode(text))),
    ("gzip_base64", On::All, |text| BASE64_STANDARD.encode(gzip(text))),
    ("data_uri", On::All, |text| format!("data:text/plain;base64,{}", BASE64_STANDARD.encode(text))),
    ("hex", On::All, |text| bytes(text, "", |byte| format!("{byte:02x}"))),
    ("hex_apart", On::All, |text| bytes(text, " ", |byte| format!("{byte:02x}"))),
    ("hex_colons", On::All, |text| bytes(text, ":", |byte| format!("{byte:02x}"))),
    ("hex_numbers", On::All, |text| bytes(text, ",", |byte| format!("0x{byte:02x}"))),
    ("decimal_codes", On::All, |text| bytes(text, " ", |byte| byte.to_string())),
    ("binary_codes", On::All, |text| bytes(text, " ", |byte| format!("{byte:08b}"))),
    ("html_entities", On::All, |text| each(text, |c| format!("&#{};", u32::from(c)))),
    ("html_entities_hex", On::All, |text| each(text, |c| format!("&#x{:x};", u32::from(c)))),
    ("json_escapes", On::All, |text| each(text, |c| format!("\\u{:04x}", u32::from(c)))),
    ("byte_escapes", On::All, |text| bytes(text, "", |byte| format!("\\x{byte:02x}"))),
    ("octal_escapes", On::All, |text| bytes(text, "", |byte| format!("\\{byte:03o}"))),
    ("quoted_printable", On::All, |text| bytes(text, "", |byte| format!("={byte:02X}"))),
    ("full_width", On::All, |text| text.chars().map(|c| moved(c, '!'..='~', '！')).collect()),
    ("mathematical", On::All, mathematical),
    ("zero_width", On::All, |text| each(text, |c| format!("{c}\u{200B}"))),
    ("soft_hyphens", On::All, |text| each(text, |c| format!("{c}\u{AD}"))),
    ("direction_marks", On::All, |text| each(text, |c| format!("{c}\u{202E}\u{202C}"))),
    ("combining_marks", On::All, |text| {
        each(text, |c| if c.is_ascii_alphabetic() { format!("{c}\u{336}") } else { c.into() })
    }),
    ("terminal_colours", On::All, |text| each(text, |c| format!("{c}\u{1B}[8m"))),
    ("confusables", On::All, |text| text.chars().map(confusable).collect()),
    ("tags", On::All, |text| text.chars().map(|c| moved(c, ' '..='~', '\u{E0020}')).collect()),
    ("variation_selectors", On::All, |text| {
        text.bytes().filter_map(|byte| char::from_u32(0xE0100 + u32::from(byte) - 16)).collect()
    }),
    ("upper_case", On::Words, str::to_uppercase),
    ("leetspeak", On::Words, |text| text.chars().map(leet).collect()),
    ("letters_apart", On::Words, |text| {
        let word = |word: &str| word.chars().map(String::from).collect::<Vec<_>>().join(" ");
        text.split(' ').map(word).collect::<Vec<_>>().join("   ")
    }),
    ("reversed", On::Words, |text| text.chars().rev().collect()),
    ("rot13", On::Words, |text| text.chars().map(rot13).collect()),
    ("lines", On::Words, |text| text.replace(' ', "\n")),
];

fn each(text: &str, write: impl Fn(char) -> String) -> String {
    text.chars().map(write).collect()
}

fn bytes(text: &str, part: &str, write: impl Fn(u8) -> String) -> String {
    text.bytes().map(write).collect::<Vec<_>>().join(part)
}

/// Writing to memory does not fail.
fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    let _ = encoder.write_all(text.as_bytes());
    encoder.finish().unwrap_or_default()
}

/// A character of a range as the one that stands at its place in another, which begins with `to`.
fn moved(c: char, range: std::ops::RangeInclusive<char>, to: char) -> char {
    let to = u32::from(to) + u32::from(c) - u32::from(*range.start()).min(u32::from(c));
    if range.contains(&c) { char::from_u32(to).unwrap_or(c) } else { c }
}

fn mathematical(text: &str) -> String {
    text.chars().map(|c| moved(moved(c, 'a'..='z', '𝐚'), 'A'..='Z', '𝐀')).collect()
}

/// Cyrillic letters that look Latin.
fn confusable(c: char) -> char {
    match c {
        'a' => 'а',
        'c' => 'с',
        'e' => 'е',
        'i' => 'і',
        'o' => 'о',
        'p' => 'р',
        's' => 'ѕ',
        'x' => 'х',
        'y' => 'у',
        c => c,
    }
}

fn leet(c: char) -> char {
    match c.to_ascii_lowercase() {
        'a' => '4',
        'e' => '3',
        'i' => '1',
        'o' => '0',
        's' => '5',
        't' => '7',
        _ => c,
    }
}

fn rot13(c: char) -> char {
    match c {
        'a'..='m' | 'A'..='M' => char::from_u32(u32::from(c) + 13).unwrap_or(c),
        'n'..='z' | 'N'..='Z' => char::from_u32(u32::from(c) - 13).unwrap_or(c),
        c => c,
    }
}

/// Each of some attacks in each disguise.
pub(super) fn samples(each: usize) -> Vec<Sample> {
    let mut samples = Vec::new();
    let plain = attacks::bare(each);
    for (name, on, disguise) in DISGUISES {
        for (number, payload) in plain.iter().enumerate() {
            if on == On::Words && !payload.words {
                continue;
            }
            let disguised = disguise(&payload.text);
            let (surface, text, json) = match payload.argument {
                Some(argument) => ("tool_args", None, call(argument, &disguised)),
                None => ("tool_result", Some(disguised), None),
            };
            samples.push(Sample {
                text,
                json,
                ..sample(Kind::Attack, &format!("disguise_{name}"), surface, number)
            });
        }
    }
    samples
}

fn call(argument: &str, text: &str) -> Option<Box<RawValue>> {
    let params = json!({ "name": "tool", "arguments": { argument: text } });
    RawValue::from_string(json!({ "method": "tools/call", "params": params }).to_string()).ok()
}
