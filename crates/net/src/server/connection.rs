use std::{convert::Infallible, future::poll_fn, pin::pin, sync::Arc, task::Poll, time::Duration};

use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode, Version, header};
use hyper::service::service_fn;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::conn::auto,
};
use tokio::time::{sleep, timeout};

use super::{
    Body, Draining, Incoming, Limits, Peer, hygiene,
    hygiene::Smell,
    pulse::{Exchange, Pulse},
    streams::{self, Streams},
    tls::Tls,
    transport::Transport,
    wire::Wire,
};

/// How connections are served: what is needed for each, once.
pub(super) struct Connections<H> {
    serving: Arc<Serving<H>>,
}

struct Serving<H> {
    limits: Arc<Limits>,
    tls: Option<Tls>,
    http: auto::Builder<Streams>,
    handler: H,
    draining: Draining,
}

/// How long a connection that is told to end may take to say goodbye.
const GOODBYE: Duration = Duration::from_secs(1);

impl<H> Connections<H> {
    pub(super) fn new(limits: Arc<Limits>, tls: Option<Tls>, handler: H, draining: Draining) -> Self {
        Self { serving: Arc::new(Serving { http: http(&limits), limits, tls, handler, draining }) }
    }

    pub(super) fn draining(&self) -> &Draining {
        &self.serving.draining
    }

    /// Serves one connection to its end.
    pub(super) fn drive<F>(
        &self,
        transport: Transport,
        mut peer: Peer,
    ) -> impl Future<Output = ()> + Send + use<F, H>
    where
        H: Fn(Request<Incoming>, Arc<Peer>) -> F + Send + Sync + 'static,
        F: Future<Output = Response<Body>> + Send + 'static,
    {
        let serving = self.serving.clone();
        async move {
            let transport = match (transport, &serving.tls) {
                (Transport::Tcp(stream), Some(tls)) => {
                    // Boxed: it is large, and soon over.
                    let shaking = Box::pin(timeout(serving.limits.header_timeout, tls.accept(stream)));
                    let Ok(Ok(stream)) = shaking.await else { return };
                    peer.tls = true;
                    Transport::Tls(Box::new(stream))
                }
                (transport, _) => transport,
            };
            serving.http(transport, Arc::new(peer)).await;
        }
    }
}

impl<H> Serving<H> {
    async fn http<F>(self: Arc<Self>, transport: Transport, peer: Arc<Peer>)
    where
        H: Fn(Request<Incoming>, Arc<Peer>) -> F + Send + Sync + 'static,
        F: Future<Output = Response<Body>> + Send + 'static,
    {
        let pulse = Pulse::new(self.draining.clone());
        let wire = TokioIo::new(Wire::new(transport, pulse.clone(), self.limits.write_stall));
        let service = service_fn(|request: Request<Incoming>| {
            let exchange = pulse.exchange();
            let version = request.version();
            let answer = check(&request, &pulse).map(|()| (self.handler)(request, peer.clone()));
            async move { Ok::<_, Infallible>(finish(answer, exchange, version).await) }
        });
        let mut connection = pin!(self.http.serve_connection(wire, service));
        let mut patience = pin!(sleep(self.limits.header_timeout));
        let mut leaving = false;
        loop {
            let ended = poll_fn(|cx| match connection.as_mut().poll(cx) {
                Poll::Ready(_) => Poll::Ready(End::Over),
                Poll::Pending => pulse.poll_deadline(&self.limits, patience.as_mut(), cx).map(|()| End::Late),
            });
            tokio::select! {
                biased;
                end = ended => {
                    if end == End::Late {
                        connection.as_mut().graceful_shutdown();
                        let _later_still = timeout(GOODBYE, connection).await;
                    }
                    return;
                }
                () = pulse.draining.begun(), if !leaving => {
                    connection.as_mut().graceful_shutdown();
                    leaving = true;
                }
            }
        }
    }
}

#[derive(PartialEq, Eq)]
enum End {
    Over,
    Late,
}

fn http(limits: &Limits) -> auto::Builder<Streams> {
    let mut http = auto::Builder::new(Streams { patience: limits.write_stall });
    // Time is ours to watch: between requests and within a head it is not the same.
    http.http1()
        .header_read_timeout(None)
        .max_headers(limits.headers)
        .max_buf_size(limits.header_bytes.max(8 * 1024));
    http.http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(limits.streams)
        .max_header_list_size(u32::try_from(limits.header_bytes).unwrap_or(u32::MAX))
        .max_send_buf_size(64 * 1024);
    http
}

fn check<B>(request: &Request<B>, pulse: &Pulse) -> Result<(), Smell> {
    if request.version() < Version::HTTP_2 {
        pulse.next_head()?;
    }
    hygiene::check(request)
}

async fn finish(
    answer: Result<impl Future<Output = Response<Body>>, Smell>,
    exchange: Exchange,
    version: Version,
) -> Response<Body> {
    let (mut response, last) = match answer {
        Ok(answer) => (answer.await, exchange.is_last()),
        // Nobody knows what the next bytes would mean.
        Err(smell) => (refusal(smell), true),
    };
    if last && version < Version::HTTP_2 {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    streams::answered();
    response.map(|body| body.belonging_to(exchange))
}

fn refusal(smell: Smell) -> Response<Body> {
    let mut response = Response::new(Body::full(Bytes::from(format!("{smell}\n"))));
    *response.status_mut() = StatusCode::BAD_REQUEST;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain"));
    response
}
