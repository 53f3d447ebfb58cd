use std::{borrow::Cow, fmt};

use serde::{Deserialize, Serialize};
use wire::Edit;

use crate::Verdict;

/// The stages of the legs, as records name them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// The strict reader, before any leg.
    Wire,
    /// Whether the message can be judged at all.
    Preflight,
    /// Whether the answer belongs to a request.
    Correlate,
    /// Whether this tool, resource or prompt may be used.
    Permission,
    /// What the arguments of a call may be.
    Arguments,
    /// Whether the server is what was approved.
    Pins,
    /// Whether the client shows the server that it can be asked.
    Capabilities,
    /// Whether the server may ask the client's model.
    Sampling,
    /// Whether the server may ask the user.
    Elicitation,
    /// Secrets and personal data.
    Content,
    /// What lists show.
    Filter,
    /// How often.
    Limits,
    /// What the session itself cannot take on.
    Session,
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Wire => "wire",
            Self::Preflight => "preflight",
            Self::Correlate => "correlate",
            Self::Permission => "permission",
            Self::Arguments => "arguments",
            Self::Pins => "pins",
            Self::Capabilities => "capabilities",
            Self::Sampling => "sampling",
            Self::Elicitation => "elicitation",
            Self::Content => "content",
            Self::Filter => "filter",
            Self::Limits => "limits",
            Self::Session => "session",
        })
    }
}

/// One thing a stage found. Every text in it is safe to store and to show: values are masked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Who found it.
    pub stage: Stage,
    /// Which rule, by a stable name such as `permission.denied_tools` or `secret.aws_key`.
    pub rule: Cow<'static, str>,
    /// What the rule asks for, whatever becomes of the frame as a whole.
    pub verdict: Verdict,
    /// What was found, for a person.
    pub reason: String,
    /// JSON Pointer (RFC 6901) to the place, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
    /// What was there, masked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<String>,
    /// How often it was found in this frame.
    pub count: usize,
    /// Configuration file, line and column of the rule, or which built-in default it is.
    pub source: String,
    /// The smallest change that would have let the frame pass.
    pub remedy: String,
    /// What to replace if the verdict is to redact.
    #[serde(skip)]
    pub edits: Vec<Edit>,
}

impl Finding {
    /// A finding with nothing but what it is; see the setters for the rest.
    pub fn new(stage: Stage, rule: impl Into<Cow<'static, str>>, verdict: Verdict, reason: String) -> Self {
        Self {
            stage,
            rule: rule.into(),
            verdict,
            reason,
            pointer: None,
            evidence: None,
            count: 1,
            source: "built-in".to_owned(),
            remedy: String::new(),
            edits: Vec::new(),
        }
    }

    /// Says where the rule was written.
    pub fn from(self, source: impl fmt::Display) -> Self {
        Self { source: source.to_string(), ..self }
    }

    /// Says what would have let the frame pass.
    pub fn remedy(self, remedy: impl Into<String>) -> Self {
        Self { remedy: remedy.into(), ..self }
    }
}
