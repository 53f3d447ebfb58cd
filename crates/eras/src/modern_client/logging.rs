use wire::meta::LOG_LEVELS;

/// How severe a log message is; the more severe, the greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Level(usize);

impl Level {
    pub(super) fn of(name: &str) -> Option<Self> {
        LOG_LEVELS.iter().position(|level| *level == name).map(Self)
    }

    pub(super) fn name(self) -> &'static str {
        LOG_LEVELS.get(self.0).copied().unwrap_or_default()
    }
}
