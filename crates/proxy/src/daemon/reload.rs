//! Taking up a changed configuration without a restart.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use notify::{RecursiveMode, Watcher};
use policy::{Change, ConfigError, Effect, Location, Policy};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::mpsc;

use super::Shared;
use crate::Log;

/// Reads the configuration anew.
pub type Loader = Box<dyn Fn() -> Result<Policy, ConfigError> + Send + Sync>;

/// Editors write, rename and touch in quick succession; what is read must be what they end with.
const SETTLE: Duration = Duration::from_millis(250);

/// What reloads and what became of the last one.
pub(crate) struct Reload {
    loader: Arc<Loader>,
    pending: Mutex<Option<String>>,
    /// One at a time, so that the later of two wins.
    busy: tokio::sync::Mutex<()>,
}

/// What became of a reload.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The same rules as before.
    Unchanged,
    /// In force, with these changes.
    Applied(Vec<String>),
    /// Waits to be confirmed, for these changes loosen it.
    Unconfirmed(Vec<String>),
    /// Not usable; the old one stays in force.
    Refused(String),
}

impl Reload {
    pub(super) fn new(loader: Loader) -> Self {
        Self { loader: Arc::new(loader), pending: Mutex::default(), busy: tokio::sync::Mutex::default() }
    }

    /// Why the file and what is in force differ, if they do.
    pub(super) fn pending(&self) -> Option<String> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set_pending(&self, pending: Option<String>) {
        *self.pending.lock().unwrap_or_else(PoisonError::into_inner) = pending;
    }

    /// Reads the configuration and puts it in force, unless it is faulty, or loosens the old one and nobody has
    /// confirmed that.
    pub(super) async fn now(&self, shared: &Shared, confirmed: bool, why: &str) -> Outcome {
        let _turn = self.busy.lock().await;
        shared.log.debug(format_args!("reading the configuration ({why})"));
        let loader = Arc::clone(&self.loader);
        let loaded = tokio::task::spawn_blocking(move || loader()).await;
        let new = match loaded {
            Ok(Ok(new)) => new,
            Ok(Err(error)) => return self.refused(error.to_string()),
            Err(panic) => return self.refused(panic.to_string()),
        };
        let old = Arc::clone(&shared.policy.borrow());
        let changes = policy::diff(&old, &new);
        if changes.is_empty() && old.hash() == new.hash() {
            self.set_pending(None);
            return Outcome::Unchanged;
        }
        let loosens = changes.iter().any(|change| change.effect == Effect::Loosens);
        let lines = changes.iter().map(told).collect();
        if loosens && old.reload().require_confirmation && !confirmed {
            self.set_pending(Some(
                "the configuration has changed and loosens the policy; `mcp-guard reload --confirm` puts it in force"
                    .to_owned(),
            ));
            return Outcome::Unconfirmed(lines);
        }
        self.set_pending(None);
        shared.log.set_level(new.daemon().log_level);
        new.notices().iter().for_each(|notice| shared.log.warn(notice));
        shared.policy.send_replace(Arc::new(new));
        Outcome::Applied(lines)
    }

    fn refused(&self, why: String) -> Outcome {
        self.set_pending(Some(format!(
            "the configuration cannot be used, the old one stays in force: {why}"
        )));
        Outcome::Refused(why)
    }
}

impl Outcome {
    /// Tells the person who watches.
    pub(super) fn report(&self, log: &Log) {
        match self {
            Self::Unchanged => log.debug("the configuration is as it was"),
            Self::Applied(changes) => {
                log.info("the new configuration is in force");
                changes.iter().for_each(|change| log.info(format_args!("  {change}")));
            }
            Self::Unconfirmed(changes) => {
                log.warn(
                    "the new configuration loosens the policy and waits for `mcp-guard reload --confirm`",
                );
                changes.iter().for_each(|change| log.info(format_args!("  {change}")));
            }
            Self::Refused(why) => {
                log.error(format_args!(
                    "the new configuration cannot be used, the old one stays in force: {why}"
                ));
            }
        }
    }
}

