use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{At, COUNT, Entries, Given, REQUEST_SECONDS, RateLimitFile, SECONDS};
use crate::{Action, Profile, SamplingAudit, Supervision, Transport};

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
    /// The folder the program is started in; if left out, the guard's own.
    pub(crate) cwd: Given<String>,
    /// With `true`, one process of the server may serve several sessions of the same user.
    #[schemars(extend("default" = false))]
    pub(crate) share: Given<bool>,
    /// Seconds the server may take to answer `initialize`.
    #[schemars(range(min = SECONDS.min, max = SECONDS.max), extend("default" = Supervision::default().start_timeout.as_secs()))]
    pub(crate) start_timeout: Given<u64>,
    /// Seconds the server may take to answer any other request; if left out, as long as it likes.
    #[schemars(range(min = REQUEST_SECONDS.min, max = REQUEST_SECONDS.max))]
    pub(crate) request_timeout: Given<u64>,
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
    /// How many requests a user may send to this server.
    pub(crate) rate_limit: Given<RateLimitFile>,
    /// Requests of the server to the client's model.
    pub(crate) sampling: Given<SamplingFile>,
    /// Questions of the server to the user.
    pub(crate) elicitation: Given<ElicitationFile>,
    /// With `true`, no file that extends this one may say anything about this server.
    #[schemars(extend("default" = false))]
    pub(crate) locked: Given<bool>,
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
    /// With `false`, `sampling/createMessage` from the server is refused. If left out, `false` under the profile `strict` and `true` under the others.
    pub(crate) enabled: Given<bool>,
    /// Largest `maxTokens` the server may ask for; if left out, any.
    #[schemars(range(min = COUNT.min, max = COUNT.max))]
    pub(crate) max_tokens: Given<u64>,
    /// Requests a minute; if left out, any number.
    #[schemars(range(min = COUNT.min, max = COUNT.max))]
    pub(crate) rate_limit: Given<u64>,
    /// How much of them is recorded.
    #[schemars(extend("default" = SamplingAudit::default()))]
    pub(crate) audit: Given<SamplingAudit>,
}

/// Questions of the server to the user.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "Elicitation")]
pub(crate) struct ElicitationFile {
    /// With `false`, `elicitation/create` from the server is refused.
    #[schemars(extend("default" = true))]
    pub(crate) enabled: Given<bool>,
    /// Questions a minute; if left out, any number.
    #[schemars(range(min = COUNT.min, max = COUNT.max))]
    pub(crate) rate_limit: Given<u64>,
    /// What is done with a question that asks for a secret.
    #[schemars(extend("default" = ElicitationAction::default()))]
    pub(crate) secrets: Given<ElicitationAction>,
}

/// What is done with a question that asks for a secret.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ElicitationAction {
    /// Passes.
    Allow,
    /// Passes with a recorded warning.
    Warn,
    /// Does not pass.
    #[default]
    Block,
}

impl From<ElicitationAction> for Action {
    fn from(action: ElicitationAction) -> Self {
        match action {
            ElicitationAction::Allow => Self::Allow,
            ElicitationAction::Warn => Self::Warn,
            ElicitationAction::Block => Self::Block,
        }
    }
}
