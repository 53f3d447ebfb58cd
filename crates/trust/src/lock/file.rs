use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

use super::{Lock, LockError};

/// A lock on disk. Changes are written whole or not at all, one writer at a time.
#[derive(Debug, Clone)]
pub struct LockFile {
    path: PathBuf,
}

impl LockFile {
    /// The lock at `path`, which need not exist.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What it says; an empty lock if there is no such file.
    ///
    /// # Errors
    /// It cannot be read, or says something it cannot.
    pub fn read(&self) -> Result<Lock, LockError> {
        match fs::read_to_string(&self.path) {
            Ok(text) => Lock::read(&text, &self.path.display().to_string()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Lock::default()),
            Err(error) => Err(self.error("read", error)),
        }
    }

    /// Changes it: reads it, calls `change`, and writes it if it is another then.
    ///
    /// # Errors
    /// It cannot be read or written; what was there before is still there.
    pub fn update(&self, change: impl FnOnce(&mut Lock)) -> Result<Lock, LockError> {
        let _turn = turn(&self.path).map_err(|error| self.error("wait for", error))?;
        let mut lock = self.read()?;
        let before = lock.clone();
        change(&mut lock);
        if lock != before {
            replace(&self.path, &lock.write()).map_err(|error| self.error("write", error))?;
        }
        Ok(lock)
    }

    fn error(&self, what: &'static str, source: io::Error) -> LockError {
        LockError::File { what, file: self.path.clone(), source }
    }
}

/// Waits until nobody else writes to the file; others wait until what is given is dropped.
pub(crate) fn turn(path: &Path) -> io::Result<File> {
    let folder = folder(path);
    fs::create_dir_all(folder)?;
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".writing");
    let file = File::options().create(true).append(true).open(folder.join(name))?;
    file.lock()?;
    Ok(file)
}

/// Puts a text in the place of a file: who reads it sees the old one or the new one, even after a power cut.
pub(crate) fn replace(path: &Path, text: &str) -> io::Result<()> {
    // What a link leads to is replaced, not the link.
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let folder = folder(&path);
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    if let Ok(facts) = path.metadata() {
        file.as_file().set_permissions(facts.permissions())?;
    }
    file.as_file().sync_all()?;
    file.persist(&path).map_err(|error| error.error)?;
    if cfg!(unix) {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}
