use schemars::JsonSchema;
use serde::Deserialize;

use super::Given;

/// The base: another file whose rules stand whatever this one says. This file can only restrict them.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "Extends")]
pub(crate) struct ExtendsFile {
    /// The base's `https://` address (`http://` only on this machine). Needs `sha256`.
    pub(crate) url: Given<String>,
    /// The base's file, from the folder of this one.
    pub(crate) path: Given<String>,
    /// SHA-256 of the base in 64 hexadecimal digits. A base that is another one is refused.
    pub(crate) sha256: Given<String>,
}

/// What files that extend this one may do.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "Overlay")]
pub(crate) struct OverlayFile {
    /// With `true`, they may add servers of their own.
    #[schemars(extend("default" = false))]
    pub(crate) new_servers: Given<bool>,
}
