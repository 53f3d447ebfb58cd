use std::{collections::BTreeMap, sync::Arc, time::Duration};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    AuditSettings, ConfigError, ContentRules, Limits, Location, Permissions, Profile,
    content::ContentSettings,
};

/// Everything the guard was told, compiled. Immutable; share it by [`Arc`].
#[derive(Clone, Debug)]
pub struct Policy {
    pub(crate) profile: Profile,
    pub(crate) servers: BTreeMap<Arc<str>, Arc<ServerPolicy>>,
    pub(crate) fallback: Arc<ServerPolicy>,
    pub(crate) limits: Limits,
    pub(crate) audit: AuditSettings,
    pub(crate) shutdown_timeout: Duration,
    pub(crate) hash: String,
}

impl Policy {
    /// The policy without any file.
    ///
    /// # Errors
    /// None in practice: when the built-in detectors do not compile.
    pub fn builtin(profile: Profile) -> Result<Self, ConfigError> {
        let at = Location::BuiltIn(profile);
        let content = ContentSettings::default();
        let scanners = content.scanners().map_err(|error| ConfigError::plain(error.to_string(), None))?;
        let fallback = Arc::new(ServerPolicy::unnamed(profile, at, content.rules(profile, &scanners)));
        Ok(Self {
            profile,
            servers: BTreeMap::new(),
            fallback,
            limits: Limits::default(),
            audit: AuditSettings::default(),
            shutdown_timeout: Duration::from_secs(30),
            hash: String::new(),
        }
        .hashed())
    }

    /// The rules for the server called `name`.
    ///
    /// Without a name: the only server of the file if there is exactly one, the fallback if there is
    /// none, and `None` if there are several, because guessing could pick the laxer one.
    pub fn server(&self, name: Option<&str>) -> Option<&Arc<ServerPolicy>> {
        match name {
            Some(name) => self.servers.get(name),
            None => match self.servers.len() {
                0 => Some(&self.fallback),
                1 => self.servers.values().next(),
                _ => None,
            },
        }
    }

    /// The rules for a server that the file does not name.
    pub fn fallback(&self) -> &Arc<ServerPolicy> {
        &self.fallback
    }

    /// The servers of the file, by name.
    pub fn servers(&self) -> impl Iterator<Item = &Arc<ServerPolicy>> {
        self.servers.values()
    }

    /// The profile of servers that do not set their own.
    pub fn profile(&self) -> Profile {
        self.profile
    }

    /// Sizes past which a frame is refused.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// What is recorded.
    pub fn audit(&self) -> &AuditSettings {
        &self.audit
    }

    /// How long answers still in flight are waited for once the client has closed its end.
    pub fn shutdown_timeout(&self) -> Duration {
        self.shutdown_timeout
    }

    /// SHA-256, in hex, of the effective configuration: two policies that decide alike hash alike.
    pub fn hash(&self) -> &str {
        &self.hash
    }
}

/// The rules for one server.
#[derive(Clone, Debug)]
pub struct ServerPolicy {
    /// The name in the file; `None` for the fallback.
    pub name: Option<Arc<str>>,
    /// Where the server was written.
    pub at: Location,
    /// How strict the guard is with this server.
    pub profile: Profile,
    /// Where that was said.
    pub profile_at: Location,
    /// Which tools, resources and prompts may be named.
    pub permissions: Permissions,
    /// What is done with secrets and personal data.
    pub content: ContentRules,
    /// Whether the server may ask the client's model.
    pub sampling: Sampling,
    /// How to reach the server; `None` for the fallback.
    pub launch: Option<Launch>,
}

impl ServerPolicy {
    /// The rules for a server that no file names.
    pub(crate) fn unnamed(profile: Profile, profile_at: Location, content: ContentRules) -> Self {
        let at = Location::BuiltIn(profile);
        Self {
            name: None,
            at: at.clone(),
            profile,
            profile_at,
            permissions: Permissions::default(),
            content,
            sampling: Sampling { enabled: true, at },
            launch: None,
        }
    }
}

/// Whether the server may send `sampling/createMessage` to the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sampling {
    /// With `false` such requests are refused.
    pub enabled: bool,
    /// Where that was said.
    pub at: Location,
}

/// How to reach a server.
#[derive(Clone, PartialEq, Eq)]
pub struct Launch {
    /// The transport.
    pub transport: Transport,
    /// The program, for `stdio`.
    pub command: Option<String>,
    /// Its arguments.
    pub args: Vec<String>,
    /// Environment variables set for it on top of our own.
    pub env: BTreeMap<String, String>,
    /// The address, for the other transports.
    pub url: Option<String>,
}

impl std::fmt::Debug for Launch {
    /// Leaves out everything that can hold a secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Launch").field("transport", &self.transport).finish_non_exhaustive()
    }
}

/// How messages reach a server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Transport {
    /// A child process that reads and writes lines.
    #[default]
    Stdio,
    /// HTTP with server-sent events, as in MCP 2024-11-05.
    Sse,
    /// Streamable HTTP, as in MCP 2025-03-26 and later.
    StreamableHttp,
}
