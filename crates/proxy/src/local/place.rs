use std::path::{Path, PathBuf};

use super::{LocalError, Secret, private};
use crate::os::{files, socket};

/// Where the daemon of a user lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    home: PathBuf,
    socket: PathBuf,
}

impl Place {
    /// The daemon with this home folder and socket.
    ///
    /// # Errors
    /// The operating system cannot listen there: the socket's path is too long.
    pub fn new(home: PathBuf, socket: PathBuf) -> Result<Self, LocalError> {
        if !socket::is_usable(&socket) {
            return Err(LocalError::SocketPath { path: socket });
        }
        Ok(Self { home, socket })
    }

    /// Makes sure that the home folder is there and that nobody else may change what is in it.
    ///
    /// # Errors
    /// It cannot be made, or belongs to somebody else.
    pub fn prepare(&self) -> Result<(), LocalError> {
        private::folder(&self.home)
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

    /// The secret that whoever looks at the dashboard has to know.
    fn token(&self) -> PathBuf {
        self.home.join("dashboard.token")
    }

    /// Where the dashboard listens, while the daemon runs.
    fn port(&self) -> PathBuf {
        self.home.join("dashboard.port")
    }

    /// The dashboard's token.
    ///
    /// # Errors
    /// The daemon has never run here, or the file is not private.
    pub fn dashboard_token(&self) -> Result<Secret, LocalError> {
        Secret::load(&self.token())
    }

    /// The same, made if there is none. For the daemon.
    ///
    /// # Errors
    /// As [`Place::dashboard_token`], or it cannot be written.
    pub fn make_dashboard_token(&self) -> Result<Secret, LocalError> {
        Secret::load_or_create(&self.token())
    }

    /// The dashboard's port, while the daemon runs.
    pub fn dashboard_port(&self) -> Option<u16> {
        std::fs::read_to_string(self.port()).ok()?.trim().parse().ok()
    }

    /// Notes the port, or that there is none any more.
    pub fn note_dashboard_port(&self, port: Option<u16>) -> std::io::Result<()> {
        match port {
            Some(port) => std::fs::write(self.port(), format!("{port}\n")),
            None => std::fs::remove_file(self.port()),
        }
    }

    /// Held by the one daemon.
    pub(crate) fn lock(&self) -> PathBuf {
        self.home.join(files::LOCK)
    }

    /// Names the daemon's process.
    pub(crate) fn pid(&self) -> PathBuf {
        self.home.join("daemon.pid")
    }

    /// Held by whoever starts the daemon.
    pub(crate) fn starting(&self) -> PathBuf {
        self.home.join("daemon.starting")
    }
}
