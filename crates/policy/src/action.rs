use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is done with a message in which a detector found something. Ordered from mildest to strictest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// Passes; the finding is not recorded as a concern.
    Allow,
    /// Passes with a recorded warning.
    Warn,
    /// Passes with the found text replaced by `[REDACTED:type]`.
    Redact,
    /// Does not pass.
    Block,
}

impl Action {
    /// Every action, mildest first.
    pub const ALL: [Self; 4] = [Self::Allow, Self::Warn, Self::Redact, Self::Block];

    /// The name used in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Warn => "warn",
            Self::Redact => "redact",
            Self::Block => "block",
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Which way content travels: the column of the action table that applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Flow {
    /// From the client towards the server.
    Request,
    /// From the server towards the client.
    Response,
}
