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
#[derive(Debug, Clone)]
pub(super) struct Pending {
    pub(super) about: About,
    pub(super) since: Instant,
    pub(super) answer_for: AnswerFor,
    cancelled: bool,
}

/// Who is to have the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AnswerFor {
    /// The one who asked.
    Asker,
    /// We asked, in the client's words, to restore its session.
    Us,
    /// The one who asked has had an answer already: we gave up waiting.
    Nobody,
}

/// Why a request cannot be taken on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Full {
    /// Another request with the same id still waits.
    Repeated,
    /// As many wait as the configuration allows.
    Limit(usize),
    /// The session is about to end, for this reason.
    Stopping(&'static str),
    /// A server that takes the place of this one could not be told all the client has said.
    Unrememberable,
}

/// Cancelled requests remembered in case they are answered all the same.
const CANCELLED: usize = 1024;

impl InFlight {
    pub(super) fn new(limit: usize) -> Self {
        Self { pending: HashMap::new(), cancelled: VecDeque::new(), limit }
    }

    pub(super) fn ask(
        &mut self,
        id: Id,
        about: About,
        since: Instant,
        answer_for: AnswerFor,
    ) -> Result<(), Full> {
        self.check(&id)?;
        self.pending.insert(id, Pending { about, since, answer_for, cancelled: false });
        Ok(())
    }

    /// Whether a request with this id can be taken on.
    pub(super) fn check(&self, id: &Id) -> Result<(), Full> {
        if self.pending.contains_key(id) {
            return Err(Full::Repeated);
        }
        if self.waiting() >= self.limit {
            return Err(Full::Limit(self.limit));
        }
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

    pub(super) fn is_cancelled(&self, id: &Id) -> bool {
        self.pending.get(id).is_some_and(|pending| pending.cancelled)
    }

    /// Gives up on requests by the time since they wait; should their answers come yet, they are for nobody.
    pub(super) fn give_up(&mut self, overdue: impl Fn(Instant) -> bool) -> Vec<(Id, Pending)> {
        let late = |pending: &Pending| !pending.cancelled && overdue(pending.since);
        let late: Vec<_> =
            self.pending.iter().filter(|(_, pending)| late(pending)).map(|(id, _)| id.clone()).collect();
        let mut given_up = Vec::with_capacity(late.len());
        for id in late {
            if let Some(pending) = self.pending.get_mut(&id) {
                let answer_for = std::mem::replace(&mut pending.answer_for, AnswerFor::Nobody);
                given_up.push((id.clone(), Pending { answer_for, ..pending.clone() }));
            }
            self.cancel(&id);
        }
        in_order(given_up)
    }

    /// Nobody waits any more for what we asked in the client's words.
    pub(super) fn forget_ours(&mut self) {
        self.pending.retain(|_, pending| pending.answer_for != AnswerFor::Us);
        self.cancelled.retain(|id| self.pending.contains_key(id));
    }

    pub(super) fn set_limit(&mut self, limit: usize) {
        self.limit = limit;
    }

    /// Everything remembered, cancelled or not.
    pub(super) fn total(&self) -> usize {
        self.pending.len()
    }

    /// Requests that wait and were not cancelled.
    pub(super) fn waiting(&self) -> usize {
        self.pending.len() - self.cancelled.len()
    }

    /// Everything that still waits, oldest first.
    pub(super) fn drain(&mut self) -> Vec<(Id, Pending)> {
        self.cancelled.clear();
        let asked = |pending: &Pending| !pending.cancelled && pending.answer_for == AnswerFor::Asker;
        in_order(self.pending.drain().filter(|(_, pending)| asked(pending)).collect())
    }
}

fn in_order(mut waiting: Vec<(Id, Pending)>) -> Vec<(Id, Pending)> {
    waiting.sort_by(|(a, left), (b, right)| left.since.cmp(&right.since).then(a.cmp(b)));
    waiting
}

impl Full {
    /// Whether it is another request with the same id that is in the way.
    pub(super) fn is_repeated(self) -> bool {
        self == Self::Repeated
    }

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
            Self::Unrememberable => (
                "session.too_much_to_remember",
                "the handshake and the subscriptions of this session are too many or too large".to_owned(),
                "unsubscribe from what is not needed; no more than 4096 subscriptions and 1 MiB are taken"
                    .to_owned(),
            ),
            Self::Stopping(why) => {
                ("session.stopping", why.to_owned(), "connect again once that is over".to_owned())
            }
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
        assert_eq!(asked.ask(Id::Number(0), about(), now, AnswerFor::Asker), Ok(()));
        assert_eq!(asked.ask(Id::Number(0), about(), now, AnswerFor::Asker), Err(Full::Repeated));
        assert_eq!(asked.ask(Id::Text("0".into()), about(), now, AnswerFor::Asker), Ok(()));
        assert_eq!(asked.ask(Id::Number(1), about(), now, AnswerFor::Asker), Err(Full::Limit(2)));
        assert!(asked.take(&Id::Number(0)).is_some());
        assert!(asked.take(&Id::Number(0)).is_none());
        assert_eq!(asked.ask(Id::Number(1), about(), now, AnswerFor::Asker), Ok(()));
    }

    #[test]
    fn cancelled_requests_free_their_place_and_are_forgotten_in_the_end() {
        let mut asked = InFlight::new(1);
        let now = Instant::now();
        for id in 0..5000 {
            assert_eq!(asked.ask(Id::Number(id), about(), now, AnswerFor::Asker), Ok(()), "{id}");
            asked.cancel(&Id::Number(id));
            asked.cancel(&Id::Number(id));
        }
        assert_eq!((asked.waiting(), asked.pending.len()), (0, CANCELLED));
        assert!(asked.take(&Id::Number(4999)).is_some(), "a late answer still finds its request");
        assert!(asked.take(&Id::Number(0)).is_none());
        assert!(asked.drain().is_empty());
    }

    #[test]
    fn whoever_waits_too_long_is_answered_once() {
        let mut asked = InFlight::new(10);
        let now = Instant::now();
        assert_eq!(asked.ask(Id::Number(1), about(), now, AnswerFor::Asker), Ok(()));
        assert_eq!(asked.give_up(|_| false).len(), 0);
        assert_eq!(asked.give_up(|_| true).len(), 1);
        assert_eq!((asked.give_up(|_| true).len(), asked.waiting()), (0, 0));
        assert_eq!(asked.take(&Id::Number(1)).unwrap().answer_for, AnswerFor::Nobody);
        assert_eq!(asked.ask(Id::Number(2), about(), now, AnswerFor::Us), Ok(()));
        assert_eq!(asked.ask(Id::Number(3), about(), now, AnswerFor::Us), Ok(()));
        asked.forget_ours();
        assert_eq!(asked.ask(Id::Number(2), about(), now, AnswerFor::Us), Ok(()), "told again");
        assert!(asked.drain().is_empty(), "nobody but us waits");
    }
}
