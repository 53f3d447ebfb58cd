//! The gateway: servers of any kind behind one address, for clients that come over HTTP.

mod cors;
mod decider;
mod detached;
mod door;
mod exchange;
mod handles;
mod health;
mod held;
mod legacy;
mod modern;
mod places;
mod refusals;
mod respond;
mod rpc;
mod serve;
mod sessions;
mod shared;
mod sse;
mod streamable;
mod streams;

use std::{io, path::PathBuf, sync::Arc, time::Duration};

use net::server::{Limits, ListenError, Listening, Notice, Server, Tls, TlsError};
use policy::{Listen, Policy};
use store::{SharedAudit, SharedCounters};
use tokio::sync::mpsc;

use self::{serve::Service, shared::Shared};
use crate::{
    Command, Log,
    link::Keeper,
    os::{reaper::Reaper, service, signals::StopSignals},
    rules::{self, Loader, Rules},
};

/// What the gateway is started with.
pub struct Start {
    /// The rules it begins with.
    pub policy: Policy,
    /// The file they come from; `None` if there is none.
    pub config: Option<PathBuf>,
    /// Reads the rules anew.
    pub loader: Loader,
    /// Starts a process of this program that comes to [`reap`](crate::reap).
    pub reaper: Command,
    /// Where it records; `None` if the policy turns that off.
    pub audit: Option<SharedAudit>,
    /// Where it counts what is limited; `None` if there is no place for that.
    pub counters: Option<SharedCounters>,
    /// For the person who watches.
    pub log: Arc<Log>,
}

/// Where the gateway can be reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bound {
    /// The beginning of every URL, such as `http://127.0.0.1:8080`, or the path of a socket.
    pub at: Vec<String>,
    /// The servers, by the names in their paths.
    pub servers: Vec<Arc<str>>,
}

