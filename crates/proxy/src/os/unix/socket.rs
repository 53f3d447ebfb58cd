use std::{
    fs,
    io::{self, ErrorKind},
    os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt},
    path::Path,
};

use policy::Caller;
use rustix::process::geteuid;
pub(crate) use tokio::net::unix::{OwnedReadHalf as ReadHalf, OwnedWriteHalf as WriteHalf};
use tokio::net::{UnixListener, UnixStream, unix::UCred};

use super::{files::is_ours, user};
use crate::local::{LocalError, Place, Secret};

/// Longest path of a socket that every Unix takes, in bytes: `sun_path` has 104 on macOS, 108 on Linux.
const MAX_PATH: usize = 103;

/// A connection between a daemon and whoever asks something of it.
pub(crate) type Stream = UnixStream;

/// Whether a daemon can listen at this path.
pub(crate) fn is_usable(path: &Path) -> bool {
    path.as_os_str().len() <= MAX_PATH
}

/// Connects to the daemon of this place; `None` if somebody else has taken the place of its socket.
pub(crate) async fn connect(place: &Place, _key: &Secret) -> io::Result<Option<Stream>> {
    let stream = UnixStream::connect(place.socket()).await?;
    let is_ours = stream.peer_cred()?.uid() == geteuid().as_raw();
    Ok(is_ours.then_some(stream))
}

/// The daemon's side.
pub(crate) struct Listener(UnixListener);

impl Listener {
    /// Listens at the place's socket. The caller holds the daemon's lock, so that a socket found there is one that
    /// a dead daemon has left.
    pub(crate) fn bind(place: &Place) -> Result<Self, LocalError> {
        let path = place.socket();
        let failed = |source| LocalError::Listen { path: path.to_owned(), source };
        if let Some(folder) = path.parent().filter(|folder| *folder != place.home()) {
            private_enough(folder).map_err(failed)?;
        }
        match fs::remove_file(path) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(failed(error)),
            _ => {}
        }
        // No moment may pass in which others could connect.
        let before = rustix::process::umask(rustix::fs::Mode::from_bits_truncate(0o177));
        let listener = UnixListener::bind(path);
        rustix::process::umask(before);
        let listener = listener.map_err(failed)?;
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).map_err(failed)?;
        Ok(Self(listener))
    }

    pub(crate) async fn accept(&mut self) -> io::Result<Stream> {
        Ok(self.0.accept().await?.0)
    }
}

/// Lets a connection prove to its other end that it is the daemon's. The system does that here.
#[expect(clippy::unused_async, reason = "the same on every system")]
pub(crate) async fn prove(_stream: &mut Stream, _key: &Secret) -> io::Result<()> {
    Ok(())
}

/// Takes away what is left where a daemon listened.
pub(crate) fn remove(path: &Path) {
    let _ = fs::remove_file(path);
}

/// Who is at the other end, as the system knows.
pub(crate) struct Peer(UCred);

impl Peer {
    pub(crate) fn of(stream: &Stream) -> io::Result<Self> {
        stream.peer_cred().map(Self)
    }

    pub(crate) fn process(&self) -> Option<u32> {
        self.0.pid().and_then(|pid| u32::try_from(pid).ok())
    }

    pub(crate) fn caller(&self) -> Caller {
        user::caller(self.0.uid())
    }

    /// Why a daemon of ours does not serve them, if they are not of our user.
    pub(crate) fn stranger(&self) -> Option<String> {
        let (ours, theirs) = (geteuid().as_raw(), self.0.uid());
        (ours != theirs).then(|| format!("the daemon belongs to user {ours}, you are user {theirs}"))
    }
}

/// Somebody who may change the folder could put a socket of their own in place of ours.
fn private_enough(folder: &Path) -> io::Result<()> {
    if !folder.exists() {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    let found = fs::metadata(folder)?;
    if is_ours(&found) && found.mode() & 0o077 == 0 {
        return Ok(());
    }
    let folder = folder.display();
    let why =
        format!("{folder} must be yours alone; run `chmod 700 {folder}`, or choose another socket_path");
    Err(io::Error::new(ErrorKind::PermissionDenied, why))
}
