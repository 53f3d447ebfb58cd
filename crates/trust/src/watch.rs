//! One server while it is used: what it was approved to be, what was seen of it, and what is learned.

mod learn;
mod snapshot;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fs,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::SystemTime,
};

use serde_json::Value;

pub use self::snapshot::{Departure, Snapshot};
use crate::{Kind, LockError, LockFile, SeenFile};

/// Where what is approved comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// What a server is when it is first used holds from then on.
    FirstUse,
    /// Only what the lock says holds.
    Locked,
}

/// How a server is watched.
#[derive(Debug, Clone)]
pub struct Watched {
    /// The name it has in the lock.
    pub name: String,
    /// Where what is approved comes from.
    pub mode: Mode,
    /// Whether a server that no person approved may be used.
    pub quarantine: bool,
    /// The lock.
    pub lock: LockFile,
    /// What was seen.
    pub seen: SeenFile,
    /// How it is started or reached, from [`of_command`](crate::of_command) or [`of_url`](crate::of_url).
    pub identity: Value,
}

/// See the module. Shared by the sessions with one server, as far as they share a process; others are heard of through
/// the files.
#[derive(Debug)]
pub struct Watch {
    server: Watched,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    snapshot: Arc<Snapshot>,
    /// When the files were last changed, as far as we know.
    files: [Stamp; 2],
    /// Lists that have begun and not come to their end, by the cursor that leads on: the names so far.
    open: HashMap<(Kind, String), BTreeSet<String>>,
    /// What could not be written comes with every answer until it can.
    trouble: Option<String>,
}

/// When a file was changed, and how long it is; `None` if it is not there.
type Stamp = Option<(SystemTime, u64)>;

/// Lists that may be open at a time; more are never taken for whole.
const MOST_OPEN: usize = 256;

/// Resources of one server that are pinned; they may be the rows of a table.
const MOST_RESOURCES: usize = 1000;

impl Watch {
    /// Watches a server. What cannot be read is said by the first snapshot.
    pub fn new(server: Watched) -> Self {
        let snapshot = Snapshot::unread(&server);
        let state =
            State { snapshot: snapshot.into(), files: [None; 2], open: HashMap::new(), trouble: None };
        let watch = Self { server, state: state.into() };
        watch.reread(&mut watch.state());
        watch
    }

    /// How it is watched.
    pub fn server(&self) -> &Watched {
        &self.server
    }

    /// What holds now. Files that others have changed are read again.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        Arc::clone(&self.fresh_state().snapshot)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn fresh_state(&self) -> MutexGuard<'_, State> {
        let mut state = self.state();
        if state.files != self.stamps() || state.snapshot.trouble.is_some() {
            self.reread(&mut state);
        }
        state
    }

    fn reread(&self, state: &mut State) {
        state.files = self.stamps();
        let read = || -> Result<_, LockError> {
            let pinned = self.server.lock.read()?.servers.remove(&self.server.name);
            let seen = self.server.seen.read()?.remove(&self.server.name).unwrap_or_default();
            Ok((pinned, seen))
        };
        state.snapshot = match read() {
            Ok((pinned, seen)) => Snapshot::of(&self.server, pinned, seen, state.trouble.clone()),
            Err(error) => Snapshot::of(&self.server, None, BTreeMap::new(), Some(error.to_string())),
        }
        .into();
    }

    fn stamps(&self) -> [Stamp; 2] {
        let stamp = |path: &Path| {
            let facts = fs::metadata(path).ok()?;
            Some((facts.modified().ok()?, facts.len()))
        };
        [stamp(self.server.lock.path()), stamp(self.server.seen.path())]
    }
}

/// Items by kind and name.
type Items<T> = BTreeMap<(Kind, String), T>;

#[cfg(test)]
mod tests;
