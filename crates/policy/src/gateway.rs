use std::{fmt, net::SocketAddr, path::PathBuf, str::FromStr, time::Duration};

use serde::{Serialize, Serializer};
use wire::Revision;

use crate::{AuthMode, AuthSettings};

/// The gateway: where it listens, and whom it lets in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GatewaySettings {
    /// Where it listens.
    pub listen: Vec<Listen>,
    /// The certificate shown on TCP addresses; `None` for plain HTTP.
    pub tls: Option<TlsFiles>,
    /// Values of `Host` that are accepted beside the names of this machine's loopback; `NAME` for any port, or `NAME:PORT`.
    pub allowed_hosts: Vec<String>,
    /// Values of `Origin` that are accepted beside those of pages on this machine's loopback.
    pub allowed_origins: Vec<String>,
    /// Clients and servers that speak an older revision of MCP are refused; `None` for any. A server's own is in
    /// [`crate::ServerPolicy::min_protocol_version`], with this one taken into account.
    pub min_protocol_version: Option<Revision>,
    /// How much clients may take.
    pub limits: GatewayLimits,
    /// How long requests in flight are waited for when the gateway is told to stop.
    pub shutdown_timeout: Duration,
    /// How callers are recognised.
    pub auth: AuthSettings,
}

impl Default for GatewaySettings {
    fn default() -> Self {
        Self {
            listen: vec![Listen::Tcp(SocketAddr::from(([127, 0, 0, 1], 8080)))],
            tls: None,
            allowed_hosts: Vec::new(),
            allowed_origins: Vec::new(),
            min_protocol_version: None,
            limits: GatewayLimits::default(),
            shutdown_timeout: Duration::from_secs(30),
            auth: AuthSettings::default(),
        }
    }
}

impl GatewaySettings {
    /// The addresses that other machines can reach while callers need no credentials.
    pub fn open_to_strangers(&self) -> Vec<&Listen> {
        match self.auth.mode {
            AuthMode::ApiKey => Vec::new(),
            AuthMode::Os | AuthMode::None => self.listen.iter().filter(|at| at.is_public()).collect(),
        }
    }
}

/// An address the gateway listens on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Listen {
    /// TCP; port 0 lets the system choose.
    Tcp(SocketAddr),
    /// A Unix socket.
    Unix(PathBuf),
}

impl Listen {
    /// Whether other machines may reach it.
    pub fn is_public(&self) -> bool {
        match self {
            Self::Tcp(address) => !address.ip().to_canonical().is_loopback(),
            Self::Unix(_) => false,
        }
    }
}

/// Why a text is no address to listen on; says what helps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ListenError {
    /// Neither an address with a port nor a socket.
    #[error(
        "write an IP address and a port, as in `127.0.0.1:8080` or `[::1]:8080`, or `unix:/run/mcp-guard.sock`"
    )]
    NoAddress,
    /// A port alone would listen nowhere or everywhere.
    #[error(
        "say which address, too: `127.0.0.1` for this machine alone, `0.0.0.0` for every network it is on"
    )]
    PortAlone,
    /// A socket needs a whole path.
    #[error("give the socket's whole path, as in `unix:/run/mcp-guard.sock`")]
    NoPath,
}

impl FromStr for Listen {
    type Err = ListenError;

    fn from_str(text: &str) -> Result<Self, ListenError> {
        if let Some(path) = text.strip_prefix("unix:") {
            let path = PathBuf::from(path);
            return if path.is_absolute() { Ok(Self::Unix(path)) } else { Err(ListenError::NoPath) };
        }
        let (host, port) = text.rsplit_once(':').unwrap_or(("", text));
        if matches!(host, "" | "*") && port.parse::<u16>().is_ok() {
            return Err(ListenError::PortAlone);
        }
        let here = host.eq_ignore_ascii_case("localhost").then(|| format!("127.0.0.1:{port}"));
        here.as_deref().unwrap_or(text).parse().map(Self::Tcp).map_err(|_| ListenError::NoAddress)
    }
}

impl fmt::Display for Listen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => address.fmt(f),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}

impl Serialize for Listen {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// PEM files of the gateway's certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate, then those that sign it.
    pub cert: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

/// How much clients of the gateway may take. A client within the protocol's usual ways meets none of these.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GatewayLimits {
    /// Open connections.
    pub max_connections: usize,
    /// Open connections from one IP address.
    pub max_connections_per_address: usize,
    /// Sessions.
    pub max_sessions: usize,
    /// Sessions of one caller.
    pub max_sessions_per_principal: usize,
    /// Requests of one caller that wait for an answer, in sessions or without, listening included.
    pub max_requests_per_principal: usize,
    /// Open event streams.
    pub max_streams: usize,
    /// Header section of a request, in bytes.
    pub max_header_bytes: usize,
    /// For a request's header section to arrive, and for a TLS handshake.
    pub header_timeout: Duration,
    /// For a request's body to arrive.
    pub body_timeout: Duration,
    /// How long a client may leave unread what is sent to it.
    pub write_timeout: Duration,
    /// How long a session may be without requests and streams.
    pub session_idle_timeout: Duration,
    /// Events kept for a client that reconnects, a session.
    pub event_store_events: usize,
    /// Their bytes, a session.
    pub event_store_bytes: usize,
}

impl Default for GatewayLimits {
    fn default() -> Self {
        Self {
            max_connections: 16_384,
            max_connections_per_address: 4096,
            max_sessions: 16_384,
            max_sessions_per_principal: 4096,
            max_requests_per_principal: 4096,
            max_streams: 16_384,
            max_header_bytes: 64 * 1024,
            header_timeout: Duration::from_secs(15),
            body_timeout: Duration::from_secs(60),
            write_timeout: Duration::from_secs(60),
            session_idle_timeout: Duration::from_secs(3600),
            event_store_events: 1000,
            event_store_bytes: 4 * 1024 * 1024,
        }
    }
}
