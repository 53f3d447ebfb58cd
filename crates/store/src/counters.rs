//! Limits that hold exactly, over restarts and between processes.

mod bucket;
mod moment;
mod shared;

use std::num::NonZeroU32;
use std::time::Duration;

pub(crate) use bucket::{Bucket, take_all};
pub use moment::{Boot, Moment};
pub use shared::SharedCounters;

use crate::StoreError;

/// Whether a request is within its limits. One question both asks and takes, so that two who ask at the same
/// time cannot both be told yes.
pub trait Counters {
    /// Takes one from the bucket of every charge, or changes nothing.
    ///
    /// # Errors
    /// It cannot be told; nothing was taken, and the request must be refused.
    fn consume(&mut self, charges: &[Charge<'_>]) -> Result<Consumed, StoreError>;
}

/// One limit a request counts towards: in any stretch of time `t`, at most `burst + t · count / period` requests.
///
/// Changing a limit empties no bucket and fills none: what was taken comes back when it would have, though
/// never later than the new limit needs to fill the whole bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Charge<'a> {
    /// The bucket, for example of one user and server.
    pub key: &'a str,
    /// How many requests come back each period.
    pub count: NonZeroU32,
    /// See `count`. With a period of zero there is no limit.
    pub period: Duration,
    /// How many can be taken at once from a full bucket.
    pub burst: NonZeroU32,
}

/// The answer to [`Counters::consume`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consumed {
    /// Every bucket had one, and has one less now.
    Taken,
    /// At least one bucket was empty; nothing was taken.
    Refused {
        /// The charge whose bucket takes longest to have one again, by its place in the list.
        which: usize,
        /// When all buckets will have one, if nobody else takes it.
        retry_after: Duration,
    },
}
