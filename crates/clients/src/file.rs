//! Writing files so that a crash at any moment leaves the old one or the new one, whole.

use std::{
    fs, io,
    io::Write,
    path::{Path, PathBuf},
};

use tempfile::{Builder, NamedTempFile};

/// Writes a file that only its owner may read; an existing one is replaced.
///
/// # Errors
/// When the folder cannot be made or written to.
pub fn write_private(path: &Path, text: &str) -> io::Result<()> {
    let folder = folder(path);
    private_folder(folder)?;
    let new = beside(folder, text)?;
    new.persist(path)?;
    sync(folder)
}

/// Writes a file that does not exist yet.
///
/// # Errors
/// When there is one by now, or the folder cannot be written to.
pub fn create(path: &Path, text: &str) -> io::Result<()> {
    let folder = folder(path);
    fs::create_dir_all(folder)?;
    beside(folder, text)?.persist_noclobber(path)?;
    sync(folder)
}

/// Puts `new` in the place of the file that holds `old`; keeps its mode and its owner, and follows links.
///
/// # Errors
/// When it holds something else by now, may not be written, or the folder cannot be written to.
pub(crate) fn replace(path: &Path, old: &str, new: &str) -> io::Result<()> {
    let path = writable(path)?;
    let folder = folder(&path);
    let facts = fs::metadata(&path)?;
    let file = beside(folder, new)?;
    file.as_file().set_permissions(facts.permissions())?;
    keep_owner(&file, &facts)?;
    if fs::read(&path)? != old.as_bytes() {
        return Err(io::Error::other("it was changed by another program at this moment; run this again"));
    }
    file.persist(&path)?;
    sync(folder)
}

/// Copies the file to a name beside it that says what it is; returns that name.
///
/// # Errors
/// When the folder cannot be written to.
pub(crate) fn back_up(path: &Path, text: &str, stamp: &str) -> io::Result<PathBuf> {
    let path = writable(path)?;
    let facts = fs::metadata(&path)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    for number in 0_u32.. {
        let suffix = if number == 0 { String::new() } else { format!("-{number}") };
        let copy = path.with_file_name(format!("{name}.mcp-guard-backup-{stamp}{suffix}"));
        let file = beside(folder(&path), text)?;
        file.as_file().set_permissions(facts.permissions())?;
        keep_owner(&file, &facts)?;
        match file.persist_noclobber(&copy) {
            Ok(_) => return Ok(copy),
            Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(io::Error::other("there is no free name for a backup"))
}

/// Where the file really is. Replacing a file needs no right to write to it, so we ask for that ourselves.
fn writable(path: &Path) -> io::Result<PathBuf> {
    let path = path.canonicalize()?;
    match fs::metadata(&path)?.permissions().readonly() {
        true => {
            Err(io::Error::new(io::ErrorKind::PermissionDenied, "it is read-only; make it writable first"))
        }
        false => Ok(path),
    }
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn beside(folder: &Path, text: &str) -> io::Result<NamedTempFile> {
    let mut file = Builder::new().prefix(".mcp-guard-").tempfile_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    Ok(file)
}

#[cfg(unix)]
fn private_folder(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    if let Some(parent) = folder.parent() {
        fs::create_dir_all(parent)?;
    }
    match fs::DirBuilder::new().mode(0o700).create(folder) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        done => done,
    }
}

#[cfg(not(unix))]
fn private_folder(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)
}

#[cfg(unix)]
fn keep_owner(file: &NamedTempFile, facts: &fs::Metadata) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, fchown};
    let own = file.as_file().metadata()?;
    if (own.uid(), own.gid()) == (facts.uid(), facts.gid()) {
        return Ok(());
    }
    fchown(file.as_file(), Some(facts.uid()), Some(facts.gid()))
}

#[cfg(not(unix))]
fn keep_owner(_file: &NamedTempFile, _facts: &fs::Metadata) -> io::Result<()> {
    Ok(())
}

/// Makes the new name outlive a power cut.
#[cfg(unix)]
fn sync(folder: &Path) -> io::Result<()> {
    fs::File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync(_folder: &Path) -> io::Result<()> {
    Ok(())
}
