use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use http::Uri;
use hyper_util::{
    client::legacy::connect::{Connected, Connection},
    rt::TokioIo,
};
use rustls::pki_types::ServerName;
use socket2::{SockRef, TcpKeepalive};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::client::TlsStream;
use url::Host;

use super::{Egress, NetError, egress, tls::Tls};

/// A peer that is gone without a word is noticed after about this long plus four times a quarter of it.
const KEEP_ALIVE: Duration = Duration::from_secs(60);

/// Looks a name up, once for each connection.
pub(super) type Lookup = Arc<dyn Fn(String, u16) -> Pending<io::Result<Vec<SocketAddr>>> + Send + Sync>;

type Pending<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// Asks the system's resolver.
pub(super) fn system() -> Lookup {
    Arc::new(|name, port| {
        Box::pin(async move { Ok(tokio::net::lookup_host((name.as_str(), port)).await?.collect()) })
    })
}

/// Connects to allowed addresses alone: what is connected to is the very address that was checked, so that a name which
/// changes its mind in between (DNS rebinding) gains nothing.
#[derive(Clone)]
pub(super) struct Connector {
    pub(super) egress: Arc<Egress>,
    pub(super) tls: Arc<Tls>,
    pub(super) lookup: Lookup,
    pub(super) patience: Duration,
}

impl Connector {
    async fn connect(self, url: Uri) -> Result<TokioIo<Box<dyn Io>>, NetError> {
        let after = self.patience;
        let connecting = timeout(after, async {
            let tcp = self.tcp(&url).await?;
            if !egress::is_tls(&url) {
                return Ok(TokioIo::new(Box::new(tcp) as Box<dyn Io>));
            }
            let host =
                url.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']').to_owned();
            let name = ServerName::try_from(host.clone())
                .map_err(|error| NetError::Url { url: host.clone(), why: error.to_string() })?;
            let tls = self.tls.connector().await?.connect(name, tcp).await;
            let tls = tls.map_err(|error| NetError::Tls { host, why: error.to_string() })?;
            Ok(TokioIo::new(Box::new(tls) as Box<dyn Io>))
        });
        connecting.await.unwrap_or(Err(NetError::Timeout { what: "connection", after }))
    }

    async fn tcp(&self, url: &Uri) -> Result<TcpStream, NetError> {
        let addresses = self.addresses(url).await?;
        let share = self.patience / u32::try_from(addresses.len()).unwrap_or(u32::MAX).max(1);
        let mut last = io::Error::from(io::ErrorKind::NotFound);
        for address in addresses {
            match timeout(share, TcpStream::connect(address)).await {
                Ok(Ok(tcp)) => {
                    // Without these the connection is slower, or its end is noticed later, and no more.
                    let _ = tcp.set_nodelay(true);
                    let watch = TcpKeepalive::new().with_time(KEEP_ALIVE).with_interval(KEEP_ALIVE / 4);
                    let _ = SockRef::from(&tcp).set_tcp_keepalive(&watch);
                    return Ok(tcp);
                }
                Ok(Err(error)) => last = error,
                Err(_) => last = io::ErrorKind::TimedOut.into(),
            }
        }
        Err(NetError::Connect { host: url.host().unwrap_or_default().to_owned(), why: last.to_string() })
    }

    /// Where the URL leads. One forbidden address among them is one too many: which is taken is up to chance.
    async fn addresses(&self, url: &Uri) -> Result<Vec<SocketAddr>, NetError> {
        let (host, port) = (egress::host(url)?, egress::port(url));
        let addresses = match &host {
            Host::Ipv4(address) => vec![SocketAddr::from((*address, port))],
            Host::Ipv6(address) => vec![SocketAddr::from((*address, port))],
            Host::Domain(name) => {
                let found = (self.lookup)(name.clone(), port).await;
                found.map_err(|error| NetError::Lookup { host: name.clone(), why: error.to_string() })?
            }
        };
        for address in &addresses {
            self.egress.check(&host, port, address.ip())?;
        }
        Ok(addresses)
    }
}

impl tower_service::Service<Uri> for Connector {
    type Response = TokioIo<Box<dyn Io>>;
    type Error = NetError;
    type Future = Pending<Result<Self::Response, NetError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), NetError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, url: Uri) -> Self::Future {
        Box::pin(self.clone().connect(url))
    }
}

/// A connection, encrypted or not.
pub(super) trait Io: AsyncRead + AsyncWrite + Send + Unpin {
    /// What was agreed upon while connecting.
    fn agreed(&self) -> Connected;
}

impl Io for TcpStream {
    fn agreed(&self) -> Connected {
        Connected::new()
    }
}

impl Io for TlsStream<TcpStream> {
    fn agreed(&self) -> Connected {
        match self.get_ref().1.alpn_protocol() {
            Some(b"h2") => Connected::new().negotiated_h2(),
            _ => Connected::new(),
        }
    }
}

impl Connection for Box<dyn Io> {
    fn connected(&self) -> Connected {
        (**self).agreed()
    }
}
