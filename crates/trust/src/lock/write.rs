use std::fmt::Write;

use serde_json::Value;

use super::{Approval, Lock, VERSION, parameters, summary};
use crate::safe::is_unseen;

const HEAD: &str = "\
# What each MCP server was approved to be. Written by `mcp-guard pins`, and made to be read: what is approved is in `full`,
# the lines above it sum it up. It cannot be changed by hand, for the digests would not fit: approve what is new with
# `mcp-guard pins approve SERVER`.
";

pub(super) fn write(lock: &Lock) -> String {
    let mut out = format!("{HEAD}version = {VERSION}\n");
    for (name, server) in &lock.servers {
        let approval = match server.approval {
            Approval::FirstUse => "first-use",
            Approval::Reviewed => "reviewed",
        };
        let listed: Vec<_> = server.listed.iter().map(|kind| text(kind.as_str())).collect();
        out.push_str("\n[[server]]\n");
        line(&mut out, "name", &text(name));
        line(&mut out, "approval", &text(approval));
        if let Some(revision) = &server.revision {
            line(&mut out, "revision", &text(revision));
        }
        line(&mut out, "listed", &format!("[{}]", listed.join(", ")));
        line(&mut out, "digest", &text(&server.digest().to_string()));
        for ((kind, name), item) in &server.items {
            out.push_str("\n[[server.item]]\n");
            line(&mut out, "kind", &text(kind.as_str()));
            if kind.is_listed() {
                line(&mut out, "name", &text(name));
            }
            line(&mut out, "digest", &text(&item.digest().to_string()));
            if let Some(summary) = summary(*kind, item) {
                line(&mut out, "summary", &text(&summary));
            }
            let parameters: Vec<_> =
                parameters(*kind, item).iter().map(|one| format!("    {},\n", text(one))).collect();
            if !parameters.is_empty() {
                line(&mut out, "parameters", &format!("[\n{}]", parameters.concat()));
            }
            let mut full = String::new();
            pretty(item.value(), 0, &mut full);
            line(&mut out, "full", &format!("'''\n{full}\n'''"));
        }
    }
    out
}

fn line(out: &mut String, key: &str, value: &str) {
    // Writing to a String does not fail.
    let _ = writeln!(out, "{key} = {value}");
}

/// A TOML basic string.
fn text(text: &str) -> String {
    let mut out = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            unseen if is_unseen(unseen) => {
                let _ = write!(out, "\\U{:08X}", u32::from(unseen));
            }
            other => out.push(other),
        }
    }
    out.push('"');
    out
}

/// JSON for people, one member a line, with all that cannot be seen spelt out. There is no `'` in it, so that it can
/// stand in a TOML literal.
fn pretty(value: &Value, depth: usize, out: &mut String) {
    let (indent, end) = ("  ".repeat(depth + 1), "  ".repeat(depth));
    match value {
        Value::String(text) => string(text, out),
        Value::Array(elements) if !elements.is_empty() => {
            for (index, element) in elements.iter().enumerate() {
                out.push_str(if index == 0 { "[\n" } else { ",\n" });
                out.push_str(&indent);
                pretty(element, depth + 1, out);
            }
            let _ = write!(out, "\n{end}]");
        }
        Value::Object(members) if !members.is_empty() => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by_key(|(name, _)| *name);
            for (index, (name, member)) in members.into_iter().enumerate() {
                out.push_str(if index == 0 { "{\n" } else { ",\n" });
                out.push_str(&indent);
                string(name, out);
                out.push_str(": ");
                pretty(member, depth + 1, out);
            }
            let _ = write!(out, "\n{end}}}");
        }
        other => out.push_str(&other.to_string()),
    }
}

fn string(text: &str, out: &mut String) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            // Three of them would end the literal; a single one is easier to read as it is.
            '\'' if text.contains("''") => out.push_str("\\u0027"),
            unseen if is_unseen(unseen) => {
                let mut units = [0; 2];
                for unit in unseen.encode_utf16(&mut units) {
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
            other => out.push(other),
        }
    }
    out.push('"');
}
