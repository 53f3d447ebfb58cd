//! What all requests of the gateway share.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use net::server::Draining;
use policy::{Caller, Policy, ServerPolicy};
use store::{SharedAudit, SharedCounters};

use super::{decider::Visitor, door, places::Places, refusals::Refusals, sessions::Sessions, sse::Doors};
use crate::{
    Log,
    link::{Keeper, Route, Routes},
    rules::Rules,
};

pub(super) struct Shared {
    pub(super) rules: Arc<Rules>,
    pub(super) audit: Option<SharedAudit>,
    pub(super) counters: Option<SharedCounters>,
    pub(super) log: Arc<Log>,
    pub(super) routes: Routes,
    pub(super) sessions: Sessions,
    pub(super) places: Places,
    /// Sessions with one stream for everything.
    pub(super) doors: Doors,
    pub(super) draining: Draining,
    pub(super) refusals: Refusals,
    visitors: Mutex<HashMap<Who, Arc<Visitor>>>,
}

/// A server and a principal before it. One name with other groups is another: its rules are others.
type Who = (Arc<str>, Caller);

/// The path `/mcp` without a name leads to the server of this name, or to the only one there is.
const DEFAULT: &str = "default";

impl Shared {
    pub(super) fn new(
        rules: Rules,
        audit: Option<SharedAudit>,
        counters: Option<SharedCounters>,
        log: Arc<Log>,
        keeper: Keeper,
        draining: Draining,
    ) -> Self {
        Self {
            rules: Arc::new(rules),
            audit,
            counters,
            log,
            routes: Routes::new(keeper),
            sessions: Sessions::default(),
            places: Places::default(),
            doors: Doors::default(),
            draining,
            refusals: Refusals::default(),
            visitors: Mutex::default(),
        }
    }

    /// The rules now in force.
    pub(super) fn policy(&self) -> Arc<Policy> {
        self.rules.get()
    }

    /// The rules of one server.
    pub(super) fn server(&self, policy: &Policy, name: &str) -> Option<Arc<ServerPolicy>> {
        policy.servers().find(|server| server.name.as_deref() == Some(name)).map(Arc::clone)
    }

    /// The name of the server that a path means.
    pub(super) fn named(&self, name: &str) -> Option<Arc<str>> {
        let policy = self.policy();
        let mut names = policy.servers().filter_map(|server| server.name.as_ref());
        if !name.is_empty() {
            return names.find(|known| ***known == *name).map(Arc::clone);
        }
        let only = names.next()?;
        let more = policy.servers().filter_map(|server| server.name.as_ref()).nth(1).is_some();
        if !more {
            return Some(Arc::clone(only));
        }
        self.named(DEFAULT)
    }

    /// The way to a server.
    pub(super) fn route(&self, name: &str) -> Option<Arc<Route>> {
        self.routes.get(&self.policy(), name)
    }

    /// This principal before this server.
    pub(super) fn visitor(self: &Arc<Self>, caller: &Caller, server: &Arc<str>) -> Arc<Visitor> {
        let key = (Arc::clone(server), caller.clone());
        let mut visitors = self.visitors.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(visitor) = visitors.get(&key) {
            return Arc::clone(visitor);
        }
        let visitor = Arc::new(Visitor::new(Arc::clone(self), caller.clone(), Arc::clone(server)));
        visitors.insert(key, Arc::clone(&visitor));
        visitor
    }

    /// Whether the rules now in force still let this visitor in, and lead it where this way leads.
    pub(super) fn stands(&self, visitor: &Visitor, way: &Route) -> bool {
        let policy = self.policy();
        let now = self.routes.get(&policy, &visitor.server);
        now.is_some_and(|now| now.leads_where(way)) && door::knows(&policy, &visitor.caller)
    }

    /// Returns once they do not.
    pub(super) async fn falls(&self, visitor: &Visitor, way: &Route) {
        let mut rules = self.rules.subscribe();
        while self.stands(visitor, way) && rules.changed().await.is_ok() {}
    }

    /// Records what was refused since the last time.
    pub(super) async fn record_refusals(&self) {
        if let Err(error) = self.refusals.record(self.audit.as_ref(), &self.policy()).await {
            self.log.error(format_args!("{error}; what was refused is recorded later"));
        }
    }

    /// Forgets whom the rules do not know any more.
    pub(super) fn forget_strangers(&self) {
        let policy = self.policy();
        self.forget_visitors(|visitor| {
            self.server(&policy, &visitor.server).is_some() && door::knows(&policy, &visitor.caller)
        });
    }

    /// Forgets who was here, but for some.
    pub(super) fn forget_visitors(&self, but: impl Fn(&Visitor) -> bool) {
        let forgotten: Vec<_> = {
            let mut visitors = self.visitors.lock().unwrap_or_else(PoisonError::into_inner);
            visitors.extract_if(|_, visitor| !but(visitor)).collect()
        };
        // The ends of their records are written outside the lock.
        drop(forgotten);
    }
}
