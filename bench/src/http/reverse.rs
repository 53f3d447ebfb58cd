//! The bare reverse proxy: hyper on both sides, pooled connections, bodies passed on as they come, nothing looked at.
//! It is the least that any HTTP proxy built on hyper can add.

use std::net::SocketAddr;

use hyper::body::Incoming;
use hyper::http::uri::{Authority, Scheme};
use hyper::{Request, Response, Uri};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::Error;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

use super::listener;

#[derive(Clone)]
struct Proxy {
    client: Client<HttpConnector, Incoming>,
    upstream: Authority,
}

/// Passes every request on to `upstream` until it is ended.
///
/// # Errors
/// It cannot listen.
pub(crate) fn serve(listen: SocketAddr, upstream: SocketAddr) -> anyhow::Result<()> {
    let upstream: Authority = upstream.to_string().parse()?;
    let proxy = || {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let client = Client::builder(TokioExecutor::new()).set_host(false).build(connector);
        Proxy { client, upstream }
    };
    listener::serve(listen, proxy, Proxy::forward)
}

impl Proxy {
    async fn forward(self, mut request: Request<Incoming>) -> Result<Response<Incoming>, Error> {
        let mut to = std::mem::take(request.uri_mut()).into_parts();
        to.scheme = Some(Scheme::HTTP);
        to.authority = Some(self.upstream);
        // All three parts are there.
        *request.uri_mut() = Uri::from_parts(to).unwrap_or_default();
        self.client.request(request).await
    }
}
