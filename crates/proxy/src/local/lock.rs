use std::{
    fs::File,
    io::{Read, Seek, Write},
    path::Path,
    time::{Duration, Instant},
};

use rustix::{fs::FlockOperation, io::Errno};

use super::{LocalError, Place, private};

/// Whoever looks whether there is a daemon has its lock for a moment; a daemon has it for longer.
const GLANCE: Duration = Duration::from_millis(200);

/// A file lock that is gone when its holder is, however it ended.
#[derive(Debug)]
pub(crate) struct Lock(File);

impl Lock {
    /// Becomes the one daemon of this place.
    ///
    /// # Errors
    /// There is one already.
    pub(crate) fn of_the_daemon(place: &Place) -> Result<Self, LocalError> {
        place.prepare()?;
        let path = place.lock();
        let mut file = private::file(&path)?;
        let since = Instant::now();
        while !try_lock(&file, FlockOperation::NonBlockingLockExclusive, &path)? {
            if since.elapsed() > GLANCE {
                return Err(LocalError::Running { pid: pid(&mut file) });
            }
            #[expect(clippy::disallowed_methods, reason = "this process does not serve anybody yet")]
            std::thread::sleep(Duration::from_millis(1));
        }
        let failed = |source| LocalError::File { path: path.clone(), source };
        file.set_len(0).map_err(failed)?;
        file.rewind().map_err(failed)?;
        writeln!(file, "{}", std::process::id()).map_err(failed)?;
        Ok(Self(file))
    }

    /// Becomes the one who starts the daemon, unless somebody else is at it.
    pub(crate) fn of_the_starter(place: &Place) -> Result<Option<Self>, LocalError> {
        place.prepare()?;
        let path = place.starting();
        let file = private::file(&path)?;
        Ok(try_lock(&file, FlockOperation::NonBlockingLockExclusive, &path)?.then_some(Self(file)))
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Whoever looks must not take an old number for a running daemon.
        let _ = self.0.set_len(0);
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
    let mut file = private::file(&path)?;
    // Shared, so that those who look at the same time do not take each other for a daemon.
    let free = try_lock(&file, FlockOperation::NonBlockingLockShared, &path)?;
    Ok(if free { None } else { Some(pid(&mut file).unwrap_or(0)) })
}

fn try_lock(file: &File, how: FlockOperation, path: &Path) -> Result<bool, LocalError> {
    match rustix::fs::flock(file, how) {
        Ok(()) => Ok(true),
        Err(Errno::WOULDBLOCK) => Ok(false),
        Err(errno) => Err(LocalError::File { path: path.to_owned(), source: errno.into() }),
    }
}

fn pid(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.take(32).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}
