use std::{
    convert::Infallible,
    future::poll_fn,
    pin::{Pin, pin},
    sync::Arc,
    task::Poll,
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode, Version, header};
use hyper::service::service_fn;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::{conn::auto, graceful::GracefulConnection},
};
use tokio::{
    io::AsyncWriteExt,
    time::{Sleep, sleep, timeout},
};

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
    /// For a connection that may yet choose HTTP/2.
    http: auto::Builder<Streams>,
    /// Without the look at the first bytes, for which the parser would keep twice the memory.
    http1: auto::Builder<Streams>,
    handler: H,
    draining: Draining,
}

/// How long a connection that is told to end may take to say goodbye.
const GOODBYE: Duration = Duration::from_secs(1);

impl<H> Connections<H> {
    pub(super) fn new(limits: Arc<Limits>, tls: Option<Tls>, handler: H, draining: Draining) -> Self {
        let http = http(&limits);
        let http1 = http.clone().http1_only();
        Self { serving: Arc::new(Serving { limits, tls, http, http1, handler, draining }) }
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
        let wire = Wire::new(transport, pulse.clone(), self.limits.write_stall);
        let mut timer = pin!(sleep(self.limits.header_timeout));
        loop {
            let awake = poll_fn(|cx| match wire.poll_wake(cx) {
                Poll::Pending => pulse
                    .poll_late(&self.limits, self.limits.idle_timeout, timer.as_mut(), cx)
                    .map(|()| false),
                awake => awake,
            });
            let awake = tokio::select! {
                awake = awake => awake,
                () = pulse.draining.begun() => false,
            };
            if !awake {
                let _gone = timeout(GOODBYE, wire.clone().shutdown()).await;
                return;
            }
            let service = service_fn(|request: Request<Incoming>| {
                let exchange = pulse.exchange();
                let version = request.version();
                // Boxed: it is large, and the parser keeps room for what follows as long as it lives.
                let answer =
                    check(&request, &pulse).map(|()| Box::pin((self.handler)(request, peer.clone())));
                async move { Ok::<_, Infallible>(finish(answer, exchange, version).await) }
            });
            let http = if wire.may_become_http2() { &self.http } else { &self.http1 };
            let connection = pin!(http.serve_connection(TokioIo::new(wire.clone()), service));
            if self.run(connection, &wire, &pulse, timer.as_mut()).await == Run::Over {
                return;
            }
        }
    }

    /// Drives the parser until the connection is over or at rest.
    async fn run(
        &self,
        mut connection: Pin<&mut impl GracefulConnection>,
        wire: &Wire,
        pulse: &Pulse,
        mut timer: Pin<&mut Sleep>,
    ) -> Run {
        let mut leaving = false;
        loop {
            let run = poll_fn(|cx| {
                if connection.as_mut().poll(cx).is_ready() {
                    return Poll::Ready(Run::Over);
                }
                let at_rest = pulse.is_at_rest() && wire.is_at_rest();
                let idle = self.limits.idle_timeout;
                let idle = if at_rest { idle.min(self.limits.rest_after) } else { idle };
                let late = pulse.poll_late(&self.limits, idle, timer.as_mut(), cx);
                late.map(|()| if at_rest { Run::AtRest } else { Run::Late })
            });
            tokio::select! {
                biased;
                run = run => match run {
                    Run::Late => {
                        connection.as_mut().graceful_shutdown();
                        let _later_still = timeout(GOODBYE, connection).await;
                        return Run::Over;
                    }
                    run => return run,
                },
                () = pulse.draining.begun(), if !leaving => {
                    connection.as_mut().graceful_shutdown();
                    leaving = true;
                }
            }
        }
    }
}

#[derive(PartialEq, Eq)]
enum Run {
    /// It has come to its end.
    Over,
    /// The client had to send something and has not.
    Late,
    /// Nothing is under way. The parser holds 16 KiB for each connection, and need not do so until the next request.
    AtRest,
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
