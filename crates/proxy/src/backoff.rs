use std::time::{Duration, Instant};

/// How long a server that keeps dying is left alone before it is started again.
#[derive(Debug, Default)]
pub(crate) struct Backoff {
    failures: u32,
    not_before: Option<Instant>,
}

/// A server that lived this long has earned its trust back.
const LONG: Duration = Duration::from_secs(60);

/// After the first failure; doubled with each further one.
const SHORTEST: Duration = Duration::from_millis(500);

const LONGEST: Duration = Duration::from_secs(30);

/// Failures in a row after which a server is only started if its client asks for something.
const HOPELESS: u32 = 6;

impl Backoff {
    /// Takes note of a server's end. The first one to die after a good life is replaced at once.
    pub(crate) fn died(&mut self, lived: Duration, useful: bool, now: Instant) {
        if useful && lived >= LONG {
            *self = Self::default();
        }
        let wait = match (self.failures, useful) {
            (0, true) => Duration::ZERO,
            (failures, _) => SHORTEST.saturating_mul(1 << failures.min(10)).min(LONGEST),
        };
        self.failures += 1;
        self.not_before = Some(now + wait);
    }

    /// When the server may be started again.
    pub(crate) fn not_before(&self) -> Option<Instant> {
        self.not_before
    }

    /// Whether to start it only if somebody asks for something.
    pub(crate) fn is_hopeless(&self) -> bool {
        self.failures >= HOPELESS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_end_with_a_good_life() {
        let now = Instant::now();
        let mut backoff = Backoff::default();
        let mut wait = |lived, useful| {
            backoff.died(Duration::from_secs(lived), useful, now);
            backoff.not_before().unwrap().duration_since(now).as_millis()
        };
        assert_eq!(wait(1, true), 0);
        let waits: Vec<_> = (0..8).map(|_| wait(1, true)).collect();
        assert_eq!(waits, [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
        assert_eq!(wait(61, true), 0);
        assert_eq!(wait(0, false), 1000);
        assert!(!backoff.is_hopeless());
        let mut never_started = Backoff::default();
        never_started.died(Duration::ZERO, false, now);
        assert_eq!(never_started.not_before(), Some(now + SHORTEST));
    }
}
