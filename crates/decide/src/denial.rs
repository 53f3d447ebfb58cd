use std::time::Duration;

use wire::code;

use crate::{Finding, Stage};

/// Why a frame does not leave, in the words for whoever waits for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denial {
    /// JSON-RPC error code, see [`wire::code`].
    pub code: i64,
    /// The rule that decided.
    pub rule: String,
    /// Whether trying again can help.
    pub retry: Retry,
    /// After how long it will, where that is known.
    pub retry_after: Option<Duration>,
    /// One sentence, safe for a person and a model to read.
    pub text: String,
}

/// Whether trying again can help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// Not while the policy stays as it is.
    Never,
    /// With other content.
    Changed,
    /// The same, later.
    Later,
}

impl Retry {
    /// The name in `error.data`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Never => "never",
            Self::Changed => "changed",
            Self::Later => "later",
        }
    }
}

impl Denial {
    /// The denial that the finding asks for.
    pub fn of(finding: &Finding) -> Self {
        let retry = match finding.stage {
            Stage::Arguments | Stage::Content | Stage::Preflight | Stage::Wire | Stage::Session => {
                Retry::Changed
            }
            Stage::Limits => Retry::Later,
            _ => Retry::Never,
        };
        let (rule, text) = (finding.rule.to_string(), finding.reason.clone());
        Self { code: code::DENIED, rule, retry, retry_after: None, text }
    }
}
