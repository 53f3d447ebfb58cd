use std::{io, net::SocketAddr, path::PathBuf};

use tokio::net::TcpListener;
#[cfg(unix)]
use tokio::net::UnixListener;

use super::{peer::Peer, transport::Transport};

/// A place where clients can reach us.
#[derive(Debug)]
pub struct Listening {
    name: String,
    socket: Socket,
}

#[derive(Debug)]
enum Socket {
    Tcp(TcpListener),
    #[cfg(unix)]
    Unix {
        listener: UnixListener,
        _unlink: unix::Unlink,
    },
}

/// A connection, fresh from the listener.
pub(super) struct Accepted {
    pub(super) transport: Transport,
    pub(super) peer: Peer,
}

/// Why it cannot be listened there.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// The address is taken, not ours, or reserved for administrators.
    #[error("cannot listen at {addr}: {source}; choose another port, or stop the program that has it")]
    Tcp {
        /// The address wanted.
        addr: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The socket cannot be made.
    #[error("cannot listen at {}: {source}", path.display())]
    Unix {
        /// The path wanted.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Somebody listens there.
    #[error("another program listens at {}; stop it or choose another path", path.display())]
    Taken {
        /// The path wanted.
        path: PathBuf,
    },
    /// There is a file that is no socket.
    #[error("{} is there and is no socket; remove it or choose another path", path.display())]
    NotASocket {
        /// The path wanted.
        path: PathBuf,
    },
    /// Others could put their own socket in the place of ours.
    #[error("others may reach into {}; make it private with `chmod 700`, or choose a folder of your own", folder.display())]
    OpenFolder {
        /// The folder of the path wanted.
        folder: PathBuf,
    },
}

impl Listening {
    /// Listens at an address; port 0 lets the system choose.
    ///
    /// # Errors
    /// The address cannot be had.
    pub async fn tcp(addr: SocketAddr) -> Result<Self, ListenError> {
        let failed = |source| ListenError::Tcp { addr, source };
        let listener = TcpListener::bind(addr).await.map_err(failed)?;
        let name = listener.local_addr().map_err(failed)?.to_string();
        Ok(Self { name, socket: Socket::Tcp(listener) })
    }

    /// Listens at a path that only its user may reach: the folder must be private and is never made here. What a
    /// program that died has left there is replaced; the socket is removed when the listener is dropped.
    ///
    /// # Errors
    /// The folder is not private, somebody listens there, or the socket cannot be made.
    #[cfg(unix)]
    pub fn unix(path: impl Into<PathBuf>) -> Result<Self, ListenError> {
        let path = path.into();
        let (listener, _unlink) = unix::listen(&path)?;
        Ok(Self { name: path.display().to_string(), socket: Socket::Unix { listener, _unlink } })
    }

    /// The address listened at; none for a Unix socket.
    pub fn local_addr(&self) -> Option<SocketAddr> {
        match &self.socket {
            Socket::Tcp(listener) => listener.local_addr().ok(),
            #[cfg(unix)]
            Socket::Unix { .. } => None,
        }
    }

    /// The address or path, for messages.
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(super) async fn accept(&self) -> io::Result<Accepted> {
        match &self.socket {
            Socket::Tcp(listener) => {
                let (stream, addr) = listener.accept().await?;
                stream.set_nodelay(true)?;
                let peer = Peer { addr: Some(addr), tls: false, unix: None };
                Ok(Accepted { transport: Transport::Tcp(stream), peer })
            }
            #[cfg(unix)]
            Socket::Unix { listener, .. } => {
                let (stream, _) = listener.accept().await?;
                let peer = Peer { addr: None, tls: false, unix: Some(stream.peer_cred()?.uid()) };
                Ok(Accepted { transport: Transport::Unix(stream), peer })
            }
        }
    }
}

/// Whether the error is about a client that went away before it was let in, and not about us.
pub(super) fn concerns_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, NotConnected};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | NotConnected)
}

#[cfg(unix)]
mod unix {
    use std::{
        fs, io,
        os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt},
        os::unix::net::UnixStream,
        path::{Path, PathBuf},
    };

    use tokio::net::UnixListener;

    use super::ListenError;

    /// Removes the socket, if it is still the one that was made.
    #[derive(Debug)]
    pub(super) struct Unlink {
        path: PathBuf,
        made: (u64, u64),
    }

    pub(super) fn listen(path: &Path) -> Result<(UnixListener, Unlink), ListenError> {
        let failed = |source| ListenError::Unix { path: path.to_owned(), source };
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        if fs::metadata(folder).map_err(failed)?.permissions().mode() & 0o077 != 0 {
            return Err(ListenError::OpenFolder { folder: folder.to_owned() });
        }
        match fs::symlink_metadata(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(failed(error)),
            Ok(found) if !found.file_type().is_socket() => {
                return Err(ListenError::NotASocket { path: path.to_owned() });
            }
            Ok(_) => match UnixStream::connect(path) {
                Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
                    fs::remove_file(path).map_err(failed)?;
                }
                _ => return Err(ListenError::Taken { path: path.to_owned() }),
            },
        }
        let listener = UnixListener::bind(path).map_err(failed)?;
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).map_err(failed)?;
        let made = identity(path).map_err(failed)?;
        Ok((listener, Unlink { path: path.to_owned(), made }))
    }

    fn identity(path: &Path) -> io::Result<(u64, u64)> {
        fs::symlink_metadata(path).map(|found| (found.dev(), found.ino()))
    }

    impl Drop for Unlink {
        fn drop(&mut self) {
            if identity(&self.path).is_ok_and(|found| found == self.made) {
                let _best_effort = fs::remove_file(&self.path);
            }
        }
    }
}
