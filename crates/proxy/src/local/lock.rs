use std::{
    fs::{File, TryLockError},
    io::{Read, Seek, Write},
    path::Path,
    time::{Duration, Instant},
};

use super::{LocalError, Place, private};

/// Whoever looks whether there is a daemon has its lock for a moment; a daemon has it for longer.
const GLANCE: Duration = Duration::from_millis(200);

/// A file lock that is gone when its holder is, however it ended.
#[derive(Debug)]
pub(crate) struct Lock {
    _held: File,
    /// Names the daemon's process; the same file, but where a locked one cannot be read.
    process: Option<File>,
}

impl Lock {
    /// Becomes the one daemon of this place.
    ///
    /// # Errors
    /// There is one already.
    pub(crate) fn of_the_daemon(place: &Place) -> Result<Self, LocalError> {
        place.prepare()?;
        let held = private::file(&place.lock())?;
        let path = place.pid();
        let mut process = private::file(&path)?;
        let since = Instant::now();
        while !obtained(held.try_lock(), &place.lock())? {
            if since.elapsed() > GLANCE {
                return Err(LocalError::Running { pid: pid(&mut process) });
            }
            #[expect(clippy::disallowed_methods, reason = "this process does not serve anybody yet")]
            std::thread::sleep(Duration::from_millis(1));
        }
        let failed = |source| LocalError::File { path: path.clone(), source };
        process.set_len(0).map_err(failed)?;
        process.rewind().map_err(failed)?;
        writeln!(process, "{}", std::process::id()).map_err(failed)?;
        Ok(Self { _held: held, process: Some(process) })
    }

    /// Becomes the one who starts the daemon, unless somebody else is at it.
    pub(crate) fn of_the_starter(place: &Place) -> Result<Option<Self>, LocalError> {
        place.prepare()?;
        let path = place.starting();
        let held = private::file(&path)?;
        Ok(obtained(held.try_lock(), &path)?.then_some(Self { _held: held, process: None }))
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Whoever looks must not take an old number for a running daemon.
        if let Some(process) = &self.process {
            let _ = process.set_len(0);
        }
    }
}

/// The process of the daemon of this place (0 if it has not said); `None` if there is none.
///
/// # Errors
/// The place cannot be looked at, or is not private.
pub fn running(place: &Place) -> Result<Option<u32>, LocalError> {
    let path = place.lock();
    if !path.exists() {
        return Ok(None);
    }
    let held = private::file(&path)?;
    // Shared, so that those who look at the same time do not take each other for a daemon.
    if obtained(held.try_lock_shared(), &path)? {
        return Ok(None);
    }
    Ok(Some(pid(&mut private::file(&place.pid())?).unwrap_or(0)))
}

fn obtained(locked: Result<(), TryLockError>, path: &Path) -> Result<bool, LocalError> {
    match locked {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(source)) => Err(LocalError::File { path: path.to_owned(), source }),
    }
}

fn pid(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.take(32).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}
