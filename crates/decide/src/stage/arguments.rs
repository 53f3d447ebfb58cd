use std::borrow::Cow;

use arguments::{Call, Moment, Value, Violation};
use policy::{Action, ArgumentPolicy, Surface};
use wire::{Edit, Method, member, members};

use super::{Passage, cut::Cut, shown};
use crate::{Finding, Stage, Verdict};

/// Changes the arguments of calls where that is asked for, and stops calls whose arguments are not what they have to be.
pub(crate) fn arguments(passage: &mut Passage<'_>) {
    if passage.policy.arguments.is_empty() || passage.facts.method != Some(Method::ToolsCall) {
        return;
    }
    let Some(tool) = passage.facts.targets.iter().find(|target| target.surface == Surface::Tool) else {
        return;
    };
    let policies: Vec<&ArgumentPolicy> = passage
        .policy
        .arguments
        .iter()
        .map(|policy| &**policy)
        .filter(|policy| policy.is_about(&tool.name))
        .collect();
    let Some((body, body_at)) = passage.frame.body().filter(|_| !policies.is_empty()) else { return };
    let given = member(body, "arguments");
    let raw = given.as_ref().map_or("{}", |given| given.value);
    let Ok(original) = Value::read(raw) else {
        let reason = "the arguments are nested too deeply to be judged".to_owned();
        let finding = Finding::new(Stage::Arguments, "argument.schema", Verdict::Block, reason);
        passage.findings.push(finding.remedy("send arguments with less nesting"));
        return;
    };
    let changed = policies
        .iter()
        .fold(original.clone(), |arguments, policy| policy.constraints.changes.apply(arguments));
    let call = call(passage, &tool.name);
    let mut findings = Vec::new();
    for policy in &policies {
        for violation in policy.constraints.check(&changed, &call) {
            findings.push(violated(passage, policy, &violation, &tool.name));
        }
    }
    if changed != original {
        let at = given.as_ref().map(|given| body_at + given.value_at);
        let edits = edits(raw, at, body_at, &changed);
        findings.extend(changes(&policies, edits));
    }
    passage.findings.extend(findings);
}

fn call<'c>(passage: &Passage<'c>, tool: &'c str) -> Call<'c> {
    let principal = passage.policy.principal.as_deref();
    Call {
        tool,
        server: passage.policy.name.as_deref().unwrap_or_default(),
        era: passage.facts.revision.map_or("", |revision| revision.name()),
        user: principal.map_or("", |principal| &principal.user),
        groups: principal.map_or(&[], |principal| &principal.groups),
        roles: principal.map_or(&[], |principal| &principal.roles),
        time: Moment { unix: passage.context.now, offset: 0 },
    }
}

fn violated(passage: &Passage<'_>, policy: &ArgumentPolicy, violation: &Violation, tool: &str) -> Finding {
    let verdict = match policy.action {
        Action::Warn => Verdict::Warn,
        Action::Review => Verdict::Review,
        _ => Verdict::Block,
    };
    // The names in it are the caller's.
    let pointer = shown(passage.policy, &violation.pointer);
    let place =
        if pointer.is_empty() { "the arguments".to_owned() } else { format!("the argument {pointer}") };
    let tool = shown(passage.policy, tool);
    let found = violation.found.as_ref().map_or_else(String::new, |found| format!(" ({found})"));
    let accepted = &violation.accepted;
    let reason = format!("{place} of \"{tool}\"{found} is not what it has to be: {accepted}");
    let rule = format!("argument.{}", violation.cause.name());
    let at = policy.place(violation.cause);
    let mut finding = Finding::new(Stage::Arguments, rule, verdict, reason)
        .from(at)
        .remedy(format!("send {accepted}, or change {} ({at})", policy.scope));
    finding.pointer = Some(format!("/params/arguments{pointer}"));
    finding
}

fn changes(policies: &[&ArgumentPolicy], edits: Vec<Edit>) -> Option<Finding> {
    let policy = policies.iter().find(|policy| !policy.constraints.changes.is_empty())?;
    let reason = "arguments were set or taken out, as configured".to_owned();
    let mut finding = Finding::new(Stage::Arguments, "argument.changed", Verdict::Redact, reason)
        .from(&policy.at)
        .remedy(format!("none is needed; {} asks for it", policy.scope));
    finding.pointer = Some("/params/arguments".to_owned());
    finding.edits = edits;
    Some(finding)
}

/// What makes the given arguments the changed ones, member by member, so that what else is replaced in those that stay
/// is replaced.
fn edits(raw: &str, at: Option<usize>, body_at: usize, changed: &Value<'_>) -> Vec<Edit> {
    let Some(at) = at else {
        // The body has at least the tool's name.
        let text = format!("\"arguments\":{},", changed.to_json());
        return vec![Edit { span: body_at + 1..body_at + 1, text }];
    };
    let (mut cut, mut replaced, mut kept) = (Cut::default(), Vec::new(), 0);
    for member in members(raw) {
        let span = at + member.key_at - 1..at + member.value_at + member.value.len();
        match changed.get(&wire::unescape(member.key)) {
            None => cut.remove(span),
            Some(value) => {
                kept += 1;
                cut.keep(span);
                if Value::read(member.value).is_ok_and(|before| before != *value) {
                    let value_at = at + member.value_at;
                    replaced
                        .push(Edit { span: value_at..value_at + member.value.len(), text: value.to_json() });
                }
            }
        }
    }
    if kept == 0 {
        return vec![Edit { span: at..at + raw.len(), text: changed.to_json() }];
    }
    let given: Vec<Cow<'_, str>> = members(raw).map(|member| wire::unescape(member.key)).collect();
    let added = changed.members().unwrap_or_default().iter().filter(|(name, _)| !given.contains(name));
    let added: Vec<_> = added.cloned().collect();
    let mut cuts = cut.edits();
    if !added.is_empty() {
        let text = Value::Object(added).to_json();
        let text = text.strip_prefix('{').and_then(|text| text.strip_suffix('}')).unwrap_or_default();
        // In the place of what was cut, or else at the front.
        let kept_before = |edit: &Edit| takes_comma_before(raw, at, edit);
        match cuts.first_mut() {
            Some(edit) if kept_before(edit) => edit.text = format!(",{text}"),
            Some(edit) => edit.text = format!("{text},"),
            None => cuts.push(Edit { span: at + 1..at + 1, text: format!("{text},") }),
        }
    }
    cuts.extend(replaced);
    cuts
}

/// Whether a cut takes the comma before it along, not the one behind.
fn takes_comma_before(raw: &str, at: usize, edit: &Edit) -> bool {
    let cut = edit.span.start.checked_sub(at).and_then(|start| raw.get(start..)).unwrap_or_default();
    cut.trim_start().starts_with(',')
}
