//! There are no modes. What lies in a user's profile is private by the access list it inherits, which safe Rust cannot
//! read: whoever sets `daemon.home` to another place has to see to its access list.

use std::{
    fs::{self, File, Metadata, OpenOptions},
    io,
    path::Path,
};

use crate::local::LocalError;

/// The file that the one daemon holds locked. Nobody else can read it meanwhile, so that another names the process.
pub(crate) const LOCK: &str = "daemon.lock";

/// How to open a file that, if it is made, only its user may read or write.
pub fn only_ours() -> OpenOptions {
    OpenOptions::new()
}

/// Opens such a file to read and write, made if it is missing.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    only_ours().read(true).write(true).create(true).truncate(false).open(path)
}

/// Makes a folder for one user alone.
pub(crate) fn create_folder(path: &Path) -> io::Result<()> {
    fs::create_dir(path)
}

#[expect(clippy::unnecessary_wraps, reason = "the same on every system")]
pub(crate) fn check_folder(_path: &Path, _found: &Metadata) -> Result<(), LocalError> {
    Ok(())
}

#[expect(clippy::unnecessary_wraps, reason = "the same on every system")]
pub(crate) fn check_file(_path: &Path, _found: &Metadata) -> Result<(), LocalError> {
    Ok(())
}
