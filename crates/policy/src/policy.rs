use std::{collections::BTreeMap, path::PathBuf, sync::Arc, time::Duration};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use wire::Revision;

use crate::{
    ArgumentPolicy, AuditSettings, Caller, ConfigError, ContentRules, DaemonSettings, Elicitation, Entry,
    Era, GatewaySettings, Limits, Location, Overrides, Permissions, PinSettings, Profile, RateLimit,
    ReloadSettings, RemoteSettings, Sampling, Setting, TokenSource,
    compose::compose,
    layer::Layer,
    roles::{Role, applying},
};

/// Everything the guard was told, compiled. Immutable; share it by [`Arc`].
#[derive(Clone, Debug)]
pub struct Policy {
    pub(crate) profile: Profile,
    pub(crate) servers: BTreeMap<Arc<str>, Arc<ServerPolicy>>,
    pub(crate) fallback: Arc<ServerPolicy>,
    pub(crate) limits: Limits,
    pub(crate) audit: AuditSettings,
    pub(crate) daemon: DaemonSettings,
    pub(crate) gateway: GatewaySettings,
    pub(crate) reload: ReloadSettings,
    /// For each file, the base first.
    pub(crate) roles: Vec<Vec<Role>>,
    pub(crate) entries: Vec<Entry>,
    pub(crate) notices: Vec<String>,
    pub(crate) hash: String,
}

impl Policy {
    /// The policy without any file.
    ///
    /// # Errors
    /// None in practice: when the built-in detectors do not compile.
    pub fn builtin(profile: Profile) -> Result<Self, ConfigError> {
        compose(vec![Layer::default()], &Overrides::default(), profile)
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

    /// The background process, and where it keeps its files.
    pub fn daemon(&self) -> &DaemonSettings {
        &self.daemon
    }

    /// The same policy for one server alone: called `name`, with these rules, reached in this way.
    #[must_use]
    pub fn with_only(mut self, name: &str, rules: &ServerPolicy, launch: Launch) -> Self {
        let name: Arc<str> = name.into();
        let server = ServerPolicy { name: Some(Arc::clone(&name)), launch: Some(launch), ..rules.clone() };
        self.servers = BTreeMap::from([(name, Arc::new(server))]);
        self.hashed()
    }

    /// The same policy for the servers of these names.
    #[must_use]
    pub fn without_others(mut self, names: &[String]) -> Self {
        self.servers.retain(|server, _| names.iter().any(|name| **name == **server));
        self.hashed()
    }

    /// The gateway: where it listens, and whom it lets in.
    pub fn gateway(&self) -> &GatewaySettings {
        &self.gateway
    }

    /// The same policy for a gateway that was told otherwise, such as by the command line.
    #[must_use]
    pub fn with_gateway(mut self, gateway: GatewaySettings) -> Self {
        if let Some(oldest) =
            gateway.min_protocol_version.filter(|oldest| Some(*oldest) != self.gateway.min_protocol_version)
        {
            for server in self.servers.values_mut().chain([&mut self.fallback]) {
                if server.min_protocol_version.as_ref().is_none_or(|own| own.value < oldest) {
                    let at = Location::CommandLine("--min-protocol-version");
                    Arc::make_mut(server).min_protocol_version = Some(Setting::new(oldest, at));
                }
            }
        }
        Self { gateway, ..self }.hashed()
    }

    /// What happens when the file changes.
    pub fn reload(&self) -> &ReloadSettings {
        &self.reload
    }

    /// The roles that apply to a caller, of all files: in each, those with the user's name and those that list the
    /// user or one of the groups, or else `default`.
    pub fn roles_of(&self, caller: &Caller) -> Vec<Arc<str>> {
        let mut names = Vec::new();
        for role in self.roles.iter().flat_map(|roles| applying(roles, caller)) {
            if !names.contains(&role.name) {
                names.push(Arc::clone(&role.name));
            }
        }
        names
    }

    /// The rules of a server for one caller: those of the server and of every role that applies. The same [`Arc`]
    /// when none does.
    pub fn for_caller(&self, server: &Arc<ServerPolicy>, caller: &Caller) -> Arc<ServerPolicy> {
        let roles: Vec<_> = self.roles.iter().flat_map(|roles| applying(roles, caller)).collect();
        let asks = |all: &[Arc<ArgumentPolicy>]| all.iter().any(|policy| policy.asks_who());
        let asked = asks(&server.arguments) || roles.iter().any(|role| asks(&role.arguments));
        if roles.is_empty() && !asked {
            return Arc::clone(server);
        }
        let mut rules = server.under(roles);
        rules.principal = asked.then(|| {
            let roles = self.roles_of(caller).iter().map(ToString::to_string).collect();
            Arc::new(Principal { user: caller.user.clone(), groups: caller.groups.clone(), roles })
        });
        Arc::new(rules)
    }

    /// Every value in force, in a fixed order, and where it comes from.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// What the user should know about how the policy came to be, such as a base that could not be fetched anew.
    pub fn notices(&self) -> &[String] {
        &self.notices
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
    /// What the arguments of tools may be.
    pub arguments: Vec<Arc<ArgumentPolicy>>,
    /// Who calls, where conditions ask for it.
    pub principal: Option<Arc<Principal>>,
    /// Whether permissions or roles narrow what some caller may use, so that one caller's lists are not for all.
    pub narrowed: bool,
    /// What is done with secrets and personal data.
    pub content: ContentRules,
    /// How many requests a user may send: to this server, and to all servers together.
    pub rate_limits: Vec<RateLimit>,
    /// Whether the server may ask the client's model.
    pub sampling: Sampling,
    /// Whether the server may ask the user.
    pub elicitation: Elicitation,
    /// Clients and the server may speak no older revision of MCP than this; `None` for any.
    pub min_protocol_version: Option<Setting<Revision>>,
    /// Whether it is held to what it was approved to be.
    pub pins: PinSettings,
    /// How its process is looked after.
    pub supervision: Supervision,
    /// How to reach the server; `None` for the fallback.
    pub launch: Option<Launch>,
}

impl ServerPolicy {
    /// The limits a request is counted against; `tool` is the name it calls, undecoded, if it calls one.
    pub fn charges(&self, tool: Option<&str>) -> impl Iterator<Item = &RateLimit> {
        self.rate_limits.iter().filter(move |limit| limit.counts(tool))
    }

    /// Whether anything is counted.
    pub fn has_limits(&self) -> bool {
        let asks = [&self.sampling.rate_limit, &self.elicitation.rate_limit];
        !self.rate_limits.is_empty() || asks.into_iter().any(Option::is_some)
    }

    /// The same rules under all of these roles. Nothing is changed in place.
    pub(crate) fn under<'r>(&self, roles: impl IntoIterator<Item = &'r Role>) -> Self {
        let mut narrowed = self.clone();
        for role in roles {
            narrowed.permissions = narrowed.permissions.and(&role.permissions);
            narrowed.arguments.extend(role.arguments.iter().cloned());
            let name = self.name.as_deref();
            narrowed.rate_limits.extend(role.rate_limits.iter().map(|limit| limit.on(name)));
        }
        narrowed
    }
}

/// A caller, as conditions see one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Principal {
    /// The user's name.
    pub user: String,
    /// The user's groups.
    pub groups: Vec<String>,
    /// The roles that apply.
    pub roles: Vec<String>,
}

