use std::{
    collections::{HashMap, VecDeque},
    time::Instant,
};

use decide::{About, Finding, Stage, Verdict};
use wire::Id;

/// The requests of one side that wait for an answer.
#[derive(Debug)]
pub(super) struct InFlight {
    pending: HashMap<Id, Pending>,
    /// Cancelled requests, oldest first: they may still be answered or never.
    cancelled: VecDeque<Id>,
    limit: usize,
}

/// One request that waits.
#[derive(Debug)]
pub(super) struct Pending {
    pub(super) about: About,
    pub(super) since: Instant,
    cancelled: bool,
}

/// Why a request cannot be taken on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Full {
    /// Another request with the same id still waits.
    Repeated,
    /// As many wait as the configuration allows.
    Limit(usize),
}

/// Cancelled requests remembered in case they are answered all the same.
const CANCELLED: usize = 1024;

impl InFlight {
    pub(super) fn new(limit: usize) -> Self {
        Self { pending: HashMap::new(), cancelled: VecDeque::new(), limit }
    }

    pub(super) fn ask(&mut self, id: Id, about: About, since: Instant) -> Result<(), Full> {
        if self.pending.contains_key(&id) {
            return Err(Full::Repeated);
        }
        if self.waiting() >= self.limit {
            return Err(Full::Limit(self.limit));
        }
        self.pending.insert(id, Pending { about, since, cancelled: false });
        Ok(())
    }

    pub(super) fn take(&mut self, id: &Id) -> Option<Pending> {
        let taken = self.pending.remove(id)?;
        if taken.cancelled {
            self.cancelled.retain(|cancelled| cancelled != id);
        }
        Some(taken)
    }

    pub(super) fn cancel(&mut self, id: &Id) {
        let Some(pending) = self.pending.get_mut(id).filter(|pending| !pending.cancelled) else { return };
        pending.cancelled = true;
        self.cancelled.push_back(id.clone());
        if self.cancelled.len() > CANCELLED
            && let Some(oldest) = self.cancelled.pop_front()
        {
            self.pending.remove(&oldest);
        }
    }

    /// Requests that wait and were not cancelled.
    pub(super) fn waiting(&self) -> usize {
        self.pending.len() - self.cancelled.len()
    }

    /// Everything that still waits, oldest first.
    pub(super) fn drain(&mut self) -> Vec<(Id, Pending)> {
        self.cancelled.clear();
        let mut waiting: Vec<_> = self.pending.drain().filter(|(_, pending)| !pending.cancelled).collect();
        waiting.sort_by(|(a, left), (b, right)| left.since.cmp(&right.since).then(a.cmp(b)));
        waiting
    }
}

impl Full {
    pub(super) fn finding(self) -> Finding {
        let (rule, reason, remedy) = match self {
            Self::Repeated => (
                "session.repeated_id",
                "another request with this id still waits for its answer".to_owned(),
                "give every request of a session an id of its own".to_owned(),
            ),
            Self::Limit(limit) => (
                "session.in_flight",
                format!("{limit} requests wait for an answer already"),
                "wait for answers, or raise limits.max_in_flight".to_owned(),
            ),
        };
        Finding::new(Stage::Session, rule, Verdict::Block, reason).remedy(remedy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn about() -> About {
        About { method: None, name: "m".into(), target: None, revision: None }
    }

    #[test]
    fn ids_are_unique_while_they_wait_and_free_afterwards() {
        let mut asked = InFlight::new(2);
        let now = Instant::now();
        assert_eq!(asked.ask(Id::Number(0), about(), now), Ok(()));
        assert_eq!(asked.ask(Id::Number(0), about(), now), Err(Full::Repeated));
        assert_eq!(asked.ask(Id::Text("0".into()), about(), now), Ok(()));
        assert_eq!(asked.ask(Id::Number(1), about(), now), Err(Full::Limit(2)));
        assert!(asked.take(&Id::Number(0)).is_some());
        assert!(asked.take(&Id::Number(0)).is_none());
        assert_eq!(asked.ask(Id::Number(1), about(), now), Ok(()));
    }

    #[test]
    fn cancelled_requests_free_their_place_and_are_forgotten_in_the_end() {
        let mut asked = InFlight::new(1);
        let now = Instant::now();
        for id in 0..5000 {
            assert_eq!(asked.ask(Id::Number(id), about(), now), Ok(()), "{id}");
            asked.cancel(&Id::Number(id));
            asked.cancel(&Id::Number(id));
        }
        assert_eq!((asked.waiting(), asked.pending.len()), (0, CANCELLED));
        assert!(asked.take(&Id::Number(4999)).is_some(), "a late answer still finds its request");
        assert!(asked.take(&Id::Number(0)).is_none());
        assert!(asked.drain().is_empty());
    }
}
