//! The client's two ends: of a socket, or our own standard input and output without the thread hop of
//! `tokio::io::stdin`.

use std::{
    future::poll_fn,
    io,
    os::{
        fd::{AsFd, OwnedFd},
        unix::net::UnixStream as StdUnixStream,
    },
    pin::Pin,
    task::Poll,
};

use bytes::BytesMut;
use rustix::fs::FileType;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{UnixStream, unix::pipe},
};

/// Where the client's frames come from.
pub(crate) struct Input(Pin<Box<dyn AsyncRead + Send>>);

/// Where answers to the client go.
pub(crate) struct Output {
    writer: Pin<Box<dyn AsyncWrite + Send>>,
    /// Copies to a file or terminal, which cannot be written to without blocking.
    pump: Option<std::thread::JoinHandle<()>>,
}

impl Input {
    /// The standard input of this process.
    pub(crate) fn ours() -> io::Result<Self> {
        let stdin = io::stdin().as_fd().try_clone_to_owned()?;
        Ok(match Stream::of(stdin)? {
            Stream::Pipe(fd) => Self(Box::pin(pipe::Receiver::from_owned_fd(fd)?)),
            Stream::Socket(socket) => Self(Box::pin(socket)),
            Stream::Blocking(fd) => {
                let (reader, mut writer) = io::pipe()?;
                let mut from = std::fs::File::from(fd);
                std::thread::Builder::new().name("stdin".to_owned()).spawn(move || {
                    let _ = io::copy(&mut from, &mut writer);
                })?;
                Self(Box::pin(pipe::Receiver::from_owned_fd(reader.into())?))
            }
        })
    }

    /// What a socket's peer says.
    pub(crate) fn new(from: impl AsyncRead + Send + 'static) -> Self {
        Self(Box::pin(from))
    }

    pub(crate) async fn read(&mut self, into: &mut BytesMut) -> io::Result<usize> {
        self.0.read_buf(into).await
    }
}

impl Output {
    /// The standard output of this process.
    pub(crate) fn ours() -> io::Result<Self> {
        let stdout = io::stdout().as_fd().try_clone_to_owned()?;
        Ok(match Stream::of(stdout)? {
            Stream::Pipe(fd) => Self { writer: Box::pin(pipe::Sender::from_owned_fd(fd)?), pump: None },
            Stream::Socket(socket) => Self { writer: Box::pin(socket), pump: None },
            Stream::Blocking(fd) => {
                let (mut reader, writer) = io::pipe()?;
                let mut to = std::fs::File::from(fd);
                let pump = std::thread::Builder::new().name("stdout".to_owned()).spawn(move || {
                    let _ = io::copy(&mut reader, &mut to);
                })?;
                Self { writer: Box::pin(pipe::Sender::from_owned_fd(writer.into())?), pump: Some(pump) }
            }
        })
    }

    /// To a socket's peer.
    pub(crate) fn new(to: impl AsyncWrite + Send + 'static) -> Self {
        Self { writer: Box::pin(to), pump: None }
    }

    pub(crate) async fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.writer.write(bytes).await {
            Ok(0) => Err(io::ErrorKind::WriteZero.into()),
            result => result,
        }
    }

    /// Whether a socket's peer is gone for good, and has not only closed the half it writes to.
    pub(crate) async fn is_gone(&mut self) -> bool {
        // Nothing can be written to one that is gone, not even nothing.
        poll_fn(|context| match self.writer.as_mut().poll_write(context, &[]) {
            Poll::Ready(result) => Poll::Ready(result.is_err()),
            Poll::Pending => Poll::Ready(false),
        })
        .await
    }

    /// Waits until everything written has left this process.
    pub(crate) async fn finish(&mut self) -> io::Result<()> {
        self.writer.flush().await?;
        let Some(pump) = self.pump.take() else { return Ok(()) };
        self.writer = Box::pin(tokio::io::sink());
        let joined = tokio::task::spawn_blocking(|| pump.join()).await;
        joined.map(|_| ()).map_err(io::Error::other)
    }
}

/// A standard stream by what it can do.
enum Stream {
    Pipe(OwnedFd),
    Socket(UnixStream),
    /// A file or terminal: readiness cannot be waited for, or must not be changed for those who share it.
    Blocking(OwnedFd),
}

impl Stream {
    fn of(fd: OwnedFd) -> io::Result<Self> {
        Ok(match FileType::from_raw_mode(rustix::fs::fstat(&fd)?.st_mode) {
            FileType::Fifo => Self::Pipe(fd),
            FileType::Socket => {
                let socket = StdUnixStream::from(fd);
                socket.set_nonblocking(true)?;
                Self::Socket(UnixStream::from_std(socket)?)
            }
            _ => Self::Blocking(fd),
        })
    }
}
