//! Decision ids: the primary key of the records and, since they grow with time, their time index.
//!
//! From the high bit: 1 zero bit, 41 bits of milliseconds since 2025-01-01T00:00:00Z (until 2094),
//! 13 bits of lane (one per process), 9 bits of sequence. More than 512 ids in a millisecond run
//! on into the next one.

mod base32;

use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::str::FromStr;

pub use base32::ParseIdError;

use crate::SessionId;

const EPOCH_MS: u64 = 1_735_689_600_000;
const LANE_BITS: u32 = 13;
const SEQUENCE_BITS: u32 = 9;
const TICK_SHIFT: u32 = LANE_BITS + SEQUENCE_BITS;
const LANES: u64 = 1 << LANE_BITS;
const LAST_SEQUENCE: u64 = (1 << SEQUENCE_BITS) - 1;
const LAST_TICK: u64 = (1 << 41) - 1;
/// Room above the last reachable clock reading, so that ids still grow when the clock stands there.
const LAST_CLOCK_TICK: u64 = LAST_TICK - (1 << 32);

/// Names one decision: in the audit, in the error a client sees, on the command line.
///
/// Shown as 13 characters of Crockford's base 32; read back in any case, with I and L for 1 and O
/// for 0. Ordered by time within a process.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DecisionId(u64);

impl DecisionId {
    /// The smallest id of a moment (milliseconds since 1970), for ranges of time.
    pub fn first_at(unix_ms: u64) -> Self {
        Self(tick_at(unix_ms) << TICK_SHIFT)
    }

    /// When the decision was taken, in milliseconds since 1970.
    pub fn unix_ms(self) -> u64 {
        EPOCH_MS + (self.0 >> TICK_SHIFT)
    }

    /// The stored key, never negative.
    pub(crate) fn key(self) -> i64 {
        self.0.cast_signed()
    }

    /// The id of a stored key; `None` if negative, which no id is.
    pub(crate) fn from_key(key: i64) -> Option<Self> {
        u64::try_from(key).ok().map(Self)
    }
}

impl fmt::Display for DecisionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = base32::encode(self.0);
        f.pad(str::from_utf8(&digits).map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for DecisionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DecisionId({self})")
    }
}

impl FromStr for DecisionId {
    type Err = ParseIdError;

    fn from_str(text: &str) -> Result<Self, ParseIdError> {
        base32::decode(text).map(Self)
    }
}

/// Gives out the decision ids of one process, always growing, even if the clock goes back.
///
/// Two processes with the same lane may give out the same id. [`Ids::for_session`] takes the lane
/// from the database, so that this needs 8,192 sessions between two that are alive together; the
/// write then fails with [`StoreError::Collision`](crate::StoreError::Collision) and
/// [`Ids::reseed`] moves away.
#[derive(Debug)]
pub struct Ids {
    tick: u64,
    lane: u64,
    sequence: u64,
}

impl Ids {
    /// Ids in the lane of the first session this process started.
    pub fn for_session(session: SessionId) -> Self {
        Self::in_lane(session.row().cast_unsigned())
    }

    /// Ids in a random lane, for a process that has no session in the database.
    pub fn random() -> Self {
        Self::in_lane(random())
    }

    /// The next id; `now_ms` is the clock in milliseconds since 1970.
    pub fn next(&mut self, now_ms: u64) -> DecisionId {
        let tick = tick_at(now_ms);
        if tick > self.tick {
            self.tick = tick;
            self.sequence = 0;
        } else if self.sequence < LAST_SEQUENCE {
            self.sequence += 1;
        } else {
            self.start_next_tick();
        }
        DecisionId(self.tick << TICK_SHIFT | self.lane << SEQUENCE_BITS | self.sequence)
    }

    /// Moves to another, random lane. Ids keep growing.
    pub fn reseed(&mut self) {
        let step = 1 + random() % (LANES - 1);
        self.lane = (self.lane + step) % LANES;
        self.start_next_tick();
    }

    fn in_lane(seed: u64) -> Self {
        Self { tick: 0, lane: seed % LANES, sequence: 0 }
    }

    fn start_next_tick(&mut self) {
        self.tick = (self.tick + 1).min(LAST_TICK);
        self.sequence = 0;
    }
}

fn tick_at(unix_ms: u64) -> u64 {
    unix_ms.saturating_sub(EPOCH_MS).min(LAST_CLOCK_TICK)
}

/// The standard library seeds its hash maps from the system: random enough to spread lanes.
fn random() -> u64 {
    RandomState::new().hash_one(std::process::id())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_800_000_000_000;

    #[test]
    fn ids_grow_when_the_clock_goes_back_or_stands_still() {
        let mut ids = Ids::in_lane(7);
        let mut last = ids.next(NOW);
        for clock in [NOW, NOW - 5_000, 0, NOW - 1, NOW + 1, u64::MAX, NOW, u64::MAX] {
            for _ in 0..1_500 {
                let id = ids.next(clock);
                assert!(id > last, "{clock}");
                last = id;
            }
        }
    }

    #[test]
    fn ids_carry_their_time() {
        let mut ids = Ids::in_lane(LANES - 1);
        let id = ids.next(NOW);
        assert_eq!(id.unix_ms(), NOW);
        assert!(DecisionId::first_at(NOW) <= id && id < DecisionId::first_at(NOW + 1));
    }

    #[test]
    fn five_hundred_ids_stay_in_their_millisecond() {
        let mut ids = Ids::in_lane(0);
        let times: Vec<_> = (0..513).map(|_| ids.next(NOW).unix_ms()).collect();
        assert_eq!(times[511], NOW);
        assert_eq!(times[512], NOW + 1);
    }

    #[test]
    fn a_new_lane_gives_other_and_greater_ids() {
        let mut ids = Ids::in_lane(5);
        for _ in 0..100 {
            let (lane, last) = (ids.lane, ids.next(NOW));
            ids.reseed();
            assert_ne!(ids.lane, lane);
            assert!(ids.next(NOW) > last);
        }
    }

    #[test]
    fn lanes_never_meet() {
        let (mut one, mut two) = (Ids::in_lane(1), Ids::in_lane(2));
        let mut all: Vec<_> =
            (0..5_000).flat_map(|at| [one.next(NOW + at / 600), two.next(NOW + at / 700)]).collect();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 10_000);
    }
}
