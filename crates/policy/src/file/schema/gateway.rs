use schemars::JsonSchema;
use serde::Deserialize;

use super::{At, EVENTS, Given, HEADER_BYTES, ProtocolVersion, REQUEST_SECONDS, SECONDS, SLOTS, STORE_BYTES};
use crate::{GatewayLimits, GatewaySettings};

/// The gateway, `mcp-guard serve`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "Gateway")]
pub(crate) struct GatewayFile {
    /// Where it listens: an IP address and a port each, or `unix:` and the path of a socket. Port 0 lets the system choose.
    #[schemars(extend("default" = GatewaySettings::default().listen))]
    pub(crate) listen: Given<Vec<At<String>>>,
    /// The certificate for TCP addresses; if left out, they speak plain HTTP.
    pub(crate) tls: Given<TlsFile>,
    /// Names by which clients may call it, beside `localhost` and the loopback addresses: `NAME` with any port, or `NAME:PORT`. Requests with another `Host` are refused.
    pub(crate) allowed_hosts: Given<Vec<At<String>>>,
    /// Web pages that may call it, beside those of this machine, as in `https://app.example.org`. Requests with another `Origin` are refused; programs other than browsers send none.
    pub(crate) allowed_origins: Given<Vec<At<String>>>,
    /// The oldest revision of MCP that clients and servers may speak; if left out, any.
    pub(crate) min_protocol_version: Given<ProtocolVersion>,
    /// How much clients may take.
    pub(crate) limits: Given<GatewayLimitsFile>,
    /// Seconds that requests in flight are waited for when the gateway is told to stop.
    #[schemars(range(min = SECONDS.min, max = SECONDS.max), extend("default" = GatewaySettings::default().shutdown_timeout.as_secs()))]
    pub(crate) shutdown_timeout: Given<u64>,
}

/// A certificate. Its files are read anew when they change.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "Tls")]
pub(crate) struct TlsFile {
    /// The file of the certificate and of those that sign it, in PEM.
    pub(crate) cert: Given<String>,
    /// The file of its private key, in PEM.
    pub(crate) key: Given<String>,
}

/// How much clients may take. What would go past a limit is refused, and the rest goes on.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "GatewayLimits")]
pub(crate) struct GatewayLimitsFile {
    /// Open connections.
    #[schemars(range(min = SLOTS.min, max = SLOTS.max), extend("default" = GatewayLimits::default().max_connections))]
    pub(crate) max_connections: Given<u64>,
    /// Open connections from one IP address. Behind a reverse proxy all come from the same one.
    #[schemars(range(min = SLOTS.min, max = SLOTS.max), extend("default" = GatewayLimits::default().max_connections_per_address))]
    pub(crate) max_connections_per_address: Given<u64>,
    /// Sessions at one time.
    #[schemars(range(min = SLOTS.min, max = SLOTS.max), extend("default" = GatewayLimits::default().max_sessions))]
    pub(crate) max_sessions: Given<u64>,
    /// Sessions of one caller at one time.
    #[schemars(range(min = SLOTS.min, max = SLOTS.max), extend("default" = GatewayLimits::default().max_sessions_per_principal))]
    pub(crate) max_sessions_per_principal: Given<u64>,
    /// Requests of one caller that may wait for an answer at one time, in sessions or without. Streams of notifications (`subscriptions/listen`) are such requests as long as they are open.
    #[schemars(range(min = SLOTS.min, max = SLOTS.max), extend("default" = GatewayLimits::default().max_requests_per_principal))]
    pub(crate) max_requests_per_principal: Given<u64>,
    /// Event streams open at one time, whether a GET or a POST opened them.
    #[schemars(range(min = SLOTS.min, max = SLOTS.max), extend("default" = GatewayLimits::default().max_streams))]
    pub(crate) max_streams: Given<u64>,
    /// Largest header section of a request, in bytes.
    #[schemars(range(min = HEADER_BYTES.min, max = HEADER_BYTES.max), extend("default" = GatewayLimits::default().max_header_bytes))]
    pub(crate) max_header_bytes: Given<u64>,
    /// Seconds for the header section of a request to arrive, and for a TLS handshake.
    #[schemars(range(min = SECONDS.min, max = SECONDS.max), extend("default" = GatewayLimits::default().header_timeout.as_secs()))]
    pub(crate) header_timeout: Given<u64>,
    /// Seconds for the body of a request to arrive. Its size is limited by `limits.max_frame_bytes`.
    #[schemars(range(min = SECONDS.min, max = SECONDS.max), extend("default" = GatewayLimits::default().body_timeout.as_secs()))]
    pub(crate) body_timeout: Given<u64>,
    /// Seconds a client may leave unread what is sent to it.
    #[schemars(range(min = SECONDS.min, max = SECONDS.max), extend("default" = GatewayLimits::default().write_timeout.as_secs()))]
    pub(crate) write_timeout: Given<u64>,
    /// Seconds after which a session ends that has neither requests nor an open stream.
    #[schemars(range(min = REQUEST_SECONDS.min, max = REQUEST_SECONDS.max), extend("default" = GatewayLimits::default().session_idle_timeout.as_secs()))]
    pub(crate) session_idle_timeout: Given<u64>,
    /// Events of a session that are kept for a client that reconnects.
    #[schemars(range(min = EVENTS.min, max = EVENTS.max), extend("default" = GatewayLimits::default().event_store_events))]
    pub(crate) event_store_events: Given<u64>,
    /// Bytes of events of a session that are kept for a client that reconnects.
    #[schemars(range(min = STORE_BYTES.min, max = STORE_BYTES.max), extend("default" = GatewayLimits::default().event_store_bytes))]
    pub(crate) event_store_bytes: Given<u64>,
}
