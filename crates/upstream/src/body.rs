use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};
use tokio::time::timeout;
use wire::sse::{Decoder, Event};

use crate::{LinkError, Target};

/// A whole body, within limits. A body that comes in one piece is not copied.
pub(crate) async fn collect(mut body: Incoming, max: usize, target: &Target) -> Result<Bytes, LinkError> {
    if body.size_hint().lower() > max as u64 {
        return Err(LinkError::TooLarge(max));
    }
    let mut first = Bytes::new();
    let mut rest = BytesMut::new();
    while !body.is_end_stream() {
        let Ok(frame) = timeout(target.timeouts.stalled, body.frame()).await else {
            return Err(LinkError::Slow("rest of an answer"));
        };
        let Some(frame) = frame else { break };
        // Trailers say nothing we wait for.
        let Ok(data) = frame.map_err(|_| LinkError::Cut)?.into_data() else { continue };
        if first.len() + rest.len() + data.len() > max {
            return Err(LinkError::TooLarge(max));
        }
        if first.is_empty() && rest.is_empty() {
            first = data;
        } else {
            if rest.is_empty() {
                rest.extend_from_slice(&std::mem::take(&mut first));
            }
            rest.extend_from_slice(&data);
        }
    }
    Ok(if rest.is_empty() { first } else { rest.freeze() })
}

/// A body that is a stream of events.
#[derive(Debug)]
pub(crate) struct Events {
    body: Incoming,
    decoder: Decoder,
}

impl Events {
    pub(crate) fn new(body: Incoming, target: &Target) -> Self {
        Self { body, decoder: Decoder::new(target.limits.max_message_bytes) }
    }

    /// The next event; `None` at the end. May be dropped and called again.
    pub(crate) async fn next(&mut self) -> Option<Result<Event, LinkError>> {
        loop {
            if let Some(event) = self.decoder.next_event() {
                return Some(event.map_err(LinkError::from));
            }
            match self.body.frame().await? {
                Ok(frame) => self.decoder.feed(frame.data_ref().map_or(&[], |data| data)),
                Err(_) => return Some(Err(LinkError::Cut)),
            }
        }
    }
}
