use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Sizes past which a frame is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Largest frame, in bytes without the line ending.
    pub max_frame_bytes: usize,
    /// Deepest nesting of objects and lists.
    pub max_depth: usize,
    /// Requests that may wait for an answer at one time.
    pub max_in_flight: usize,
    /// What happens to integers that a double cannot hold exactly.
    pub big_integers: BigIntegers,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_frame_bytes: 16 * 1024 * 1024,
            max_depth: 128,
            max_in_flight: 16_384,
            big_integers: BigIntegers::Refuse,
        }
    }
}

/// What happens to integers that a double cannot hold exactly, which parsers read differently (RFC 8259 §6).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum BigIntegers {
    /// The frame is refused: two parsers could read two numbers.
    #[default]
    Refuse,
    /// The digits pass unchanged.
    Allow,
}
