use schemars::JsonSchema;
use serde::Deserialize;

use super::{At, Entries, Given};
use crate::{Action, content::THRESHOLD};

/// Secrets and personal data in messages.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "Pii")]
pub(crate) struct PiiFile {
    /// With `false` no message is searched for secrets and personal data.
    #[schemars(extend("default" = true))]
    pub(crate) enabled: Given<bool>,
    /// How sure a detector must be, 0 to 1, for its finding to count.
    #[schemars(range(min = 0, max = 1), extend("default" = f64::from(THRESHOLD.percent()) / 100.0))]
    pub(crate) confidence_threshold: Given<f64>,
    /// What to do with findings, by type. Each cell given here replaces that cell of the built-in table; the rest of the table stays.
    pub(crate) actions: Given<Entries<ActionsFile>>,
    /// Types of your own, by name (1 to 64 of `a-z`, `0-9`, `_` and `-`).
    pub(crate) custom_types: Given<Entries<CustomTypeFile>>,
}

/// What to do with findings of one type.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "Actions")]
pub(crate) struct ActionsFile {
    /// In messages from the client to the server.
    pub(crate) request: Given<Action>,
    /// In messages from the server to the client.
    pub(crate) response: Given<Action>,
}

/// A type of your own. Its findings have a confidence of 0.85.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "CustomType")]
pub(crate) struct CustomTypeFile {
    /// What the type is called in messages to people; its name if left out.
    pub(crate) label: Given<String>,
    /// What is looked for; one match is enough. Required.
    pub(crate) patterns: Given<Vec<At<CustomPatternFile>>>,
    /// What to do with findings.
    pub(crate) actions: Given<ActionsFile>,
}

/// One pattern of a custom type.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "CustomPattern")]
pub(crate) struct CustomPatternFile {
    /// A regular expression, without look-around and back-references. Required.
    pub(crate) regex: Given<String>,
}
