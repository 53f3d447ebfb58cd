use std::borrow::Cow;

use inspect::{Detector, DetectorId, Family, Text};
use policy::{Action, Flow};
use wire::{Edit, Part, Role, raw_span, unescape};

use super::Passage;
use crate::{Finding, Stage, Verdict};

/// Looks for secrets and personal data in every string of the frame: names and values of the body, the method,
/// a string id, and members JSON-RPC does not know.
pub(crate) fn content(passage: &mut Passage<'_>) {
    let frame = passage.frame;
    let mut found: Vec<Found> = Vec::new();
    let mut walker = std::mem::take(&mut passage.memory.walker);
    for (part, raw, part_at) in frame.parts() {
        walker.strings(raw, |text| {
            let unescaped = text.text();
            let key = text.key.map(unescape);
            passage.memory.hits.clear();
            let said = Text { text: &unescaped, key: key.as_deref() };
            passage.policy.content.scan(said, passage.context.flow, &mut passage.memory.hits);
            for hit in &passage.memory.hits {
                if hit.confidence < passage.policy.content.threshold() {
                    continue;
                }
                let raw_hit = raw_span(text.raw, hit.span.clone());
                let at = part_at + text.at;
                let place = Place {
                    span: at + raw_hit.start..at + raw_hit.end,
                    part,
                    role: text.role,
                    matched: unescaped.get(hit.span.clone()).unwrap_or_default(),
                };
                add(passage, &mut found, hit.detector, &place);
            }
        });
    }
    passage.memory.walker = walker;
    passage.findings.extend(found.into_iter().map(|found| found.finding));
}

/// All hits of one detector in one frame.
struct Found {
    detector: DetectorId,
    finding: Finding,
}

/// Where a hit lies.
struct Place<'a> {
    span: std::ops::Range<usize>,
    part: Part,
    role: Role,
    matched: &'a str,
}

fn add(passage: &Passage<'_>, found: &mut Vec<Found>, id: DetectorId, place: &Place<'_>) {
    let Some(detector) = passage.policy.content.scanner().detector(id) else { return };
    let flow = passage.context.flow;
    let (action, at) = passage.policy.content.action(id, flow);
    let verdict = match action {
        Action::Allow => return,
        Action::Warn => Verdict::Warn,
        Action::Block => Verdict::Block,
        // The id and the method say which message this is: with other ones it would be another message.
        Action::Redact if matches!(place.part, Part::Id | Part::Method) => Verdict::Block,
        Action::Redact => Verdict::Redact,
    };
    let known = found.iter().position(|found| found.detector == id);
    let index = known.unwrap_or_else(|| {
        let source =
            at.map_or_else(|| format!("built-in ({} profile)", passage.policy.profile), ToString::to_string);
        let mut finding = Finding::new(Stage::Content, rule(detector), verdict, reason(detector, flow))
            .from(source)
            .remedy(remedy(detector, flow, action));
        finding.pointer = Some(passage.pointer(place.span.start));
        finding.evidence = Some(inspect::evidence(detector, place.matched));
        finding.count = 0;
        found.push(Found { detector: id, finding });
        found.len() - 1
    });
    let Some(Found { finding, .. }) = found.get_mut(index) else { return };
    finding.count += 1;
    finding.verdict = finding.verdict.max(verdict);
    if action == Action::Redact {
        // Two redacted names must not become one.
        let ordinal = if place.role == Role::Key { format!("#{}", finding.count) } else { String::new() };
        let text = format!("[REDACTED:{}{ordinal}]", detector.name);
        finding.edits.push(Edit { span: place.span.clone(), text });
    }
}

fn rule(detector: &Detector) -> Cow<'static, str> {
    let family = match detector.family {
        Family::Secret => "secret",
        Family::Pii => "pii",
    };
    format!("{family}.{}", detector.name).into()
}

fn reason(detector: &Detector, flow: Flow) -> String {
    let way = match flow {
        Flow::Request => "sent to the server",
        Flow::Response => "coming from the server",
    };
    format!("{} in what is {way}", detector.title)
}

fn remedy(detector: &Detector, flow: Flow, action: Action) -> String {
    let column = match flow {
        Flow::Request => "request",
        Flow::Response => "response",
    };
    match action {
        Action::Warn => {
            format!("it passed; pii.actions.{}.{column}: allow would not even record it", detector.name)
        }
        _ => format!("set pii.actions.{}.{column}: warn", detector.name),
    }
}