/// A change in one line.
fn told(change: &Change) -> String {
    let effect = match change.effect {
        Effect::Loosens => "loosens",
        Effect::Tightens => "tightens",
        Effect::Neutral => "changes",
        Effect::NeedsRestart => "waits for a restart:",
    };
    let shown = |value: &Value| if value.is_null() { "nothing".to_owned() } else { value.to_string() };
    let Change { path, before, after, at, .. } = change;
    let place = at.as_ref().map(|at| format!(" ({at})")).unwrap_or_default();
    format!("{effect} {path}: {} → {}{place}", shown(before), shown(after))
}

/// Reloads when a file of the configuration changes, for ever. Watches their folders: editors replace files, and
/// what watches a file goes on watching the one that was replaced.
pub(super) async fn watch(shared: Arc<Shared>) {
    let (changed, mut changes) = mpsc::channel::<()>(1);
    let mut watching: Vec<PathBuf> = Vec::new();
    let mut taken_up = None;
    let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        if event.is_ok_and(|event| !event.kind.is_access()) {
            // One that waits already stands for this one too.
            let _ = changed.try_send(());
        }
    });
    let mut watcher = match watcher {
        Ok(watcher) => watcher,
        Err(error) => return shared.log.error(format_args!("cannot watch the configuration: {error}")),
    };
    loop {
        for folder in folders(&shared) {
            if watching.contains(&folder) {
                continue;
            }
            match watcher.watch(&folder, RecursiveMode::NonRecursive) {
                Ok(()) => watching.push(folder),
                Err(error) => shared.log.error(format_args!("cannot watch {}: {error}", folder.display())),
            }
        }
        // The folder is busy with other files, too. The first time it may have changed since the start. Looked at
        // before it is read: what changes meanwhile is read once more.
        let found = settled(&shared).await;
        if taken_up.as_ref() != Some(&found) {
            let why = if taken_up.is_some() { "it has changed" } else { "it is watched from now on" };
            taken_up = Some(found);
            shared.reload.now(&shared, false, why).await.report(&shared.log);
        }
        if changes.recv().await.is_none() {
            return;
        }
    }
}

/// What the files hold once nobody writes to them any more.
async fn settled(shared: &Shared) -> Fingerprint {
    let mut found = fingerprint(shared);
    loop {
        tokio::time::sleep(SETTLE).await;
        let now = fingerprint(shared);
        if now == found {
            return found;
        }
        found = now;
    }
}

/// The file we were started with, and those that anything in force was read from.
fn files(shared: &Shared) -> Vec<PathBuf> {
    let policy = Arc::clone(&shared.policy.borrow());
    let read = policy.entries().iter().flat_map(|entry| &entry.at).filter_map(|at| match at {
        Location::File { file, .. } => Some(Path::new(&**file)),
        _ => None,
    });
    let files = shared.config.as_deref().into_iter().chain(read);
    let files = files.map(|file| std::path::absolute(file).unwrap_or_else(|_| file.to_owned()));
    files.collect::<BTreeSet<_>>().into_iter().collect()
}

/// The folders of the files, and those of what they link to.
fn folders(shared: &Shared) -> Vec<PathBuf> {
    let files = files(shared);
    let real = files.iter().filter_map(|file| std::fs::canonicalize(file).ok());
    files.iter().cloned().chain(real).filter_map(|file| file.parent().map(Path::to_owned)).collect()
}

/// What the files hold, or that they cannot be read.
type Fingerprint = Vec<Option<Vec<u8>>>;

fn fingerprint(shared: &Shared) -> Fingerprint {
    // A pipe or a device may never end; loading it says so.
    let is_plain = |file: &&PathBuf| file.metadata().is_ok_and(|facts| facts.is_file());
    files(shared)
        .iter()
        .map(|file| Some(file).filter(is_plain).and_then(|file| std::fs::read(file).ok()))
        .collect()
}
