//! What the upstream and the bare proxy listen with: hyper, and nothing around it.

use std::future::Future;
use std::io::Write;
use std::net::SocketAddr;

use hyper::body::{Body, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

/// Says on standard output where it listens, and answers every connection with `answer`.
///
/// # Errors
/// It cannot listen.
pub(crate) fn serve<S, A, B, E>(
    listen: SocketAddr,
    state: impl FnOnce() -> S,
    answer: impl Fn(S, Request<Incoming>) -> A + Copy + Send + 'static,
) -> anyhow::Result<()>
where
    S: Clone + Send + 'static,
    A: Future<Output = Result<Response<B>, E>> + Send,
    B: Body<Data: Send, Error: Into<Box<dyn std::error::Error + Send + Sync>>> + Send + 'static,
    E: std::error::Error + Send + Sync + 'static,
{
    // One thread: on two processors shared with the client, more of them cost more for each call and carry fewer.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind(listen).await?;
        writeln!(std::io::stdout(), "{}", listener.local_addr()?)?;
        let state = state();
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            let state = state.clone();
            let service = service_fn(move |request| answer(state.clone(), request));
            // A connection that fails is the client's affair.
            tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
        }
    })
}
