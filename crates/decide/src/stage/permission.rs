use policy::{Judgement, Refusal, Surface};

use super::{Passage, shown};
use crate::{Finding, Stage, Verdict};

/// Stops requests for tools, resources and prompts the policy does not let this client use.
pub(crate) fn permission(passage: &mut Passage<'_>) {
    let policy = passage.policy;
    let mut first: Option<Finding> = None;
    for target in &passage.facts.targets {
        // A completion may refer to a template, which is no URI that could be read.
        let template = target.surface == Surface::Resource && target.name.contains('{');
        let judgement = if template {
            policy.permissions.judge_template(&target.name)
        } else {
            policy.permissions.judge(target.surface, &target.name)
        };
        if let Judgement::Denied(refusal) = judgement {
            // One refusal stops the frame; the sender must not make us write down thousands.
            match &mut first {
                Some(finding) => finding.count += 1,
                None => first = Some(refused(passage, target.surface, &target.name, &refusal)),
            }
        }
    }
    passage.findings.extend(first);
}

fn refused(passage: &Passage<'_>, surface: Surface, name: &str, refusal: &Refusal<'_>) -> Finding {
    let spelt_plainly = match surface {
        Surface::Resource => shown(passage.policy, &inspect::names::canonical_uri(name)),
        Surface::Tool | Surface::Prompt => shown(passage.policy, name),
    };
    let name = shown(passage.policy, name);
    let reason = match refusal.pattern {
        Some(_) => format!("the {} \"{name}\" is denied", noun(surface)),
        None if refusal.unreadable => {
            format!("the {} \"{name}\" is too ambiguous to be judged", noun(surface))
        }
        None => format!("the {} \"{name}\" is not among those allowed", noun(surface)),
    };
    Finding::new(Stage::Permission, rule(refusal), Verdict::Block, reason).from(refusal.at).remedy(remedy(
        surface,
        &spelt_plainly,
        refusal,
    ))
}

/// The smallest change that would let the name pass.
pub(super) fn remedy(surface: Surface, name: &str, refusal: &Refusal<'_>) -> String {
    let list = refusal.path();
    match refusal.pattern {
        Some(pattern) => format!("take \"{}\" out of {list} ({}), or narrow it", pattern.text, pattern.at),
        // The way it was spelt is no reason to let every spelling in.
        None => format!(
            "ask for the {} \"{name}\", spelt so, and add that to {list} ({})",
            noun(surface),
            refusal.at
        ),
    }
}

/// The stable name of the rule behind a refusal.
pub(super) fn rule(refusal: &Refusal<'_>) -> String {
    format!("permission.{}", refusal.list)
}

pub(super) fn noun(surface: Surface) -> &'static str {
    match surface {
        Surface::Tool => "tool",
        Surface::Resource => "resource",
        Surface::Prompt => "prompt",
    }
}
