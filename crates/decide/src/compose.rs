use policy::Profile;

use crate::{Finding, Verdict};

/// The one rule that makes a verdict of findings: **the strictest finding decides.** Then the profile says what
/// is done about it:
///
/// | strictest finding | `monitor` | `balanced`, `strict` |
/// |---|---|---|
/// | allow, warn, shadow-block | passes | passes |
/// | redact | warn: passes unchanged | passes with parts replaced |
/// | review, block | shadow-block: passes unchanged | does not pass |
///
/// Returns what happens and what would have happened if the profile enforced.
pub fn compose(profile: Profile, findings: &[Finding]) -> (Verdict, Verdict) {
    let would = findings.iter().map(|finding| finding.verdict).max().unwrap_or(Verdict::Allow);
    let happens = match (profile, would) {
        (Profile::Monitor, Verdict::Redact) => Verdict::Warn,
        (Profile::Monitor, Verdict::Review | Verdict::Block) => Verdict::ShadowBlock,
        (_, would) => would,
    };
    (happens, would)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Stage;

    const ALL: [Verdict; 6] = [
        Verdict::Allow,
        Verdict::Warn,
        Verdict::ShadowBlock,
        Verdict::Redact,
        Verdict::Review,
        Verdict::Block,
    ];

    fn finding(verdict: Verdict) -> Finding {
        Finding::new(Stage::Content, "test", verdict, String::new())
    }

    #[test]
    fn the_strictest_finding_decides_in_any_order() {
        for a in ALL {
            for b in ALL {
                let verdicts = compose(Profile::Balanced, &[finding(a), finding(b)]);
                assert_eq!(verdicts, (a.max(b), a.max(b)));
                assert_eq!(verdicts, compose(Profile::Strict, &[finding(b), finding(a)]));
            }
        }
        assert_eq!(compose(Profile::Strict, &[]), (Verdict::Allow, Verdict::Allow));
    }

    #[test]
    fn monitor_stops_and_changes_nothing_and_records_what_would_have_happened() {
        for verdict in ALL {
            let (happens, would) = compose(Profile::Monitor, &[finding(verdict)]);
            assert!(!matches!(happens, Verdict::Block | Verdict::Review | Verdict::Redact), "{verdict}");
            assert_eq!(would, verdict);
        }
    }
}
