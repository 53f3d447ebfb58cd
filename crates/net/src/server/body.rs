use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use tokio::sync::mpsc;

use super::{pulse::Exchange, streams};

/// The body of a response: nothing, some bytes, or chunks that are yet to come.
pub struct Body {
    content: Content,
    /// Held until the body has been handed over, or nobody wants it any more.
    exchange: Option<Exchange>,
}

enum Content {
    Full(Bytes),
    Stream(Box<dyn Chunks>),
}

/// A body that comes in pieces. It is dropped when the client goes away, which is how its source learns of it.
pub trait Chunks: Send + 'static {
    /// The next piece; `None` at the end, [`Cut`] if the end will never come.
    fn poll_chunk(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Cut>>>;
}

/// A stream that broke off. The client sees that the body is incomplete.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the stream broke off")]
pub struct Cut;

/// The largest piece given to the connection at once, so that a client which stops reading leaves the rest with us.
const PIECE: usize = 64 * 1024;

impl Body {
    /// No body.
    pub const fn empty() -> Self {
        Self { content: Content::Full(Bytes::new()), exchange: None }
    }

    /// A body that is all there.
    pub const fn full(bytes: Bytes) -> Self {
        Self { content: Content::Full(bytes), exchange: None }
    }

    /// A body whose chunks are sent as they come.
    pub fn stream(chunks: impl Chunks) -> Self {
        Self { content: Content::Stream(Box::new(chunks)), exchange: None }
    }

    pub(super) fn belonging_to(mut self, exchange: Exchange) -> Self {
        self.exchange = Some(exchange);
        self
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        Self::full(bytes)
    }
}

impl Default for Body {
    fn default() -> Self {
        Self::empty()
    }
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = Cut;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Cut>>> {
        let frame = match &mut self.get_mut().content {
            Content::Full(bytes) if bytes.is_empty() => Poll::Ready(None),
            Content::Full(bytes) => {
                let piece = bytes.split_to(bytes.len().min(PIECE));
                Poll::Ready(Some(Ok(Frame::data(piece))))
            }
            Content::Stream(chunks) => chunks.poll_chunk(cx).map(|chunk| Some(chunk?.map(Frame::data))),
        };
        streams::asked(frame.is_ready());
        frame
    }

    fn is_end_stream(&self) -> bool {
        matches!(&self.content, Content::Full(bytes) if bytes.is_empty())
    }

    fn size_hint(&self) -> SizeHint {
        match &self.content {
            Content::Full(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Content::Stream(_) => SizeHint::default(),
        }
    }
}

impl Chunks for mpsc::Receiver<Bytes> {
    fn poll_chunk(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Cut>>> {
        self.poll_recv(cx).map(|chunk| chunk.map(Ok))
    }
}

impl Chunks for mpsc::Receiver<Result<Bytes, Cut>> {
    fn poll_chunk(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Cut>>> {
        self.poll_recv(cx)
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.content {
            Content::Full(bytes) => write!(f, "Body({} bytes)", bytes.len()),
            Content::Stream(_) => f.write_str("Body(stream)"),
        }
    }
}
