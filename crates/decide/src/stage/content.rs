use std::{
    borrow::Cow,
    hash::{DefaultHasher, Hash, Hasher},
};

use inspect::{Detector, DetectorId, Disguise, Text};
use policy::{Action, Flow};
use wire::{Edit, Kind, Part, Role, member, raw_span, unescape};

use super::{Memory, Passage, exempt::Exemptions};
use crate::{
    Finding, Stage, Verdict,
    carry::{Crossing, Said},
    listing::Listing,
    places::Places,
};

/// Looks for secrets and personal data in every string of the frame: names and values of the body, the method,
/// a string id, and members JSON-RPC does not know. Texts are also looked at together with those before them, in a list,
/// in a stream of messages, or side by side: what is cut in two is found like what is whole.
pub(crate) fn content(passage: &mut Passage<'_>) {
    let (frame, rules, flow) = (passage.frame, &passage.policy.content, passage.context.flow);
    let (body, body_at) = frame.body().unwrap_or_default();
    let stream = stream(passage);
    let mut places = Places::of(frame, passage.facts, passage.context);
    let mut found: Vec<Found> = Vec::new();
    let mut exemptions = Exemptions::of(passage);
    let Memory { mut walker, mut hits, mut carry } = std::mem::take(passage.memory);
    let mut listing = passage.listing.take();
    for (part, raw, part_at) in frame.parts() {
        walker.strings(raw, |text| {
            let unescaped = text.text();
            let key = text.key.map(unescape);
            hits.clear();
            let place = places.at(part, &text, part_at + text.at);
            rules.scan(Text { text: &unescaped, key: key.as_deref(), place }, flow, &mut hits);
            hits.retain(|hit| hit.confidence >= rules.threshold());
            let exempt = exemptions.cover(passage, &hits, part_at + text.at);
            if !exempt.is_empty() {
                let text = Text { text: &unescaped, key: key.as_deref(), place };
                hits.clear();
                rules.scan_but(text, &exempt, flow, &mut hits);
                hits.retain(|hit| hit.confidence >= rules.threshold());
            }
            for hit in &hits {
                let raw_hit = raw_span(text.raw, hit.span.clone());
                let at = part_at + text.at;
                let place = Place {
                    span: at + raw_hit.start..at + raw_hit.end,
                    part,
                    role: text.role,
                    matched: unescaped.get(hit.span.clone()).unwrap_or_default(),
                    disguise: hit.disguise,
                };
                add(passage, &mut found, hit.detector, &place, None, &mut listing);
            }
            if part != Part::Body {
                return;
            }
            let span = text.at..text.at + text.raw.len();
            let said = Said { place: text.place, kind: place, text: &unescaped, hits: &hits, span };
            // Names are unique, so outside lists nothing else of this message has the place.
            let listed = text.role == Role::Value && (text.listed || stream.is_some());
            let crossing = if listed { carry.next(said.clone(), body, stream, rules, flow) } else { None };
            let beside = carry.beside(said, text.role, body, rules, flow);
            let Some(crossing) = crossing.or(beside) else { return };
            let last = raw_span(text.raw, 0..crossing.end);
            let at = body_at + text.at;
            let place = Place {
                span: at + last.start..at + last.end,
                part,
                role: text.role,
                matched: &crossing.matched,
                disguise: crossing.hit.disguise,
            };
            add(passage, &mut found, crossing.hit.detector, &place, Some(&crossing), &mut listing);
        });
    }
    carry.end(body, rules);
    *passage.memory = Memory { walker, hits, carry };
    passage.listing = listing;
    passage.findings.extend(found.into_iter().map(|found| found.finding));
    passage.findings.extend(exemptions.findings(passage));
}

/// Tells messages that stream something apart from others: what they say may go on in the next. Answers come whole, and
/// a client's requests are exchanges of their own.
fn stream(passage: &Passage<'_>) -> Option<u64> {
    let streams = match passage.frame.kind() {
        Kind::Notification => true,
        Kind::Request => passage.context.flow == Flow::Response,
        Kind::Response | Kind::Failure => false,
    };
    let name = passage.facts.name.as_deref().filter(|_| streams)?;
    let (params, _) = passage.frame.body()?;
    let mut hasher = DefaultHasher::new();
    let token = member(params, "progressToken").map(|token| token.value);
    (passage.context.flow == Flow::Request, name, token).hash(&mut hasher);
    Some(hasher.finish())
}

/// All hits of one detector in one frame, those that lie in one text or those that do not.
struct Found {
    detector: DetectorId,
    crosses: bool,
    finding: Finding,
}

/// Where a hit lies.
struct Place<'a> {
    span: std::ops::Range<usize>,
    part: Part,
    role: Role,
    matched: &'a str,
    disguise: Option<Disguise>,
}

