//! What decides the messages of an exchange: a session of its own, or that of a client that has one.

use std::{
    ops::{Deref, DerefMut},
    sync::{Arc, Mutex, PoisonError},
};

use policy::{Caller, Policy, ServerPolicy};
use store::{Ids, SessionId, SessionStart, SharedAudit, StoreError};
use tokio::sync::MutexGuard;

use super::{
    handles::Handles,
    places::{NoPlace, Place},
    shared::Shared,
};
use crate::{
    Clock, Meter, Session,
    pins::{Pinning, Whom},
};

/// A session of the decision core, and the rules it last went by.
pub(super) struct Decider {
    session: Session<SharedAudit>,
    policy: Arc<Policy>,
    row: SessionId,
    shared: Arc<Shared>,
}

/// One principal before one server.
pub(super) struct Visitor {
    pub(super) caller: Caller,
    pub(super) server: Arc<str>,
    pub(super) handles: Handles,
    shared: Arc<Shared>,
    rules: Mutex<Option<(Arc<Policy>, Arc<ServerPolicy>)>>,
    /// Deciders of exchanges that have ended, for those to come.
    #[allow(clippy::vec_box)] // They go to and fro: a pointer is cheaper to move.
    idle: Mutex<Vec<Box<Decider>>>,
}

/// Idle deciders kept for one principal before one server.
const IDLE: usize = 64;

impl Visitor {
    pub(super) fn new(shared: Arc<Shared>, caller: Caller, server: Arc<str>) -> Self {
        Self {
            caller,
            server,
            handles: Handles::default(),
            shared,
            rules: Mutex::default(),
            idle: Mutex::default(),
        }
    }

    /// Whether another is the same principal before the same server.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        self.caller == other.caller && self.server == other.server
    }

    /// The rules now in force for this principal; `None` if the server was taken out of the configuration.
    pub(super) fn rules(&self) -> Option<(Arc<Policy>, Arc<ServerPolicy>)> {
        let policy = self.shared.policy();
        let mut known = self.rules.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((of, rules)) = &*known
            && Arc::ptr_eq(of, &policy)
        {
            return Some((policy, Arc::clone(rules)));
        }
        let server = self.shared.server(&policy, &self.server)?;
        let rules = policy.for_caller(&server, &self.caller);
        *known = Some((Arc::clone(&policy), Arc::clone(&rules)));
        Some((policy, rules))
    }

    /// A place for another request of this principal.
    pub(super) fn place_for_request(&self) -> Result<Place, NoPlace> {
        let policy = self.shared.policy();
        self.shared.places.request(&self.caller.user, &policy.gateway().limits)
    }

    /// A place for another event stream.
    pub(super) fn place_for_stream(&self) -> Result<Place, NoPlace> {
        let policy = self.shared.policy();
        self.shared.places.stream(&self.caller.user, &policy.gateway().limits)
    }

    /// A decider.
    fn decider(&self) -> Result<Box<Decider>, NoDecider> {
        let (policy, rules) = self.rules().ok_or(NoDecider::Unknown)?;
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        match idle {
            Some(mut decider) => {
                decider.renew(&policy, &rules);
                Ok(decider)
            }
            None => self.new_decider(&policy, rules).map(Box::new).map_err(NoDecider::Audit),
        }
    }

    /// A decider, given back for others when it is dropped.
    pub(super) fn lane(self: &Arc<Self>) -> Result<Lane, NoDecider> {
        Ok(Lane { decider: Some(self.decider()?), visitor: Arc::clone(self) })
    }

    fn new_decider(&self, policy: &Arc<Policy>, rules: Arc<ServerPolicy>) -> Result<Decider, StoreError> {
        let shared = &self.shared;
        let (row, ids) = match &shared.audit {
            Some(audit) => {
                let described = crate::daemon::described(&rules).unwrap_or_default();
                let row = audit.start_session(&SessionStart {
                    started_ms: Clock::now().wall_ms,
                    principal: &self.caller.user,
                    server: &self.server,
                    command: &described,
                    policy_hash: policy.hash(),
                    profile: rules.profile.as_str(),
                    pid: std::process::id(),
                })?;
                (row, Ids::for_session(row))
            }
            None => (SessionId::from_row(0), Ids::random()),
        };
        let meter = shared.counters.clone().map(|counters| Meter::new(counters, &self.caller.user));
        let log = Arc::clone(&shared.log);
        let whom = rules.launch.as_ref().and_then(Whom::configured);
        let pinning = whom.map(|whom| Pinning::new(policy, &rules, &self.server, whom));
        let mut session = Session::new(rules, policy.limits(), shared.audit.clone(), row, ids, log, meter);
        session.hold_to(pinning);
        Ok(Decider { session, policy: Arc::clone(policy), row, shared: Arc::clone(shared) })
    }
}

/// Why nothing can be decided.
pub(super) enum NoDecider {
    /// There is no such server any more.
    Unknown,
    /// It could not be recorded.
    Audit(StoreError),
}

impl Decider {
    /// From now on goes by these rules, if they are others.
    pub(super) fn renew(&mut self, policy: &Arc<Policy>, rules: &Arc<ServerPolicy>) {
        if !Arc::ptr_eq(&self.policy, policy) {
            self.policy = Arc::clone(policy);
            self.session.set_policy(Arc::clone(rules), policy.limits());
        }
    }
}

impl Deref for Decider {
    type Target = Session<SharedAudit>;

    fn deref(&self) -> &Self::Target {
        &self.session
    }
}

impl DerefMut for Decider {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.session
    }
}

impl Drop for Decider {
    fn drop(&mut self) {
        if let Some(audit) = &self.shared.audit
            && let Err(error) = audit.end_session(self.row, Clock::now().wall_ms)
        {
            self.shared.log.error(error);
        }
    }
}

/// A decider for one exchange.
pub(super) struct Lane {
    decider: Option<Box<Decider>>,
    visitor: Arc<Visitor>,
}

impl Lane {
    pub(super) fn get(&mut self) -> Option<&mut Decider> {
        self.decider.as_deref_mut()
    }

    pub(super) fn visitor(&self) -> &Visitor {
        &self.visitor
    }

    /// Keeps the decider for good.
    pub(super) fn keep(mut self) -> Option<Box<Decider>> {
        self.decider.take()
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        let Some(mut decider) = self.decider.take() else { return };
        let mut idle = self.visitor.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < IDLE {
            decider.begin_anew();
            idle.push(decider);
        }
    }
}

/// A decider in use.
pub(super) enum Deciding<'a> {
    Own(&'a mut Decider),
    Held(MutexGuard<'a, Box<Decider>>),
}

impl Deref for Deciding<'_> {
    type Target = Session<SharedAudit>;

    fn deref(&self) -> &Self::Target {
        match self {
            Self::Own(decider) => decider,
            Self::Held(decider) => decider,
        }
    }
}

impl DerefMut for Deciding<'_> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        match self {
            Self::Own(decider) => decider,
            Self::Held(decider) => decider,
        }
    }
}
