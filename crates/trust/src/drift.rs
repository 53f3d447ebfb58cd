//! What became of an item, and how grave that is.

mod identity;
mod members;
mod schema;
mod words;

use std::{collections::BTreeMap, fmt, str::FromStr};

use serde_json::Value;

use crate::{Item, Kind, safe::shown};

/// How grave a difference is, from the mildest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Blanks, icons, the case of titles.
    Cosmetic,
    /// Calls that were right still are: an optional parameter more, a wider enum.
    Compatible,
    /// Calls that were right may be no longer: a required parameter more, another type.
    Breaking,
    /// What a model is told, what the server may do, or who it is.
    Meaning,
}

impl Class {
    /// All of them, from the mildest.
    pub const ALL: [Self; 4] = [Self::Cosmetic, Self::Compatible, Self::Breaking, Self::Meaning];

    /// The name in files and messages.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cosmetic => "cosmetic",
            Self::Compatible => "compatible",
            Self::Breaking => "breaking",
            Self::Meaning => "meaning",
        }
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Class {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|class| class.as_str() == text).ok_or(())
    }
}

/// One difference, in words. They hold what servers said, with invisible characters spelt out; secrets are not masked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// How grave it is.
    pub class: Class,
    /// What is different, such as `parameter "bcc" added (string, required)`.
    pub text: String,
}

impl Change {
    pub(crate) fn new(class: Class, text: impl Into<String>) -> Self {
        Self { class, text: text.into() }
    }
}

/// The gravest class among changes.
pub fn gravest(changes: &[Change]) -> Option<Class> {
    changes.iter().map(|change| change.class).max()
}

/// What became of one item.
pub fn compare(kind: Kind, before: &Value, after: &Value) -> Vec<Change> {
    if Item::new(before.clone()).digest() == Item::new(after.clone()).digest() {
        return Vec::new();
    }
    let mut changes = Vec::new();
    match kind {
        Kind::Identity => identity::compare(before, after, &mut changes),
        Kind::Capabilities => members::capabilities(before, after, &mut changes),
        Kind::Instructions => members::text("instructions", before, after, &mut changes),
        Kind::ServerInfo | Kind::Tool | Kind::Prompt | Kind::Resource | Kind::Template => {
            members::compare(kind, before, after, &mut changes);
        }
    }
    if changes.is_empty() {
        // They differ, whatever it is.
        changes.push(Change::new(Class::Meaning, "changed in a way that cannot be told"));
    }
    changes
}

/// What became of a whole surface, by item.
pub fn differences(
    before: &BTreeMap<(Kind, String), Item>,
    after: &BTreeMap<(Kind, String), Item>,
) -> BTreeMap<(Kind, String), Vec<Change>> {
    let mut all = BTreeMap::new();
    for (key, old) in before {
        let changes = match after.get(key) {
            Some(new) => compare(key.0, old.value(), new.value()),
            None => vec![removed(key.0)],
        };
        all.insert(key.clone(), changes);
    }
    for (key, new) in after {
        all.entry(key.clone()).or_insert_with(|| vec![added(key.0, new.value())]);
    }
    all.retain(|_, changes| !changes.is_empty());
    all
}

/// What an item is that was not there before.
pub(crate) fn added(kind: Kind, value: &Value) -> Change {
    let class = if kind.comes_and_goes() { Class::Compatible } else { Class::Meaning };
    match value.get("description").and_then(Value::as_str) {
        Some(description) => Change::new(class, format!("new: \"{}\"", shown(description))),
        None => Change::new(class, "new"),
    }
}

/// What an item is that is gone.
pub(crate) fn removed(kind: Kind) -> Change {
    let class = if kind.is_listed() { Class::Compatible } else { Class::Meaning };
    Change::new(class, "no longer there")
}

#[cfg(test)]
mod tests;
