use std::sync::Arc;

use policy::{Caller, Policy, ServerPolicy};
use tokio::sync::watch;

use crate::relay::{Event, Events};

/// What the daemon as a whole is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Its work.
    Serving,
    /// Waiting for answers still in flight.
    Draining,
    /// No longer waiting.
    Ending,
}

/// What a session hears of the daemon.
pub(super) struct News {
    pub(super) server: Arc<str>,
    pub(super) caller: Caller,
    pub(super) policy: watch::Receiver<Arc<Policy>>,
    pub(super) phase: watch::Receiver<Phase>,
}

impl News {
    /// The rules for the session's server and caller now; `None` if it was taken out of the configuration.
    pub(super) fn rules(&mut self) -> Option<Arc<ServerPolicy>> {
        let policy = self.policy.borrow_and_update();
        Some(policy.for_caller(policy.server(Some(&self.server))?, &self.caller))
    }

    /// Whether the daemon is at its work.
    pub(super) fn is_serving(&self) -> bool {
        *self.phase.borrow() == Phase::Serving
    }
}

impl Events for News {
    async fn next(&mut self) -> Event {
        tokio::select! {
            // It never serves again once it has stopped serving.
            changed = self.phase.changed() => match (changed, *self.phase.borrow_and_update()) {
                (Ok(()), Phase::Draining | Phase::Serving) => Event::Drain,
                (Ok(()), Phase::Ending) | (Err(_), _) => Event::Stop("the daemon ends"),
            },
            changed = self.policy.changed() => {
                if changed.is_err() {
                    return Event::Stop("the daemon ends");
                }
                let limits = self.policy.borrow().limits().clone();
                match self.rules() {
                    Some(rules) => Event::Policy(rules, limits),
                    None => Event::Drain,
                }
            }
        }
    }
}
