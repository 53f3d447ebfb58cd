use wire::Method;

use super::Passage;
use crate::{Finding, Stage, Verdict};

/// Stops a server that asks the client's model where the policy does not let it (MCP 2025-11-25 client/sampling).
pub(crate) fn sampling(passage: &mut Passage<'_>) {
    let rule = &passage.policy.sampling;
    if passage.facts.method != Some(Method::Sampling) || rule.enabled.value {
        return;
    }
    let reason = "this server may not ask the client's model (sampling)".to_owned();
    let finding = Finding::new(Stage::Sampling, "sampling.enabled", Verdict::Block, reason)
        .from(&rule.enabled.at)
        .remedy(format!("set {}: true", passage.key("sampling.enabled")));
    passage.findings.push(finding);
}
