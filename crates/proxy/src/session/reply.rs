//! Our own answers, and findings as records keep them.

use decide::{Denial, Finding, Retry};
use serde_json::json;
use store::DecisionId;
use wire::{Answer, Id, code};

/// The answer that tells of a denial.
pub(super) fn answer(id: Option<Id>, decision: DecisionId, denial: &Denial) -> Answer {
    let Denial { code, rule, retry, text } = denial;
    let decision = decision.to_string();
    let advice = match retry {
        Retry::Never => "Do not try it again; ask the user if it is needed.",
        Retry::Changed => "Trying it again unchanged will not help.",
        Retry::Later => "It may be tried again later.",
    };
    Answer {
        id,
        code: *code,
        message: format!("Blocked by mcp-guard: {text}. {advice} ({rule}, decision {decision})"),
        data: json!({ "decision_id": decision, "rule": rule, "retry": retry.as_str(), "text": text }),
    }
}

/// The answer that tells of something no policy decided, under a code of its own.
pub(super) fn denial(id: Option<Id>, decision: DecisionId, code: i64, finding: &Finding) -> Answer {
    let denial = Denial::of(finding);
    let retry = match code {
        code::TOO_MANY | code::UPSTREAM_GONE | code::UNAVAILABLE | code::TIMED_OUT => Retry::Later,
        _ => denial.retry,
    };
    answer(id, decision, &Denial { code, retry, ..denial })
}

/// Findings as one JSON text; `None` if there are none.
pub(super) fn findings_json(findings: &[Finding]) -> Option<String> {
    if findings.is_empty() {
        return None;
    }
    // Strings and numbers only: this cannot fail, and an empty list would say that nothing was found.
    Some(
        serde_json::to_string(findings)
            .unwrap_or_else(|error| json!([{ "error": error.to_string() }]).to_string()),
    )
}
