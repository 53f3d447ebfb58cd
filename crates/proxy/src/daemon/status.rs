use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::atomic::Ordering,
};

use policy::{Policy, Transport};
use serde::{Deserialize, Serialize};

use store::SharedAudit;

use super::{Phase, Shared, registry::Entry};

/// How things stand with the daemon. A stable form for other programs.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Status {
    /// Of the program.
    pub version: String,
    /// Its process.
    pub pid: u32,
    /// Seconds since its start.
    pub uptime_seconds: u64,
    /// The configuration in force; `None` if there is no file.
    pub config: Option<PathBuf>,
    /// SHA-256 of the effective policy, in hex.
    pub policy_hash: String,
    /// A configuration that waits for `mcp-guard reload --confirm`, or why the last one was not taken up.
    pub pending: Option<String>,
    /// The servers of the configuration.
    pub servers: Vec<ServerStatus>,
    /// Every client now connected.
    pub sessions: Vec<SessionStatus>,
}

/// A server of the configuration.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ServerStatus {
    /// Its name.
    pub name: String,
    /// How it is reached.
    pub transport: Transport,
    /// How strict the guard is with it.
    pub profile: String,
    /// `idle` without clients, `running`, `starting`, `down` when one of its processes keeps dying.
    pub state: String,
    /// Clients now connected.
    pub sessions: usize,
    /// Processes started in the place of one that died, over the sessions now connected.
    pub restarts: u32,
}

/// A client and its server.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SessionStatus {
    /// Its row in the audit.
    pub session: i64,
    /// The server's name.
    pub server: String,
    /// Who connected.
    pub user: String,
    /// The bridge's process.
    pub bridge_pid: Option<u32>,
    /// The server's process, while it runs.
    pub server_pid: Option<u32>,
    /// Seconds since the client connected.
    pub age_seconds: u64,
    /// The protocol revision, once known.
    pub era: Option<String>,
    /// Requests of the client that wait for the server.
    pub in_flight: usize,
    /// Processes started in the place of one that died.
    pub restarts: u32,
    /// Why there is no server now, if there should be one.
    pub trouble: Option<String>,
}

/// Whether the daemon does its work, in the form that m0lz.03 MCP-Guard gave it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    /// The worst of what follows.
    pub status: Condition,
    /// Seconds since its start.
    pub uptime_seconds: u64,
    /// The state of each server, as in [`ServerStatus`].
    pub servers: BTreeMap<String, String>,
    /// Clients now connected.
    pub bridges: usize,
    /// `ok`, `off`, or `error` when what passes could not be recorded and so does not pass.
    pub database: String,
    /// Milliseconds since 1970.
    pub last_audit_write: Option<u64>,
    /// Of the program.
    pub version: String,
}

/// How well the daemon does its work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// In every respect.
    Healthy,
    /// A server keeps dying.
    Degraded,
    /// Nothing passes: the audit cannot be written, or the daemon is stopping.
    Unhealthy,
}

impl Health {
    pub(super) fn of(shared: &Shared) -> Self {
        let status = Status::of(shared);
        let audit = shared.audit.as_ref().map(SharedAudit::health);
        let database = match &audit {
            None => "off",
            Some(health) if health.trouble.is_some() => "error",
            Some(_) => "ok",
        };
        let condition = if database == "error" || *shared.phase.borrow() != Phase::Serving {
            Condition::Unhealthy
        } else if status.servers.iter().any(|server| server.state == "down") {
            Condition::Degraded
        } else {
            Condition::Healthy
        };
        Self {
            status: condition,
            uptime_seconds: status.uptime_seconds,
            servers: status.servers.into_iter().map(|server| (server.name, server.state)).collect(),
            bridges: status.sessions.len(),
            database: database.to_owned(),
            last_audit_write: audit.and_then(|health| health.last_write_ms),
            version: status.version,
        }
    }
}

impl Status {
    pub(super) fn of(shared: &Shared) -> Self {
        let policy = shared.rules.get();
        let sessions: Vec<_> = shared.registry.entries().iter().map(|entry| session(entry)).collect();
        Self {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            pid: std::process::id(),
            uptime_seconds: shared.started.elapsed().as_secs(),
            config: shared.rules.config().map(Path::to_owned),
            policy_hash: policy.hash().to_owned(),
            pending: shared.rules.pending(),
            servers: servers(&policy, &sessions),
            sessions,
        }
    }
}

fn session(entry: &Entry) -> SessionStatus {
    let life = entry.life().clone();
    SessionStatus {
        session: entry.session,
        server: entry.server.to_string(),
        user: entry.user.clone(),
        bridge_pid: entry.bridge,
        server_pid: life.process,
        age_seconds: entry.since.elapsed().as_secs(),
        era: entry.pulse.revision().map(|revision| revision.name().to_owned()),
        in_flight: entry.pulse.in_flight.load(Ordering::Relaxed),
        restarts: life.restarts,
        trouble: life.trouble,
    }
}

fn servers(policy: &Policy, sessions: &[SessionStatus]) -> Vec<ServerStatus> {
    let status = |name: &str, rules: &policy::ServerPolicy| {
        let transport = rules.launch.as_ref().map(|launch| launch.transport).unwrap_or_default();
        let here: Vec<_> = sessions.iter().filter(|session| session.server == name).collect();
        let state = if here.iter().any(|session| session.trouble.is_some()) {
            "down"
        } else if here.iter().any(|session| session.server_pid.is_some() || transport != Transport::Stdio) {
            "running"
        } else {
            "idle"
        };
        ServerStatus {
            name: name.to_owned(),
            transport,
            profile: rules.profile.to_string(),
            state: state.to_owned(),
            sessions: here.len(),
            restarts: here.iter().map(|session| session.restarts).sum(),
        }
    };
    policy.servers().filter_map(|rules| Some(status(rules.name.as_deref()?, rules))).collect()
}
