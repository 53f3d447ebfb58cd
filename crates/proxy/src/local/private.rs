//! Files and folders for one user alone.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, ErrorKind, Read},
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt},
    path::Path,
};

use super::LocalError;

/// Creates the folder if it is missing (mode 0700) and makes sure that nobody else may change what is in it.
pub(super) fn folder(path: &Path) -> Result<(), LocalError> {
    let failed = |source| LocalError::Folder { path: path.to_owned(), source };
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(failed)?;
    }
    match DirBuilder::new().mode(0o700).create(path) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(failed(error)),
        _ => {}
    }
    let found = fs::metadata(path).map_err(failed)?;
    if !is_ours(&found) || found.mode() & 0o022 != 0 || !found.is_dir() {
        return Err(LocalError::NotPrivate {
            path: path.to_owned(),
            mode: found.mode() & 0o777,
            wanted: "700",
        });
    }
    Ok(())
}

/// Opens a file that only its user may read or write (mode 0600), creating it if it is missing.
pub(super) fn file(path: &Path) -> Result<File, LocalError> {
    let failed = |source| LocalError::File { path: path.to_owned(), source };
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .custom_flags(rustix::fs::OFlags::NOFOLLOW.bits().cast_signed())
        .open(path)
        .map_err(failed)?;
    let found = file.metadata().map_err(failed)?;
    if !is_ours(&found) || found.mode() & 0o077 != 0 || !found.is_file() {
        return Err(LocalError::NotPrivate {
            path: path.to_owned(),
            mode: found.mode() & 0o777,
            wanted: "600",
        });
    }
    Ok(file)
}

/// Reads a small file that only its user may read or write; `None` if there is none.
pub(super) fn read(path: &Path, at_most: u64) -> Result<Option<String>, LocalError> {
    let failed = |source: io::Error| LocalError::File { path: path.to_owned(), source };
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error)),
        Ok(_) => {}
    }
    let mut text = String::new();
    file(path)?.take(at_most).read_to_string(&mut text).map_err(failed)?;
    Ok(Some(text))
}

fn is_ours(found: &fs::Metadata) -> bool {
    found.uid() == rustix::process::geteuid().as_raw()
}
