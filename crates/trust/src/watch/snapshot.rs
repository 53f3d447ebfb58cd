use serde_json::Value;

use super::{Items, MOST_RESOURCES, Mode, Watched};
use crate::{
    Approval, Change, Class, Kind, Pinned, Seen, compare, drift::added, gravest, surface::introduction,
};

/// What is approved of one server and what was seen of it, at one moment. Answers depend on it alone.
#[derive(Debug)]
pub struct Snapshot {
    name: String,
    mode: Mode,
    quarantine: bool,
    pub(super) pinned: Option<Pinned>,
    pub(super) seen: Items<Seen>,
    /// What is different about how it is started or reached.
    identity: Vec<Change>,
    /// Why nothing can be told.
    pub(super) trouble: Option<String>,
}

/// How a server is not what was approved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Departure {
    /// Something is another than it was.
    Drift {
        /// What it is.
        kind: Kind,
        /// How grave that is.
        class: Class,
        /// What is different, in words; they hold what the server says.
        text: String,
    },
    /// The server waits for a person's approval.
    Unapproved,
    /// What was approved cannot be told, or what is seen cannot be kept.
    Unknown(String),
}

impl Snapshot {
    pub(super) fn unread(server: &Watched) -> Self {
        Self {
            name: server.name.clone(),
            mode: server.mode,
            quarantine: server.quarantine,
            pinned: None,
            seen: Items::new(),
            identity: Vec::new(),
            trouble: None,
        }
    }

    pub(super) fn of(
        server: &Watched,
        pinned: Option<Pinned>,
        mut seen: Items<Seen>,
        trouble: Option<String>,
    ) -> Self {
        let approved = |key: &(Kind, String)| pinned.as_ref()?.items.get(key);
        // What has been approved since is no difference any more.
        seen.retain(|key, seen| {
            seen.is_gone() || approved(key).is_none_or(|item| item.digest() != seen.digest)
        });
        let identity = approved(&(Kind::Identity, String::new()))
            .map(|item| compare(Kind::Identity, item.value(), &server.identity))
            .unwrap_or_default();
        Self { pinned, seen, identity, trouble, ..Self::unread(server) }
    }

    /// The server's name in the lock.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What stands against using the server at all.
    pub fn whole(&self) -> Vec<Departure> {
        if let Some(trouble) = &self.trouble {
            return vec![Departure::Unknown(trouble.clone())];
        }
        let waits = match &self.pinned {
            None => self.mode == Mode::Locked || self.quarantine,
            Some(pinned) => self.quarantine && pinned.approval == Approval::FirstUse,
        };
        if waits {
            return vec![Departure::Unapproved];
        }
        let seen = self.seen.iter().filter(|((kind, _), _)| !kind.is_listed());
        let seen = seen.map(|((kind, _), seen)| drift(*kind, seen.class, &seen.text));
        drifted(Kind::Identity, &self.identity).into_iter().chain(seen).collect()
    }

    /// How what the server says of itself differs, in its answer to `initialize` or `server/discover`.
    pub fn introduced(&self, result: &Value) -> Vec<Departure> {
        let said = introduction(result).into_iter();
        said.filter_map(|(kind, value)| drifted(kind, &self.changes(kind, "", &value))).collect()
    }

    /// How an item differs that the server lists.
    pub fn listed(&self, kind: Kind, name: &str, value: &Value) -> Option<Departure> {
        drifted(kind, &self.changes(kind, name, value))
    }

    /// What stands against using something by name, whether it was listed or not.
    pub fn called(&self, kind: Kind, name: &str) -> Option<Departure> {
        if let Some(seen) = self.seen.get(&(kind, name.to_owned())) {
            return Some(drift(kind, seen.class, &seen.text));
        }
        let is_open = kind.comes_and_goes() || !self.is_closed(kind);
        if is_open || self.pinned.as_ref()?.get(kind, name).is_some() {
            return None;
        }
        Some(drift(kind, Class::Meaning, "it is not among what was approved"))
    }

    /// Whether more of a kind than were approved are new.
    pub(super) fn is_closed(&self, kind: Kind) -> bool {
        let known = |pinned: &Pinned| self.mode == Mode::Locked || pinned.listed.contains(&kind);
        kind.is_listed() && self.pinned.as_ref().is_some_and(known)
    }

    /// What is different about an item.
    pub(super) fn changes(&self, kind: Kind, name: &str, value: &Value) -> Vec<Change> {
        match self.pinned.as_ref().and_then(|pinned| pinned.get(kind, name)) {
            Some(item) => compare(kind, item.value(), value),
            None if self.is_closed(kind) && !self.is_full(kind) => vec![added(kind, value)],
            None => Vec::new(),
        }
    }

    /// Whether there are so many of what comes and goes that no more are pinned.
    pub(super) fn is_full(&self, kind: Kind) -> bool {
        let of_kind = |pinned: &Pinned| pinned.items.keys().filter(|(of, _)| *of == kind).count();
        kind.comes_and_goes() && self.pinned.as_ref().is_some_and(|pinned| of_kind(pinned) >= MOST_RESOURCES)
    }
}

/// Longest text of one difference, in bytes.
const LONGEST: usize = 4096;

fn drifted(kind: Kind, changes: &[Change]) -> Option<Departure> {
    let class = gravest(changes)?;
    Some(drift(kind, class, &in_words(changes)))
}

/// All changes in one text, the gravest first.
pub(super) fn in_words(changes: &[Change]) -> String {
    let mut changes: Vec<_> = changes.iter().collect();
    changes.sort_by_key(|change| std::cmp::Reverse(change.class));
    let mut text = changes.iter().map(|change| change.text.as_str()).collect::<Vec<_>>().join("; ");
    if text.len() > LONGEST {
        text.truncate(text.floor_char_boundary(LONGEST));
        text.push('…');
    }
    text
}

fn drift(kind: Kind, class: Class, text: &str) -> Departure {
    Departure::Drift { kind, class, text: text.to_owned() }
}
