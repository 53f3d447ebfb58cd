//! A named pipe. Its default access list lets only its user, administrators and the system write to it, which whoever
//! connects has to. Who is at the other end safe Rust cannot ask: the key in the user's profile is the proof, both ways.

use std::{
    io,
    path::{Path, PathBuf},
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use policy::Caller;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::windows::named_pipe::{ClientOptions, NamedPipeServer, ServerOptions},
};

use super::user;
use crate::{
    local::{LocalError, Place, Secret},
    os::pipe,
};

/// The names of pipes that are on this machine begin with this; they may have 256 characters in all.
const PREFIX: &str = r"\\.\pipe\";

/// `ERROR_PIPE_BUSY`: for a moment nobody waits at the daemon's end.
const BUSY: i32 = 231;

/// How often such a moment is waited for, and how long.
const TRIES: u32 = 400;
const MOMENT: Duration = Duration::from_millis(5);

/// How long the daemon may take to prove that it is ours.
const PATIENCE: Duration = Duration::from_secs(10);

/// Either end of a pipe.
pub(crate) trait Pipe: AsyncRead + AsyncWrite + Send + Unpin {}
impl<P: AsyncRead + AsyncWrite + Send + Unpin> Pipe for P {}

pub(crate) type ReadHalf = pipe::ReadHalf<tokio::io::ReadHalf<Box<dyn Pipe>>>;
pub(crate) type WriteHalf = pipe::WriteHalf<tokio::io::WriteHalf<Box<dyn Pipe>>>;

/// A connection between a daemon and whoever asks something of it.
pub(crate) struct Stream(Box<dyn Pipe>);

impl Stream {
    /// Whoever connects says its end only after the first line was answered: from here on it is listened for.
    pub(crate) fn into_split(self) -> (ReadHalf, WriteHalf) {
        let (from, to) = tokio::io::split(self.0);
        (ReadHalf::new(from), WriteHalf::new(to))
    }
}

impl std::fmt::Debug for Stream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Stream")
    }
}

/// Whether a daemon can listen at this path.
pub(crate) fn is_usable(path: &Path) -> bool {
    path.to_str().is_some_and(|name| {
        let name = name.strip_prefix(PREFIX).unwrap_or_default();
        (1..=247).contains(&name.len()) && !name.contains('\\')
    })
}

/// Connects to the daemon of this place; `None` if somebody else has taken the name of its pipe.
pub(crate) async fn connect(place: &Place, key: &Secret) -> io::Result<Option<Stream>> {
    let mut tries = 0;
    let mut client = loop {
        // By default whoever listens may learn who we are, and not act as us.
        match ClientOptions::new().open(place.socket()) {
            Err(error) if error.raw_os_error() == Some(BUSY) && tries < TRIES => tries += 1,
            opened => break opened?,
        }
        tokio::time::sleep(MOMENT).await;
    };
    let is_ours = tokio::time::timeout(PATIENCE, pipe::check(&mut client, key)).await??;
    Ok(is_ours.then(|| Stream(Box::new(client))))
}

/// The daemon's side.
pub(crate) struct Listener {
    options: ServerOptions,
    name: PathBuf,
    /// Waits for the next one to connect: there is always one, or the name could be taken by others.
    next: NamedPipeServer,
}

impl Listener {
    /// Listens at the place's pipe, of which nobody else may hold an end. The caller holds the daemon's lock.
    pub(crate) fn bind(place: &Place) -> Result<Self, LocalError> {
        let name = place.socket().to_owned();
        let failed = |source| LocalError::Listen { path: place.socket().to_owned(), source };
        let mut options = ServerOptions::new();
        options.reject_remote_clients(true);
        let next = options.first_pipe_instance(true).create(&name).map_err(failed)?;
        options.first_pipe_instance(false);
        Ok(Self { options, name, next })
    }

    pub(crate) async fn accept(&mut self) -> io::Result<Stream> {
        self.next.connect().await?;
        let next = self.options.create(&self.name)?;
        Ok(Stream(Box::new(std::mem::replace(&mut self.next, next))))
    }
}

/// Lets a connection prove to its other end that it is the daemon's.
pub(crate) async fn prove(stream: &mut Stream, key: &Secret) -> io::Result<()> {
    pipe::prove(stream, key).await
}

/// A pipe leaves nothing behind.
pub(crate) fn remove(_path: &Path) {}

/// Who is at the other end: whoever knows the key is our user.
pub(crate) struct Peer;

impl Peer {
    #[expect(clippy::unnecessary_wraps, reason = "the same on every system")]
    pub(crate) fn of(_stream: &Stream) -> io::Result<Self> {
        Ok(Self)
    }

    #[expect(clippy::unused_self, reason = "the same on every system")]
    pub(crate) fn process(&self) -> Option<u32> {
        None
    }

    #[expect(clippy::unused_self, reason = "the same on every system")]
    pub(crate) fn caller(&self) -> Caller {
        user::ourselves()
    }

    #[expect(clippy::unused_self, reason = "the same on every system")]
    pub(crate) fn stranger(&self) -> Option<String> {
        None
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, into)
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}
