//! Without the thread hop of `tokio::io::stdin`.

use std::{
    fs::File,
    io,
    os::{
        fd::{AsFd, OwnedFd},
        unix::net::UnixStream as StdUnixStream,
    },
    pin::Pin,
    thread::{Builder, JoinHandle},
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    fs::FileType,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{UnixStream, unix::pipe},
};

/// The standard input of this process.
pub(crate) fn input() -> io::Result<Pin<Box<dyn AsyncRead + Send>>> {
    Ok(match Stream::of(io::stdin().as_fd().try_clone_to_owned()?)? {
        Stream::Pipe(fd) => Box::pin(pipe::Receiver::from_owned_fd(fd)?),
        Stream::Socket(socket) => Box::pin(socket),
        Stream::Blocking(fd) => {
            let (reader, mut writer) = io::pipe()?;
            let mut from = File::from(fd);
            Builder::new().name("stdin".to_owned()).spawn(move || {
                let _ = io::copy(&mut from, &mut writer);
            })?;
            Box::pin(pipe::Receiver::from_owned_fd(reader.into())?)
        }
    })
}

/// The standard output of this process, and the thread that has to end before all of it is written, if there is one.
#[expect(clippy::type_complexity, reason = "one thing, and what goes with it")]
pub(crate) fn output() -> io::Result<(Pin<Box<dyn AsyncWrite + Send>>, Option<JoinHandle<()>>)> {
    Ok(match Stream::of(io::stdout().as_fd().try_clone_to_owned()?)? {
        Stream::Pipe(fd) => (Box::pin(pipe::Sender::from_owned_fd(fd)?), None),
        Stream::Socket(socket) => (Box::pin(socket), None),
        Stream::Blocking(fd) => {
            let (mut reader, writer) = io::pipe()?;
            let mut to = File::from(fd);
            let pump = Builder::new().name("stdout".to_owned()).spawn(move || {
                let _ = io::copy(&mut reader, &mut to);
            })?;
            (Box::pin(pipe::Sender::from_owned_fd(writer.into())?), Some(pump))
        }
    })
}

/// Whether whoever read our standard output has closed it: a pipe without a reader is in error (poll(2)).
pub(crate) fn output_is_closed() -> bool {
    let stdout = io::stdout();
    let mut watched = [PollFd::new(&stdout, PollFlags::empty())];
    let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
    poll(&mut watched, Some(&at_once)).is_ok()
        && watched.iter().any(|end| end.revents().contains(PollFlags::ERR))
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