/// Why there is no gateway.
#[derive(Debug, thiserror::Error)]
pub enum GatewayError {
    /// An address or socket cannot be had.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// The certificate cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// Sockets are a thing of Unix.
    #[error("there are no Unix sockets on this system; listen at an address")]
    NoSockets,
    /// The system refuses what the gateway needs.
    #[error("cannot prepare to serve: {0}")]
    Io(#[from] io::Error),
}

/// How often what nobody uses any more is looked for.
const SWEEP: Duration = Duration::from_secs(15);

/// Processes and sessions are given this long to end when nobody waits for them any more.
const GRACE: Duration = Duration::from_secs(5);

/// Serves until told to stop; `ready` is told where.
///
/// # Errors
/// Nothing can be listened at, or the system refuses what is needed.
pub async fn run(start: Start, ready: impl FnOnce(&Bound)) -> Result<(), GatewayError> {
    let Start { policy, config, loader, reaper, audit, counters, log } = start;
    let mut stop = StopSignals::new()?;
    let reaper = Arc::new(Reaper::start(&reaper.program, &reaper.args)?);
    let settings = policy.gateway().clone();
    let (alive, mut all_ended) = mpsc::channel(1);
    let mut listenings = Vec::new();
    for listen in &settings.listen {
        listenings.push(open(listen).await?);
    }
    let tls = settings.tls.as_ref().map(|files| Tls::load(&files.cert, &files.key)).transpose()?;
    let scheme = if tls.is_some() { "https" } else { "http" };
    let bound = Bound {
        at: listenings.iter().map(|listening| named(listening, scheme)).collect(),
        servers: policy.servers().filter_map(|server| server.name.clone()).collect(),
    };
    let limits = Limits {
        connections: settings.limits.max_connections,
        connections_per_address: settings.limits.max_connections_per_address,
        header_bytes: settings.limits.max_header_bytes,
        header_timeout: settings.limits.header_timeout,
        write_stall: settings.limits.write_timeout,
        ..Limits::default()
    };
    let keeper = Keeper { reaper, log: Arc::clone(&log), alive };
    let rules = Rules::new(policy, config, loader, Arc::clone(&log));
    let (shutdown, draining) = net::server::shutdown();
    let shared = Arc::new(Shared::new(rules, audit, counters, Arc::clone(&log), keeper, draining.clone()));
    let told = Arc::clone(&log);
    let server = Server::new(limits, tls).reporting(move |notice| tell(&told, &notice));
    let service = Service::new(Arc::clone(&shared), draining.clone());
    let serving = tokio::spawn(async move {
        server.serve(listenings, move |request, peer| service.clone().handle(request, peer), draining).await;
    });
    let sweeping = tokio::spawn(sweep(Arc::clone(&shared)));
    let telling = tokio::spawn(tell_of_refusals(Arc::clone(&shared)));
    ready(&bound);
    service::ready();

    let watching = tokio::spawn(rules::watch(Arc::clone(&shared.rules)));
    loop {
        match stop.recv().await {
            "SIGHUP" => shared.rules.now(false, "SIGHUP").await.report(&log),
            name => {
                log.info(format_args!("{name}: stopping"));
                break;
            }
        }
    }
    watching.abort();
    service::stopping();
    sweeping.abort();
    telling.abort();
    shutdown.begin(settings.shutdown_timeout);
    shared.sessions.end_streams();
    shared.doors.drain(settings.shutdown_timeout);
    tokio::select! {
        _ = serving => {}
        // Whoever asks twice does not want to wait.
        name = stop.recv() => log.warn(format_args!("{name} again: not waiting any longer")),
    }
    let ended = async {
        shared.record_refusals().await;
        for held in shared.sessions.take_all() {
            held.close().await;
        }
        shared.routes.sweep(true).await;
        shared.forget_visitors(|_| false);
        drop(shared);
        all_ended.recv().await;
    };
    if tokio::time::timeout(GRACE, ended).await.is_err() {
        log.warn("something did not end in time and is cut off");
    }
    Ok(())
}

async fn open(listen: &Listen) -> Result<Listening, GatewayError> {
    match listen {
        Listen::Tcp(address) => Ok(Listening::tcp(*address).await?),
        #[cfg(unix)]
        Listen::Unix(path) => Ok(Listening::unix(path)?),
        #[cfg(not(unix))]
        Listen::Unix(_) => Err(GatewayError::NoSockets),
    }
}

fn named(listening: &Listening, scheme: &str) -> String {
    match listening.local_addr() {
        Some(_) => format!("{scheme}://{}", listening.name()),
        None => format!("unix:{}", listening.name()),
    }
}

/// Ends what nobody uses, and what the rules no longer allow: at once when they change.
async fn sweep(shared: Arc<Shared>) {
    let mut rules = shared.rules.subscribe();
    loop {
        let idle = shared.policy().gateway().limits.session_idle_timeout;
        tokio::select! {
            () = tokio::time::sleep(SWEEP.min(idle)) => {}
            _ = rules.changed() => shared.forget_strangers(),
        }
        let idle = shared.policy().gateway().limits.session_idle_timeout;
        for held in shared.sessions.take_over(idle, |held| shared.stands(&held.visitor, &held.route)) {
            // One after the other they would wait for each other's servers.
            tokio::spawn(async move { held.close().await });
        }
        shared.doors.end_those(|at| !shared.stands(&at.visitor, &at.route));
        shared.routes.sweep(false).await;
    }
}

async fn tell_of_refusals(shared: Arc<Shared>) {
    loop {
        tokio::time::sleep(refusals::EVERY).await;
        shared.record_refusals().await;
    }
}

fn tell(log: &Log, notice: &Notice<'_>) {
    match notice {
        Notice::Accept { listening, error } => log.warn(format_args!("{listening}: cannot accept: {error}")),
        Notice::Full { listening } => {
            log.warn(format_args!("{listening}: a connection was turned away, there are too many"));
        }
        Notice::Certificate(Ok(())) => log.info("the certificate has changed and is in use"),
        Notice::Certificate(Err(error)) => {
            log.error(format_args!("{error}; the old certificate stays in use"))
        }
        _ => {}
    }
}
