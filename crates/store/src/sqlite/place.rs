#[cfg(unix)]
#[path = "place/unix.rs"]
mod os;
#[cfg(windows)]
#[path = "place/windows.rs"]
mod os;

use std::fs::{self, File, TryLockError};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::sleep;
use std::time::{Duration, Instant};

pub(super) use os::Identity;

use crate::StoreError;

/// SQLite takes anything shorter for an empty database and would write over it.
const SQLITE_HEADER_BYTES: u64 = 100;
const LOCK_WAIT: Duration = Duration::from_secs(5);

/// Where the audit file lies: a folder only we can write to.
#[derive(Debug, Clone)]
pub(super) struct Place {
    folder: PathBuf,
    file: PathBuf,
    file_name: os::Name,
}

impl Place {
    /// Creates the folder (0700) if it is missing and refuses one that others can write to.
    pub(super) fn prepare(path: &Path) -> Result<Self, StoreError> {
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        let folder = parent.unwrap_or(Path::new("."));
        let failed =
            |source: io::Error| StoreError::Folder { folder: folder.to_owned(), source: Arc::new(source) };
        let folder = os::create_folder(folder).map_err(failed)?;
        let not_a_file = || StoreError::NotAFile { path: path.to_owned() };
        let file = folder.join(path.file_name().ok_or_else(not_a_file)?);
        let file_name = os::Name::new(&file).ok_or_else(not_a_file)?;
        let place = Self { folder, file, file_name };
        place.check_folder()?;
        Ok(place)
    }

    pub(super) fn file(&self) -> &Path {
        &self.file
    }

    /// Keeps other guards from creating or opening the file until the lock is dropped.
    ///
    /// Beyond the race for who creates it, this protects POSIX locks: closing any descriptor of
    /// the file drops the locks SQLite holds on it for the whole process.
    #[expect(clippy::disallowed_methods, reason = "opening blocks, before any session runs on the thread")]
    pub(super) fn lock(&self) -> Result<File, StoreError> {
        let failed =
            |source: io::Error| StoreError::Folder { folder: self.folder.clone(), source: Arc::new(source) };
        let lock = os::open_lock(&self.folder, &self.file).map_err(failed)?;
        let since = Instant::now();
        loop {
            let busy = match lock.try_lock() {
                Ok(()) => return Ok(lock),
                Err(TryLockError::WouldBlock) => true,
                Err(TryLockError::Error(error)) if error.kind() == ErrorKind::Interrupted => false,
                Err(TryLockError::Error(error)) => return Err(failed(error)),
            };
            if since.elapsed() < LOCK_WAIT {
                sleep(Duration::from_millis(1));
            } else if busy {
                return Err(StoreError::Locked { path: self.file.clone() });
            } else {
                return Err(failed(ErrorKind::Interrupted.into()));
            }
        }
    }

    /// Creates the file (0600) if it is missing and refuses one that is not ours alone. Call it
    /// under [`Place::lock`].
    pub(super) fn claim(&self) -> Result<(), StoreError> {
        self.check_folder()?;
        match fs::symlink_metadata(&self.file) {
            Ok(found) => self.check_file(&found),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                self.create().map_err(|source| match source.kind() {
                    ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
                        StoreError::Full { path: self.file.clone(), detail: source.to_string() }
                    }
                    _ => StoreError::ReadOnly { path: self.file.clone(), detail: source.to_string() },
                })
            }
            Err(source) => Err(StoreError::Folder { folder: self.folder.clone(), source: Arc::new(source) }),
        }
    }

    /// The file now at the path, or `None` if there is none.
    pub(super) fn identity(&self) -> Option<Identity> {
        self.file_name.identity()
    }

    fn create(&self) -> io::Result<()> {
        // A log or index left by a deleted database must not be taken for one of the new file.
        for leftover in [self.beside("-wal"), self.beside("-shm")] {
            match fs::remove_file(leftover) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        os::create_file(&self.file)
    }

    fn check_folder(&self) -> Result<(), StoreError> {
        let failed =
            |source: io::Error| StoreError::Folder { folder: self.folder.clone(), source: Arc::new(source) };
        let found = fs::metadata(&self.folder).map_err(failed)?;
        os::check_folder(&self.folder, &found)
    }

    fn check_file(&self, found: &fs::Metadata) -> Result<(), StoreError> {
        if !found.is_file() {
            return Err(StoreError::NotAFile { path: self.file.clone() });
        }
        if (1..SQLITE_HEADER_BYTES).contains(&found.len()) {
            return Err(StoreError::NotOurs { path: self.file.clone() });
        }
        os::check_file(&self.file, found, [self.beside("-wal"), self.beside("-shm")])
    }

    fn beside(&self, suffix: &str) -> PathBuf {
        let mut name = self.file.clone().into_os_string();
        name.push(suffix);
        name.into()
    }
}
