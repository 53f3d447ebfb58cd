use std::{cmp::Ordering, collections::BTreeMap, sync::Arc};

use serde_json::Value;

use super::{Entry, Strictness};
use crate::{Location, Policy};

/// One thing in which two policies differ.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The key, from the top of the file.
    pub path: String,
    /// What was in force; `null` for nothing. Secrets are masked.
    pub before: Value,
    /// What is to be in force; `null` for nothing. Secrets are masked.
    pub after: Value,
    /// Where that is said, or was.
    pub at: Option<Location>,
    /// What it means.
    pub effect: Effect,
}

/// What a change means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Effect {
    /// Something may pass that did not, or that cannot be excluded.
    Loosens,
    /// Less may pass.
    Tightens,
    /// Decides nothing.
    Neutral,
    /// Takes effect when what it is about starts again: a server's sessions, or the daemon.
    NeedsRestart,
}

/// Two entries are about the same when these are equal.
type Key<'e> = (&'e str, Option<&'e Arc<str>>, Option<&'e Arc<str>>, bool);

/// How `new` differs from `old`, in a fixed order. Without [`Effect::Loosens`] in it, whatever `new` allows is
/// allowed by `old`.
pub fn diff(old: &Policy, new: &Policy) -> Vec<Change> {
    let mut changes = servers(old, new);
    changes.extend(roles(old, new));
    let (before, after) = (keyed(old), keyed(new));
    // What belongs to a server or a role that came or went is part of its coming and going.
    let both = |entry: &Entry| {
        let server = entry
            .server
            .as_ref()
            .is_none_or(|name| old.servers.contains_key(name) && new.servers.contains_key(name));
        let role = entry
            .role
            .as_ref()
            .is_none_or(|name| has_role(old, entry.in_base, name) && has_role(new, entry.in_base, name));
        server && role
    };
    for (key, entry) in &before {
        if both(entry) {
            compare(&mut changes, Some(entry), after.get(key).copied());
        }
    }
    for (key, entry) in &after {
        if both(entry) && !before.contains_key(key) {
            compare(&mut changes, None, Some(entry));
        }
    }
    changes
}

fn keyed(policy: &Policy) -> BTreeMap<Key<'_>, &Entry> {
    policy.entries.iter().map(|entry| (key(entry), entry)).collect()
}

fn key(entry: &Entry) -> Key<'_> {
    (entry.path.as_str(), entry.server.as_ref(), entry.role.as_ref(), entry.in_base)
}

fn compare(changes: &mut Vec<Change>, before: Option<&Entry>, after: Option<&Entry>) {
    let Some(entry) = after.or(before) else { return };
    let exact = |entry: Option<&Entry>| entry.map(|entry| entry.exact().clone()).unwrap_or_default();
    let (old, new) = (exact(before), exact(after));
    if old == new {
        return;
    }
    let shown = |entry: Option<&Entry>| entry.map(|entry| entry.value.clone()).unwrap_or_default();
    let mut add = |effect| {
        changes.push(Change {
            path: entry.path.clone(),
            before: shown(before),
            after: shown(after),
            at: entry.at.first().cloned(),
            effect,
        });
    };
    match entry.strictness {
        Strictness::Restart => add(Effect::NeedsRestart),
        Strictness::Program => {
            add(Effect::Loosens);
            add(Effect::NeedsRestart);
        }
        order => match order.compare(&or_none(order, new), &or_none(order, old)) {
            Some(Ordering::Greater) => add(Effect::Tightens),
            Some(Ordering::Equal) => add(Effect::Neutral),
            Some(Ordering::Less) | None => add(Effect::Loosens),
        },
    }
}

/// No list of what is stopped stops nothing.
fn or_none(order: Strictness, value: Value) -> Value {
    if order == Strictness::Denies && value.is_null() { Value::Array(Vec::new()) } else { value }
}

fn servers(old: &Policy, new: &Policy) -> Vec<Change> {
    let mut changes = Vec::new();
    for server in new.servers.values() {
        let Some(name) = server.name.as_ref().filter(|name| !old.servers.contains_key(*name)) else {
            continue;
        };
        changes.push(Change {
            path: format!("servers.{name}"),
            before: Value::Null,
            after: "added".into(),
            at: Some(server.at.clone()),
            effect: Effect::Loosens,
        });
    }
    for server in old.servers.values() {
        let Some(name) = server.name.as_ref().filter(|name| !new.servers.contains_key(*name)) else {
            continue;
        };
        // With one server left, or none, those who name no server get other rules than before.
        let effect = if new.servers.len() < 2 { Effect::Loosens } else { Effect::Tightens };
        changes.push(Change {
            path: format!("servers.{name}"),
            before: "removed".into(),
            after: Value::Null,
            at: Some(server.at.clone()),
            effect,
        });
    }
    changes
}

/// The roles of a file: of the base, or of the file that was named.
fn role_set(policy: &Policy, in_base: bool) -> &[crate::roles::Role] {
    match (policy.roles.as_slice(), in_base) {
        ([base, _], true) => base,
        ([.., own], false) => own,
        _ => &[],
    }
}

fn has_role(policy: &Policy, in_base: bool, name: &Arc<str>) -> bool {
    role_set(policy, in_base).iter().any(|role| role.name == *name)
}

fn roles(old: &Policy, new: &Policy) -> Vec<Change> {
    let mut changes = Vec::new();
    for in_base in [true, false] {
        let (before, after) = (role_set(old, in_base), role_set(new, in_base));
        let default = after.iter().chain(before).any(|role| role.is_default());
        for role in after.iter().filter(|role| !has_role(old, in_base, &role.name)) {
            // To whom a new role applies, `default` does not any more.
            let effect = if default && !role.is_default() { Effect::Loosens } else { Effect::Tightens };
            changes.push(Change {
                path: format!("auth.roles.{}", role.name),
                before: Value::Null,
                after: "added".into(),
                at: Some(role.at.clone()),
                effect,
            });
        }
        for role in before.iter().filter(|role| !has_role(new, in_base, &role.name)) {
            changes.push(Change {
                path: format!("auth.roles.{}", role.name),
                before: "removed".into(),
                after: Value::Null,
                at: Some(role.at.clone()),
                effect: Effect::Loosens,
            });
        }
    }
    changes
}
