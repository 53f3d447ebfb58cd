//! What a server may ask of the client: its model (sampling) and its user (elicitation).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Action, RateLimit, Setting};

/// Whether and how the server may send `sampling/createMessage` to the client.
#[derive(Clone, Debug)]
pub struct Sampling {
    /// With `false` such requests are refused.
    pub enabled: Setting<bool>,
    /// Largest `maxTokens` that may be asked for; `None` for any.
    pub max_tokens: Option<Setting<u32>>,
    /// How often it may ask.
    pub rate_limit: Option<RateLimit>,
    /// How much of such requests is recorded.
    pub audit: Setting<SamplingAudit>,
}

/// How much of a sampling request is recorded.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum SamplingAudit {
    /// As of every message.
    #[default]
    Basic,
    /// Also the sizes asked for and the models preferred; never the text.
    Verbose,
}

impl SamplingAudit {
    /// The name used in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Basic => "basic",
            Self::Verbose => "verbose",
        }
    }
}

/// Whether and how the server may send `elicitation/create` to the client.
#[derive(Clone, Debug)]
pub struct Elicitation {
    /// With `false` such requests are refused.
    pub enabled: Setting<bool>,
    /// How often it may ask.
    pub rate_limit: Option<RateLimit>,
    /// What is done with a question that asks for a secret: `Block`, `Warn` or `Allow`.
    pub secrets: Setting<Action>,
}
