use std::sync::LazyLock;
use std::time::{SystemTime, UNIX_EPOCH};

/// A point in time on a clock that nobody can set, and on the wall's for when that clock starts anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// Which run of the machine it belongs to.
    pub boot: Boot,
    /// Nanoseconds since then, the machine's sleep included where the system counts it.
    pub since_boot_ns: u64,
    /// Nanoseconds since 1970. May jump.
    pub wall_ns: u64,
}

/// One run of the machine, from start to stop; all zero where the system has no name for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Boot(pub [u8; 16]);

static BOOT: LazyLock<Boot> = LazyLock::new(Boot::read);

impl Moment {
    /// Reads the clocks.
    pub fn now() -> Self {
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let wall_ns = u64::try_from(wall.as_nanos()).unwrap_or(u64::MAX);
        Self { boot: *BOOT, since_boot_ns: since_boot_ns(wall_ns), wall_ns }
    }

    /// Whether this moment comes after `then` on the same clock.
    pub(crate) fn follows(&self, then: &Self) -> bool {
        self.boot == then.boot && self.since_boot_ns >= then.since_boot_ns
    }
}

impl Boot {
    fn read() -> Self {
        let id = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
        let digits = id.trim().replace('-', "");
        Self(u128::from_str_radix(&digits, 16).unwrap_or(0).to_be_bytes())
    }
}

#[cfg(unix)]
fn since_boot_ns(_wall_ns: u64) -> u64 {
    use rustix::time::{ClockId, clock_gettime};
    #[cfg(any(target_os = "linux", target_os = "android"))]
    const CLOCK: ClockId = ClockId::Boottime;
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    const CLOCK: ClockId = ClockId::Monotonic;
    let since_boot = clock_gettime(CLOCK);
    let seconds = u64::try_from(since_boot.tv_sec).unwrap_or(0);
    let nanos = u64::try_from(since_boot.tv_nsec).unwrap_or(0);
    seconds.saturating_mul(1_000_000_000).saturating_add(nanos)
}

/// Safe Rust has no clock here that other processes share but the wall's, which only administrators may set: set
/// back, it lets the time left begin anew; set forward, it lets it end. No test covers it.
#[cfg(windows)]
fn since_boot_ns(wall_ns: u64) -> u64 {
    wall_ns
}
