use schemars::JsonSchema;
use serde::Deserialize;

use super::{ArgumentsFile, At, Entries, Given, PermissionsFile, RateLimitFile};
use crate::AuthMode;

/// Who may do what.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "Auth")]
pub(crate) struct AuthFile {
    /// How callers of the gateway are recognised; if left out, `api_key` where there are `api_keys`. Elsewhere they are the operating system's users.
    #[schemars(extend("default" = AuthMode::default()))]
    pub(crate) mode: Given<AuthMode>,
    /// Keys of the gateway's callers, by the caller's name.
    pub(crate) api_keys: Given<Entries<ApiKeyFile>>,
    /// What callers may do, by the role's name. All roles that apply to a caller narrow each server's rules. A role applies to the user of the same name and to those it lists; `default` applies to callers to whom no other does.
    pub(crate) roles: Given<Entries<RoleFile>>,
}

/// A key of a caller. Its name is the caller's name: for roles, limits and records.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "ApiKey")]
pub(crate) struct ApiKeyFile {
    /// The key, best as a variable (`${NAME}`), or `sha256:` and its SHA-256 in hexadecimal digits. A key in clear is hashed when the file is read, and not kept.
    pub(crate) key: Given<String>,
    /// Roles of this file that apply to the caller, as if they listed the name among their `users`.
    pub(crate) roles: Given<Vec<At<String>>>,
    /// Groups of the caller, to which roles may apply.
    pub(crate) groups: Given<Vec<At<String>>>,
}

/// What some callers may do, on top of what a server's rules say. It can only take away.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "Role")]
pub(crate) struct RoleFile {
    /// Users it applies to.
    pub(crate) users: Given<Vec<At<String>>>,
    /// Groups of the operating system whose members it applies to.
    pub(crate) groups: Given<Vec<At<String>>>,
    /// Which tools, resources and prompts may be named, on every server.
    pub(crate) permissions: Given<PermissionsFile>,
    /// What the arguments of tools may be, on every server.
    pub(crate) arguments: Given<Vec<At<ArgumentsFile>>>,
    /// How many requests may be sent to each server.
    pub(crate) rate_limit: Given<RateLimitFile>,
}
