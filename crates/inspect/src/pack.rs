//! Rule packs: what is looked for, as data.

mod format;
mod samples;
mod user;

use std::{fmt, sync::LazyLock};

pub use format::{
    Action, Actions, Assigned, Cells, Check, Find, Keyed, Length, Native, Near, Pack, Pattern, Phrase, Rule,
    Sample, Severity, Shape, Signal, Signals, Token, Where,
};
pub use samples::Fault;
pub use user::UserPack;

/// Our own packs, as the build script checked them.
static PACKS: LazyLock<Vec<Pack>> = LazyLock::new(|| {
    // What the build script wrote from the same types can be read; a test does.
    serde_json::from_str(include_str!(concat!(env!("OUT_DIR"), "/packs.json"))).unwrap_or_default()
});

/// Our own packs, in the order of their files' names.
pub fn packs() -> &'static [Pack] {
    &PACKS
}

impl<R> Pack<R> {
    /// The pack with other rules in the place of its own.
    pub fn map<S>(self, change: impl FnMut(R) -> S) -> Pack<S> {
        let Self { pack, version, actions, places, tags, rules } = self;
        Pack { pack, version, actions, places, tags, rules: rules.into_iter().map(change).collect() }
    }
}

impl Action {
    /// Every action, mildest first.
    pub const ALL: [Self; 6] =
        [Self::Allow, Self::Warn, Self::ShadowBlock, Self::Redact, Self::Review, Self::Block];

    /// The name used in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Warn => "warn",
            Self::ShadowBlock => "shadow-block",
            Self::Redact => "redact",
            Self::Review => "review",
            Self::Block => "block",
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Actions {
    /// What follows for whoever says nothing: secrets do not leave, and do not arrive in the open.
    pub const DEFAULT: Self = {
        let cells = Cells { request: Action::Block, response: Action::Redact };
        Self { balanced: cells, strict: cells }
    };
}

impl Length {
    /// The least and the most.
    pub fn bounds(self) -> (usize, usize) {
        match self {
            Self::Exact(length) => (length.into(), length.into()),
            Self::Range([least, most]) => (least.into(), most.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_packs_can_be_read() {
        assert!(!packs().is_empty());
    }
}
