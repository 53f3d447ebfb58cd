use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// The time at which something happened, on both clocks.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    /// Milliseconds since 1970, for people. May jump.
    pub wall_ms: u64,
    /// For durations. Never goes back.
    pub instant: Instant,
}

impl Clock {
    /// Reads both clocks.
    pub fn now() -> Self {
        let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
        let wall_ms = u64::try_from(since_1970.as_millis()).unwrap_or(u64::MAX);
        Self { wall_ms, instant: Instant::now() }
    }
}

/// Whole microseconds, as records keep them.
pub(crate) fn micros(duration: Duration) -> u32 {
    u32::try_from(duration.as_micros()).unwrap_or(u32::MAX)
}
