use std::time::Duration;

use crate::{Charge, Consumed, Moment};

/// How much of a limit is left: the moment at which all of it will have come back.
///
/// That is the theoretical arrival time of the generic cell rate algorithm (ITU-T I.371 annex A), to an exact
/// fraction of a nanosecond, so that no rounding adds up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct Bucket {
    /// When it was last taken from, in nanoseconds on the clock of the moments it is used with.
    pub(crate) at_ns: u64,
    /// On the same clock.
    pub(crate) full_ns: u64,
    /// And so many parts of the next one, of which there are as many as the charge's `count`.
    pub(crate) full_part: u32,
}

/// Takes one from the bucket of each charge, all of them or none.
pub(crate) fn take_all(charges: &[Charge<'_>], buckets: &mut [Bucket], now_ns: u64) -> Consumed {
    let mut slowest = None;
    let mut after: Vec<Bucket> = Vec::with_capacity(buckets.len());
    for (which, (charge, bucket)) in charges.iter().zip(buckets.iter()).enumerate() {
        // A bucket named twice gives two.
        let before = charges.iter().zip(&after).rfind(|(earlier, _)| earlier.key == charge.key);
        let bucket = before.map_or(*bucket, |(_, left)| *left);
        let left = bucket.take(charge, now_ns).unwrap_or_else(|wait| {
            slowest = slowest.max(Some((wait, which)));
            bucket
        });
        after.push(left);
    }
    match slowest {
        Some((retry_after, which)) => Consumed::Refused { which, retry_after },
        None => {
            buckets.copy_from_slice(&after);
            Consumed::Taken
        }
    }
}

impl Bucket {
    /// The bucket after one was taken at `now_ns`, or how long it takes to have one.
    pub(crate) fn take(self, charge: &Charge<'_>, now_ns: u64) -> Result<Self, Duration> {
        // In units of 1/count ns, one request is exactly `period`, in nanoseconds.
        let count = u128::from(charge.count.get());
        let one = charge.period.as_nanos();
        let all = one * u128::from(charge.burst.get());
        let now = u128::from(now_ns) * count;
        let part = self.full_part.min(charge.count.get());
        let full = u128::from(self.full_ns) * count + u128::from(part);
        // The limit may have been another one when it was last taken from.
        let full = full.min(u128::from(self.at_ns) * count + all);
        let after = full.max(now) + one;
        match after.saturating_sub(now + all) {
            0 => Ok(Self::full_at(after, now_ns, charge)),
            missing => Err(Duration::from_nanos(clipped(missing.div_ceil(count)))),
        }
    }

    /// The bucket on the clock of `now`, which is another one than that of `then`, when it was last taken from.
    ///
    /// Only the wall's clock can tell how long the machine was off. Set back, it lets the time left begin anew;
    /// set forward, it lets it end.
    pub(crate) fn carried_over(self, then: &Moment, now: &Moment) -> Self {
        let left = self.full_ns.saturating_sub(self.at_ns);
        let passed = now.wall_ns.saturating_sub(then.wall_ns);
        let Some(left) = left.checked_sub(passed) else { return Self::default() };
        let at_ns = now.since_boot_ns;
        Self { at_ns, full_ns: at_ns.saturating_add(left), ..self }
    }

    fn full_at(parts: u128, at_ns: u64, charge: &Charge<'_>) -> Self {
        let count = u128::from(charge.count.get());
        Self {
            at_ns,
            full_ns: clipped(parts / count),
            full_part: u32::try_from(parts % count).unwrap_or(charge.count.get()),
        }
    }
}

fn clipped(ns: u128) -> u64 {
    u64::try_from(ns).unwrap_or(u64::MAX)
}
