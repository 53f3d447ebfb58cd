use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::at::Place;
use super::{
    ArgumentsFile, At, COUNT, CircuitBreakerFile, Entries, Given, KeyringFile, PinsFile, ProtocolVersion,
    REQUEST_SECONDS, RateLimitFile, SECONDS,
};
use crate::{Action, Era, Profile, RemoteSettings, SamplingAudit, Supervision, Transport};

/// One guarded server.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "Server")]
pub(crate) struct ServerFile {
    /// How messages reach the server; if left out, `stdio` with a `command` and `http` with a `url`.
    pub(crate) transport: Given<Transport>,
    /// The program to start. Required for `stdio`, refused for the other transports.
    pub(crate) command: Given<String>,
    /// Arguments of the program.
    pub(crate) args: Given<Vec<At<String>>>,
    /// Environment variables of the program, on top of the guard's own.
    pub(crate) env: Given<Entries<String>>,
    /// The server's `http://` or `https://` address. Required for `http`, `sse` and `streamable-http`, refused for `stdio`.
    pub(crate) url: Given<String>,
    /// Headers sent with every request to `url`, by their names.
    pub(crate) headers: Given<Entries<String>>,
    /// Sent to `url` as `Authorization: Bearer`, best as a variable: `${NAME}`.
    pub(crate) upstream_auth_token: Given<String>,
    /// In place of `upstream_auth_token`, a file that holds the token and nobody else may read. It is read at each connect.
    pub(crate) token_file: Given<String>,
    /// In place of `upstream_auth_token`, the entry of the system's keyring that holds the token. It is asked for with `secret-tool` (libsecret) or, on macOS, `security`.
    pub(crate) token_keyring: Given<KeyringFile>,
    /// With `true`, the name in `url` may stand for addresses of private networks and of this machine, which is otherwise refused. An address that `url` itself names, and `localhost`, needs no permission.
    #[schemars(extend("default" = RemoteSettings::default().allow_private))]
    pub(crate) allow_private: Given<bool>,
    /// IP addresses and networks (`10.1.0.0/16`) that the name in `url` may stand for, however private.
    pub(crate) allow_addresses: Given<Vec<At<String>>>,
    /// A file of certificates in PEM that are trusted beside the system's.
    pub(crate) ca_file: Given<String>,
    /// Seconds for a connection to `url` to be made.
    #[schemars(range(min = SECONDS.min, max = SECONDS.max), extend("default" = RemoteSettings::default().connect_timeout.as_secs()))]
    pub(crate) connect_timeout: Given<u64>,
    /// When requests are no longer sent to a `url` that fails.
    pub(crate) circuit_breaker: Given<CircuitBreakerFile>,
    /// Which of MCP's two forms the server speaks.
    #[schemars(extend("default" = Era::default()))]
    pub(crate) era: Given<Era>,
    /// The oldest revision of MCP that the server and its clients may speak; if left out, as `gateway.min_protocol_version` says.
    pub(crate) min_protocol_version: Given<ProtocolVersion>,
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
    /// Whether this server is held to what it was approved to be, where that is not as the file says for all.
    pub(crate) pins: Given<PinsFile>,
    /// What may be done with this server.
    pub(crate) policy: Given<ServerPolicyFile>,
}

impl ServerFile {
    /// The keys that are only used with a `url`, and where they stand.
    pub(crate) fn of_url(&self) -> [(&'static str, Option<Place>); 9] {
        [
            ("headers", self.headers.0.as_ref().map(|at| at.place)),
            ("upstream_auth_token", self.upstream_auth_token.0.as_ref().map(|at| at.place)),
            ("token_file", self.token_file.0.as_ref().map(|at| at.place)),
            ("token_keyring", self.token_keyring.0.as_ref().map(|at| at.place)),
            ("allow_private", self.allow_private.0.as_ref().map(|at| at.place)),
            ("allow_addresses", self.allow_addresses.0.as_ref().map(|at| at.place)),
            ("ca_file", self.ca_file.0.as_ref().map(|at| at.place)),
            ("connect_timeout", self.connect_timeout.0.as_ref().map(|at| at.place)),
            ("circuit_breaker", self.circuit_breaker.0.as_ref().map(|at| at.place)),
        ]
    }
}

/// What may be done with a server.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "ServerPolicy")]
pub(crate) struct ServerPolicyFile {
    /// Which tools, resources and prompts may be named.
    pub(crate) permissions: Given<PermissionsFile>,
    /// What the arguments of tools may be. All entries for a tool hold together.
    pub(crate) arguments: Given<Vec<At<ArgumentsFile>>>,
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
