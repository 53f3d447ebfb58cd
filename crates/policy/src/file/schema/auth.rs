use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{At, Entries, Given, PermissionsFile, RateLimitFile};

/// Who may do what.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "Auth")]
pub(crate) struct AuthFile {
    /// How callers are recognised.
    #[schemars(extend("default" = AuthMode::default()))]
    pub(crate) mode: Given<AuthMode>,
    /// What callers may do, by the role's name. All roles that apply to a caller narrow each server's rules. A role applies to the user of the same name and to those it lists; `default` applies to callers to whom no other does.
    pub(crate) roles: Given<Entries<RoleFile>>,
}

/// How callers are recognised.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum AuthMode {
    /// By the operating system's user who runs the client.
    #[default]
    Os,
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
    /// How many requests may be sent to each server.
    pub(crate) rate_limit: Given<RateLimitFile>,
}
