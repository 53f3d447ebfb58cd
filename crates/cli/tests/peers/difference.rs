use std::collections::BTreeSet;

use serde_json::Value;

use crate::transcript::Transcript;

const SHOWN: usize = 600;

/// Each place where the transcripts differ, with both values.
pub(crate) fn between(direct: &Transcript, guarded: &Transcript) -> Vec<String> {
    let mut found = Vec::new();
    compare("", Some(&direct.0), Some(&guarded.0), &mut found);
    found
}

fn compare(place: &str, direct: Option<&Value>, guarded: Option<&Value>, found: &mut Vec<String>) {
    match (direct, guarded) {
        (Some(Value::Object(one)), Some(Value::Object(other))) => {
            for key in one.keys().chain(other.keys()).collect::<BTreeSet<_>>() {
                compare(&format!("{place}/{key}"), one.get(key), other.get(key), found);
            }
        }
        (Some(Value::Array(one)), Some(Value::Array(other))) => {
            for i in 0..one.len().max(other.len()) {
                let (one, other) = (one.get(i), other.get(i));
                compare(&format!("{place}/{}", label(i, one.or(other))), one, other, found);
            }
        }
        _ if direct == guarded => {}
        _ => found.push(format!("{place}\n    direct:  {}\n    guarded: {}", shown(direct), shown(guarded))),
    }
}

/// A step is known by its name, anything else by its place.
fn label(i: usize, item: Option<&Value>) -> String {
    let name = item.and_then(|item| item["step"].as_str());
    name.map_or_else(|| i.to_string(), |name| format!("«{name}»"))
}

fn shown(value: Option<&Value>) -> String {
    let Some(value) = value else {
        return "nothing".to_owned();
    };
    let text = value.to_string();
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{} … ({} bytes)", &text[..end], text.len()),
        None => text,
    }
}

/// Lines of `direct` that `guarded`, which may say more, does not have in the same order. Stack frames are not
/// looked for: how many a runtime shows depends on its load.
pub(crate) fn lost_lines<'a>(direct: &'a str, guarded: &str) -> Vec<&'a str> {
    let guarded: Vec<_> = guarded.lines().map(without_numbers).collect();
    let mut next = 0;
    let mut passed = |line: &str| {
        let found = guarded.iter().skip(next).position(|other| *other == without_numbers(line));
        next += found.map_or(0, |skipped| skipped + 1);
        found.is_some()
    };
    direct.lines().filter(|line| !line.trim_start().starts_with("at ") && !passed(line)).collect()
}

/// Process ids, times and task ids differ from run to run: words with a digit in them are left out.
fn without_numbers(line: &str) -> String {
    line.split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.contains(|c: char| c.is_ascii_digit()))
        .collect::<Vec<_>>()
        .join(" ")
}
