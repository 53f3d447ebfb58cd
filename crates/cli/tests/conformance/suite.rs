use std::sync::OnceLock;

use crate::harness::Harness;
use crate::report::Report;
use crate::setup::Fixture;
use crate::turn;

/// A revision of the protocol, as the suite examines a server of it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Suite {
    June2025,
    November2025,
    July2026,
}

impl Suite {
    pub(crate) const ALL: [Self; 3] = [Self::June2025, Self::November2025, Self::July2026];
    pub(crate) const LEGACY: [Self; 2] = [Self::June2025, Self::November2025];
    pub(crate) const MODERN: [Self; 1] = [Self::July2026];

    pub(crate) fn revision(self) -> &'static str {
        match self {
            Self::June2025 => "2025-06-18",
            Self::November2025 => "2025-11-25",
            Self::July2026 => "2026-07-28",
        }
    }

    /// What of the suite is run: the frozen requirements of the revision, where there are any.
    pub(crate) fn selection(self) -> &'static [&'static str] {
        match self {
            Self::June2025 => &["--suite", "all", "--spec-version", "2025-06-18"],
            Self::November2025 => &["--requirements", "2025-11-25"],
            Self::July2026 => &["--requirements", "2026-07-28"],
        }
    }

    /// How many scenarios it has: scored ones, and others that are run for what they tell.
    pub(crate) fn scenarios(self) -> (usize, usize) {
        match self {
            Self::June2025 => (27, 0),
            Self::November2025 => (30, 3),
            Self::July2026 => (37, 13),
        }
    }

    /// What the suite finds without a guard. It is asked once.
    pub(crate) fn direct(self, harness: &Harness) -> &'static Report {
        static FOUND: [OnceLock<Report>; 3] = [const { OnceLock::new() }; 3];
        FOUND[self as usize].get_or_init(|| {
            let _turn = turn::take();
            let folder = tempfile::tempdir().unwrap();
            let fixture = Fixture::Both.over_http(harness);
            harness.server(&fixture.url(), self, folder.path())
        })
    }
}
