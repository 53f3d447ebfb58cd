//! The shape of `mcp-guard.yaml`. The comments of this file are the text of the reference page.

use schemars::JsonSchema;
use serde::Deserialize;

mod arguments;
mod auth;
mod content;
mod daemon;
mod extends;
mod gateway;
mod pins;
mod protocol_version;
mod rate_limit;
mod remote;
mod rules;
mod server;

pub(crate) use self::{
    arguments::{ArgumentRuleFile, ArgumentsFile, MatchersFile, RangeFile, SizeFile, UnknownArguments},
    auth::{ApiKeyFile, AuthFile, RoleFile},
    content::{ActionsFile, CustomTypeFile, PiiFile},
    daemon::{DaemonFile, OnlyDaemon},
    extends::{ExtendsFile, OverlayFile},
    gateway::{GatewayFile, GatewayLimitsFile, TlsFile},
    pins::PinsFile,
    protocol_version::ProtocolVersion,
    rate_limit::{LimitFile, RateLimitFile},
    remote::{CircuitBreakerFile, KeyringFile},
    rules::{ExemptionFile, RulesFile},
    server::{ElicitationFile, PermissionsFile, SamplingFile, ServerFile, ServerPolicyFile},
};

use super::at::{At, Entries, Given};
use crate::{AuditSettings, BigIntegers, Limits, Profile};

/// Smallest and largest number a key takes.
pub(crate) struct Range {
    pub(crate) min: u64,
    pub(crate) max: u64,
}

pub(crate) const FRAME_BYTES: Range = Range { min: 1024, max: 1 << 30 };
pub(crate) const DEPTH: Range = Range { min: 8, max: 512 };
pub(crate) const IN_FLIGHT: Range = Range { min: 1, max: 1 << 20 };
pub(crate) const RETENTION_DAYS: Range = Range { min: 1, max: 3650 };
pub(crate) const SECONDS: Range = Range { min: 1, max: 3600 };
pub(crate) const REQUEST_SECONDS: Range = Range { min: 1, max: 86_400 };
pub(crate) const PORT: Range = Range { min: 0, max: 65_535 };
/// Of connections, sessions and streams.
pub(crate) const SLOTS: Range = Range { min: 1, max: 1 << 20 };
pub(crate) const HEADER_BYTES: Range = Range { min: 4096, max: 1 << 20 };
pub(crate) const EVENTS: Range = Range { min: 0, max: 1 << 20 };
pub(crate) const STORE_BYTES: Range = Range { min: 0, max: 1 << 30 };
pub(crate) const BREAKER_FAILURES: Range = Range { min: 1, max: 1000 };
/// Of requests and of tokens.
pub(crate) const COUNT: Range = Range { min: 1, max: 1_000_000_000 };

/// What MCP-Guard lets through and what it stops.
///
/// `${NAME}` in a text value stands for an environment variable and `$${` for a literal `${`; an
/// unset variable is an error. Keys, comments and values with a fixed choice are left as they are.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(title = "mcp-guard.yaml")]
pub(crate) struct ConfigFile {
    /// The base whose rules this file restricts further.
    pub(crate) extends: Given<ExtendsFile>,
    /// What files that extend this one may do.
    pub(crate) overlay: Given<OverlayFile>,
    /// How strict the guard is with every server that does not set its own profile.
    #[schemars(extend("default" = Profile::default()))]
    pub(crate) profile: Given<Profile>,
    /// The guarded servers, by the names used with `-s`.
    pub(crate) servers: Given<Entries<ServerFile>>,
    /// Secrets and personal data in messages.
    pub(crate) pii: Given<PiiFile>,
    /// The rules that say what is looked for.
    /// What is done with the findings of rules.
    pub(crate) rules: Given<RulesFile>,
    /// Whether servers are held to what they were approved to be.
    pub(crate) pins: Given<PinsFile>,
    /// The record of every decision.
    pub(crate) audit: Given<AuditFile>,
    /// Sizes past which a message is refused.
    pub(crate) limits: Given<LimitsFile>,
    /// Who may do what: roles narrow the rules of every server for the users they apply to.
    pub(crate) auth: Given<AuthFile>,
    /// How many requests a user may send to all servers together.
    pub(crate) rate_limit: Given<RateLimitFile>,
    /// What happens when this file changes.
    pub(crate) reload: Given<ReloadFile>,
    /// The background process, and where it keeps its files.
    pub(crate) daemon: Given<DaemonFile>,
    /// The gateway, `mcp-guard serve`: where it listens, and whom it lets in.
    pub(crate) gateway: Given<GatewayFile>,
}

/// The record of every decision.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "Audit")]
pub(crate) struct AuditFile {
    /// With `false` nothing is recorded and no decision can be explained afterwards.
    #[schemars(extend("default" = AuditSettings::default().enabled))]
    pub(crate) enabled: Given<bool>,
    /// The database file; if left out, one in the state folder.
    pub(crate) path: Given<String>,
    /// Days a record is kept.
    #[schemars(range(min = RETENTION_DAYS.min, max = RETENTION_DAYS.max), extend("default" = AuditSettings::default().retention_days))]
    pub(crate) retention_days: Given<u64>,
}

/// Sizes past which a message is refused.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "Limits")]
pub(crate) struct LimitsFile {
    /// Largest message, in bytes.
    #[schemars(range(min = FRAME_BYTES.min, max = FRAME_BYTES.max), extend("default" = Limits::default().max_frame_bytes))]
    pub(crate) max_frame_bytes: Given<u64>,
    /// Deepest nesting of objects and lists.
    #[schemars(range(min = DEPTH.min, max = DEPTH.max), extend("default" = Limits::default().max_depth))]
    pub(crate) max_depth: Given<u64>,
    /// Requests that may wait for an answer at one time.
    #[schemars(range(min = IN_FLIGHT.min, max = IN_FLIGHT.max), extend("default" = Limits::default().max_in_flight))]
    pub(crate) max_in_flight: Given<u64>,
    /// What happens to integers that a double cannot hold exactly (beyond 2^53), which programs read differently.
    #[schemars(extend("default" = BigIntegers::default()))]
    pub(crate) big_integers: Given<BigIntegers>,
}

/// What happens when the configuration file changes.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "Reload")]
pub(crate) struct ReloadFile {
    /// With `true`, a change that loosens anything waits until it is confirmed.
    #[schemars(extend("default" = false))]
    pub(crate) require_confirmation: Given<bool>,
}
