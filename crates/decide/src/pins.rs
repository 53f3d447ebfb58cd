use policy::{DriftAction, OnDrift};

/// What a server was approved to be, at one moment. Whoever keeps it is asked by the legs; its answers depend on nothing
/// but that moment.
pub trait Pins: std::fmt::Debug {
    /// What stands against using the server at all.
    fn whole(&self) -> Vec<Departure>;
    /// How what the server says of itself, in its answer to `initialize` or `server/discover`, is another.
    fn introduced(&self, result: &str) -> Vec<Departure>;
    /// How an element of a list is another; it is raw.
    fn listed(&self, list: PinnedList, name: &str, element: &str) -> Option<Departure>;
    /// What stands against using something by name, whether it was listed or not.
    fn called(&self, list: PinnedList, name: &str) -> Option<Departure>;
    /// The name of the server in the lock.
    fn server(&self) -> &str;
}

/// What servers list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PinnedList {
    /// Tools.
    Tools,
    /// Prompts.
    Prompts,
    /// Resources.
    Resources,
    /// Templates of resources.
    Templates,
}

/// How a server is another than was approved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Departure {
    /// How grave it is.
    pub gravity: Gravity,
    /// What it is about, such as `tool`.
    pub what: &'static str,
    /// What is different, in words, which may hold what the server says.
    pub text: String,
}

/// How grave a departure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gravity {
    /// Blanks, icons, the case of titles.
    Cosmetic,
    /// Calls that were right still are.
    Compatible,
    /// Calls that were right may be no longer.
    Breaking,
    /// What a model is told, what the server may do, or who it is.
    Meaning,
    /// Nobody has approved the server.
    Unapproved,
    /// What was approved cannot be told.
    Unknown,
}

impl Gravity {
    /// What the policy says is done about it, and the name of its rule.
    pub(crate) fn action(self, on_drift: &OnDrift) -> (DriftAction, &'static str, String) {
        let (setting, rule) = match self {
            Self::Cosmetic => (&on_drift.cosmetic, "pins.cosmetic"),
            Self::Compatible => (&on_drift.compatible, "pins.compatible"),
            Self::Breaking => (&on_drift.breaking, "pins.breaking"),
            Self::Meaning => (&on_drift.meaning, "pins.meaning"),
            Self::Unknown => return (DriftAction::Block, "pins.unknown", "built-in".to_owned()),
            Self::Unapproved => return (DriftAction::Block, "pins.unapproved", "built-in".to_owned()),
        };
        (setting.value, rule, setting.at.to_string())
    }
}
