//! Our own answers, and findings as records keep them.

use decide::{Denial, Finding, Retry};
use serde_json::json;
use store::DecisionId;
use wire::{Answer, Id, code};

/// The answer that tells of a denial.
pub(super) fn answer(id: Option<Id>, decision: DecisionId, denial: &Denial) -> Answer {
    let Denial { code, rule, retry, retry_after, text } = denial;
    let decision = decision.to_string();
    let advice = match retry {
        Retry::Never => "Do not try it again; ask the user if it is needed.",
        Retry::Changed => "Trying it again unchanged will not help.",
        Retry::Later => "It may be tried again later.",
    };
    let mut data = json!({ "decision_id": decision, "rule": rule, "retry": retry.as_str(), "text": text });
    if let (Some(after), Some(data)) = (retry_after, data.as_object_mut()) {
        // Rounded up: whoever waits as long as it says must not come too early.
        let ms = u64::try_from(after.as_nanos().div_ceil(1_000_000)).unwrap_or(u64::MAX);
        data.insert("retry_after_ms".to_owned(), ms.into());
    }
    Answer {
        id,
        code: *code,
        message: format!("Blocked by mcp-guard: {text}. {advice} ({rule}, decision {decision})"),
        data,
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