/// How the process of a server is looked after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Supervision {
    /// Whether one process may serve several sessions of the same user.
    pub share: bool,
    /// How long the server may take to answer `initialize`.
    pub start_timeout: Duration,
    /// How long it may take to answer any other request; `None` for as long as it likes.
    pub request_timeout: Option<Duration>,
}

impl Default for Supervision {
    fn default() -> Self {
        Self { share: false, start_timeout: Duration::from_secs(60), request_timeout: None }
    }
}

/// How to reach a server.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Launch {
    /// The transport.
    pub transport: Transport,
    /// The program, for `stdio`.
    pub command: Option<String>,
    /// Its arguments.
    pub args: Vec<String>,
    /// Environment variables set for it on top of our own.
    pub env: BTreeMap<String, String>,
    /// The folder it is started in; `None` for our own.
    pub cwd: Option<PathBuf>,
    /// The address, for the other transports.
    pub url: Option<String>,
    /// Headers sent with every request; names are not repeated, whatever their case.
    pub headers: Vec<(String, String)>,
    /// Where the token comes from that is sent with every request as `Authorization: Bearer`.
    pub token: Option<TokenSource>,
    /// How the address is reached.
    pub remote: RemoteSettings,
    /// Which of MCP's two forms the server speaks.
    pub era: Era,
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
    /// HTTP in whichever form the server speaks: that is found out.
    Http,
    /// HTTP with server-sent events, as in MCP 2024-11-05.
    Sse,
    /// Streamable HTTP, as in MCP 2025-03-26 and later.
    StreamableHttp,
}

impl Transport {
    /// The name used in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Stdio => "stdio",
            Self::Http => "http",
            Self::Sse => "sse",
            Self::StreamableHttp => "streamable-http",
        }
    }
}
