use schemars::JsonSchema;
use serde::Deserialize;

use crate::file::at::Given;
use crate::{DriftAction, PinMode};

/// Whether servers are held to what they were approved to be.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "Pins")]
pub(crate) struct PinsFile {
    /// Where what is approved comes from.
    #[schemars(extend("default" = PinMode::default()))]
    pub(crate) mode: Given<PinMode>,
    /// The lock, for the mode `locked`; if left out, `mcp-guard.lock` in the folder the guard is started in.
    pub(crate) file: Given<String>,
    /// With `true`, a server may not be used before a person has approved it.
    #[schemars(extend("default" = false))]
    pub(crate) quarantine: Given<bool>,
    /// What is done where a server is another than was approved.
    pub(crate) on_drift: Given<OnDriftFile>,
}

/// What is done where a server is another than was approved, by how grave that is.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "OnDrift")]
pub(crate) struct OnDriftFile {
    /// Blanks, icons, the case of titles. If left out, `allow`, and `warn` under the profile `strict`.
    pub(crate) cosmetic: Given<DriftAction>,
    /// Calls that were right still are: an optional parameter more, a wider enum. If left out, `warn`, and `drop` under the profile `strict`.
    pub(crate) compatible: Given<DriftAction>,
    /// Calls that were right may be no longer: a required parameter more, another type. If left out, `drop`, and `block` under the profile `strict`.
    pub(crate) breaking: Given<DriftAction>,
    /// What a model is told, what the server may do, or who it is. If left out, `block`.
    pub(crate) meaning: Given<DriftAction>,
}
