//! The daemon: one process that owns the servers, the policy and the audit, and serves bridges and commands on a
//! socket of its user's.

mod attend;
mod begin;
mod door;
mod events;
mod registry;
mod status;

use std::{path::PathBuf, sync::Arc, time::Duration};

use policy::Policy;
use store::{SharedAudit, SharedCounters};
use tokio::sync::{mpsc, watch};

pub(crate) use self::begin::described;
pub use self::status::{Condition, Health, ServerStatus, SessionStatus, Status};
use self::{door::Door, events::Phase, registry::Registry};
pub use crate::rules::{Loader, Outcome};
use crate::{
    Command, Log,
    link::{Keeper, Routes},
    local::{LocalError, Lock, Place, Secret},
    os::{reaper::Reaper, service, signals::StopSignals, socket},
    rules::{self, Rules},
    share::Pool,
};

/// What the daemon is started with.
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

/// The daemon's hold on its place: while it lives there is no other.
#[derive(Debug)]
pub struct Claim {
    place: Place,
    key: Secret,
    _lock: Lock,
}

impl Claim {
    /// Becomes the one daemon of this place.
    ///
    /// # Errors
    /// There is one already, or the place is not private.
    pub fn stake(place: &Place) -> Result<Self, LocalError> {
        let lock = Lock::of_the_daemon(place)?;
        Ok(Self { place: place.clone(), key: Secret::load_or_create(&place.key())?, _lock: lock })
    }
}

/// Everything the parts of the daemon share.
pub(crate) struct Shared {
    place: Place,
    key: Secret,
    rules: Arc<Rules>,
    phase: watch::Sender<Phase>,
    registry: Registry,
    reaper: Arc<Reaper>,
    pool: Pool,
    /// The ways to servers that are reached by URL.
    routes: Routes,
    audit: Option<SharedAudit>,
    counters: Option<SharedCounters>,
    log: Arc<Log>,
    started: std::time::Instant,
}

/// A running daemon, to look at.
#[derive(Clone)]
pub struct Handle(Arc<Shared>);

impl Handle {
    /// How things stand.
    pub fn status(&self) -> Status {
        Status::of(&self.0)
    }

    /// Whether it does its work. Cheap enough to be asked by anybody at any time.
    pub fn health(&self) -> Health {
        Health::of(&self.0)
    }

    /// For the person who watches.
    pub fn log(&self) -> &Log {
        &self.0.log
    }
}

/// What is drained may take this much longer than it was given: servers are asked to end before they are killed.
const GRACE: Duration = Duration::from_secs(4);

/// Serves until told to stop; `beside` runs next to it and is dropped at the end.
///
/// # Errors
/// The socket or the signals cannot be had.
pub async fn run<F>(claim: Claim, start: Start, beside: impl FnOnce(Handle) -> F) -> Result<(), LocalError>
where
    F: Future<Output = ()> + Send + 'static,
{
    let Start { policy, config, loader, reaper, audit, counters, log } = start;
    let mut stop = StopSignals::new().map_err(LocalError::Lost)?;
    let reaper = Arc::new(Reaper::start(&reaper.program, &reaper.args).map_err(LocalError::Lost)?);
    let (alive, _) = mpsc::channel(1);
    let routes = Routes::new(Keeper { reaper: Arc::clone(&reaper), log: Arc::clone(&log), alive });
    let door = Door::open(&claim.place)?;
    let shared = Arc::new(Shared {
        place: claim.place.clone(),
        key: claim.key.clone(),
        rules: Arc::new(Rules::new(policy, config, loader, Arc::clone(&log))),
        phase: watch::Sender::new(Phase::Serving),
        registry: Registry::default(),
        reaper,
        pool: Pool::default(),
        routes,
        audit,
        counters,
        log,
        started: std::time::Instant::now(),
    });
    let beside = tokio::spawn(beside(Handle(Arc::clone(&shared))));
    let watcher = tokio::spawn(rules::watch(Arc::clone(&shared.rules)));
    let accepting = tokio::spawn(door.serve(Arc::clone(&shared)));
    service::ready();

    let mut phase = shared.phase.subscribe();
    loop {
        tokio::select! {
            name = stop.recv() => match name {
                "SIGHUP" => shared.rules.now(false, "SIGHUP").await.report(&shared.log),
                _ => {
                    shared.log.info(format_args!("{name}: stopping"));
                    break;
                }
            },
            _ = phase.wait_for(|phase| *phase != Phase::Serving) => break,
        }
    }
    service::stopping();
    accepting.abort();
    watcher.abort();
    shared.phase.send_replace(Phase::Draining);
    let patience = shared.rules.get().daemon().shutdown_timeout;
    let drained = shared.registry.until_empty();
    tokio::select! {
        () = drained => {}
        () = tokio::time::sleep(patience + GRACE) => {}
        // Whoever asks twice does not want to wait.
        name = stop.recv() => shared.log.warn(format_args!("{name} again: not waiting any longer")),
    }
    shared.phase.send_replace(Phase::Ending);
    let _ = tokio::time::timeout(GRACE, shared.registry.until_empty()).await;
    beside.abort();
    socket::remove(shared.place.socket());
    Ok(())
}
