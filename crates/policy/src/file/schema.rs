//! The shape of `mcp-guard.yaml`. The comments of this file are the text of the reference page.

use schemars::JsonSchema;
use serde::Deserialize;

use super::at::{At, Entries, Given};
use crate::{Action, AuditSettings, BigIntegers, Limits, Profile, Transport, content::THRESHOLD};

/// Smallest and largest number a key takes.
pub(crate) struct Range {
    pub(crate) min: u64,
    pub(crate) max: u64,
}

pub(crate) const FRAME_BYTES: Range = Range { min: 1024, max: 1 << 30 };
pub(crate) const DEPTH: Range = Range { min: 8, max: 512 };
pub(crate) const IN_FLIGHT: Range = Range { min: 1, max: 1 << 20 };
pub(crate) const RETENTION_DAYS: Range = Range { min: 1, max: 3650 };
pub(crate) const SHUTDOWN_SECONDS: Range = Range { min: 1, max: 3600 };
pub(crate) const DEFAULT_SHUTDOWN_SECONDS: u64 = 30;

/// What MCP-Guard lets through and what it stops.
///
/// `${NAME}` in a text value stands for an environment variable and `$${` for a literal `${`; an
/// unset variable is an error. Keys, comments and values with a fixed choice are left as they are.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(title = "mcp-guard.yaml")]
pub(crate) struct ConfigFile {
    /// How strict the guard is with every server that does not set its own profile.
    #[schemars(extend("default" = Profile::default()))]
    pub(crate) profile: Given<Profile>,
    /// The guarded servers, by the names used with `-s`.
    pub(crate) servers: Given<Entries<ServerFile>>,
    /// Secrets and personal data in messages.
    pub(crate) pii: Given<PiiFile>,
    /// The record of every decision.
    pub(crate) audit: Given<AuditFile>,
    /// Sizes past which a message is refused.
    pub(crate) limits: Given<LimitsFile>,
    /// Seconds that answers still in flight are waited for once the client has closed its end.
    #[schemars(range(min = SHUTDOWN_SECONDS.min, max = SHUTDOWN_SECONDS.max), extend("default" = DEFAULT_SHUTDOWN_SECONDS))]
    pub(crate) shutdown_timeout: Given<u64>,
}

/// One guarded server.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "Server")]
pub(crate) struct ServerFile {
    /// How messages reach the server.
    #[schemars(extend("default" = Transport::default()))]
    pub(crate) transport: Given<Transport>,
    /// The program to start. Required for `stdio`, refused for the other transports.
    pub(crate) command: Given<String>,
    /// Arguments of the program.
    pub(crate) args: Given<Vec<At<String>>>,
    /// Environment variables of the program, on top of the guard's own.
    pub(crate) env: Given<Entries<String>>,
    /// The server's `http://` or `https://` address. Required for `sse` and `streamable-http`, refused for `stdio`.
    pub(crate) url: Given<String>,
    /// How strict the guard is with this server, if not as the file says for all.
    pub(crate) profile: Given<Profile>,
    /// What may be done with this server.
    pub(crate) policy: Given<ServerPolicyFile>,
}

/// What may be done with a server.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "ServerPolicy")]
pub(crate) struct ServerPolicyFile {
    /// Which tools, resources and prompts may be named.
    pub(crate) permissions: Given<PermissionsFile>,
    /// Requests of the server to the client's model.
    pub(crate) sampling: Given<SamplingFile>,
}

/// Lists of patterns.
///
/// A pattern that begins with `^` is a regular expression that has to match the whole name. Any
/// other is a glob: `*` stands for any characters except `/`, `**` for any characters, `?` for one
/// character except `/`. Names are compared as they stand and in every decoded form (case, invisible
/// characters, separators, percent escapes, dot segments): a denial applies if any form matches, a
/// permission only if every form does. Denials win. Without an allow list everything is allowed; an
/// empty one (`[]`) allows nothing.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "Permissions")]
pub(crate) struct PermissionsFile {
    /// Tools that may be called; all others may not.
    pub(crate) allowed_tools: Given<Vec<At<String>>>,
    /// Tools that may not be called.
    pub(crate) denied_tools: Given<Vec<At<String>>>,
    /// URIs of resources that may be read; all others may not.
    pub(crate) allowed_resources: Given<Vec<At<String>>>,
    /// URIs of resources that may not be read.
    pub(crate) denied_resources: Given<Vec<At<String>>>,
    /// Prompts that may be fetched; all others may not.
    pub(crate) allowed_prompts: Given<Vec<At<String>>>,
    /// Prompts that may not be fetched.
    pub(crate) denied_prompts: Given<Vec<At<String>>>,
}

/// Requests of the server to the client's model.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "Sampling")]
pub(crate) struct SamplingFile {
    /// With `false`, `sampling/createMessage` from the server is refused.
    #[schemars(extend("default" = true))]
    pub(crate) enabled: Given<bool>,
}

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
