//! One file, checked and compiled, with nothing filled in: what the file does not say is `None`.

use std::{path::PathBuf, sync::Arc};

use inspect::{CustomDetector, pack::UserPack};
use wire::Revision;

use crate::{
    Action, Advertised, ApiKey, ArgumentPolicy, AuthMode, BigIntegers, DriftAction, Launch, Listen, Location,
    LogLevel, Permissions, PinMode, Profile, RateLimit, SamplingAudit, Setting, TlsFiles,
    content::CellOverrides, exemption::Exemption, roles::Role,
};

/// A value of a file, if the file gives it.
pub(crate) type Said<T> = Option<Setting<T>>;

#[derive(Debug, Default)]
pub(crate) struct Layer {
    pub(crate) profile: Said<Profile>,
    pub(crate) servers: Vec<ServerLayer>,
    pub(crate) content: ContentLayer,
    pub(crate) rules: RulesLayer,
    pub(crate) audit: AuditLayer,
    pub(crate) limits: LimitsLayer,
    pub(crate) roles: Vec<Role>,
    pub(crate) rate_limits: Vec<RateLimit>,
    pub(crate) require_confirmation: Said<bool>,
    pub(crate) daemon: DaemonLayer,
    pub(crate) gateway: GatewayLayer,
    pub(crate) auth: AuthLayer,
    /// Whether files that extend this one may add servers.
    pub(crate) new_servers: Said<bool>,
    /// What it says of all servers.
    pub(crate) pins: PinsLayer,
}

/// Whether servers are held to what they were approved to be.
#[derive(Clone, Debug, Default)]
pub(crate) struct PinsLayer {
    pub(crate) mode: Said<PinMode>,
    pub(crate) file: Said<PathBuf>,
    pub(crate) quarantine: Said<bool>,
    /// By class, from the mildest.
    pub(crate) on_drift: [Said<DriftAction>; 4],
}

impl PinsLayer {
    /// What this says, and where it says nothing, the other.
    pub(crate) fn or(&self, other: &Self) -> Self {
        let mut on_drift = self.on_drift.clone();
        for (own, other) in on_drift.iter_mut().zip(&other.on_drift) {
            *own = own.take().or_else(|| other.clone());
        }
        Self {
            mode: self.mode.clone().or_else(|| other.mode.clone()),
            file: self.file.clone().or_else(|| other.file.clone()),
            quarantine: self.quarantine.clone().or_else(|| other.quarantine.clone()),
            on_drift,
        }
    }
}

/// What part a file has in the whole.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Part<'l> {
    /// The only file.
    Alone,
    /// The file that is extended.
    Base,
    /// The file that extends this base.
    Overlay(&'l Layer),
}

impl Part<'_> {
    /// What the keys of buckets begin with: both files may have a limit of the same name.
    pub(crate) fn bucket(self, scope: &str) -> String {
        match self {
            Self::Base => format!("base {scope}"),
            Self::Alone | Self::Overlay(_) => scope.to_owned(),
        }
    }
}

#[derive(Debug)]
pub(crate) struct ServerLayer {
    /// The number of the layer that says this, from 0 for the base.
    pub(crate) layer: usize,
    pub(crate) name: Arc<str>,
    pub(crate) at: Location,
    pub(crate) profile: Said<Profile>,
    /// `None` for a server of the base.
    pub(crate) launch: Option<Launch>,
    /// The keys of `launch` and their values as they are written, without the values of variables.
    pub(crate) launch_written: Vec<(String, Setting<String>)>,
    pub(crate) share: Said<bool>,
    /// In seconds.
    pub(crate) start_timeout: Said<u64>,
    /// In seconds.
    pub(crate) request_timeout: Said<u64>,
    pub(crate) min_protocol_version: Said<Revision>,
    pub(crate) locked: Said<bool>,
    pub(crate) pins: PinsLayer,
    pub(crate) permissions: Permissions,
    pub(crate) arguments: Vec<Arc<ArgumentPolicy>>,
    pub(crate) rate_limits: Vec<RateLimit>,
    pub(crate) sampling: SamplingLayer,
    pub(crate) elicitation: ElicitationLayer,
}

#[derive(Debug, Default)]
pub(crate) struct SamplingLayer {
    pub(crate) enabled: Said<bool>,
    pub(crate) max_tokens: Said<u32>,
    pub(crate) rate_limit: Option<RateLimit>,
    pub(crate) audit: Said<SamplingAudit>,
}

