use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What becomes of a tool, prompt, resource or the instructions of a server when a rule of the content in its own
/// description would alter or stop it. Ordered from mildest to strictest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Advertised {
    /// It is shown, with a recorded warning.
    Warn,
    /// It is kept from the client; what stands beside it is not touched.
    #[default]
    DropTool,
    /// The whole list, or the handshake, does not pass.
    Block,
}
