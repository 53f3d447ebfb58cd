//! HTTP listeners: connections that are counted, timed and drained, and requests that are well-formed.
//!
//! HTTP/1.1 and HTTP/2 are spoken on the same port. What the requests are about is the handler's business.

mod body;
mod collect;
mod connection;
mod drain;
mod hygiene;
mod limits;
mod listening;
mod origin;
mod peer;
mod pulse;
mod reading;
mod seats;
mod streams;
mod tls;
mod transport;
mod wire;

use std::{fmt, io, sync::Arc, time::Duration};

use http::{Request, Response};
use tokio::{
    task::JoinSet,
    time::{Instant, sleep},
};

pub use self::{
    body::{Body, Chunks, Cut},
    collect::{CollectError, Pace, collect},
    drain::{Draining, Shutdown, shutdown},
    limits::Limits,
    listening::{ListenError, Listening},
    origin::{HostGuard, NameError, OriginGuard},
    peer::Peer,
    tls::{Tls, TlsError},
};
use self::{connection::Connections, listening::Accepted, seats::Seats};

/// The body of a request as it arrives; [`collect`] reads it within bounds.
pub use hyper::body::Incoming;

/// What happened that nobody asked for an answer about; for a log.
#[derive(Debug)]
#[non_exhaustive]
pub enum Notice<'a> {
    /// A connection could not be accepted; the listener goes on after a pause.
    Accept {
        /// Where it was listened.
        listening: &'a str,
        /// What the system said.
        error: &'a io::Error,
    },
    /// A connection was turned away because there are too many, in total or from its address.
    Full {
        /// Where it was listened.
        listening: &'a str,
    },
    /// The certificate or key has changed on disk; the new one is used if it is good, else the old one is kept.
    Certificate(Result<(), &'a TlsError>),
}

type Report = Arc<dyn Fn(Notice<'_>) + Send + Sync>;

/// Serves HTTP on any number of listeners.
#[derive(Clone)]
pub struct Server {
    limits: Arc<Limits>,
    tls: Option<Tls>,
    seats: Arc<Seats>,
    report: Report,
}

/// How long a listener rests after an error of the system, such as too many open files.
const PAUSE: Duration = Duration::from_millis(50);

impl Server {
    /// A server that keeps to these limits, over all its listeners together. With `tls`, its TCP listeners speak
    /// nothing else.
    pub fn new(limits: Limits, tls: Option<Tls>) -> Self {
        let seats = Arc::new(Seats::new(limits.connections, limits.connections_per_address));
        Self { limits: Arc::new(limits), tls, seats, report: Arc::new(|_| {}) }
    }

    /// Calls this with what happens beside requests. It must not block.
    #[must_use]
    pub fn reporting(mut self, report: impl Fn(Notice<'_>) + Send + Sync + 'static) -> Self {
        self.report = Arc::new(report);
        self
    }

    /// Answers requests until `draining` begins, then lets those under way end and returns when all
    /// connections are gone or the time given for that is over. If this future is dropped, all are cut.
    pub async fn serve<H, F>(&self, listenings: Vec<Listening>, handler: H, draining: Draining)
    where
        H: Fn(Request<Incoming>, Arc<Peer>) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Response<Body>> + Send + 'static,
    {
        let mut doors = JoinSet::new();
        for listening in listenings {
            let connections =
                Connections::new(self.limits.clone(), self.tls.clone(), handler.clone(), draining.clone());
            doors.spawn(self.clone().attend(listening, connections));
        }
        let served = async { while doors.join_next().await.is_some() {} };
        let Some(tls) = &self.tls else { return served.await };
        tokio::select! {
            () = served => {}
            never = tls.follow(|changed| (self.report)(Notice::Certificate(changed))) => match never {},
        }
    }

    async fn attend<H, F>(self, listening: Listening, connections: Connections<H>)
    where
        H: Fn(Request<Incoming>, Arc<Peer>) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Response<Body>> + Send + 'static,
    {
        let draining = connections.draining().clone();
        let mut open = JoinSet::new();
        loop {
            let accepted = tokio::select! {
                biased;
                () = draining.begun() => break,
                Some(_) = open.join_next() => continue,
                accepted = listening.accept() => accepted,
            };
            match accepted {
                Ok(Accepted { transport, peer }) => match self.seats.take(peer.addr.map(|addr| addr.ip())) {
                    Some(seat) => {
                        let connection = connections.drive(transport, peer);
                        open.spawn(async move {
                            connection.await;
                            drop(seat);
                        });
                    }
                    None => {
                        transport.turn_away();
                        (self.report)(Notice::Full { listening: listening.name() });
                    }
                },
                Err(error) => {
                    (self.report)(Notice::Accept { listening: listening.name(), error: &error });
                    if !listening::concerns_one_connection(&error) {
                        sleep(PAUSE).await;
                    }
                }
            }
        }
        drop(listening);
        let all_gone = async { while open.join_next().await.is_some() {} };
        tokio::select! {
            () = all_gone => {}
            () = draining.over() => {}
        }
    }
}

/// The time after a while, which may be as good as endless.
fn after(start: Instant, wait: Duration) -> Instant {
    const ENDLESS: Duration = Duration::from_secs(30 * 365 * 24 * 60 * 60);
    start.checked_add(wait.min(ENDLESS)).unwrap_or(start)
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("limits", &self.limits).finish_non_exhaustive()
    }
}
