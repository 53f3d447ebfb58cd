use std::{
    io::{self, IoSlice},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Sleep, sleep},
};

use super::{
    pulse::Pulse,
    reading::{Fault, Reading},
    transport::Transport,
};

/// A connection's bytes, watched: what comes in is read along, and a client that takes nothing is given up.
pub(super) struct Wire {
    transport: Transport,
    reading: Reading,
    pulse: Arc<Pulse>,
    patience: Duration,
    stalled: Option<Pin<Box<Sleep>>>,
}

impl Wire {
    /// `patience` is how long the client may take no byte.
    pub(super) fn new(transport: Transport, pulse: Arc<Pulse>, patience: Duration) -> Self {
        Self { transport, reading: Reading::default(), pulse, patience, stalled: None }
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

    fn taken<T>(&mut self, cx: &mut Context<'_>, written: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
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
        let this = self.get_mut();
        let before = buf.filled().len();
        ready!(Pin::new(&mut this.transport).poll_read(cx, buf))?;
        Poll::Ready(this.read_along(buf.filled().get(before..).unwrap_or_default()))
    }
}

impl AsyncWrite for Wire {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.transport).poll_write(cx, buf);
        this.taken(cx, written)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.transport).poll_write_vectored(cx, bufs);
        this.taken(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.transport.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let flushed = Pin::new(&mut this.transport).poll_flush(cx);
        this.taken(cx, flushed)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let shut = Pin::new(&mut this.transport).poll_shutdown(cx);
        this.taken(cx, shut)
    }
}