#[derive(Debug, Default)]
pub(crate) struct ElicitationLayer {
    pub(crate) enabled: Said<bool>,
    pub(crate) rate_limit: Option<RateLimit>,
    pub(crate) secrets: Said<Action>,
}

#[derive(Debug, Default)]
pub(crate) struct ContentLayer {
    pub(crate) enabled: Said<bool>,
    /// In per cent.
    pub(crate) threshold: Said<u8>,
    pub(crate) custom: Vec<CustomDetector>,
    /// The patterns of each custom type as they are written, in its order.
    pub(crate) written: Vec<Vec<Setting<String>>>,
    /// What the file says about single cells, by the detector's name.
    pub(crate) cells: Vec<(String, CellOverrides)>,
    pub(crate) advertised: Said<Advertised>,
    pub(crate) exemptions: Vec<Exemption>,
}

impl ContentLayer {
    /// The patterns of a custom type as they are written, without the values of variables.
    pub(crate) fn written(&self, name: &str) -> &[Setting<String>] {
        let index = self.custom.iter().position(|detector| detector.name == name);
        index.and_then(|index| self.written.get(index)).map(Vec::as_slice).unwrap_or_default()
    }
}

#[derive(Debug, Default)]
pub(crate) struct RulesLayer {
    pub(crate) packs: Vec<UserPack>,
    /// The file of each pack.
    pub(crate) files: Vec<Setting<PackFile>>,
}

/// The file of a pack, as the configuration names it.
#[derive(Clone, Debug)]
pub(crate) struct PackFile {
    pub(crate) path: String,
    /// SHA-256 in hex.
    pub(crate) digest: String,
}

#[derive(Debug, Default)]
pub(crate) struct AuditLayer {
    pub(crate) enabled: Said<bool>,
    pub(crate) path: Said<PathBuf>,
    pub(crate) retention_days: Said<u32>,
}

#[derive(Debug, Default)]
pub(crate) struct LimitsLayer {
    pub(crate) max_frame_bytes: Said<usize>,
    pub(crate) max_depth: Said<usize>,
    pub(crate) max_in_flight: Said<usize>,
    pub(crate) big_integers: Said<BigIntegers>,
}

#[derive(Debug, Default)]
pub(crate) struct DaemonLayer {
    pub(crate) home: Said<PathBuf>,
    pub(crate) socket_path: Said<PathBuf>,
    /// In seconds.
    pub(crate) shutdown_timeout: Said<u64>,
    pub(crate) log_level: Said<LogLevel>,
    pub(crate) dashboard_port: Said<u16>,
}

#[derive(Debug, Default)]
pub(crate) struct GatewayLayer {
    pub(crate) listen: Said<Vec<Listen>>,
    pub(crate) tls: Said<TlsFiles>,
    pub(crate) allowed_hosts: Said<Vec<String>>,
    pub(crate) allowed_origins: Said<Vec<String>>,
    pub(crate) min_protocol_version: Said<Revision>,
    pub(crate) limits: GatewayLimitsLayer,
    /// In seconds.
    pub(crate) shutdown_timeout: Said<u64>,
}

/// Counts, bytes and seconds.
#[derive(Debug, Default)]
pub(crate) struct GatewayLimitsLayer {
    pub(crate) max_connections: Said<u64>,
    pub(crate) max_connections_per_address: Said<u64>,
    pub(crate) max_sessions: Said<u64>,
    pub(crate) max_sessions_per_principal: Said<u64>,
    pub(crate) max_requests_per_principal: Said<u64>,
    pub(crate) max_streams: Said<u64>,
    pub(crate) max_header_bytes: Said<u64>,
    pub(crate) header_timeout: Said<u64>,
    pub(crate) body_timeout: Said<u64>,
    pub(crate) write_timeout: Said<u64>,
    pub(crate) session_idle_timeout: Said<u64>,
    pub(crate) event_store_events: Said<u64>,
    pub(crate) event_store_bytes: Said<u64>,
}

#[derive(Debug, Default)]
pub(crate) struct AuthLayer {
    pub(crate) mode: Said<AuthMode>,
    pub(crate) api_keys: Vec<ApiKey>,
}
