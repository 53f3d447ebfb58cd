use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Profile, Setting};

/// Whether a server is held to what it was approved to be.
#[derive(Clone, Debug)]
pub struct PinSettings {
    /// Where what is approved comes from.
    pub mode: Setting<PinMode>,
    /// The lock that was reviewed; `None` for `mcp-guard.lock` in the folder we were started in.
    pub file: Option<PathBuf>,
    /// Whether a server that no person has approved is kept from use.
    pub quarantine: Setting<bool>,
    /// What is done where a server is another than was approved.
    pub on_drift: OnDrift,
}

/// What is done with differences of each class.
#[derive(Clone, Debug)]
pub struct OnDrift {
    /// Blanks, icons, the case of titles.
    pub cosmetic: Setting<DriftAction>,
    /// Calls that were right still are.
    pub compatible: Setting<DriftAction>,
    /// Calls that were right may be no longer.
    pub breaking: Setting<DriftAction>,
    /// What a model is told, what the server may do, or who it is.
    pub meaning: Setting<DriftAction>,
}

/// Where what is approved comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PinMode {
    /// Servers are not held to anything.
    #[default]
    Off,
    /// What a server is when it is first used holds from then on. It is kept in the guard's own folder.
    FirstUse,
    /// Only what the lock says holds: a server that is not in it may not be used.
    Locked,
}

/// What is done where a server is another than was approved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DriftAction {
    /// Passes.
    Allow,
    /// Passes with a recorded warning.
    Warn,
    /// What differs is cut out and may not be used; the rest passes. What cannot be cut out is blocked.
    Drop,
    /// What shows it does not pass, and it may not be used.
    Block,
}

impl OnDrift {
    /// What holds where nothing is said: `strict` warns of less, and stops more.
    pub(crate) fn of(profile: Profile) -> [DriftAction; 4] {
        use DriftAction::{Allow, Block, Drop, Warn};
        match profile {
            Profile::Monitor | Profile::Balanced => [Allow, Warn, Drop, Block],
            Profile::Strict => [Warn, Drop, Block, Block],
        }
    }
}

impl PinSettings {
    /// Nothing is held to anything.
    pub fn is_off(&self) -> bool {
        self.mode.value == PinMode::Off
    }

    /// For what is hashed and shown.
    pub(crate) fn describe(&self) -> serde_json::Value {
        let OnDrift { cosmetic, compatible, breaking, meaning } = &self.on_drift;
        serde_json::json!({
            "mode": self.mode.value,
            "file": self.file,
            "quarantine": self.quarantine.value,
            "on_drift": [cosmetic.value, compatible.value, breaking.value, meaning.value],
        })
    }
}
