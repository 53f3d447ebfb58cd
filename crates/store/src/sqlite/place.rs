use std::ffi::CString;
use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, ErrorKind};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::fs::FlockOperation;
use rustix::io::Errno;

use crate::StoreError;

/// SQLite takes anything shorter for an empty database and would write over it.
const SQLITE_HEADER_BYTES: u64 = 100;
const LOCK_WAIT: Duration = Duration::from_secs(5);

/// Where the audit file lies: a folder only we can write to.
#[derive(Debug, Clone)]
pub(super) struct Place {
    folder: PathBuf,
    file: PathBuf,
    file_name: CString,
}

/// Which file it is, whatever its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Identity(rustix::fs::Dev, u64);

impl Place {
    /// Creates the folder (0700) if it is missing and refuses one that others can write to.
    pub(super) fn prepare(path: &Path) -> Result<Self, StoreError> {
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        let folder = parent.unwrap_or(Path::new("."));
        let failed =
            |source: io::Error| StoreError::Folder { folder: folder.to_owned(), source: Arc::new(source) };
        DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(failed)?;
        let folder = folder.canonicalize().map_err(failed)?;
        let not_a_file = || StoreError::NotAFile { path: path.to_owned() };
        let file = folder.join(path.file_name().ok_or_else(not_a_file)?);
        let file_name = CString::new(file.as_os_str().as_bytes()).map_err(|_| not_a_file())?;
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
        let folder = File::open(&self.folder).map_err(failed)?;
        let since = Instant::now();
        loop {
            match rustix::fs::flock(&folder, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => return Ok(folder),
                Err(Errno::WOULDBLOCK | Errno::INTR) if since.elapsed() < LOCK_WAIT => {
                    sleep(Duration::from_millis(1));
                }
                Err(Errno::WOULDBLOCK) => return Err(StoreError::Locked { path: self.file.clone() }),
                Err(errno) => return Err(failed(errno.into())),
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
        let stat = rustix::fs::stat(self.file_name.as_c_str()).ok()?;
        Some(Identity(stat.st_dev, stat.st_ino))
    }

    fn create(&self) -> io::Result<()> {
        // A log or index left by a deleted database must not be taken for one of the new file.
        for leftover in [self.beside("-wal"), self.beside("-shm")] {
            match fs::remove_file(leftover) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(&self.file).map(drop)
    }

    fn check_folder(&self) -> Result<(), StoreError> {
        let failed =
            |source: io::Error| StoreError::Folder { folder: self.folder.clone(), source: Arc::new(source) };
        let found = fs::metadata(&self.folder).map_err(failed)?;
        check_owner(&self.folder, &found, true)?;
        check_mode(&self.folder, &found, "700")
    }

    fn check_file(&self, found: &fs::Metadata) -> Result<(), StoreError> {
        if !found.is_file() {
            return Err(StoreError::NotAFile { path: self.file.clone() });
        }
        if (1..SQLITE_HEADER_BYTES).contains(&found.len()) {
            return Err(StoreError::NotOurs { path: self.file.clone() });
        }
        check_owner(&self.file, found, false)?;
        check_mode(&self.file, found, "600")?;
        if found.mode() & 0o077 != 0 {
            for path in [self.file.clone(), self.beside("-wal"), self.beside("-shm")] {
                match fs::set_permissions(&path, Permissions::from_mode(0o600)) {
                    Err(error) if error.kind() != ErrorKind::NotFound => {
                        return Err(StoreError::ReadOnly { path, detail: error.to_string() });
                    }
                    _ => {}
                }
            }
        }
        Ok(())
    }

    fn beside(&self, suffix: &str) -> PathBuf {
        let mut name = self.file.clone().into_os_string();
        name.push(suffix);
        name.into()
    }
}

fn check_owner(path: &Path, found: &fs::Metadata, root_will_do: bool) -> Result<(), StoreError> {
    let ours = found.uid() == rustix::process::geteuid().as_raw() || root_will_do && found.uid() == 0;
    if ours {
        return Ok(());
    }
    Err(StoreError::Foreign { path: path.to_owned(), owner: found.uid() })
}

fn check_mode(path: &Path, found: &fs::Metadata, fix: &'static str) -> Result<(), StoreError> {
    let mode = found.mode() & 0o7777;
    if mode & 0o022 == 0 {
        return Ok(());
    }
    Err(StoreError::Writable { path: path.to_owned(), mode, fix })
}
