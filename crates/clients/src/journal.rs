//! What was changed in which file, so that it can be put back.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use crate::{file::write_private, tree::Format};

/// One entry that was changed. Holds the entry as it was, with its secrets: the journal is for its owner alone.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Change {
    pub(crate) client: String,
    pub(crate) file: PathBuf,
    pub(crate) format: Format,
    pub(crate) entry: Vec<String>,
    pub(crate) was: String,
    pub(crate) now: String,
    pub(crate) backup: Option<PathBuf>,
}

impl std::fmt::Debug for Change {
    /// Leaves out everything that can hold a secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Change").field("file", &self.file).field("entry", &self.entry).finish_non_exhaustive()
    }
}

/// Oldest first.
#[derive(Default, Serialize, Deserialize)]
struct Journal {
    changes: Vec<Change>,
}

/// What was changed and not put back yet; nothing if there is no journal.
pub(crate) fn read(path: &Path) -> io::Result<Vec<Change>> {
    match fs::read(path) {
        Ok(bytes) => {
            let journal: Journal = serde_json::from_slice(&bytes).map_err(io::Error::other)?;
            Ok(journal.changes)
        }
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            Ok(Vec::new())
        }
        Err(error) => Err(error),
    }
}

pub(crate) fn write(path: &Path, changes: Vec<Change>) -> io::Result<()> {
    let text = serde_json::to_string_pretty(&Journal { changes }).map_err(io::Error::other)?;
    write_private(path, &text)
}
