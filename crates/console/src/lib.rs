//! How the daemon is watched: its health and status over HTTP, on this machine alone.
//!
//! `GET /healthz` needs no token and tells nothing secret; `GET /api/status` needs `Authorization: Bearer` and the
//! dashboard's token. Requests for another host are refused, so that no web page can ask by a name that it has
//! pointed at this machine (DNS rebinding).

mod answer;
mod host;

use std::{convert::Infallible, io, net::Ipv4Addr, sync::Arc, time::Duration};

use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use proxy::{daemon::Handle, local::Secret};
use tokio::{net::TcpListener, sync::Semaphore};

use crate::answer::answer;

/// A client that takes longer than this to ask is hung up on.
const SLOWEST: Duration = Duration::from_secs(5);

/// Connections that may be open at one time.
const VISITORS: usize = 64;

/// A port of this machine to watch the daemon at.
#[derive(Debug)]
pub struct Console {
    listener: TcpListener,
    token: Secret,
}

impl Console {
    /// Listens at this port of the loopback interface; 0 lets the system choose.
    ///
    /// # Errors
    /// The port is taken.
    pub async fn listen(port: u16, token: Secret) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        Ok(Self { listener, token })
    }

    /// The port listened at.
    ///
    /// # Errors
    /// The system does not tell.
    pub fn port(&self) -> io::Result<u16> {
        Ok(self.listener.local_addr()?.port())
    }

    /// Answers for ever.
    pub async fn serve(self, daemon: Handle) {
        let seats = Arc::new(Semaphore::new(VISITORS));
        let token = Arc::new(self.token);
        loop {
            let Ok(seat) = Arc::clone(&seats).acquire_owned().await else { return };
            let stream = match self.listener.accept().await {
                Ok((stream, _)) => stream,
                Err(_) => {
                    // Out of descriptors, most likely: others may give some back.
                    tokio::time::sleep(Duration::from_millis(200)).await;
                    continue;
                }
            };
            let (daemon, token) = (daemon.clone(), Arc::clone(&token));
            tokio::spawn(async move {
                let _seat = seat;
                let service = service_fn(|request| {
                    let answer = answer(&request, &daemon, &token);
                    async { Ok::<_, Infallible>(answer) }
                });
                let connection = http1::Builder::new()
                    .timer(TokioTimer::new())
                    .header_read_timeout(SLOWEST)
                    .max_buf_size(16 * 1024)
                    .serve_connection(TokioIo::new(stream), service);
                // They may hang up at any moment; that is their affair.
                let _ = connection.await;
            });
        }
    }
}
