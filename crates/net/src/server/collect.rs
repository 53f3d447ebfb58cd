use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body::Body;
use tokio::time::{Instant, timeout_at};

use super::after;

/// How long a body may take: a grace, then so many bytes per second, and never beyond a deadline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// The longest that one body may take in all.
    pub deadline: Duration,
    /// The time before the rate counts.
    pub grace: Duration,
    /// Bytes per second that must have come on average, from the first byte on.
    pub min_rate: u32,
}

impl Default for Pace {
    fn default() -> Self {
        Self { deadline: Duration::from_secs(120), grace: Duration::from_secs(10), min_rate: 512 }
    }
}

/// Why a body was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CollectError {
    /// It is longer than allowed; answer 413.
    #[error("the body is larger than {0} bytes")]
    TooLarge(usize),
    /// It comes too slowly; answer 408.
    #[error("the body comes too slowly")]
    TooSlow,
    /// The client went away, or what it sent cannot be read; answer 400, if anybody still listens.
    #[error("the body broke off or is malformed")]
    Broken,
}

/// Reads a whole body of at most `max_bytes`. A length announced beyond that is refused before a byte is read.
///
/// # Errors
/// The body is too large, too slow or broken.
pub async fn collect<B>(body: B, max_bytes: usize, pace: Pace) -> Result<Bytes, CollectError>
where
    B: Body<Data = Bytes>,
{
    if body.size_hint().lower() > max_bytes as u64 {
        return Err(CollectError::TooLarge(max_bytes));
    }
    let mut body = std::pin::pin!(body);
    let started = Instant::now();
    let mut collected = Collected::Nothing;
    loop {
        let earned = Duration::from_secs(collected.len() as u64 / u64::from(pace.min_rate.max(1)));
        let until = after(started, pace.grace.saturating_add(earned).min(pace.deadline));
        let frame = std::future::poll_fn(|cx| body.as_mut().poll_frame(cx));
        let frame = timeout_at(until, frame).await.map_err(|_| CollectError::TooSlow)?;
        match frame {
            None => return Ok(collected.into_bytes()),
            Some(Err(_)) => return Err(CollectError::Broken),
            Some(Ok(frame)) => {
                let Ok(data) = frame.into_data() else { continue };
                if collected.len().saturating_add(data.len()) > max_bytes {
                    return Err(CollectError::TooLarge(max_bytes));
                }
                collected.push(data);
            }
        }
    }
}

/// Most bodies arrive in one piece, which is then not copied.
enum Collected {
    Nothing,
    One(Bytes),
    Many(BytesMut),
}

impl Collected {
    fn len(&self) -> usize {
        match self {
            Self::Nothing => 0,
            Self::One(bytes) => bytes.len(),
            Self::Many(bytes) => bytes.len(),
        }
    }

    fn push(&mut self, data: Bytes) {
        match self {
            Self::Nothing => *self = Self::One(data),
            Self::One(first) => {
                let mut all = BytesMut::with_capacity((first.len() + data.len()) * 2);
                all.extend_from_slice(first);
                all.extend_from_slice(&data);
                *self = Self::Many(all);
            }
            Self::Many(all) => all.extend_from_slice(&data),
        }
    }

    fn into_bytes(self) -> Bytes {
        match self {
            Self::Nothing => Bytes::new(),
            Self::One(bytes) => bytes,
            Self::Many(bytes) => bytes.freeze(),
        }
    }
}
