use std::path::{Path, PathBuf};

use super::LocalError;

/// Where the daemon of a user lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    home: PathBuf,
    socket: PathBuf,
}

/// Longest path of a socket that every Unix takes, in bytes: `sun_path` has 104 on macOS, 108 on Linux.
const MAX_SOCKET_PATH: usize = 103;

impl Place {
    /// The daemon with this home folder and socket.
    ///
    /// # Errors
    /// The socket's path is too long for the operating system.
    pub fn new(home: PathBuf, socket: PathBuf) -> Result<Self, LocalError> {
        if socket.as_os_str().len() > MAX_SOCKET_PATH {
            return Err(LocalError::SocketPath { path: socket });
        }
        Ok(Self { home, socket })
    }

    /// Holds everything the daemon keeps; for its user alone.
    pub fn home(&self) -> &Path {
        &self.home
    }

    /// Where the daemon listens.
    pub fn socket(&self) -> &Path {
        &self.socket
    }

    /// What a daemon in the background prints.
    pub fn log(&self) -> PathBuf {
        self.home.join("daemon.log")
    }

    /// The secret that whoever connects has to know.
    pub(crate) fn key(&self) -> PathBuf {
        self.home.join("daemon.key")
    }

    /// Held by the one daemon; names its process.
    pub(crate) fn lock(&self) -> PathBuf {
        self.home.join("daemon.pid")
    }

    /// Held by whoever starts the daemon.
    pub(crate) fn starting(&self) -> PathBuf {
        self.home.join("daemon.starting")
    }
}
