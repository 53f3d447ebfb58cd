use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::{ErrorCode, ffi};
use thiserror::Error;

/// Why a database of ours could not be opened, written or read, and what helps.
#[derive(Debug, Clone, Error)]
pub enum StoreError {
    /// The folder could not be created or looked at.
    #[error("cannot use the folder {}: {source}; create it with `mkdir -m 700`, or choose another", .folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// What the system said.
        source: Arc<io::Error>,
    },
    /// Others may write to the file or its folder, so what stands there would prove nothing.
    #[error("other users can write to {} (mode {mode:03o}); run `chmod {fix} {}`", .path.display(), .path.display())]
    Writable {
        /// The file or folder.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
        /// The argument of `chmod` that mends it.
        fix: &'static str,
    },
    /// The file or its folder belongs to another user.
    #[error("{} belongs to user {owner}, not to you; choose a path of your own", .path.display())]
    Foreign {
        /// The file or folder.
        path: PathBuf,
        /// The owner's user id.
        owner: u32,
    },
    /// A symbolic link, a device, a folder: no plain file.
    #[error("{} is no plain file; remove it or choose another path", .path.display())]
    NotAFile {
        /// The path.
        path: PathBuf,
    },
    /// There is nothing to read.
    #[error("there is no audit at {}; it is created by the first guarded session", .path.display())]
    Missing {
        /// The path.
        path: PathBuf,
    },
    /// The file is no SQLite database, or one of another program, or of ours for another purpose.
    #[error("{} is not the database that belongs there; move it away or choose another path", .path.display())]
    NotOurs {
        /// The path.
        path: PathBuf,
    },
    /// The database is damaged.
    #[error("the database {} is damaged ({detail}); move it away with its -wal and -shm files and keep it: `sqlite3 FILE .recover` may save what it holds", .path.display())]
    Corrupt {
        /// The path.
        path: PathBuf,
        /// What SQLite said.
        detail: String,
    },
    /// A newer version wrote the file.
    #[error("the database {} has schema {found}, this version knows up to {known}; upgrade mcp-guard or choose another path", .path.display())]
    Newer {
        /// The path.
        path: PathBuf,
        /// The schema version of the file.
        found: i64,
        /// The newest schema version known here.
        known: i64,
    },
    /// Another process kept the file locked for longer than we wait.
    #[error("the database {} is locked by another process; close programs that hold a transaction on it", .path.display())]
    Locked {
        /// The path.
        path: PathBuf,
    },
    /// No room left on the disk, in the quota or under the file size limit.
    #[error("no room to write the database {} ({detail}); free disk space or raise the quota or file size limit", .path.display())]
    Full {
        /// The path.
        path: PathBuf,
        /// What SQLite said.
        detail: String,
    },
    /// The file or the file system may not be written.
    #[error("the database {} cannot be written ({detail}); make the file and its folder writable for you", .path.display())]
    ReadOnly {
        /// The path.
        path: PathBuf,
        /// What SQLite said.
        detail: String,
    },
    /// The file was deleted, moved or replaced while in use; the next batch starts a new one.
    #[error("the audit {} was deleted, moved or replaced while in use; this batch was not recorded, the next one opens the file anew", .path.display())]
    Replaced {
        /// The path.
        path: PathBuf,
    },
    /// A decision id is already taken; call [`Ids::reseed`](crate::Ids::reseed) and go on.
    #[error("a decision id is already used in the audit {}; take new ids and try again", .path.display())]
    Collision {
        /// The path.
        path: PathBuf,
    },
    /// A stored code is unknown to this version.
    #[error("record {key} of the audit {} holds an unknown {column} ({code}); a newer mcp-guard may have written it", .path.display())]
    UnknownCode {
        /// The path.
        path: PathBuf,
        /// The record's primary key.
        key: i64,
        /// The column.
        column: &'static str,
        /// The number found.
        code: i64,
    },
    /// Anything else SQLite or the system reports.
    #[error("the database {} failed: {detail}", .path.display())]
    Failed {
        /// The path.
        path: PathBuf,
        /// What SQLite said.
        detail: String,
    },
}

impl StoreError {
    /// Whether calling again later, without anyone changing the configuration, can succeed.
    pub fn retry_can_help(&self) -> bool {
        matches!(
            self,
            Self::Locked { .. } | Self::Full { .. } | Self::Replaced { .. } | Self::Collision { .. }
        )
    }

    /// Sorts what SQLite reported about the file at `path`.
    pub(crate) fn sqlite(path: &Path, error: &rusqlite::Error) -> Self {
        let path = path.to_owned();
        let detail = error.to_string();
        let Some(cause) = error.sqlite_error() else {
            return Self::Failed { path, detail };
        };
        match (cause.code, cause.extended_code) {
            (ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked, _) => Self::Locked { path },
            (ErrorCode::DiskFull, _) | (_, ffi::SQLITE_IOERR_WRITE | ffi::SQLITE_IOERR_SHMSIZE) => {
                Self::Full { path, detail }
            }
            (ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied, _) => {
                Self::ReadOnly { path, detail }
            }
            (ErrorCode::NotADatabase, _) => Self::NotOurs { path },
            (ErrorCode::DatabaseCorrupt, _) => Self::Corrupt { path, detail },
            (_, ffi::SQLITE_CONSTRAINT_PRIMARYKEY | ffi::SQLITE_CONSTRAINT_ROWID) => Self::Collision { path },
            _ => Self::Failed { path, detail },
        }
    }
}
