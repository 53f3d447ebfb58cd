//! The sessions of the gateway, by the names their clients know.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use super::{decider::Visitor, held::Held, places::Place, streams::LOOSE};

type ByKey = HashMap<Box<str>, (Arc<Held>, Place)>;

/// See the module.
#[derive(Default)]
pub(super) struct Sessions {
    by_key: Mutex<ByKey>,
}

impl Sessions {
    pub(super) fn insert(&self, held: Arc<Held>, place: Place) {
        self.lock().insert(held.key.clone(), (held, place));
    }

    /// The session of that name, if it is this visitor's. To everybody else, and to who was in other groups when it
    /// began, there is none.
    pub(super) fn find(&self, key: &str, visitor: &Visitor) -> Option<Arc<Held>> {
        let held = self.lock().get(key).map(|(held, _)| Arc::clone(held))?;
        let theirs = held.visitor.is_like(visitor);
        if theirs {
            held.touch();
        }
        theirs.then_some(held)
    }

    pub(super) fn remove(&self, key: &str) -> Option<Arc<Held>> {
        self.lock().remove(key).map(|(held, _)| held)
    }

    /// Takes out those nobody has used for so long, and those that stand no more.
    pub(super) fn take_over(&self, idle: Duration, stands: impl Fn(&Held) -> bool) -> Vec<Arc<Held>> {
        let now = Instant::now();
        let over = |held: &Held| {
            let since = held.idle_since();
            since.is_some_and(|since| now.saturating_duration_since(since) >= idle) || !stands(held)
        };
        self.lock().extract_if(|_, (held, _)| over(held)).map(|(_, (held, _))| held).collect()
    }

    /// Ends the streams that belong to no request, as nobody would wait for their end. Answers still arrive.
    pub(super) fn end_streams(&self) {
        for (held, _) in self.lock().values() {
            held.streams.end(LOOSE);
        }
    }

    /// Takes out all.
    pub(super) fn take_all(&self) -> Vec<Arc<Held>> {
        self.lock().drain().map(|(_, (held, _))| held).collect()
    }

    fn lock(&self) -> MutexGuard<'_, ByKey> {
        self.by_key.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
