//! The sessions of the gateway, by the names their clients know.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use policy::GatewayLimits;

use super::{held::Held, streams::LOOSE};

/// See the module.
#[derive(Default)]
pub(super) struct Sessions {
    by_key: Mutex<HashMap<Box<str>, Arc<Held>>>,
}

/// Why there is no place for another session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum NoPlace {
    #[error(
        "the gateway has as many sessions as it may ({0}); end one, or raise gateway.limits.max_sessions"
    )]
    All(usize),
    #[error(
        "you have as many sessions as you may ({0}); end one, or raise gateway.limits.max_sessions_per_principal"
    )]
    Principal(usize),
}

impl Sessions {
    /// Whether there is a place for another session of this user.
    pub(super) fn place(&self, user: &str, limits: &GatewayLimits) -> Result<(), NoPlace> {
        let sessions = self.lock();
        if sessions.len() >= limits.max_sessions {
            return Err(NoPlace::All(limits.max_sessions));
        }
        // Below the limit for one nobody can have passed it.
        if sessions.len() >= limits.max_sessions_per_principal
            && sessions.values().filter(|held| held.visitor.caller.user == user).count()
                >= limits.max_sessions_per_principal
        {
            return Err(NoPlace::Principal(limits.max_sessions_per_principal));
        }
        Ok(())
    }

    pub(super) fn insert(&self, held: Arc<Held>) {
        self.lock().insert(held.key.clone(), held);
    }

    /// The session of that name, if it is this user's with this server. To everybody else there is none.
    pub(super) fn find(&self, key: &str, user: &str, server: &str) -> Option<Arc<Held>> {
        let held = self.lock().get(key).map(Arc::clone)?;
        let theirs = held.visitor.caller.user == user && *held.visitor.server == *server;
        if theirs {
            held.touch();
        }
        theirs.then_some(held)
    }

    pub(super) fn remove(&self, key: &str) -> Option<Arc<Held>> {
        self.lock().remove(key)
    }

    /// Takes out those nobody has used for so long.
    pub(super) fn take_idle(&self, idle: Duration) -> Vec<Arc<Held>> {
        let now = Instant::now();
        let gone = |held: &Arc<Held>| {
            held.idle_since().is_some_and(|since| now.saturating_duration_since(since) >= idle)
        };
        self.lock().extract_if(|_, held| gone(held)).map(|(_, held)| held).collect()
    }

    /// Ends the streams that belong to no request, as nobody would wait for their end. Answers still arrive.
    pub(super) fn end_streams(&self) {
        for held in self.lock().values() {
            held.streams.end(LOOSE);
        }
    }

    /// Takes out all.
    pub(super) fn take_all(&self) -> Vec<Arc<Held>> {
        self.lock().drain().map(|(_, held)| held).collect()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Box<str>, Arc<Held>>> {
        self.by_key.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
