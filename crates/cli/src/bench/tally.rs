//! Counts, and what may be concluded from them.

use serde::{Serialize, Serializer, ser::SerializeStruct as _};

use super::{corpus::Kind, judge::Counted};

/// What became of a number of samples.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(crate) struct Tally {
    pub(crate) attacks: Counts,
    pub(crate) benign: Counts,
}

/// How many samples there are, and in how many something was found and done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) rows: u32,
    pub(crate) found: u32,
    pub(crate) enforced: u32,
}

/// A share, and between which shares it lies with 95 % confidence; all in percent.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Share {
    pub(crate) percent: f64,
    pub(crate) from: f64,
    pub(crate) to: f64,
}

impl Tally {
    pub(crate) fn add(&mut self, kind: Kind, counted: Counted) {
        let counts = match kind {
            Kind::Attack => &mut self.attacks,
            Kind::Benign => &mut self.benign,
        };
        counts.rows += 1;
        counts.found += u32::from(counted.found);
        counts.enforced += u32::from(counted.enforced);
    }

    pub(crate) fn join(&mut self, other: &Self) {
        for (own, other) in [(&mut self.attacks, other.attacks), (&mut self.benign, other.benign)] {
            own.rows += other.rows;
            own.found += other.found;
            own.enforced += other.enforced;
        }
    }
}

impl Counts {
    /// The share in which something was found; `None` of none.
    pub(crate) fn found(self) -> Option<Share> {
        Share::of(self.found, self.rows)
    }

    /// The share that was blocked or altered; `None` of none.
    pub(crate) fn enforced(self) -> Option<Share> {
        Share::of(self.enforced, self.rows)
    }
}

impl Serialize for Counts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut counts = serializer.serialize_struct("Counts", 5)?;
        counts.serialize_field("rows", &self.rows)?;
        counts.serialize_field("found", &self.found)?;
        counts.serialize_field("found_share", &self.found())?;
        counts.serialize_field("enforced", &self.enforced)?;
        counts.serialize_field("enforced_share", &self.enforced())?;
        counts.end()
    }
}

impl Share {
    /// The score interval of Wilson (1927), which holds for small numbers and shares near 0 and 1, too.
    fn of(part: u32, whole: u32) -> Option<Self> {
        const Z: f64 = 1.959_963_984_540_054;
        if whole == 0 {
            return None;
        }
        let (part, whole) = (f64::from(part), f64::from(whole));
        let share = part / whole;
        let scale = 1.0 + Z * Z / whole;
        let centre = (share + Z * Z / (2.0 * whole)) / scale;
        let spread = Z / scale * (share * (1.0 - share) / whole + Z * Z / (4.0 * whole * whole)).sqrt();
        let percent = |share: f64| 100.0 * share.clamp(0.0, 1.0);
        Some(Self { percent: percent(share), from: percent(centre - spread), to: percent(centre + spread) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rounded(part: u32, whole: u32) -> (f64, f64) {
        let share = Share::of(part, whole).unwrap();
        let round = |percent: f64| (percent * 100.0).round() / 100.0;
        (round(share.from), round(share.to))
    }

    #[test]
    fn intervals_are_those_of_wilson() {
        // As in Brown, Cai and DasGupta (2001) and by hand.
        assert_eq!(rounded(0, 10), (0.0, 27.75));
        assert_eq!(rounded(10, 10), (72.25, 100.0));
        assert_eq!(rounded(50, 100), (40.38, 59.62));
        assert_eq!(rounded(1, 1000), (0.02, 0.56));
        assert_eq!(Share::of(0, 0), None);
    }
}
