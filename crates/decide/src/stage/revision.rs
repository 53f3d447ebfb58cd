use policy::Flow;
use wire::{Kind, Method, Revision, member};

use super::{Passage, shown};
use crate::{Finding, Stage, Verdict, facts::string};

/// Stops a handshake on a revision older than the configuration allows: an old one lacks protections of a new one, so
/// who can talk both sides down to it takes them away (MCP 2026-07-28 basic/versioning).
pub(crate) fn revision(passage: &mut Passage<'_>) {
    let Some(oldest) = &passage.policy.min_protocol_version else { return };
    let handshake = match passage.context.flow {
        Flow::Request => passage.facts.method == Some(Method::Initialize),
        Flow::Response => {
            let asked = passage.context.answers.and_then(|asked| asked.method);
            asked == Some(Method::Initialize) && passage.frame.kind() == Kind::Response
        }
    };
    if !handshake {
        return;
    }
    let body = passage.frame.body().map_or("", |(body, _)| body);
    let spoken =
        member(body, "protocolVersion").and_then(|version| string(version.value)).unwrap_or_default();
    if is_at_least(&spoken, oldest.value) {
        return;
    }
    let side = match passage.context.flow {
        Flow::Request => "client",
        Flow::Response => "server",
    };
    let reason = format!(
        "the {side} wants to speak MCP {}, and {} is the oldest allowed",
        shown(passage.policy, &spoken),
        oldest.value
    );
    passage.findings.push(
        Finding::new(Stage::Preflight, "preflight.protocol_version", Verdict::Block, reason)
            .from(&oldest.at)
            .remedy("bring it up to date, or lower min_protocol_version"),
    );
}

/// Revisions are dates: of one we do not know we still know whether it is older.
fn is_at_least(spoken: &str, oldest: Revision) -> bool {
    let is_date = spoken.len() == 10
        && spoken.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    is_date && spoken >= oldest.name()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_compared_as_dates() {
        assert!(is_at_least("2025-06-18", Revision::V2025_06_18));
        assert!(is_at_least("2031-01-01", Revision::V2025_06_18));
        assert!(!is_at_least("2025-03-26", Revision::V2025_06_18));
        assert!(!is_at_least("2025-6-18", Revision::V2025_06_18));
        assert!(!is_at_least("9", Revision::V2025_06_18));
        assert!(!is_at_least("", Revision::V2024_11_05));
    }
}
