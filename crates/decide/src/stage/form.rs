use inspect::{Names, Sign};
use policy::{Action, Flow};
use serde_json::Value;

use super::{
    Passage,
    content::{remedy, rule},
    exempt::Exemptions,
};
use crate::{
    Finding, Stage, Verdict,
    listing::{Listing, Offer},
};

/// Looks at the form of what is advertised: parameters, annotations, names and schemas, whatever their words.
pub(crate) fn form(passage: &mut Passage<'_>) {
    let Some(mut listing) = passage.listing.take() else { return };
    if matches!(listing.kind, Offer::Items(_)) {
        let mut names = Names::default();
        let mut exemptions = Exemptions::of(passage);
        let (body, body_at) = passage.frame.body().unwrap_or_default();
        for index in 0..listing.items.len() {
            let Some(span) = listing.items.get(index).map(|item| item.span.clone()) else { break };
            let raw = body.get(span.start - body_at..span.end - body_at).unwrap_or_default();
            // What is nested too deeply to be read here was too deep for the reader of messages, unless its limit was
            // raised; then its words were still looked at.
            let item: Value = serde_json::from_str(raw).unwrap_or_default();
            for sign in passage.policy.content.scanner().form(&item, &mut names) {
                add(passage, &mut listing, &mut exemptions, index, sign);
            }
        }
        let exempt = exemptions.findings(passage);
        passage.findings.extend(exempt);
    }
    passage.listing = Some(listing);
}

fn add(
    passage: &mut Passage<'_>,
    listing: &mut Listing<'_>,
    exemptions: &mut Exemptions<'_>,
    index: usize,
    sign: Sign,
) {
    let rules = &passage.policy.content;
    let Some(detector) = rules.scanner().detector(sign.detector) else { return };
    if sign.confidence < rules.threshold() {
        return;
    }
    let (action, at) = rules.action(sign.detector, Flow::Response);
    let pointer = format!("/result/{}/{index}{}", listing.field, sign.pointer);
    if action == Action::Allow || exemptions.covers(passage, &detector.id(), &pointer) {
        return;
    }
    let verdict = match action {
        Action::Allow | Action::Warn => Verdict::Warn,
        Action::ShadowBlock => Verdict::ShadowBlock,
        Action::Redact | Action::Review | Action::Block => listing.judge(index, rules.advertised()),
    };
    // Of many tools of one kind one finding speaks, and counts them.
    if let Some(known) = passage.findings.iter_mut().find(|known| known.rule == rule(detector)) {
        known.count += 1;
        known.verdict = known.verdict.max(verdict);
        return;
    }
    let source =
        at.map_or_else(|| format!("built-in ({} profile)", passage.policy.profile), ToString::to_string);
    let reason = format!("{}, coming from the server", detector.title);
    let mut finding = Finding::new(Stage::Content, rule(detector), verdict, reason)
        .from(source)
        .remedy(remedy(detector, Flow::Response, action));
    finding.pointer = Some(super::shown(passage.policy, &pointer));
    finding.evidence = Some(super::shown(passage.policy, &sign.what));
    passage.findings.push(finding);
}
