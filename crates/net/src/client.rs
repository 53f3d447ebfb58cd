//! An HTTP client that goes where it is allowed to and nowhere else: no redirects, no decompression, and no address that
//! was not checked ([`Egress`]).

mod address;
mod connect;
mod egress;
mod error;
#[cfg(test)]
mod tests;
mod tls;

use std::{error::Error, fmt, path::PathBuf, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{
    Request, Response,
    header::{ACCEPT_ENCODING, CONTENT_ENCODING, HeaderValue},
};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper_util::{
    client::legacy,
    rt::{TokioExecutor, TokioTimer},
};
use tokio::time::timeout;

use self::connect::{Connector, Lookup};
pub use self::{egress::Egress, error::NetError};

/// How to go out.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where to.
    pub egress: Egress,
    /// Longest time to look a name up, connect, and agree on TLS.
    pub connect_timeout: Duration,
    /// Longest time from a request to the head of its answer; `None` waits for ever.
    pub response_timeout: Option<Duration>,
    /// Connections without a request that are kept for each host.
    pub idle_connections: usize,
    /// How long they are kept.
    pub idle_timeout: Duration,
    /// Largest head of an answer, in bytes.
    pub max_head_bytes: usize,
    /// A PEM file with certificates to trust beside those the system trusts.
    pub extra_ca: Option<PathBuf>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            egress: Egress::default(),
            connect_timeout: Duration::from_secs(10),
            response_timeout: None,
            idle_connections: 64,
            idle_timeout: Duration::from_secs(60),
            max_head_bytes: 64 * 1024,
            extra_ca: None,
        }
    }
}

/// A pool of connections. Clones share it.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

struct Inner {
    http: legacy::Client<Connector, Full<Bytes>>,
    response_timeout: Option<Duration>,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").finish_non_exhaustive()
    }
}

impl Client {
    /// A client without connections.
    ///
    /// # Errors
    /// The extra CA cannot be read.
    pub fn new(settings: Settings) -> Result<Self, NetError> {
        Self::with_lookup(settings, connect::system())
    }

    fn with_lookup(settings: Settings, lookup: Lookup) -> Result<Self, NetError> {
        let connector = Connector {
            tls: Arc::new(tls::Tls::new(settings.extra_ca.as_ref())?),
            egress: Arc::new(settings.egress),
            lookup,
            patience: settings.connect_timeout,
        };
        let http = legacy::Client::builder(TokioExecutor::new())
            .timer(TokioTimer::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(settings.idle_timeout)
            .pool_max_idle_per_host(settings.idle_connections)
            .http1_max_buf_size(settings.max_head_bytes.max(8192))
            .http2_max_header_list_size(u32::try_from(settings.max_head_bytes).unwrap_or(u32::MAX))
            .http2_keep_alive_interval(Duration::from_secs(30))
            .http2_keep_alive_timeout(Duration::from_secs(20))
            .build(connector);
        Ok(Self(Arc::new(Inner { http, response_timeout: settings.response_timeout })))
    }

    /// Sends a request and waits for the head of the answer. A redirect is handed back, never followed. Dropping the
    /// future, or the body of the answer, takes the request back.
    ///
    /// # Errors
    /// The host may not or cannot be connected to, the connection breaks, the answer takes too long or is compressed.
    pub async fn send(&self, mut request: Request<Full<Bytes>>) -> Result<Response<Incoming>, NetError> {
        request.headers_mut().insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        let answer = self.0.http.request(request);
        let answer = match self.0.response_timeout {
            None => answer.await,
            Some(after) => match timeout(after, answer).await {
                Ok(answer) => answer,
                Err(_) => return Err(NetError::Timeout { what: "answer", after }),
            },
        };
        let answer = answer.map_err(cause)?;
        for encoding in answer.headers().get_all(CONTENT_ENCODING) {
            if !encoding.as_bytes().eq_ignore_ascii_case(b"identity") {
                return Err(NetError::Encoded(String::from_utf8_lossy(encoding.as_bytes()).into_owned()));
            }
        }
        Ok(answer)
    }
}

/// Our own reason, where there is one; else the last in the chain of causes, which is the most telling.
fn cause(error: legacy::Error) -> NetError {
    let mut error: &dyn Error = &error;
    while let Some(source) = error.source() {
        if let Some(ours) = source.downcast_ref::<NetError>() {
            return ours.clone();
        }
        error = source;
    }
    NetError::Http(error.to_string())
}
