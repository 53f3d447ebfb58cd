//! One bridge and its server: starts the server when there is something to say to it, and again when it dies.

use std::{sync::Arc, time::Instant};

use policy::Caller;
use store::{Ids, SessionId, SessionStart, SharedAudit};

use super::{
    Shared,
    begin::{Refusal, begin, command, described, unknown},
    events::News,
    registry::{Entry, LifeState, Registered},
};
use crate::{
    Clock, Meter, Session,
    backoff::Backoff,
    bridge::GOODBYE,
    local::Surroundings,
    pins::{Pinning, Whom},
    relay::{Call, Input, Output, Patience, Relay},
};

/// Who wants to talk to which server.
pub(super) struct Visitor {
    pub(super) caller: Caller,
    pub(super) process: Option<u32>,
    pub(super) server: Arc<str>,
    pub(super) surroundings: Surroundings,
}

/// A session that is ready to begin.
pub(super) struct Attendance<'a> {
    shared: &'a Shared,
    news: News,
    registered: Registered<'a>,
    session: Session<SharedAudit>,
    id: SessionId,
    surroundings: Surroundings,
}

impl<'a> Attendance<'a> {
    pub(super) fn prepare(shared: &'a Shared, visitor: Visitor) -> Result<Self, Refusal> {
        let news = News {
            server: visitor.server,
            caller: visitor.caller,
            policy: shared.rules.subscribe(),
            phase: shared.phase.subscribe(),
        };
        if !news.is_serving() {
            return Err("the daemon is stopping".to_owned());
        }
        let rules = news.rules().ok_or_else(|| unknown(shared, &news.server))?;
        let described = described(&rules)?;
        let policy = Arc::clone(&news.policy.borrow());
        let (id, ids) = match &shared.audit {
            Some(audit) => {
                let start = SessionStart {
                    started_ms: Clock::now().wall_ms,
                    principal: &news.caller.user,
                    server: &news.server,
                    command: &described,
                    policy_hash: policy.hash(),
                    profile: rules.profile.as_str(),
                    pid: std::process::id(),
                };
                let id = audit.start_session(&start).map_err(|error| error.to_string())?;
                (id, Ids::for_session(id))
            }
            None => (SessionId::from_row(0), Ids::random()),
        };
        let registered = shared.registry.add(Entry {
            session: id.row(),
            server: Arc::clone(&news.server),
            user: news.caller.user.clone(),
            bridge: visitor.process,
            since: Instant::now(),
            pulse: Arc::default(),
            life: LifeState::default().into(),
        });
        let log = Arc::clone(&shared.log);
        let meter = shared.counters.clone().map(|counters| Meter::new(counters, &news.caller.user));
        let whom = match command(&rules, &visitor.surroundings)? {
            Some(command) => Some(Whom::started_by(&command)),
            None => rules.launch.as_ref().and_then(Whom::configured),
        };
        let pinning = whom.map(|whom| Pinning::new(&policy, &rules, &news.server, whom));
        let mut session = Session::new(rules, policy.limits(), shared.audit.clone(), id, ids, log, meter);
        session.hold_to(pinning);
        Ok(Self { shared, news, registered, session, id, surroundings: visitor.surroundings })
    }

    /// Serves the client until it leaves or the daemon stops.
    pub(super) async fn serve(self, client: (Input, Output)) {
        let Self { shared, mut news, registered, session, id, surroundings } = self;
        let entry = &registered.entry;
        let (max_frame_bytes, drain) = {
            let policy = shared.rules.get();
            (policy.limits().max_frame_bytes, policy.daemon().shutdown_timeout)
        };
        let patience = Patience { drain, start: None, request: None };
        let log = Arc::clone(&shared.log);
        let mut relay = Relay::new(client, session, max_frame_bytes, patience, log);
        relay.pulse = Arc::clone(&entry.pulse);
        let bridge = entry.bridge.unwrap_or_default();
        shared.log.debug(format_args!("{}@{} connected (process {bridge})", entry.user, entry.server));
        let mut backoff = Backoff::default();
        let mut served = false;
        loop {
            // A server that had begun its work is replaced without being asked for: its subscriptions go on.
            let eager = served && relay.session.has_history() && !backoff.is_hopeless();
            let until = backoff.not_before().filter(|_| eager);
            match relay.listen(&mut news, until).await {
                Call::Left => break,
                Call::Spoke | Call::Due => {}
            }
            if let Some(wait) = backoff.not_before().map(|at| at.saturating_duration_since(Instant::now()))
                && !wait.is_zero()
            {
                let trouble = entry.life().trouble.clone().unwrap_or_default();
                relay.refuse(&format!("{trouble}; it is started again in {:.1} s", wait.as_secs_f32())).await;
                continue;
            }
            let started = Instant::now();
            let (useful, trouble) = match begin(shared, &news, &surroundings) {
                Ok((mut server, rules)) => {
                    relay.patience.start = Some(rules.supervision.start_timeout);
                    relay.patience.request = rules.supervision.request_timeout;
                    {
                        let mut life = entry.life();
                        life.process = server.process.id();
                        life.restarts += u32::from(served);
                        life.trouble = None;
                    }
                    served = true;
                    let life = relay.live(&mut server, &mut news).await;
                    if life.last {
                        break;
                    }
                    (life.useful, life.status.reason())
                }
                Err(trouble) => {
                    relay.refuse(&trouble).await;
                    (false, trouble)
                }
            };
            backoff.died(started.elapsed(), useful, Instant::now());
            shared.log.warn(format_args!("{}: {trouble}", entry.server));
            let mut life = entry.life();
            life.process = None;
            life.trouble = Some(trouble);
        }
        let stopped = !news.is_serving();
        shared.log.debug(format_args!("{}@{} left (process {bridge})", entry.user, entry.server));
        relay.farewell(if stopped { GOODBYE } else { &[] }).await;
        if let Some(audit) = &shared.audit
            && let Err(error) = audit.end_session(id, Clock::now().wall_ms)
        {
            shared.log.error(error);
        }
    }
}
