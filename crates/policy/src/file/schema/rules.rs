use schemars::JsonSchema;
use serde::Deserialize;

use super::{At, Given};

/// The rules that say what is looked for. `mcp-guard rules list` shows them all.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "Rules")]
pub(crate) struct RulesFile {
    /// Files with rules of your own, from the folder of this file; they stand beside the built-in ones. Their form is `docs/rules.schema.json`.
    pub(crate) packs: Given<Vec<At<String>>>,
}
