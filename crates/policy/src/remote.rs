//! How a server is reached over HTTP.

use std::{fmt, net::IpAddr, path::PathBuf, str::FromStr, time::Duration};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How a server is reached over HTTP, beside its address and what is sent to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteSettings {
    /// Whether its name may stand for addresses of private networks and of this machine.
    pub allow_private: bool,
    /// Networks its name may stand for, whatever else is refused.
    pub allow_addresses: Vec<Network>,
    /// A PEM file of certificates that are trusted beside the system's.
    pub ca_file: Option<PathBuf>,
    /// For a connection to be made.
    pub connect_timeout: Duration,
    /// When requests are no longer sent to a server that fails.
    pub circuit_breaker: CircuitBreaker,
}

impl Default for RemoteSettings {
    fn default() -> Self {
        Self {
            allow_private: false,
            allow_addresses: Vec::new(),
            ca_file: None,
            connect_timeout: Duration::from_secs(10),
            circuit_breaker: CircuitBreaker::default(),
        }
    }
}

/// When requests are no longer sent to a server that fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CircuitBreaker {
    /// Failures one after the other that open the circuit.
    pub failures: u32,
    /// How long it stays open before one request is let through to try.
    pub open_for: Duration,
}

impl Default for CircuitBreaker {
    fn default() -> Self {
        Self { failures: 5, open_for: Duration::from_secs(30) }
    }
}

/// Where the token comes from that is sent to a server as `Authorization: Bearer`.
#[derive(Clone, PartialEq, Eq)]
pub enum TokenSource {
    /// It is in the configuration.
    Given(String),
    /// It is in a file that is read at each connect, without the line ending.
    File(PathBuf),
    /// It is in the system's keyring.
    Keyring(KeyringEntry),
}

impl fmt::Debug for TokenSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Given(_) => f.write_str("Given(********)"),
            Self::File(path) => f.debug_tuple("File").field(path).finish(),
            Self::Keyring(entry) => f.debug_tuple("Keyring").field(entry).finish(),
        }
    }
}

/// Names an entry of the system's keyring. What stands under it is a secret, the names are not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyringEntry {
    /// The service, or attribute `service`.
    pub service: String,
    /// The account, or attribute `account`.
    pub account: String,
}

/// Which of MCP's two forms a server speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Era {
    /// Found out by asking it.
    #[default]
    Auto,
    /// Revisions up to 2025-11-25, with `initialize`.
    Legacy,
    /// Revisions from 2026-07-28, stateless.
    Modern,
}

impl Era {
    /// The name used in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Legacy => "legacy",
            Self::Modern => "modern",
        }
    }
}

/// An IP network (RFC 4632 §3.1), such as `10.0.0.0/8`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Network {
    /// Any address in it.
    pub address: IpAddr,
    /// Bits all its addresses have in common, at most 32 or 128.
    pub prefix: u8,
}

/// Neither an IP address nor a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("write an IP address or a network, as in `10.1.2.3`, `10.0.0.0/8` or `fd00::/8`")]
pub struct NetworkError;

impl From<IpAddr> for Network {
    fn from(address: IpAddr) -> Self {
        let address = address.to_canonical();
        Self { address, prefix: if address.is_ipv4() { 32 } else { 128 } }
    }
}

impl FromStr for Network {
    type Err = NetworkError;

    fn from_str(text: &str) -> Result<Self, NetworkError> {
        let Some((address, prefix)) = text.split_once('/') else {
            return text.parse::<IpAddr>().map(Self::from).map_err(|_| NetworkError);
        };
        let address: IpAddr = address.parse().map_err(|_| NetworkError)?;
        let width = if address.is_ipv4() { 32 } else { 128 };
        let prefix: u8 = prefix.parse().ok().filter(|prefix| *prefix <= width).ok_or(NetworkError)?;
        // `::ffff:10.0.0.0/104` is `10.0.0.0/8`.
        let mapped = address.is_ipv6() && address.to_canonical().is_ipv4();
        match mapped {
            false => Ok(Self { address, prefix }),
            true => prefix
                .checked_sub(96)
                .map(|prefix| Self { address: address.to_canonical(), prefix })
                .ok_or(NetworkError),
        }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}
