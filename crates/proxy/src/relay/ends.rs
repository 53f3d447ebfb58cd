//! The client's two ends: of a socket, or our own standard input and output.

use std::{future::poll_fn, io, pin::Pin, task::Poll};

use bytes::BytesMut;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use crate::os::streams;

/// Where the client's frames come from.
pub(crate) struct Input(Pin<Box<dyn AsyncRead + Send>>);

/// Where answers to the client go.
pub(crate) struct Output {
    writer: Pin<Box<dyn AsyncWrite + Send>>,
    /// Copies to a file or terminal, which cannot be written to without blocking.
    pump: Option<std::thread::JoinHandle<()>>,
    /// Is standard output.
    ours: bool,
}

impl Input {
    /// The standard input of this process.
    pub(crate) fn ours() -> io::Result<Self> {
        streams::input().map(Self)
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
        let (writer, pump) = streams::output()?;
        Ok(Self { writer, pump, ours: true })
    }

    /// To a socket's peer.
    pub(crate) fn new(to: impl AsyncWrite + Send + 'static) -> Self {
        Self { writer: Box::pin(to), pump: None, ours: false }
    }

    pub(crate) async fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.writer.write(bytes).await {
            Ok(0) => Err(io::ErrorKind::WriteZero.into()),
            result => result,
        }
    }

    /// Whether nobody is left to read, though somebody may have closed the other direction only.
    pub(crate) async fn is_gone(&mut self) -> bool {
        if self.ours && streams::output_is_closed() {
            return true;
        }
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
