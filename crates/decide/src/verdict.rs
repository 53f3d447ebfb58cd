use std::fmt;

use serde::{Deserialize, Serialize};

/// What becomes of a frame. Ordered by how much is kept from passing: of several, the strictest holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Leaves as it came.
    Allow,
    /// Leaves as it came; something about it is recorded.
    Warn,
    /// Leaves as it came, because nothing is enforced here; it would have been stopped.
    ShadowBlock,
    /// Leaves with parts replaced.
    Redact,
    /// Waits for a person. Where nobody can be asked it does not leave.
    Review,
    /// Does not leave; whoever waits for it gets an error.
    Block,
}

impl Verdict {
    /// Whether the frame does not leave.
    pub fn stops(self) -> bool {
        matches!(self, Self::Review | Self::Block)
    }

    /// The name in records and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Warn => "warn",
            Self::Review => "review",
            Self::Redact => "redact",
            Self::ShadowBlock => "shadow-block",
            Self::Block => "block",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
