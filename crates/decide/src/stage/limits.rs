use std::time::Duration;

use policy::{Flow, RateLimit, Surface};
use wire::Method;

use super::Passage;
use crate::{Charge, Finding, Stage, Verdict};

/// The limits a frame counts towards. What a client sends counts unless it is an answer, a `ping`, `initialize`
/// or a notification of MCP; of what a server sends only questions to the client count, each once.
pub(crate) fn charges(passage: &Passage<'_>) -> Vec<Charge> {
    match passage.context.flow {
        Flow::Request => of_client(passage),
        Flow::Response => of_server(passage),
    }
}

fn of_client(passage: &Passage<'_>) -> Vec<Charge> {
    let facts = passage.facts;
    let Some(name) = &facts.name else { return Vec::new() };
    // A call without an id is no request by the letter, and would be run all the same.
    if matches!(facts.method, Some(Method::Initialize | Method::Ping)) || name.starts_with("notifications/") {
        return Vec::new();
    }
    let tool = facts.targets.iter().find(|target| target.surface == Surface::Tool);
    let limits = passage.policy.charges(tool.map(|tool| &*tool.name));
    limits.map(|limit| Charge { limit: limit.clone(), rule: rule(limit) }).collect()
}

fn of_server(passage: &Passage<'_>) -> Vec<Charge> {
    let policy = passage.policy;
    let charge = |method| match method {
        Method::Sampling => (&policy.sampling.rate_limit, "sampling.rate_limit"),
        _ => (&policy.elicitation.rate_limit, "elicitation.rate_limit"),
    };
    let charges = passage.facts.asks.iter().map(|ask| charge(ask.method));
    charges.filter_map(|(limit, rule)| Some(Charge { limit: limit.clone()?, rule })).collect()
}

fn rule(limit: &RateLimit) -> &'static str {
    match (limit.tool(), limit.period == MINUTE) {
        (Some(_), _) => "rate_limit.tool_limits",
        (None, true) => "rate_limit.requests_per_minute",
        (None, false) => "rate_limit.requests_per_hour",
    }
}

/// What is found when a limit is reached.
pub(crate) fn over(charge: &Charge, retry_after: Duration) -> Finding {
    let limit = &charge.limit;
    let what = match (limit.tool(), charge.rule) {
        (Some(pattern), _) => format!("calls of tools like \"{}\"", pattern.text),
        (None, "sampling.rate_limit") => "questions of this server to the client's model".to_owned(),
        (None, "elicitation.rate_limit") => "questions of this server to the user".to_owned(),
        (None, _) => "requests".to_owned(),
    };
    let period = if limit.period == MINUTE { "a minute" } else { "an hour" };
    let seconds = retry_after.as_nanos().div_ceil(1_000_000_000);
    let reason =
        format!("over the limit of {} {what} {period}; the next one passes in {seconds} s", limit.count);
    Finding::new(Stage::Limits, charge.rule, Verdict::Block, reason)
        .from(&limit.at)
        .remedy(format!("wait {seconds} s, or raise {}", limit.path))
}

/// What is found when nobody can tell whether a limit is reached.
pub(crate) fn uncounted(charges: &[Charge]) -> Finding {
    let reason = "the requests that count towards a limit cannot be counted".to_owned();
    let finding = Finding::new(Stage::Limits, "rate_limit.unavailable", Verdict::Block, reason)
        .remedy("see what mcp-guard printed on standard error");
    match charges.first() {
        Some(charge) => finding.from(&charge.limit.at),
        None => finding,
    }
}

const MINUTE: Duration = Duration::from_secs(60);
