//! `mcp-guard scan-text`.

mod found;
mod human;
mod sarif;
mod shown;

use std::{
    fs,
    io::{self, Read},
    path::Path,
    process::ExitCode,
};

use inspect::{Action, Place, Where};
use policy::{ContentRules, Flow};
use serde_json::{Value, json};

use self::found::Found;
use crate::{
    args::{ConfigArgs, Direction, ScanTextArgs, TextFormat},
    configuration,
    failure::Failure,
};

/// Largest text, in bytes. What is larger is refused: it would have to be kept in memory to be shown.
const MAX_BYTES: u64 = 64 << 20;

/// Something was found that is not to pass.
const FOUND: u8 = 1;

/// It could not be done.
const TROUBLE: u8 = 2;

pub(crate) fn scan_text(config: &ConfigArgs, args: &ScanTextArgs) -> Result<ExitCode, Failure> {
    scan_all(config, args).map_err(|failure| failure.with_code(TROUBLE))
}

/// A text and what was found in it.
struct Scanned {
    /// What it is called: the path as it was given.
    name: String,
    text: String,
    found: Vec<Found>,
}

fn scan_all(config: &ConfigArgs, args: &ScanTextArgs) -> Result<ExitCode, Failure> {
    let policy = configuration::policy(config, args.profile)?;
    let rules = &policy.fallback().content;
    let mut scanned = Vec::new();
    if args.files.is_empty() {
        scanned.push(scan("<stdin>", io::stdin().lock(), rules, args)?);
    }
    for path in &args.files {
        let name = path.display().to_string();
        scanned.push(match path == Path::new("-") {
            true => scan("<stdin>", io::stdin().lock(), rules, args)?,
            false => {
                scan(&name, fs::File::open(path).map_err(|error| unreadable(&name, &error))?, rules, args)?
            }
        });
    }
    match args.format {
        TextFormat::Human => anstream::println!("{}", human::text(&scanned, rules)),
        TextFormat::Json => anstream::println!("{:#}", as_json(&scanned, rules)),
        TextFormat::Sarif => anstream::println!("{:#}", sarif::log(&scanned, rules)),
    }
    let worst = scanned.iter().flat_map(|scanned| &scanned.found).map(|found| found.action).max();
    let fails = worst.is_some_and(|worst| worst >= Action::from(args.fail_on));
    Ok(if fails { ExitCode::from(FOUND) } else { ExitCode::SUCCESS })
}

fn scan(name: &str, from: impl Read, rules: &ContentRules, args: &ScanTextArgs) -> Result<Scanned, Failure> {
    let mut bytes = Vec::new();
    from.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(|error| unreadable(name, &error))?;
    if bytes.len() as u64 > MAX_BYTES {
        let mib = MAX_BYTES >> 20;
        return Err(Failure::new(format!("{name} is larger than {mib} MiB; scan it in parts that overlap")));
    }
    let text = String::from_utf8(bytes).unwrap_or_else(|error| {
        anstream::eprintln!("note: {name} is not UTF-8; bytes that are none are looked at as U+FFFD");
        String::from_utf8_lossy(error.as_bytes()).into_owned()
    });
    let place = args.place.map_or(Place::UNKNOWN, |place| Place::new(place.0));
    let flow = match args.direction {
        Some(Direction::Request) => Flow::Request,
        Some(Direction::Response) => Flow::Response,
        None => usual(args.place.map(|place| place.0)),
    };
    let found = found::all(rules, inspect::Text { text: &text, key: args.key.as_deref(), place }, flow);
    Ok(Scanned { name: name.to_owned(), text, found })
}

/// The direction in which texts of a place usually go.
fn usual(place: Option<Where>) -> Flow {
    match place {
        Some(Where::Result | Where::Prompt | Where::Metadata | Where::Ask | Where::Error) | None => {
            Flow::Response
        }
        Some(_) => Flow::Request,
    }
}

fn unreadable(name: &str, error: &io::Error) -> Failure {
    Failure::new(format!("cannot read {name}: {error}"))
}

fn as_json(scanned: &[Scanned], rules: &ContentRules) -> Value {
    let findings = scanned.iter().flat_map(|scanned| {
        scanned.found.iter().map(|found| {
            let excerpt = shown::excerpt(&scanned.text, &found.span, &scanned.found, rules);
            json!({
                "file": scanned.name,
                "rule": found.rule,
                "title": found.title,
                "severity": found.severity,
                "confidence": found.confidence,
                "action": found.action,
                "line": found.start.line,
                "column": found.start.column,
                "end_line": found.end.line,
                "end_column": found.end.column,
                "char_offset": found.start.offset,
                "char_length": found.end.offset - found.start.offset,
                "byte_offset": found.span.start,
                "byte_length": found.span.len(),
                "found": excerpt.marked(),
                "tags": found.tags,
            })
        })
    });
    json!({ "files": scanned.len(), "findings": findings.collect::<Value>() })
}
