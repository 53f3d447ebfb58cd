use std::sync::Arc;

use policy::{Caller, Limits, Policy, ServerPolicy};
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
    pub(super) fn rules(&self) -> Option<Arc<ServerPolicy>> {
        // Not marked as seen: the session has not heard of it.
        let policy = self.policy.borrow();
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
                (Ok(()), Phase::Draining | Phase::Serving) => Event::Drain("the daemon is stopping"),
                (Ok(()), Phase::Ending) | (Err(_), _) => Event::Stop("the daemon ends"),
            },
            changed = self.policy.changed() => {
                if changed.is_err() {
                    return Event::Stop("the daemon ends");
                }
                let limits = self.policy.borrow().limits().clone();
                match self.rules() {
                    Some(rules) => Event::Policy(rules, limits),
                    None => Event::Drain("the server was taken out of the configuration"),
                }
            }
        }
    }

    fn newest(&mut self) -> Option<(Arc<ServerPolicy>, Limits)> {
        if !self.policy.has_changed().unwrap_or(false) {
            return None;
        }
        let policy = Arc::clone(&self.policy.borrow_and_update());
        let Some(server) = policy.server(Some(&self.server)) else {
            // That the server is gone is an event of its own.
            self.policy.mark_changed();
            return None;
        };
        Some((policy.for_caller(server, &self.caller), policy.limits().clone()))
    }
}

#[cfg(test)]
mod tests {
    use policy::Profile;

    use super::*;

    /// What is read after a change is decided by it, whichever is noticed first.
    #[tokio::test]
    async fn a_change_can_be_had_before_it_is_told_and_is_told_once() {
        let parse = |text| Arc::new(policy::parse(text, "mcp-guard.yaml", &|_| None).unwrap());
        let policy = tokio::sync::watch::Sender::new(parse("servers: {one: {command: c}}"));
        let phase = tokio::sync::watch::Sender::new(Phase::Serving);
        let (server, caller) = (Arc::from("one"), crate::ourselves());
        let mut news = News { server, caller, policy: policy.subscribe(), phase: phase.subscribe() };
        assert!(news.newest().is_none());
        policy.send_replace(parse("servers: {one: {command: c, profile: strict}}"));
        assert_eq!(news.newest().unwrap().0.profile, Profile::Strict);
        assert!(news.newest().is_none() && !news.policy.has_changed().unwrap());
        policy.send_replace(parse("servers: {two: {command: c}}"));
        assert!(news.newest().is_none());
        assert!(matches!(news.next().await, Event::Drain(_)), "that it is gone is told");
    }

    /// A server that starts just when the rules change is guarded by the new ones.
    #[tokio::test]
    async fn a_change_is_told_even_if_the_rules_were_read_before() {
        let builtin = |profile| Arc::new(Policy::builtin(profile).unwrap());
        let policy = tokio::sync::watch::Sender::new(builtin(Profile::Monitor));
        let phase = tokio::sync::watch::Sender::new(Phase::Serving);
        let (server, caller) = (Arc::from("one"), crate::ourselves());
        let mut news = News { server, caller, policy: policy.subscribe(), phase: phase.subscribe() };
        policy.send_replace(builtin(Profile::Strict));
        assert!(news.rules().is_none(), "it has no such server");
        assert!(matches!(news.next().await, Event::Drain(_)));
    }
}
