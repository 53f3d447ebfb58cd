//! The same where there are no modes. What lies in a user's profile is private by the access list it inherits, which
//! safe Rust cannot read: whoever puts the audit elsewhere has to see to its access list. No test covers it.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use crate::StoreError;

/// Windows keeps a file that SQLite has open where it is: as long as it is there, it is the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sqlite) struct Identity;

/// A path that is looked at for each batch.
#[derive(Debug, Clone)]
pub(super) struct Name(PathBuf);

impl Name {
    #[expect(clippy::unnecessary_wraps, reason = "the same on every system")]
    pub(super) fn new(path: &Path) -> Option<Self> {
        Some(Self(path.to_owned()))
    }

    pub(super) fn identity(&self) -> Option<Identity> {
        self.0.exists().then_some(Identity)
    }
}

pub(super) fn create_folder(folder: &Path) -> io::Result<PathBuf> {
    fs::create_dir_all(folder)?;
    // Not the canonical path: that begins with `\\?\`, which not every program understands.
    std::path::absolute(folder)
}

pub(super) fn create_file(path: &Path) -> io::Result<()> {
    OpenOptions::new().write(true).create_new(true).open(path).map(drop)
}

/// What is locked while a file is created or opened: folders cannot be locked, so it is a file beside it.
pub(super) fn open_lock(_folder: &Path, file: &Path) -> io::Result<File> {
    let mut lock = file.to_owned().into_os_string();
    lock.push("-lock");
    OpenOptions::new().write(true).create(true).truncate(false).open(lock)
}

#[expect(clippy::unnecessary_wraps, reason = "the same on every system")]
pub(super) fn check_folder(_folder: &Path, _found: &Metadata) -> Result<(), StoreError> {
    Ok(())
}

#[expect(clippy::unnecessary_wraps, reason = "the same on every system")]
pub(super) fn check_file(_file: &Path, _found: &Metadata, _beside: [PathBuf; 2]) -> Result<(), StoreError> {
    Ok(())
}
