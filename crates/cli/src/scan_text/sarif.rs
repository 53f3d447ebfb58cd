//! What was found, as SARIF 2.1.0 (OASIS Static Analysis Results Interchange Format).

use inspect::{Action, Severity};
use policy::ContentRules;
use serde_json::{Value, json};

use super::{Scanned, found::Found, shown};

pub(super) fn log(scanned: &[Scanned], rules: &ContentRules) -> Value {
    let mut used: Vec<&Found> = Vec::new();
    for found in scanned.iter().flat_map(|scanned| &scanned.found) {
        if !used.iter().any(|known| known.rule == found.rule) {
            used.push(found);
        }
    }
    let results = scanned.iter().flat_map(|scanned| {
        let used = &used;
        scanned.found.iter().map(move |found| {
            let index = used.iter().position(|known| known.rule == found.rule);
            result(scanned, found, index, rules)
        })
    });
    json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "mcp-guard",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": used.iter().map(|found| rule(found)).collect::<Value>(),
            } },
            "columnKind": "unicodeCodePoints",
            "results": results.collect::<Value>(),
        }],
    })
}

fn rule(found: &Found) -> Value {
    json!({
        "id": found.rule,
        "name": found.rule.replace('.', "_"),
        "shortDescription": { "text": sentence(&found.title) },
        "defaultConfiguration": { "level": level(found.action) },
        "properties": {
            "tags": found.tags,
            "precision": precision(found.confidence),
            "security-severity": score(found.severity),
        },
    })
}

fn result(scanned: &Scanned, found: &Found, index: Option<usize>, rules: &ContentRules) -> Value {
    let excerpt = shown::excerpt(&scanned.text, &found.span, &scanned.found, rules);
    let message =
        format!("{}: {}. As part of a message: {}.", sentence(&found.title), excerpt.marked(), found.action);
    json!({
        "ruleId": found.rule,
        "ruleIndex": index,
        "level": level(found.action),
        "message": { "text": message },
        "locations": [{ "physicalLocation": {
            "artifactLocation": { "uri": uri(&scanned.name) },
            "region": {
                "startLine": found.start.line,
                "startColumn": found.start.column,
                "endLine": found.end.line,
                "endColumn": found.end.column,
                "charOffset": found.start.offset,
                "charLength": found.end.offset - found.start.offset,
                "byteOffset": found.span.start,
                "byteLength": found.span.len(),
            },
        } }],
    })
}

fn sentence(title: &str) -> String {
    let mut letters = title.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn level(action: Action) -> &'static str {
    match action {
        Action::Allow => "note",
        Action::Warn | Action::ShadowBlock => "warning",
        Action::Redact | Action::Review | Action::Block => "error",
    }
}

fn precision(confidence: u8) -> &'static str {
    match confidence {
        95.. => "very-high",
        80.. => "high",
        _ => "medium",
    }
}

/// On the scale of CVSS, as code scanners read it.
fn score(severity: Severity) -> &'static str {
    match severity {
        Severity::Low => "2.0",
        Severity::Medium => "5.0",
        Severity::High => "8.0",
        Severity::Critical => "9.5",
    }
}

/// A path as a URI reference (RFC 3986 §4.2).
fn uri(path: &str) -> String {
    let mut uri = String::new();
    for byte in path.replace('\\', "/").bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' | b'~' => {
                uri.push(byte.into())
            }
            other => uri.push_str(&format!("%{other:02X}")),
        }
    }
    uri
}
