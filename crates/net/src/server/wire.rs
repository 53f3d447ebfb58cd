use std::{
    io::{self, IoSlice},
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Sleep, sleep},
};

use super::{
    pulse::Pulse,
    reading::{Fault, PREFACE, Reading},
    transport::Transport,
};

/// A connection's bytes, watched: what comes in is read along, and a client that takes nothing is given up. Its copies
/// are the same connection, so that it outlives the parser, which comes and goes.
#[derive(Clone)]
pub(super) struct Wire(Arc<Mutex<Watched>>);

struct Watched {
    transport: Transport,
    reading: Reading,
    /// What woke us up, and nobody has read yet.
    unread: Vec<u8>,
    pulse: Arc<Pulse>,
    patience: Duration,
    stalled: Option<Pin<Box<Sleep>>>,
}

/// How much is read to see whether there is anything: as much as most requests have.
const GLIMPSE: usize = 2048;

impl Wire {
    /// `patience` is how long the client may take no byte.
    pub(super) fn new(transport: Transport, pulse: Arc<Pulse>, patience: Duration) -> Self {
        let (reading, unread) = (Reading::default(), Vec::new());
        Self(Arc::new(Mutex::new(Watched { transport, reading, unread, pulse, patience, stalled: None })))
    }

    /// Whether nothing of a request has come and all of the last response has gone. HTTP/2 is never at rest.
    pub(super) fn is_at_rest(&self) -> bool {
        let watched = self.watched();
        watched.stalled.is_none() && watched.unread.is_empty() && watched.reading.is_between_requests()
    }

    /// Waits until there is something to read; `false` at the end.
    pub(super) fn poll_wake(&self, cx: &mut Context<'_>) -> Poll<bool> {
        let mut watched = self.watched();
        let mut glimpse = [0; GLIMPSE];
        let mut glimpse = ReadBuf::new(&mut glimpse);
        let read = ready!(Pin::new(&mut watched.transport).poll_read(cx, &mut glimpse));
        watched.unread.extend_from_slice(glimpse.filled());
        Poll::Ready(read.is_ok() && !watched.unread.is_empty())
    }

    /// Whether what woke us up is, as far as it goes, the beginning of HTTP/2, and the first thing the client has said.
    pub(super) fn may_become_http2(&self) -> bool {
        let watched = self.watched();
        let mut both = watched.unread.iter().zip(PREFACE);
        watched.reading.is_fresh() && both.all(|(said, preface)| said == preface)
    }

    fn watched(&self) -> MutexGuard<'_, Watched> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Watched {
    fn poll_read(&mut self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        if self.unread.is_empty() {
            ready!(Pin::new(&mut self.transport).poll_read(cx, buf))?;
        } else {
            let some = self.unread.len().min(buf.remaining());
            buf.put_slice(self.unread.get(..some).unwrap_or_default());
            self.unread.drain(..some);
            if self.unread.is_empty() {
                self.unread = Vec::new();
            }
        }
        Poll::Ready(self.read_along(buf.filled().get(before..).unwrap_or_default()))
    }

    fn read_along(&mut self, bytes: &[u8]) -> io::Result<()> {
        let read = self.reading.read(bytes);
        let heads = self.reading.heads();
        match read {
            Err(Fault::Body) => return Err(io::ErrorKind::InvalidData.into()),
            Err(Fault::Head(smell)) => self.pulse.smells(heads, smell),
            Ok(()) => {}
        }
        self.pulse.read(heads, self.reading.within_head());
        Ok(())
    }

    fn write<T>(
        &mut self,
        cx: &mut Context<'_>,
        write: impl FnOnce(Pin<&mut Transport>, &mut Context<'_>) -> Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        let written = write(Pin::new(&mut self.transport), cx);
        if written.is_ready() {
            self.stalled = None;
            return written;
        }
        let patience = self.patience;
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(sleep(patience)));
        ready!(stalled.as_mut().poll(cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncRead for Wire {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.watched().poll_read(cx, buf)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.watched().write(cx, |transport, cx| transport.poll_write(cx, buf))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.watched().write(cx, |transport, cx| transport.poll_write_vectored(cx, bufs))
    }

    fn is_write_vectored(&self) -> bool {
        self.watched().transport.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.watched().write(cx, AsyncWrite::poll_flush)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.watched().write(cx, AsyncWrite::poll_shutdown)
    }
}
