use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use wire::Revision;

/// A revision of MCP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) enum ProtocolVersion {
    /// HTTP with server-sent events.
    #[serde(rename = "2024-11-05")]
    V2024_11_05,
    /// Streamable HTTP.
    #[serde(rename = "2025-03-26")]
    V2025_03_26,
    /// Elicitation and structured results.
    #[serde(rename = "2025-06-18")]
    V2025_06_18,
    /// The last one with `initialize`.
    #[serde(rename = "2025-11-25")]
    V2025_11_25,
    /// Stateless.
    #[serde(rename = "2026-07-28")]
    V2026_07_28,
}

impl From<ProtocolVersion> for Revision {
    fn from(version: ProtocolVersion) -> Self {
        match version {
            ProtocolVersion::V2024_11_05 => Self::V2024_11_05,
            ProtocolVersion::V2025_03_26 => Self::V2025_03_26,
            ProtocolVersion::V2025_06_18 => Self::V2025_06_18,
            ProtocolVersion::V2025_11_25 => Self::V2025_11_25,
            ProtocolVersion::V2026_07_28 => Self::V2026_07_28,
        }
    }
}
