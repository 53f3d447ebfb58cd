use std::{
    fs::{DirBuilder, File, Metadata, OpenOptions},
    io,
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt},
    path::Path,
};

use crate::local::LocalError;

/// The file that the one daemon holds locked. It names the daemon's process, too.
pub(crate) const LOCK: &str = "daemon.pid";

/// How to open a file that, if it is made, only its user may read or write (mode 0600).
pub fn only_ours() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.mode(0o600);
    options
}

/// Opens such a file to read and write, made if it is missing; never what a link leads to.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    only_ours()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .custom_flags(rustix::fs::OFlags::NOFOLLOW.bits().cast_signed())
        .open(path)
}

/// Makes a folder for one user alone (mode 0700).
pub(crate) fn create_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().mode(0o700).create(path)
}

/// Refuses a folder that others may change.
pub(crate) fn check_folder(path: &Path, found: &Metadata) -> Result<(), LocalError> {
    match is_ours(found) && found.mode() & 0o022 == 0 {
        true => Ok(()),
        false => Err(not_private(path, found, "700")),
    }
}

/// Refuses a file that others may read or change.
pub(crate) fn check_file(path: &Path, found: &Metadata) -> Result<(), LocalError> {
    match is_ours(found) && found.mode() & 0o077 == 0 {
        true => Ok(()),
        false => Err(not_private(path, found, "600")),
    }
}

pub(super) fn is_ours(found: &Metadata) -> bool {
    found.uid() == rustix::process::geteuid().as_raw()
}

fn not_private(path: &Path, found: &Metadata, wanted: &'static str) -> LocalError {
    LocalError::NotPrivate { path: path.to_owned(), mode: found.mode() & 0o777, wanted }
}
