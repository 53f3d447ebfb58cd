//! Permissions, and which file it is, by user ids, modes and inodes.

use std::ffi::CString;
use std::fs::{DirBuilder, File, Metadata, OpenOptions, Permissions};
use std::io::{self, ErrorKind};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::StoreError;

/// Which file it is, whatever its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sqlite) struct Identity(rustix::fs::Dev, u64);

/// A path in the form in which the system takes it: it is looked at for each batch.
#[derive(Debug, Clone)]
pub(super) struct Name(CString);

impl Name {
    pub(super) fn new(path: &Path) -> Option<Self> {
        CString::new(path.as_os_str().as_bytes()).ok().map(Self)
    }

    pub(super) fn identity(&self) -> Option<Identity> {
        let stat = rustix::fs::stat(self.0.as_c_str()).ok()?;
        Some(Identity(stat.st_dev, stat.st_ino))
    }
}

pub(super) fn create_folder(folder: &Path) -> io::Result<PathBuf> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    folder.canonicalize()
}

pub(super) fn create_file(path: &Path) -> io::Result<()> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map(drop)
}

/// What is locked while a file is created or opened: its folder, so that nothing is left beside it.
pub(super) fn open_lock(folder: &Path, _file: &Path) -> io::Result<File> {
    File::open(folder)
}

pub(super) fn check_folder(folder: &Path, found: &Metadata) -> Result<(), StoreError> {
    check_owner(folder, found, true)?;
    check_mode(folder, found, "700")
}

/// Refuses a file that others may have written to; what others could only read so far, they cannot any longer.
pub(super) fn check_file(file: &Path, found: &Metadata, beside: [PathBuf; 2]) -> Result<(), StoreError> {
    check_owner(file, found, false)?;
    check_mode(file, found, "600")?;
    if found.mode() & 0o077 == 0 {
        return Ok(());
    }
    for path in [file.to_owned()].into_iter().chain(beside) {
        match std::fs::set_permissions(&path, Permissions::from_mode(0o600)) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(StoreError::ReadOnly { path, detail: error.to_string() });
            }
            _ => {}
        }
    }
    Ok(())
}

fn check_owner(path: &Path, found: &Metadata, root_will_do: bool) -> Result<(), StoreError> {
    let ours = found.uid() == rustix::process::geteuid().as_raw() || root_will_do && found.uid() == 0;
    if ours {
        return Ok(());
    }
    Err(StoreError::Foreign { path: path.to_owned(), owner: found.uid() })
}

fn check_mode(path: &Path, found: &Metadata, fix: &'static str) -> Result<(), StoreError> {
    let mode = found.mode() & 0o7777;
    if mode & 0o022 == 0 {
        return Ok(());
    }
    Err(StoreError::Writable { path: path.to_owned(), mode, fix })
}
