//! Texts of client files as they may be shown: without secrets.

use std::ops::Range;

use inspect::Scanner;
use similar::TextDiff;

use crate::{
    discover::ClientFile,
    rewrite::Rewrite,
    secrets::{in_argument, is_secret_name},
    tree::{self, Format, Node, Value},
};

/// What a rewrite changes, as a unified diff.
pub fn diff(file: &ClientFile, rewrite: &Rewrite) -> String {
    let (old, new) = (masked(file.place.format, &file.text), masked(file.place.format, &rewrite.text));
    let path = file.path.display().to_string();
    TextDiff::from_lines(&old, &new).unified_diff().header(&path, &path).to_string()
}

const HIDDEN: &str = "\"[hidden]\"";

fn masked(format: Format, text: &str) -> String {
    let (Ok(root), Ok(scanner)) =
        (tree::parse(format, text), Scanner::new(|known| known.family.is_confidential(), &[]))
    else {
        return String::new();
    };
    let mut spans = Vec::new();
    collect(&root, false, "", &mut spans);
    spans.sort_by_key(|span| span.start);
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for span in spans {
        out.push_str(text.get(done..span.start).unwrap_or_default());
        out.push_str(HIDDEN);
        done = span.end.max(done);
    }
    out.push_str(text.get(done..).unwrap_or_default());
    scanner.redact(&out).into_owned()
}

/// Values that go by the name of a secret, are part of an environment or of headers, or follow such an argument.
fn collect(node: &Node, hide: bool, before: &str, spans: &mut Vec<Range<usize>>) {
    match &node.value {
        Value::Map(members) => {
            for member in members {
                let group =
                    ["env", "envs", "environment", "headers", "http_headers"].contains(&member.key.as_str());
                collect(&member.node, hide || group || is_secret_name(&member.key), "", spans);
            }
        }
        Value::List(items) => {
            let mut before = "";
            for item in items {
                collect(item, hide, before, spans);
                before = item.text().unwrap_or_default();
            }
        }
        Value::Text(text) if hide || !in_argument(before, text).is_empty() => spans.push(node.span.clone()),
        Value::Other(_) if hide => spans.push(node.span.clone()),
        _ => {}
    }
}
