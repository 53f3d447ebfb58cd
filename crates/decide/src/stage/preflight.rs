use super::{Passage, shown};
use crate::{Finding, Stage, Verdict};

/// Stops what later stages could not judge: a method spelt so that only a lenient server knows it, a call that
/// does not say what it calls.
pub(crate) fn preflight(passage: &mut Passage<'_>) {
    let facts = passage.facts;
    if let (None, Some(name)) = (facts.method, &facts.name)
        && let Some(meant) = wire::misspelt(name)
    {
        let meant = meant.name();
        let reason = format!("the method \"{}\" is a misspelling of {meant}", shown(passage.policy, name));
        passage.findings.push(
            Finding::new(Stage::Preflight, "preflight.method", Verdict::Block, reason)
                .remedy(format!("send the method as {meant}")),
        );
    }
    if let Some(unclear) = &facts.unclear {
        let method = facts.method.map_or("message", wire::Method::name);
        let reason = format!("this {method} cannot be judged: {unclear}");
        passage.findings.push(
            Finding::new(Stage::Preflight, "preflight.target", Verdict::Block, reason)
                .remedy(format!("send {method} with the members MCP names, each once and spelt as there")),
        );
    }
}
