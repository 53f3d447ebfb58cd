use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use tokio::sync::watch;

use crate::relay::Pulse;

/// The sessions of the daemon.
#[derive(Debug, Default)]
pub(crate) struct Registry {
    sessions: Mutex<BTreeMap<i64, Arc<Entry>>>,
    count: watch::Sender<usize>,
}

/// What is known of a session from outside.
#[derive(Debug)]
pub(crate) struct Entry {
    /// Its row in the audit.
    pub(crate) session: i64,
    pub(crate) server: Arc<str>,
    pub(crate) user: String,
    /// The bridge's process.
    pub(crate) bridge: Option<u32>,
    pub(crate) since: Instant,
    pub(crate) pulse: Arc<Pulse>,
    pub(crate) life: Mutex<LifeState>,
}

/// What the session's server is at.
#[derive(Debug, Clone, Default)]
pub(crate) struct LifeState {
    /// The server's process, while it runs.
    pub(crate) process: Option<u32>,
    /// Servers started in the place of one that died.
    pub(crate) restarts: u32,
    /// Why there is no server, if there should be one.
    pub(crate) trouble: Option<String>,
}

/// Keeps a session registered as long as it lives.
pub(super) struct Registered<'a> {
    registry: &'a Registry,
    key: i64,
    pub(super) entry: Arc<Entry>,
}

impl Registry {
    pub(super) fn add(&self, entry: Entry) -> Registered<'_> {
        let entry = Arc::new(entry);
        let mut sessions = lock(&self.sessions);
        // Without an audit sessions have no rows; any free number will do then.
        let key = match sessions.last_key_value() {
            Some((last, _)) if sessions.contains_key(&entry.session) => last + 1,
            _ => entry.session,
        };
        sessions.insert(key, Arc::clone(&entry));
        self.count.send_replace(sessions.len());
        Registered { registry: self, key, entry }
    }

    pub(crate) fn entries(&self) -> Vec<Arc<Entry>> {
        lock(&self.sessions).values().cloned().collect()
    }

    /// Waits until no session is left.
    pub(crate) async fn until_empty(&self) {
        let _ = self.count.subscribe().wait_for(|count| *count == 0).await;
    }
}

impl Entry {
    pub(crate) fn life(&self) -> MutexGuard<'_, LifeState> {
        lock(&self.life)
    }
}

impl Drop for Registered<'_> {
    fn drop(&mut self) {
        let mut sessions = lock(&self.registry.sessions);
        sessions.remove(&self.key);
        self.registry.count.send_replace(sessions.len());
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
