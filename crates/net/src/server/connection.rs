use std::{convert::Infallible, pin::pin, sync::Arc};

use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode, header};
use hyper::service::service_fn;
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto,
};
use tokio::time::timeout;

use super::{
    Body, Draining, Incoming, Limits, Peer, hygiene,
    tls::Tls,
    transport::{StallGuard, Transport},
};

/// How connections are served: what is needed for each, once.
pub(super) struct Connections<H> {
    limits: Arc<Limits>,
    tls: Option<Tls>,
    http: Arc<auto::Builder<TokioExecutor>>,
    handler: H,
    draining: Draining,
}

/// A request under way, until the last byte of its response has been handed over.
pub(super) struct Exchange;

impl<H> Connections<H> {
    pub(super) fn new(limits: Arc<Limits>, tls: Option<Tls>, handler: H, draining: Draining) -> Self {
        Self { http: Arc::new(http(&limits)), limits, tls, handler, draining }
    }

    pub(super) fn draining(&self) -> &Draining {
        &self.draining
    }

    /// Serves one connection to its end.
    pub(super) fn drive<F>(
        &self,
        transport: Transport,
        mut peer: Peer,
    ) -> impl Future<Output = ()> + Send + 'static
    where
        H: Fn(Request<Incoming>, Arc<Peer>) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Response<Body>> + Send + 'static,
    {
        let handler = self.handler.clone();
        let draining = self.draining.clone();
        let http = self.http.clone();
        let limits = self.limits.clone();
        let tls = self.tls.clone();
        async move {
            let transport = match (transport, tls) {
                (Transport::Tcp(stream), Some(tls)) => {
                    match timeout(limits.header_timeout, tls.accept(stream)).await {
                        Ok(Ok(stream)) => {
                            peer.tls = true;
                            Transport::Tls(Box::new(stream))
                        }
                        _ => return,
                    }
                }
                (transport, _) => transport,
            };
            let io = TokioIo::new(StallGuard::new(transport, limits.write_stall));
            let peer = Arc::new(peer);
            let service = service_fn(move |request: Request<Incoming>| {
                let checked = hygiene::check(&request);
                let answer = checked.map(|()| handler(request, peer.clone()));
                async move {
                    Ok::<_, Infallible>(match answer {
                        Ok(answer) => answer.await.map(|body| body.belonging_to(Exchange)),
                        Err(smell) => refuse(&smell.to_string()),
                    })
                }
            });
            let mut connection = pin!(http.serve_connection(io, service));
            let ended = tokio::select! {
                biased;
                ended = connection.as_mut() => Some(ended),
                () = draining.begun() => None,
            };
            if ended.is_none() {
                connection.as_mut().graceful_shutdown();
                let _gone = connection.await;
            }
        }
    }
}

fn http(limits: &Limits) -> auto::Builder<TokioExecutor> {
    let mut http = auto::Builder::new(TokioExecutor::new());
    http.http1()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header_timeout)
        .max_headers(limits.headers)
        .max_buf_size(limits.header_bytes.max(8 * 1024));
    http.http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(limits.streams)
        .max_header_list_size(u32::try_from(limits.header_bytes).unwrap_or(u32::MAX))
        .max_send_buf_size(64 * 1024);
    http
}

/// A malformed request is the last one on its connection: nobody knows what the next bytes would mean.
fn refuse(why: &str) -> Response<Body> {
    let mut response = Response::new(Body::full(Bytes::from(format!("{why}\n"))));
    *response.status_mut() = StatusCode::BAD_REQUEST;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain"));
    headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}