fn add(
    passage: &Passage<'_>,
    found: &mut Vec<Found>,
    id: DetectorId,
    place: &Place<'_>,
    crossing: Option<&Crossing>,
    listing: &mut Option<Listing<'_>>,
) {
    let Some(detector) = passage.policy.content.scanner().detector(id) else { return };
    let flow = passage.context.flow;
    let (action, at) = passage.policy.content.action(id, flow);
    let item = listing
        .as_mut()
        .filter(|_| action >= Action::Redact && !detector.family.is_confidential())
        .and_then(|listing| listing.at(place.span.start).map(|index| (listing, index)));
    let concerns_item = item.is_some();
    let verdict = match action {
        Action::Allow => return,
        _ if let Some((listing, index)) = item => listing.judge(index, passage.policy.content.advertised()),
        Action::Warn => Verdict::Warn,
        Action::ShadowBlock => Verdict::ShadowBlock,
        Action::Review => Verdict::Review,
        Action::Block => Verdict::Block,
        // The id and the method say which message this is: with other ones it would be another message.
        Action::Redact if matches!(place.part, Part::Id | Part::Method) => Verdict::Block,
        Action::Redact => Verdict::Redact,
    };
    let of_this = |found: &Found, crosses: bool| found.detector == id && found.crosses == crosses;
    // What goes on with a finding is counted with it.
    let known = crossing
        .filter(|crossing| crossing.continues)
        .and_then(|_| found.iter().position(|found| found.detector == id));
    let known = known.or_else(|| found.iter().position(|found| of_this(found, crossing.is_some())));
    let index = known.unwrap_or_else(|| {
        let source =
            at.map_or_else(|| format!("built-in ({} profile)", passage.policy.profile), ToString::to_string);
        let reason = reason(passage, detector, place.disguise, crossing);
        let mut finding = Finding::new(Stage::Content, rule(detector), verdict, reason)
            .from(source)
            .remedy(remedy(detector, flow, action));
        finding.pointer = Some(passage.pointer(place.span.start));
        finding.evidence = Some(inspect::evidence(detector, place.matched));
        finding.count = 0;
        found.push(Found { detector: id, crosses: crossing.is_some(), finding });
        found.len() - 1
    });
    let Some(Found { finding, .. }) = found.get_mut(index) else { return };
    finding.count += usize::from(finding.count == 0 || !crossing.is_some_and(|crossing| crossing.continues));
    finding.verdict = finding.verdict.max(verdict);
    if action == Action::Redact && !concerns_item {
        // Two redacted names must not become one.
        let ordinal = if place.role == Role::Key { format!("#{}", finding.count) } else { String::new() };
        let text = format!("[REDACTED:{}{ordinal}]", detector.name);
        let body_at = passage.frame.body().map_or(0, |(_, at)| at);
        let earlier = crossing.map_or(&[][..], |crossing| &crossing.earlier);
        for (number, span) in (1..).zip(earlier) {
            let span = body_at + span.start..body_at + span.end;
            let text = match place.role {
                Role::Key => format!("[REDACTED:{}{ordinal}.{number}]", detector.name),
                Role::Value => text.clone(),
            };
            finding.edits.push(Edit { span, text });
        }
        finding.edits.push(Edit { span: place.span.clone(), text });
    }
}

pub(super) fn rule(detector: &Detector) -> Cow<'static, str> {
    detector.id().into()
}

fn reason(
    passage: &Passage<'_>,
    detector: &Detector,
    disguise: Option<Disguise>,
    crossing: Option<&Crossing>,
) -> String {
    let way = match passage.context.flow {
        Flow::Request => "sent to the server",
        Flow::Response => "coming from the server",
    };
    let disguised = disguise.map_or_else(String::new, |disguise| format!(", disguised by {disguise},"));
    let whole = format!("{}{disguised} in what is {way}", detector.title);
    let Some(crossing) = crossing else { return whole };
    match (crossing.begins, passage.frame.body()) {
        (Some(begins), Some((_, body_at))) => {
            format!("{whole}, in parts: it begins at {}", passage.pointer(body_at + begins))
        }
        _ => {
            let method = super::shown(passage.policy, passage.facts.name.as_deref().unwrap_or_default());
            format!(
                "{whole}, in parts: it began in the {method} before, at the same place, which is decided already"
            )
        }
    }
}

pub(super) fn remedy(detector: &Detector, flow: Flow, action: Action) -> String {
    let column = match flow {
        Flow::Request => "request",
        Flow::Response => "response",
    };
    let key = |action: Action| match detector.family.is_confidential() {
        true => format!("pii.actions.{}.{column}: {action}", detector.name),
        false => format!("rules.overrides: [{{rule: {}, {column}: {action}}}]", detector.id()),
    };
    match action {
        Action::Warn => format!("it passed; {} would not even record it", key(Action::Allow)),
        _ => format!("set {}", key(Action::Warn)),
    }
}
