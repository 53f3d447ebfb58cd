use identity::{ApiKeys, DuplicateKey, KeyHash, Principal};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Caller, Location};

/// How callers of the gateway are recognised.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuthSettings {
    /// By what.
    pub mode: AuthMode,
    /// Those who have a key, for [`AuthMode::ApiKey`].
    pub api_keys: Vec<ApiKey>,
}

/// How callers are recognised.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AuthMode {
    /// By the operating system's user: of the client at a Unix socket, else of the gateway itself. A TCP address asks for nothing.
    #[default]
    Os,
    /// By a key of `api_keys`, sent as `Authorization: Bearer` or `X-API-Key` to the gateway. Who has none is refused.
    ApiKey,
    /// Not at all: every caller is `anonymous`.
    None,
}

impl AuthMode {
    /// The name used in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Os => "os",
            Self::ApiKey => "api_key",
            Self::None => "none",
        }
    }
}

/// A key, of which only the hash is known, and whom it stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    /// The key's hash.
    pub hash: KeyHash,
    /// The caller, as roles, limits and records name it.
    pub principal: Principal,
    /// Where the key was written.
    pub at: Location,
}

impl AuthSettings {
    /// The keys, to look up those that callers show.
    ///
    /// # Errors
    /// Two callers have the same key. A configuration with such keys is refused, so that only keys that were added
    /// since can be meant.
    pub fn keys(&self) -> Result<ApiKeys, DuplicateKey> {
        let mut keys = ApiKeys::default();
        for key in &self.api_keys {
            keys.add(key.hash, key.principal.clone())?;
        }
        Ok(keys)
    }
}

impl From<&Principal> for Caller {
    fn from(principal: &Principal) -> Self {
        Self { user: principal.name.clone(), groups: principal.groups.clone() }
    }
}
