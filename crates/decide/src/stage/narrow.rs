use arguments::{Schema, Value};
use policy::Surface;
use wire::{Edit, member};

use super::Passage;
use crate::{
    Finding, Stage, Verdict,
    listing::{Listing, Offer},
};

/// Writes the limits on arguments into the schemas of the tools that are shown, so that a model knows them before it calls.
pub(super) fn narrow(passage: &mut Passage<'_>, listing: &Listing<'_>) {
    if passage.policy.arguments.is_empty() || listing.kind != Offer::Items(Surface::Tool) {
        return;
    }
    let Some((result, result_at)) = passage.frame.body() else { return };
    let mut edits = Vec::new();
    for item in listing.items.iter().filter(|item| !item.withheld) {
        let Some(name) = &item.name else { continue };
        let span = item.span.start.saturating_sub(result_at)..item.span.end.saturating_sub(result_at);
        let Some(schema) = result.get(span).and_then(|tool| member(tool, "inputSchema")) else { continue };
        let at = item.span.start + schema.value_at;
        let span = at..at + schema.value.len();
        // What is to be replaced in it is replaced first: an edit of the whole stands for those inside.
        let inside = passage.findings.iter().flat_map(|finding| &finding.edits);
        let inside = inside.filter(|edit| span.start <= edit.span.start && edit.span.end <= span.end);
        let current = replaced(schema.value, at, inside.cloned().collect());
        if let Some(text) = narrowed(passage, name, &current) {
            edits.push(Edit { span, text });
        }
    }
    let Some(policy) = passage.policy.arguments.first().filter(|_| !edits.is_empty()) else { return };
    let reason = format!("the limits on arguments are written into the schemas of {} tools", edits.len());
    let mut finding = Finding::new(Stage::Filter, "argument.narrowed", Verdict::Redact, reason)
        .from(&policy.at)
        .remedy(format!("none is needed; {} asks for it", policy.scope));
    finding.count = edits.len();
    finding.pointer = Some("/result/tools".to_owned());
    finding.edits = edits;
    passage.findings.push(finding);
}

/// The input schema of a tool as this caller should see it; none if it stays as it is.
fn narrowed(passage: &Passage<'_>, tool: &str, schema: &str) -> Option<String> {
    let policies = passage.policy.arguments.iter();
    let policies: Vec<_> =
        policies.filter(|policy| policy.is_advertised() && policy.is_about(tool)).collect();
    if policies.is_empty() || schema.len() > Schema::MAX_BYTES {
        return None;
    }
    let original = Value::read(schema).ok()?.into_owned();
    let narrowed =
        policies.iter().fold(original.clone(), |schema, policy| policy.constraints.narrow(&schema).schema);
    (narrowed != original).then(|| narrowed.to_json())
}

/// A part of the line that begins at `at`, with edits made.
fn replaced(part: &str, at: usize, mut edits: Vec<Edit>) -> String {
    edits.sort_by_key(|edit| (edit.span.start, std::cmp::Reverse(edit.span.end)));
    let (mut out, mut done) = (String::with_capacity(part.len()), 0);
    for edit in edits {
        let (start, end) = (edit.span.start.saturating_sub(at), edit.span.end.saturating_sub(at));
        if end <= done && start < done {
            continue;
        }
        out.push_str(part.get(done..start).unwrap_or_default());
        out.push_str(&edit.text);
        done = end;
    }
    out.push_str(part.get(done..).unwrap_or_default());
    out
}
