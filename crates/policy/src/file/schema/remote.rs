use schemars::JsonSchema;
use serde::Deserialize;

use super::{BREAKER_FAILURES, Given, SECONDS};
use crate::CircuitBreaker;

/// When requests are no longer sent to a server that fails.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "CircuitBreaker")]
pub(crate) struct CircuitBreakerFile {
    /// Failures one after the other, such as connections that are refused, that open the circuit: requests are then answered with an error at once.
    #[schemars(range(min = BREAKER_FAILURES.min, max = BREAKER_FAILURES.max), extend("default" = CircuitBreaker::default().failures))]
    pub(crate) failures: Given<u64>,
    /// Seconds until one request is let through to see whether the server is back.
    #[schemars(range(min = SECONDS.min, max = SECONDS.max), extend("default" = CircuitBreaker::default().open_for.as_secs()))]
    pub(crate) open_for: Given<u64>,
}

/// An entry of the system's keyring.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "Keyring")]
pub(crate) struct KeyringFile {
    /// The service it is kept under.
    pub(crate) service: Given<String>,
    /// The account it belongs to.
    pub(crate) account: Given<String>,
}
