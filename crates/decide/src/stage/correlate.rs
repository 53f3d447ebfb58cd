use wire::Kind;

use super::Passage;
use crate::{Finding, Stage, Verdict};

/// Stops answers nobody asked for. A failure without an id answers nobody in particular and passes.
pub(crate) fn correlate(passage: &mut Passage<'_>) {
    let answers = match passage.frame.kind() {
        Kind::Response => true,
        Kind::Failure => passage.frame.id().is_some(),
        Kind::Request | Kind::Notification => false,
    };
    if answers && passage.context.answers.is_none() {
        let reason = "an answer to a request that was not made or is answered already".to_owned();
        passage.findings.push(
            Finding::new(Stage::Correlate, "correlate.unasked", Verdict::Block, reason)
                .remedy("answer each request once, with its id as it was sent"),
        );
    }
}
