use std::{net::IpAddr, path::PathBuf, time::Duration};

/// Why a request got no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NetError {
    /// The host leads to an address that may not be connected to.
    #[error("`{host}` leads to {address}, {range}, and may not be connected to; {remedy}")]
    Forbidden {
        /// The host of the URL.
        host: String,
        /// The first address that is forbidden.
        address: IpAddr,
        /// What kind of address it is.
        range: &'static str,
        /// How to allow it.
        remedy: String,
    },
    /// The URL cannot be connected to.
    #[error("`{url}` is no host: {why}")]
    Url {
        /// The host it names.
        url: String,
        /// What is wrong with it.
        why: String,
    },
    /// The name cannot be looked up.
    #[error("`{host}` cannot be looked up: {why}")]
    Lookup {
        /// The host of the URL.
        host: String,
        /// What the resolver says.
        why: String,
    },
    /// Nobody accepts connections there.
    #[error("`{host}` cannot be connected to: {why}")]
    Connect {
        /// The host of the URL.
        host: String,
        /// What the system says of the last address tried.
        why: String,
    },
    /// The other end cannot prove who it is, or speaks no TLS.
    #[error("TLS with `{host}` failed: {why}; if it is signed by a CA of your own, name the CA's file")]
    Tls {
        /// The host of the URL.
        host: String,
        /// What the handshake says.
        why: String,
    },
    /// The certificates to trust cannot be loaded.
    #[error("no certificates to trust: {0}")]
    Trust(String),
    /// The file of an extra CA cannot be read.
    #[error("{path}: no certificates in PEM form: {why}", path = .path.display())]
    Ca {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// It took too long.
    #[error("no {what} within {after:?}")]
    Timeout {
        /// What was waited for.
        what: &'static str,
        /// How long.
        after: Duration,
    },
    /// The answer is compressed, though that was asked not to be: a small one could be large beyond measure.
    #[error("the answer is encoded as `{0}`, which was not asked for")]
    Encoded(String),
    /// The connection broke, or what came is no HTTP.
    #[error("{0}")]
    Http(String),
}
