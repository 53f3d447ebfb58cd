//! What was found, for a person at a terminal.

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use inspect::{Action, Severity};
use policy::ContentRules;

use super::{Scanned, found::Found, shown};
use crate::paint::{GOOD, paint};

pub(super) fn text(scanned: &[Scanned], rules: &ContentRules) -> String {
    let mut parts = Vec::new();
    for scanned in scanned {
        parts.extend(scanned.found.iter().map(|found| one(scanned, found, rules)));
    }
    let findings = parts.len();
    let bytes: usize = scanned.iter().map(|scanned| scanned.text.len()).sum();
    parts.push(match findings {
        0 => format!("{} in {bytes} bytes.", paint(GOOD, "Nothing was found")),
        1 => format!("1 finding in {bytes} bytes."),
        more => format!("{more} findings in {bytes} bytes."),
    });
    parts.join("\n\n")
}

fn one(scanned: &Scanned, found: &Found, rules: &ContentRules) -> String {
    let excerpt = shown::excerpt(&scanned.text, &found.span, &scanned.found, rules);
    let level = match found.action {
        Action::Allow | Action::Warn | Action::ShadowBlock => Level::WARNING,
        Action::Redact | Action::Review | Action::Block => Level::ERROR,
    };
    // The column is that of the text; the excerpt has another.
    let (line, column) = (found.start.line, found.start.column);
    let title = format!("{}: {} at {}:{line}:{column}", found.rule, found.title, scanned.name);
    let label = format!("{}, {}% sure: {}", severity(found.severity), found.confidence, found.action);
    let snippet = Snippet::source(&excerpt.line)
        .line_start(line)
        .annotation(AnnotationKind::Primary.span(excerpt.span.clone()).label(&label));
    let group = level.primary_title(&title).element(snippet);
    Renderer::styled().render(&[group])
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Low => "low",
        Severity::Medium => "medium",
        Severity::High => "high",
        Severity::Critical => "critical",
    }
}
