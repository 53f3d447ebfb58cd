use std::time::{Duration, Instant};

/// Spares a server that fails again and again, and those who would wait for it (a circuit breaker). Knows no clock.
#[derive(Debug, Clone)]
pub struct Breaker {
    threshold: u32,
    shortest: Duration,
    longest: Duration,
    state: State,
}

#[derive(Debug, Clone, Copy)]
enum State {
    /// All may pass; so many failures in a row.
    Closed(u32),
    /// None may.
    Open { until: Instant, pause: Duration },
    /// One has passed, to try. If nothing is heard of it, another may after this.
    Trying { until: Instant, pause: Duration },
}

impl Breaker {
    /// Opens after `threshold` failures in a row, for `shortest`; for twice as long each time the trial fails too, up to
    /// `longest`.
    pub fn new(threshold: u32, shortest: Duration, longest: Duration) -> Self {
        Self { threshold, shortest, longest, state: State::Closed(0) }
    }

    /// Whether a request may go out.
    ///
    /// # Errors
    /// None may until then.
    pub fn admit(&mut self, now: Instant) -> Result<(), Instant> {
        match self.state {
            State::Closed(_) => Ok(()),
            State::Open { until, .. } | State::Trying { until, .. } if now < until => Err(until),
            State::Open { pause, .. } | State::Trying { pause, .. } => {
                self.state = State::Trying { until: now + pause, pause };
                Ok(())
            }
        }
    }

    /// The server has answered.
    pub fn succeeded(&mut self) {
        self.state = State::Closed(0);
    }

    /// The server could not be reached, or could not answer.
    pub fn failed(&mut self, now: Instant) {
        let open = |pause| State::Open { until: now + pause, pause };
        self.state = match self.state {
            State::Closed(failures) if failures + 1 < self.threshold => State::Closed(failures + 1),
            State::Closed(_) => open(self.shortest),
            // Sent before it opened: that it fails too says nothing new.
            State::Open { .. } => self.state,
            State::Trying { pause, .. } => open((pause * 2).min(self.longest)),
        };
    }

    /// Until when no request may go out.
    pub fn open_until(&self, now: Instant) -> Option<Instant> {
        match self.state {
            State::Open { until, .. } | State::Trying { until, .. } if now < until => Some(until),
            _ => None,
        }
    }
}

/// Five failures, ten seconds, a minute at most.
impl Default for Breaker {
    fn default() -> Self {
        Self::new(5, Duration::from_secs(10), Duration::from_secs(60))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_opens_after_failures_in_a_row_and_lets_one_through_to_try() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut breaker = Breaker::new(3, Duration::from_secs(10), Duration::from_secs(25));

        breaker.failed(at(0));
        breaker.failed(at(0));
        breaker.succeeded();
        breaker.failed(at(0));
        breaker.failed(at(0));
        assert_eq!(breaker.admit(at(0)), Ok(()), "two in a row");
        breaker.failed(at(0));
        assert_eq!(breaker.admit(at(9)), Err(at(10)));
        breaker.failed(at(9));
        assert_eq!(breaker.open_until(at(9)), Some(at(10)), "a late failure changes nothing");

        assert_eq!(breaker.admit(at(10)), Ok(()));
        assert_eq!(breaker.admit(at(10)), Err(at(20)), "one alone");
        breaker.failed(at(11));
        assert_eq!(breaker.admit(at(30)), Err(at(31)), "twice as long");
        assert_eq!(breaker.admit(at(31)), Ok(()));
        breaker.failed(at(31));
        assert_eq!(breaker.admit(at(55)), Err(at(56)), "no longer than the longest");

        assert_eq!(breaker.admit(at(60)), Ok(()));
        assert_eq!(breaker.admit(at(90)), Ok(()), "nothing was heard of the one");
        breaker.succeeded();
        assert_eq!(breaker.open_until(at(90)), None);
        breaker.failed(at(90));
        assert_eq!(breaker.admit(at(90)), Ok(()));
    }
}
