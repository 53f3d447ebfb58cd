use policy::Judgement;
use wire::{Edit, Kind, Method, member};

use super::{
    Passage,
    cut::Cut,
    narrow::narrow,
    permission::{noun, remedy, rule},
};
use crate::{
    Finding, Stage, Verdict,
    facts::string,
    listing::{Listing, Offer},
};

/// Takes out of lists what may not be used anyway, so that a model does not try it, and what other stages withhold; and
/// keeps what is not for all out of caches that are.
pub(crate) fn filter(passage: &mut Passage<'_>) {
    if passage.frame.kind() != Kind::Response {
        return;
    }
    let Some(method) = passage.context.answers.and_then(|asked| asked.method) else { return };
    if let Some(mut listing) = passage.listing.take() {
        withheld(passage, &listing);
        permitted(passage, &mut listing);
        cut(passage, &listing);
        narrow(passage, &listing);
    }
    cache_scope(passage, method);
}

/// Says how many items other stages withhold.
fn withheld(passage: &mut Passage<'_>, listing: &Listing<'_>) {
    let count = listing.items.iter().filter(|item| item.withheld).count();
    if count == 0 {
        return;
    }
    let what = match listing.kind {
        Offer::Items(surface) => format!("{count} of the listed {}s", noun(surface)),
        Offer::Templates => format!("{count} of the listed resource templates"),
        Offer::Instructions => "the server's instructions".to_owned(),
    };
    let reason = format!("{what} kept from the client, for what was found there");
    let mut finding = Finding::new(Stage::Filter, "filter.withheld", Verdict::Redact, reason)
        .remedy("see the findings beside this one");
    finding.count = count;
    finding.pointer = Some(format!("/result/{}", listing.field));
    passage.findings.push(finding);
}

/// Withholds what may not be used. Works on each page alone.
fn permitted(passage: &mut Passage<'_>, listing: &mut Listing<'_>) {
    let permissions = &passage.policy.permissions;
    let (surface, template) = match listing.kind {
        Offer::Items(surface) => (surface, false),
        Offer::Templates => (policy::Surface::Resource, true),
        Offer::Instructions => return,
    };
    let mut first = None;
    let mut count = 0;
    for item in &mut listing.items {
        let judgement = match &item.name {
            Some(name) if template => permissions.judge_template(name),
            Some(name) => permissions.judge(surface, name),
            None => Judgement::Allowed,
        };
        if let Judgement::Denied(refusal) = judgement {
            item.withheld = true;
            count += 1;
            first.get_or_insert(refusal);
        }
    }
    let Some(refusal) = first else { return };
    let reason = format!("{count} of the listed {}s may not be used and are not shown", noun(surface));
    let mut finding = Finding::new(Stage::Filter, rule(&refusal), Verdict::Redact, reason)
        .from(refusal.at)
        .remedy(remedy(surface, "…", &refusal));
    finding.count = count;
    finding.pointer = Some(format!("/result/{}", listing.field));
    passage.findings.push(finding);
}

/// Takes out what is withheld; the finding that was added last says so.
fn cut(passage: &mut Passage<'_>, listing: &Listing<'_>) {
    if !listing.items.iter().any(|item| item.withheld) {
        return;
    }
    let mut cut = Cut::default();
    for item in &listing.items {
        match (item.withheld, listing.kind) {
            (true, Offer::Instructions) => cut.replace(item.span.clone(), "\"\""),
            (true, _) => cut.remove(item.span.clone()),
            (false, _) => cut.keep(item.span.clone()),
        }
    }
    if let Some(finding) = passage.findings.last_mut() {
        finding.edits = cut.edits();
    }
}
/// A result that was changed for this caller, or could have been for another, is this caller's alone (MCP 2026-07-28
/// server/utilities/caching: `cacheScope`).
fn cache_scope(passage: &mut Passage<'_>, method: Method) {
    if !CACHED.contains(&method) {
        return;
    }
    let changed = passage.findings.iter().any(|finding| !finding.edits.is_empty());
    if !changed && !passage.policy.narrowed {
        return;
    }
    let Some((result, result_at)) = passage.frame.body() else { return };
    let Some(scope) = member(result, "cacheScope")
        .filter(|scope| string(scope.value).is_some_and(|scope| scope == "public"))
    else {
        return;
    };
    let at = result_at + scope.value_at;
    let reason = "what the server offers to everybody is not the same for everybody here: shared caches may not keep it";
    let mut finding = Finding::new(Stage::Filter, "filter.cache_scope", Verdict::Redact, reason.to_owned())
        .remedy("none is needed: cacheScope has become \"private\"");
    finding.pointer = Some("/result/cacheScope".to_owned());
    finding.edits.push(Edit { span: at..at + scope.value.len(), text: r#""private""#.to_owned() });
    passage.findings.push(finding);
}

/// Methods whose results may be kept and given to others.
const CACHED: [Method; 6] = [
    Method::Discover,
    Method::ToolsList,
    Method::PromptsList,
    Method::ResourcesList,
    Method::TemplatesList,
    Method::ResourcesRead,
];
