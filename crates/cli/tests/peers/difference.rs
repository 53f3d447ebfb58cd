use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::transcript::Transcript;

const SHOWN: usize = 600;

/// Steps whose errors differ in words: a gateway that keeps tasks and methods apart gives them itself, and over HTTP some
/// come with a status that one SDK reports in place of the error. That they are errors is compared.
const WORDED: [&str; 3] = ["ping", "unknown method", "look at an unknown task"];

/// What clients of the newest revision do in its form. Everything else belongs to sessions, which it does not have.
const STATELESS: [&str; 7] = [
    "tools/list",
    "tools/call",
    "resources/list",
    "resources/templates/list",
    "resources/read",
    "prompts/list",
    "prompts/get",
];

/// What the newest revision adds to results.
const MODERN: [&str; 4] = ["resultType", "ttlMs", "cacheScope", "_meta"];

/// As [`between`] where the gateway is reached by URL and the server perhaps not: how a process ended is not compared.
pub(crate) fn over_http(direct: &Transcript, served: &Transcript) -> Vec<String> {
    let plain = |transcript: &Transcript| {
        let mut plain = transcript.0.clone();
        plain["exit"] = Value::Null;
        for step in plain["steps"].as_array_mut().unwrap() {
            let errs =
                step["outcomes"].as_array().unwrap().iter().any(|outcome| outcome.get("error").is_some());
            if errs && WORDED.iter().any(|name| step["step"] == *name) {
                step["outcomes"] = json!("an error");
                step["responses"] = Value::Null;
            }
        }
        Transcript(plain)
    };
    between(&plain(direct), &plain(served))
}

/// As [`between`], of a client that speaks an older revision with the server than with the gateway: what every tool,
/// resource and prompt gives.
pub(crate) fn across_eras(direct: &Transcript, served: &Transcript) -> Vec<String> {
    let steps = |transcript: &Transcript| transcript.0["steps"].as_array().unwrap().clone();
    let (one, other) = (steps(direct), steps(served));
    let plain = |steps: &[Value], others: &[Value]| {
        let is_in_both = |step: &&Value| {
            STATELESS.iter().any(|method| step["method"] == *method)
                && others.iter().any(|other| other["step"] == step["step"])
        };
        let both = steps.iter().filter(is_in_both);
        let outcomes =
            both.map(|step| json!({"step": step["step"], "outcomes": stripped(&step["outcomes"])}));
        Transcript(json!({"steps": outcomes.collect::<Vec<_>>()}))
    };
    between(&plain(&one, &other), &plain(&other, &one))
}

fn stripped(outcomes: &Value) -> Value {
    let mut outcomes = outcomes.clone();
    for outcome in outcomes.as_array_mut().unwrap() {
        // Each era has its own codes, and over HTTP statuses.
        if outcome.get("error").is_some() {
            *outcome = json!("an error");
        }
        if let Some(Value::Object(result)) = outcome.get_mut("result") {
            result.retain(|member, _| !MODERN.contains(&member.as_str()));
            for tool in result.get_mut("tools").and_then(Value::as_array_mut).into_iter().flatten() {
                // About tasks as they were; an SDK leaves out what the newest revision does not know.
                tool.as_object_mut().unwrap().remove("execution");
            }
        }
    }
    outcomes
}

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
