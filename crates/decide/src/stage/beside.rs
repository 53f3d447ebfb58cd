use inspect::Text;
use policy::{Action, Flow, ServerPolicy};

use super::content::{remedy, rule};
use crate::{Finding, Stage, Verdict};

/// Looks for secrets and personal data in what goes to the server beside a message: the value of a header, as it is
/// written and with its percent escapes undone. It cannot be changed there without becoming another value, so what the
/// policy does not let pass has to stay behind.
pub(crate) fn beside(policy: &ServerPolicy, name: &str, value: &str) -> Vec<Finding> {
    let rules = &policy.content;
    let unescaped = unescape(value);
    let mut findings: Vec<Finding> = Vec::new();
    for text in [Some(value), unescaped.as_deref()].into_iter().flatten() {
        let mut hits = Vec::new();
        rules.scan(Text { key: Some(name), ..Text::new(text) }, Flow::Request, &mut hits);
        for hit in hits.into_iter().filter(|hit| hit.confidence >= rules.threshold()) {
            let Some(detector) = rules.scanner().detector(hit.detector) else { continue };
            let (action, at) = rules.action(hit.detector, Flow::Request);
            let verdict = match action {
                Action::Allow => continue,
                Action::Warn => Verdict::Warn,
                Action::ShadowBlock => Verdict::ShadowBlock,
                Action::Redact | Action::Review | Action::Block => Verdict::Redact,
            };
            if findings.iter().any(|known| known.rule == rule(detector)) {
                continue;
            }
            let source =
                at.map_or_else(|| format!("built-in ({} profile)", policy.profile), ToString::to_string);
            let reason = format!("{} in the header {name}", detector.title);
            let mut finding = Finding::new(Stage::Content, rule(detector), verdict, reason)
                .from(source)
                .remedy(remedy(detector, Flow::Request, action));
            finding.evidence = Some(inspect::evidence(detector, text.get(hit.span).unwrap_or_default()));
            findings.push(finding);
        }
    }
    findings
}

/// Without its percent escapes (RFC 3986 §2.1); `None` if it has none.
fn unescape(text: &str) -> Option<String> {
    let digit = |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, more @ ..] = rest {
        rest = match (first, more) {
            (b'%', [high, low, after @ ..]) => match (digit(high), digit(low)) {
                (Some(high), Some(low)) => {
                    bytes.push(high << 4 | low);
                    after
                }
                _ => {
                    bytes.push(b'%');
                    more
                }
            },
            _ => {
                bytes.push(*first);
                more
            }
        };
    }
    (bytes.len() < text.len()).then(|| String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_undone_once() {
        assert_eq!(unescape("a%20b%2525%zz%"), Some("a b%25%zz%".to_owned()));
        assert_eq!(unescape("plain"), None);
    }
}
