//! Files and folders for one user alone.

use std::{
    fs::{self, File},
    io::{self, ErrorKind, Read},
    path::Path,
};

use super::LocalError;
use crate::os::files;

/// Creates the folder if it is missing (mode 0700) and makes sure that nobody else may change what is in it.
pub(super) fn folder(path: &Path) -> Result<(), LocalError> {
    let failed = |source| LocalError::Folder { path: path.to_owned(), source };
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(failed)?;
    }
    match files::create_folder(path) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(failed(error)),
        _ => {}
    }
    let found = fs::metadata(path).map_err(failed)?;
    if !found.is_dir() {
        return Err(failed(ErrorKind::NotADirectory.into()));
    }
    files::check_folder(path, &found)
}

/// Opens a file that only its user may read or write (mode 0600), creating it if it is missing.
pub(super) fn file(path: &Path) -> Result<File, LocalError> {
    let failed = |source| LocalError::File { path: path.to_owned(), source };
    let file = files::open(path).map_err(failed)?;
    let found = file.metadata().map_err(failed)?;
    if !found.is_file() {
        return Err(failed(ErrorKind::InvalidInput.into()));
    }
    files::check_file(path, &found)?;
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
