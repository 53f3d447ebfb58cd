//! The end of what one side says, while the other may go on: a pipe cannot be closed by halves.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Says that nothing follows. No JSON text has this byte in it (RFC 8259 §2, §7): whoever sends it all the same has
/// only ended what they say themselves.
const END: u8 = 0;

/// What comes, up to its end.
#[derive(Debug)]
pub(crate) struct ReadHalf<R> {
    from: R,
    ended: bool,
}

/// What goes; its end is said when it is shut down.
#[derive(Debug)]
pub(crate) struct WriteHalf<W> {
    to: W,
    ended: bool,
}

impl<R> ReadHalf<R> {
    pub(crate) fn new(from: R) -> Self {
        Self { from, ended: false }
    }
}

impl<W> WriteHalf<W> {
    pub(crate) fn new(to: W) -> Self {
        Self { to, ended: false }
    }
}

impl<R: AsyncRead + Unpin> AsyncRead for ReadHalf<R> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.ended {
            return Poll::Ready(Ok(()));
        }
        let before = into.filled().len();
        ready!(Pin::new(&mut self.from).poll_read(context, into))?;
        let new = into.filled().get(before..).unwrap_or_default();
        if let Some(end) = new.iter().position(|byte| *byte == END) {
            into.set_filled(before + end);
            self.ended = true;
        }
        Poll::Ready(Ok(()))
    }
}

impl<W: AsyncWrite + Unpin> AsyncWrite for WriteHalf<W> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match (self.ended, bytes) {
            (true, _) => Poll::Ready(Err(io::ErrorKind::BrokenPipe.into())),
            // For a pipe that would be a message of its own.
            (false, []) => Poll::Ready(Ok(0)),
            (false, bytes) => Pin::new(&mut self.to).poll_write(context, bytes),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.to).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.ended {
            ready!(Pin::new(&mut self.to).poll_write(context, &[END]))?;
            self.ended = true;
        }
        Pin::new(&mut self.to).poll_flush(context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex, split};

    use super::*;

    #[tokio::test]
    async fn one_side_ends_and_still_hears_the_other() {
        let (ours, theirs) = duplex(64);
        let (our_from, our_to) = split(ours);
        let (their_from, their_to) = split(theirs);
        let (mut ears, mut mouth) = (ReadHalf::new(our_from), WriteHalf::new(our_to));
        let (mut their_ears, mut their_mouth) = (ReadHalf::new(their_from), WriteHalf::new(their_to));

        mouth.write_all(b"{}\n").await.unwrap();
        mouth.shutdown().await.unwrap();
        let mut heard = Vec::new();
        their_ears.read_to_end(&mut heard).await.unwrap();
        assert_eq!(heard, b"{}\n");
        assert!(mouth.write_all(b"more").await.is_err());

        their_mouth.write_all(b"answer\n").await.unwrap();
        their_mouth.shutdown().await.unwrap();
        let mut answer = Vec::new();
        ears.read_to_end(&mut answer).await.unwrap();
        assert_eq!(answer, b"answer\n");
    }

    #[tokio::test]
    async fn nothing_is_heard_after_an_end_that_came_with_more() {
        let mut ears = ReadHalf::new(&b"said\n\0unsaid\n"[..]);
        let mut heard = Vec::new();
        ears.read_to_end(&mut heard).await.unwrap();
        assert_eq!(heard, b"said\n");
    }
}
