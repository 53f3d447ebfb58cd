//! The rules in force, and taking up a changed configuration without a restart.

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
use tokio::sync::{mpsc, watch};

use crate::Log;

/// Reads the configuration anew.
pub type Loader = Box<dyn Fn() -> Result<Policy, ConfigError> + Send + Sync>;

/// Editors write, rename and touch in quick succession; what is read must be what they end with.
const SETTLE: Duration = Duration::from_millis(250);

/// The rules in force, and what reloads them.
pub(crate) struct Rules {
    in_force: watch::Sender<Arc<Policy>>,
    /// The file they come from; `None` if there is none.
    config: Option<PathBuf>,
    log: Arc<Log>,
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

impl Rules {
    pub(crate) fn new(policy: Policy, config: Option<PathBuf>, loader: Loader, log: Arc<Log>) -> Self {
        Self {
            in_force: watch::Sender::new(Arc::new(policy)),
            config,
            log,
            loader: Arc::new(loader),
            pending: Mutex::default(),
            busy: tokio::sync::Mutex::default(),
        }
    }

    /// The rules now in force.
    pub(crate) fn get(&self) -> Arc<Policy> {
        Arc::clone(&self.in_force.borrow())
    }

    /// The rules now in force, and all that come to be.
    pub(crate) fn subscribe(&self) -> watch::Receiver<Arc<Policy>> {
        self.in_force.subscribe()
    }

    /// The file they come from; `None` if there is none.
    pub(crate) fn config(&self) -> Option<&Path> {
        self.config.as_deref()
    }

    /// Why the file and what is in force differ, if they do.
    pub(crate) fn pending(&self) -> Option<String> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set_pending(&self, pending: Option<String>) {
        *self.pending.lock().unwrap_or_else(PoisonError::into_inner) = pending;
    }

    /// Reads the configuration and puts it in force, unless it is faulty, or loosens the old one and nobody has
    /// confirmed that.
    pub(crate) async fn now(&self, confirmed: bool, why: &str) -> Outcome {
        let _turn = self.busy.lock().await;
        self.log.debug(format_args!("reading the configuration ({why})"));
        let loader = Arc::clone(&self.loader);
        let loaded = tokio::task::spawn_blocking(move || loader()).await;
        let new = match loaded {
            Ok(Ok(new)) => new,
            Ok(Err(error)) => return self.refused(error.to_string()),
            Err(panic) => return self.refused(panic.to_string()),
        };
        let old = self.get();
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
        self.log.set_level(new.daemon().log_level);
        new.notices().iter().for_each(|notice| self.log.warn(notice));
        self.in_force.send_replace(Arc::new(new));
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
    pub(crate) fn report(&self, log: &Log) {
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
pub(crate) async fn watch(rules: Arc<Rules>) {
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
        Err(error) => return rules.log.error(format_args!("cannot watch the configuration: {error}")),
    };
    loop {
        for folder in folders(&rules) {
            if watching.contains(&folder) {
                continue;
            }
            match watcher.watch(&folder, RecursiveMode::NonRecursive) {
                Ok(()) => watching.push(folder),
                Err(error) => rules.log.error(format_args!("cannot watch {}: {error}", folder.display())),
            }
        }
        // The folder is busy with other files, too. The first time it may have changed since the start. Looked at
        // before it is read: what changes meanwhile is read once more.
        let found = settled(&rules).await;
        if taken_up.as_ref() != Some(&found) {
            let why = if taken_up.is_some() { "it has changed" } else { "it is watched from now on" };
            taken_up = Some(found);
            rules.now(false, why).await.report(&rules.log);
        }
        if changes.recv().await.is_none() {
            return;
        }
    }
}

/// What the files hold once nobody writes to them any more.
async fn settled(rules: &Rules) -> Fingerprint {
    let mut found = fingerprint(rules);
    loop {
        tokio::time::sleep(SETTLE).await;
        let now = fingerprint(rules);
        if now == found {
            return found;
        }
        found = now;
    }
}

/// The file we were started with, and those that anything in force was read from.
fn files(rules: &Rules) -> Vec<PathBuf> {
    let policy = rules.get();
    let read = policy.entries().iter().flat_map(|entry| &entry.at).filter_map(|at| match at {
        Location::File { file, .. } => Some(Path::new(&**file)),
        _ => None,
    });
    let files = rules.config().into_iter().chain(read);
    let files = files.map(|file| std::path::absolute(file).unwrap_or_else(|_| file.to_owned()));
    files.collect::<BTreeSet<_>>().into_iter().collect()
}

/// The folders of the files, and those of what they link to.
fn folders(rules: &Rules) -> Vec<PathBuf> {
    let files = files(rules);
    let real = files.iter().filter_map(|file| std::fs::canonicalize(file).ok());
    files.iter().cloned().chain(real).filter_map(|file| file.parent().map(Path::to_owned)).collect()
}

/// What the files hold, or that they cannot be read.
type Fingerprint = Vec<Option<Vec<u8>>>;

fn fingerprint(rules: &Rules) -> Fingerprint {
    // A pipe or a device may never end; loading it says so.
    let is_plain = |file: &&PathBuf| file.metadata().is_ok_and(|facts| facts.is_file());
    files(rules)
        .iter()
        .map(|file| Some(file).filter(is_plain).and_then(|file| std::fs::read(file).ok()))
        .collect()
}
