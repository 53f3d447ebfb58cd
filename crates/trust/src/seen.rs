//! What servers were last seen to be, where that is not what was approved. Kept beside the pins, so that a session that
//! asks for no list knows what another has seen.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use crate::{
    Class, Digest, Kind, LockError,
    lock::{replace, turn},
};

/// An item as it was last seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The digest it had.
    pub digest: Digest,
    /// How grave its difference is.
    pub class: Class,
    /// What is different, in words.
    pub text: String,
}

impl Seen {
    /// Whether it was seen that the item is not there any more. Then its digest is that of what was approved.
    pub(crate) fn is_gone(&self) -> bool {
        self.class == Class::Compatible
    }
}

/// What was seen of one server.
pub type SeenItems = BTreeMap<(Kind, String), Seen>;

/// The file of it.
#[derive(Debug, Clone)]
pub struct SeenFile {
    path: PathBuf,
}

#[derive(Serialize, Deserialize)]
struct Entry {
    server: String,
    kind: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    name: String,
    digest: String,
    class: String,
    text: String,
}

impl SeenFile {
    /// The file at `path`, which need not exist.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What was seen, by server.
    ///
    /// # Errors
    /// It cannot be read, or holds something else.
    pub fn read(&self) -> Result<BTreeMap<String, SeenItems>, LockError> {
        let text = match fs::read_to_string(&self.path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
            Err(error) => return Err(self.error("read", error)),
        };
        let mut all: BTreeMap<String, SeenItems> = BTreeMap::new();
        for (index, line) in text.lines().enumerate() {
            let entry: Option<Entry> = serde_json::from_str(line).ok();
            let Some((server, key, seen)) = entry.and_then(read) else {
                return Err(LockError::Text {
                    file: self.path.display().to_string(),
                    line: index + 1,
                    message:
                        "this was not written by mcp-guard; remove the file, and servers are looked at anew"
                            .into(),
                });
            };
            all.entry(server).or_default().insert(key, seen);
        }
        Ok(all)
    }

    /// Changes what was seen of one server.
    pub(crate) fn update(
        &self,
        server: &str,
        change: impl FnOnce(&mut SeenItems),
    ) -> Result<SeenItems, LockError> {
        let _turn = turn(&self.path).map_err(|error| self.error("wait for", error))?;
        let mut all = self.read()?;
        let items = all.entry(server.to_owned()).or_default();
        let before = items.clone();
        change(items);
        let now = items.clone();
        if now != before {
            let text: String =
                all.iter().flat_map(|(server, items)| items.iter().map(|item| line(server, item))).collect();
            replace(&self.path, &text).map_err(|error| self.error("write", error))?;
        }
        Ok(now)
    }

    /// Forgets what was seen of a server: it was approved.
    ///
    /// # Errors
    /// The file cannot be read or written.
    pub fn forget(&self, server: &str) -> Result<(), LockError> {
        self.update(server, BTreeMap::clear).map(drop)
    }

    fn error(&self, what: &'static str, source: io::Error) -> LockError {
        LockError::File { what, file: self.path.clone(), source }
    }
}

fn read(entry: Entry) -> Option<(String, (Kind, String), Seen)> {
    let seen =
        Seen { digest: entry.digest.parse().ok()?, class: entry.class.parse().ok()?, text: entry.text };
    Some((entry.server, (entry.kind.parse().ok()?, entry.name), seen))
}

fn line(server: &str, ((kind, name), seen): (&(Kind, String), &Seen)) -> String {
    let entry = Entry {
        server: server.to_owned(),
        kind: kind.as_str().to_owned(),
        name: name.clone(),
        digest: seen.digest.to_string(),
        class: seen.class.as_str().to_owned(),
        text: seen.text.clone(),
    };
    // Texts alone: this does not fail.
    format!("{}\n", serde_json::to_string(&entry).unwrap_or_default())
}
