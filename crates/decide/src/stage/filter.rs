use policy::{Judgement, Surface};
use wire::{Edit, Kind, Method, elements, member};

use super::{
    Passage,
    cut::Cut,
    permission::{noun, remedy, rule},
};
use crate::{Finding, Stage, Verdict, facts::string};

/// Takes out of lists what may not be used anyway, so that a model does not try it, and keeps what is not for all
/// out of caches that are.
pub(crate) fn filter(passage: &mut Passage<'_>) {
    if passage.frame.kind() != Kind::Response {
        return;
    }
    let Some(method) = passage.context.answers.and_then(|asked| asked.method) else { return };
    list(passage, method);
    cache_scope(passage, method);
}

/// Works on each page alone.
fn list(passage: &mut Passage<'_>, method: Method) {
    let (field, entry, surface) = match method {
        Method::ToolsList => ("tools", "name", Surface::Tool),
        Method::PromptsList => ("prompts", "name", Surface::Prompt),
        Method::ResourcesList => ("resources", "uri", Surface::Resource),
        Method::TemplatesList => ("resourceTemplates", "uriTemplate", Surface::Resource),
        _ => return,
    };
    let Some((result, result_at)) = passage.frame.body() else { return };
    let Some(list) = member(result, field) else { return };
    let list_at = result_at + list.value_at;
    let permissions = &passage.policy.permissions;

    let mut cut = Cut::default();
    let mut first = None;
    for (raw, at) in elements(list.value) {
        let span = list_at + at..list_at + at + raw.len();
        let name = member(raw, entry).and_then(|found| string(found.value));
        let judgement = match name {
            Some(name) if method == Method::TemplatesList => permissions.judge_template(&name),
            Some(name) => permissions.judge(surface, &name),
            None => Judgement::Allowed,
        };
        match judgement {
            Judgement::Allowed => cut.keep(span),
            Judgement::Denied(refusal) => {
                cut.remove(span);
                first.get_or_insert(refusal);
            }
        }
    }
    let Some(refusal) = first else { return };
    let edits = cut.edits();
    let reason =
        format!("{} of the listed {}s may not be used and are not shown", edits.len(), noun(surface));
    let mut finding = Finding::new(Stage::Filter, rule(&refusal), Verdict::Redact, reason)
        .from(refusal.at)
        .remedy(remedy(surface, "…", &refusal));
    finding.count = edits.len();
    finding.pointer = Some(format!("/result/{field}"));
    finding.edits = edits;
    passage.findings.push(finding);
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
