//! Scans corpora (JSONL files with `kind`, `category`, `surface` and `text` or `json` in each row) with the engine
//! alone, and prints what was found, by corpus and category.
//!
//! `cargo run -q --release -p mcp-guard-inspect --example corpus -- FOLDER [FILE-PREFIX] [--misses N] [--alarms N]
//! [--families injection,hidden]`

#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs)]

use std::{collections::BTreeMap, fs, path::Path};

use mcp_guard_inspect::{Action, Hit, Place, Scanner, Text, Where};
use serde_json::Value;

#[derive(Default)]
struct Tally {
    rows: usize,
    found: usize,
    enforced: usize,
    examples: Vec<String>,
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let number = |flag: &str| {
        let at = args.iter().position(|arg| arg == flag);
        at.and_then(|at| args.get(at + 1)?.parse().ok()).unwrap_or(0_usize)
    };
    let (misses, alarms) = (number("--misses"), number("--alarms"));
    let only = args.get(1).filter(|arg| !arg.starts_with("--")).cloned().unwrap_or_default();
    let families = args.iter().position(|arg| arg == "--families").and_then(|at| args.get(at + 1));
    let wanted = |name: &str| families.is_none_or(|all| all.split(',').any(|family| family == name));
    let scanner = Scanner::new(|known| wanted(known.family.as_str()), &[]).unwrap();
    let mut files: Vec<_> = fs::read_dir(Path::new(&args[0])).unwrap().map(|e| e.unwrap().path()).collect();
    files.sort();
    for file in files {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        if !name.starts_with(&only) || file.extension().is_none_or(|e| e != "jsonl") {
            continue;
        }
        let mut tallies: BTreeMap<(String, String), Tally> = BTreeMap::new();
        for line in fs::read_to_string(&file).unwrap().lines() {
            let row: Value = serde_json::from_str(line).unwrap();
            let kind = row["kind"].as_str().unwrap().to_owned();
            let (rules, enforced, shown) = judge(&scanner, &row);
            for category in ["(all)", row["category"].as_str().unwrap()] {
                let tally = tallies.entry((kind.clone(), category.to_owned())).or_default();
                tally.rows += 1;
                tally.found += usize::from(!rules.is_empty());
                tally.enforced += usize::from(enforced);
                let interesting = if kind == "benign" { !rules.is_empty() } else { rules.is_empty() };
                let most = if kind == "benign" { alarms } else { misses };
                if category != "(all)" && interesting && tally.examples.len() < most {
                    let mark = if enforced { "!" } else { "" };
                    tally.examples.push(format!("{mark}{rules:?} {shown}"));
                }
            }
        }
        println!("== {name}");
        for ((kind, category), tally) in tallies {
            let share = |n: usize| n as f64 * 100.0 / tally.rows as f64;
            println!(
                "{kind:7} {category:45} {:5} rows  found {:6.2}%  blocked or altered {:6.2}%",
                tally.rows,
                share(tally.found),
                share(tally.enforced)
            );
            for example in &tally.examples {
                println!("        {example}");
            }
        }
    }
}

/// What is found in a row, whether anything of it would be blocked or altered under `balanced`, and an excerpt.
fn judge(scanner: &Scanner, row: &Value) -> (Vec<String>, bool, String) {
    let surface = row["surface"].as_str().unwrap_or("text");
    let category = row["category"].as_str().unwrap_or_default();
    let mut rules = Vec::new();
    let mut enforced = false;
    let mut shown = String::new();
    let request = matches!(surface, "tool_args" | "prompt");
    let mut look = |text: &str, key: Option<&str>, place: Where| {
        let mut hits: Vec<Hit> = Vec::new();
        scanner.scan(Text { text, key, place: Place::new(place) }, &mut hits);
        for hit in hits.iter().filter(|hit| hit.confidence.percent() >= 80) {
            let detector = scanner.detector(hit.detector).unwrap();
            let cells = detector.actions.balanced;
            let action = if request { cells.request } else { cells.response };
            if action > Action::Allow {
                let at: String = text[hit.span.clone()].chars().take(80).collect();
                rules.push(format!("{} «{at}»", detector.id()));
            }
            enforced |= action > Action::ShadowBlock;
        }
    };
    let text = row["text"].as_str();
    match (text, surface) {
        (Some(text), "tool_args") => {
            let (key, place) = argument(category, text);
            look(text, Some(key), place);
        }
        (Some(text), "prompt") => look(text, None, Where::Prompt),
        (Some(text), "tool_description") => look(text, Some("description"), Where::Metadata),
        (Some(text), _) => look(text, None, Where::Result),
        (None, _) => {
            let place = match surface {
                "tool_args" => None,
                "tool_description" => Some(Where::Metadata),
                _ => Some(Where::Result),
            };
            let arguments = row.pointer("/json/params/arguments").filter(|_| surface == "tool_args");
            strings(arguments.unwrap_or(&row["json"]), None, &mut |text, key| {
                look(text, key, place.unwrap_or_else(|| Where::argument("", key.unwrap_or_default())));
            });
        }
    }
    if let Some(text) = text {
        shown = text.chars().take(300).collect::<String>().replace('\n', "⏎");
    }
    (rules, enforced, shown)
}

/// The argument in which the payloads of a category do harm.
fn argument(category: &str, text: &str) -> (&'static str, Where) {
    let named = |name: &'static str| (name, Where::argument("", name));
    let has = |words: &[&str]| words.iter().any(|word| category.contains(word));
    match category {
        _ if has(&["nodejs"]) && text.contains("://") => named("url"),
        _ if has(&["sqli", "ldap"]) => named("id"),
        _ if has(&["generic"]) => {
            let host =
                text.starts_with("http:") || (text.contains('/') && !text.contains(['{', ' ', '<', '(']));
            named(if host { "url" } else { "name" })
        }
        _ if has(&["path", "lfi", "rfi"]) => named("path"),
        _ if has(&["ssrf", "redirect"]) => named("url"),
        _ if has(&["command", "shell", "rce"]) => named("host"),
        _ => named("name"),
    }
}

fn strings(value: &Value, key: Option<&str>, look: &mut impl FnMut(&str, Option<&str>)) {
    match value {
        Value::String(text) => look(text, key),
        Value::Array(items) => items.iter().for_each(|item| strings(item, key, look)),
        Value::Object(members) => members.iter().for_each(|(key, value)| strings(value, Some(key), look)),
        _ => {}
    }
}
