//! The same attacks in one disguise after the other: what is found plain should be found disguised.

use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD, Engine as _};

use serde_json::{json, value::RawValue};

use super::{attacks, sample};
use crate::bench::corpus::{Kind, Sample};

/// One disguise.
type Disguise = (&'static str, fn(&str) -> String);

const DISGUISES: [Disguise; 15] = [
    ("plain", str::to_owned),
    ("upper_case", str::to_uppercase),
    ("percent", |text| text.bytes().map(|byte| format!("%{byte:02X}")).collect()),
    ("percent_twice", |text| text.bytes().map(|byte| format!("%25{byte:02x}")).collect()),
    ("base64", |text| BASE64_STANDARD.encode(text)),
    ("base64url", |text| BASE64_URL_SAFE_NO_PAD.encode(text)),
    ("hex", |text| text.bytes().map(|byte| format!("{byte:02x}")).collect()),
    ("html_entities", |text| text.chars().map(|c| format!("&#{};", u32::from(c))).collect()),
    ("json_escapes", |text| text.chars().map(|c| format!("\\u{:04x}", u32::from(c))).collect()),
    ("full_width", |text| text.chars().map(full_width).collect()),
    ("zero_width", |text| text.chars().flat_map(|c| [c, '\u{200B}']).collect()),
    ("confusables", |text| text.chars().map(confusable).collect()),
    ("tags", |text| text.chars().map(|c| char::from_u32(0xE0000 + u32::from(c)).unwrap_or(c)).collect()),
    ("quoted_printable", |text| text.bytes().map(|byte| format!("={byte:02X}")).collect()),
    ("soft_hyphens", |text| text.chars().flat_map(|c| [c, '\u{AD}']).collect()),
];

/// Forms that normalise to ASCII (Unicode, halfwidth and fullwidth forms).
fn full_width(c: char) -> char {
    match c {
        '!'..='~' => char::from_u32(u32::from(c) + 0xFEE0).unwrap_or(c),
        c => c,
    }
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

/// Each of some attacks in each disguise.
pub(super) fn samples(each: usize) -> Vec<Sample> {
    let mut samples = Vec::new();
    let plain = attacks::bare(each);
    for (name, disguise) in DISGUISES {
        for (number, payload) in plain.iter().enumerate() {
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
