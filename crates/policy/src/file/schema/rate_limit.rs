use schemars::JsonSchema;
use serde::Deserialize;

use super::{COUNT, Entries, Given};

/// How many requests of a user are let through. Each number given is a limit of its own.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "RateLimit")]
pub(crate) struct RateLimitFile {
    /// Requests a minute.
    #[schemars(range(min = COUNT.min, max = COUNT.max))]
    pub(crate) requests_per_minute: Given<u64>,
    /// Requests an hour.
    #[schemars(range(min = COUNT.min, max = COUNT.max))]
    pub(crate) requests_per_hour: Given<u64>,
    /// Requests that may come at once after a pause; if left out, as many as in a minute. Applies to `requests_per_minute`, or without it to `requests_per_hour`.
    #[schemars(range(min = COUNT.min, max = COUNT.max))]
    pub(crate) burst: Given<u64>,
    /// Limits for calls of the tools that a pattern matches, all of them together. Patterns are read as in `denied_tools`: any form of the name counts.
    pub(crate) tool_limits: Given<Entries<LimitFile>>,
}

/// How many calls are let through.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "Limit")]
pub(crate) struct LimitFile {
    /// Calls a minute.
    #[schemars(range(min = COUNT.min, max = COUNT.max))]
    pub(crate) requests_per_minute: Given<u64>,
    /// Calls an hour.
    #[schemars(range(min = COUNT.min, max = COUNT.max))]
    pub(crate) requests_per_hour: Given<u64>,
    /// Calls that may come at once after a pause; if left out, as many as in a minute.
    #[schemars(range(min = COUNT.min, max = COUNT.max))]
    pub(crate) burst: Given<u64>,
}
