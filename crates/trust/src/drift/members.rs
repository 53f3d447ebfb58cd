//! The members of what servers list and of what they say of themselves.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{
    Change, Class, schema,
    words::{folded, words},
};
use crate::{Kind, safe::shown};

/// Compares two objects of one kind, member by member.
pub(super) fn compare(kind: Kind, before: &Value, after: &Value, changes: &mut Vec<Change>) {
    let (Value::Object(old), Value::Object(new)) = (before, after) else {
        return text(kind.as_str(), before, after, changes);
    };
    each(old, new, |name, old, new| member(kind, name, old, new, changes));
}

fn member(kind: Kind, name: &str, old: &Value, new: &Value, changes: &mut Vec<Change>) {
    match (kind, name) {
        (_, "icons" | "websiteUrl") => changes.push(Change::new(Class::Cosmetic, format!("{name} changed"))),
        (_, "title") => title(name, old, new, changes),
        // A new version says nothing of what is new; that shows elsewhere.
        (Kind::ServerInfo, "version") => changes.push(Change::new(Class::Compatible, became(name, old, new))),
        (Kind::Resource, "size") => changes.push(Change::new(Class::Cosmetic, became(name, old, new))),
        (Kind::Resource | Kind::Template, "mimeType") => {
            changes.push(Change::new(Class::Breaking, became(name, old, new)));
        }
        (Kind::Tool, "inputSchema") => schema::compare(schema::Use::Input, old, new, changes),
        (Kind::Tool, "outputSchema") => schema::compare(schema::Use::Output, old, new, changes),
        (Kind::Prompt, "arguments") => arguments(old, new, changes),
        (_, "annotations") => annotations(old, new, changes),
        _ => text(name, old, new, changes),
    }
}

/// Calls `found` for each member that differs; one that is absent is `null`.
fn each(old: &Map<String, Value>, new: &Map<String, Value>, mut found: impl FnMut(&str, &Value, &Value)) {
    let names: std::collections::BTreeSet<_> = old.keys().chain(new.keys()).collect();
    for name in names {
        let (old, new) = (old.get(name).unwrap_or(&Value::Null), new.get(name).unwrap_or(&Value::Null));
        if old != new {
            found(name, old, new);
        }
    }
}

/// A text that a model or a user reads, or anything of which we do not know who reads it.
pub(super) fn text(name: &str, old: &Value, new: &Value, changes: &mut Vec<Change>) {
    let name = shown(name);
    changes.push(match (old, new) {
        (Value::String(old), Value::String(new)) if folded(old) == folded(new) => {
            Change::new(Class::Cosmetic, format!("{name}: blanks changed"))
        }
        (Value::String(old), Value::String(new)) => {
            Change::new(Class::Meaning, format!("{name}: {}", words(old, new)))
        }
        (Value::Null, Value::String(new)) => {
            Change::new(Class::Meaning, format!("{name} added: {{+{}+}}", shown(new)))
        }
        (Value::String(old), Value::Null) => {
            Change::new(Class::Meaning, format!("{name} removed: [-{}-]", shown(old)))
        }
        _ => Change::new(Class::Meaning, became(&name, old, new)),
    });
}

pub(super) fn title(name: &str, old: &Value, new: &Value, changes: &mut Vec<Change>) {
    match (old, new) {
        (Value::String(old), Value::String(new))
            if folded(old).to_lowercase() == folded(new).to_lowercase() =>
        {
            changes.push(Change::new(Class::Cosmetic, format!("{name}: its case or blanks changed")));
        }
        _ => text(name, old, new, changes),
    }
}

fn annotations(old: &Value, new: &Value, changes: &mut Vec<Change>) {
    let empty = Map::new();
    let (old, new) = (old.as_object().unwrap_or(&empty), new.as_object().unwrap_or(&empty));
    each(old, new, |name, old, new| match name {
        "title" => title("annotations.title", old, new, changes),
        "lastModified" => {
            changes.push(Change::new(Class::Cosmetic, became("annotations.lastModified", old, new)))
        }
        _ => changes
            .push(Change::new(Class::Meaning, became(&format!("annotations.{}", shown(name)), old, new))),
    });
}

/// A prompt's arguments are a list, each with a name (MCP 2025-11-25 server/prompts).
fn arguments(old: &Value, new: &Value, changes: &mut Vec<Change>) {
    let by_name = |list: &Value| -> BTreeMap<String, Map<String, Value>> {
        let named = list.as_array().into_iter().flatten().filter_map(|argument| {
            let name = argument.get("name")?.as_str()?.to_owned();
            Some((name, argument.as_object()?.clone()))
        });
        named.collect()
    };
    let (old, new) = (by_name(old), by_name(new));
    let is_required = |argument: &Map<String, Value>| argument.get("required") == Some(&Value::Bool(true));
    for (name, argument) in &new {
        let shown_name = shown(name);
        match old.get(name) {
            None if is_required(argument) => changes
                .push(Change::new(Class::Breaking, format!("argument \"{shown_name}\" added (required)"))),
            None => changes.push(Change::new(Class::Compatible, format!("argument \"{shown_name}\" added"))),
            Some(before) => each(before, argument, |member, old, new| {
                let at = format!("argument \"{shown_name}\": {}", shown(member));
                match member {
                    "required" if is_required(argument) => {
                        changes.push(Change::new(Class::Breaking, became(&at, old, new)));
                    }
                    "required" => changes.push(Change::new(Class::Compatible, became(&at, old, new))),
                    "title" => title(&at, old, new, changes),
                    _ => text(&at, old, new, changes),
                }
            }),
        }
    }
    for name in old.keys().filter(|name| !new.contains_key(*name)) {
        changes.push(Change::new(Class::Breaking, format!("argument \"{}\" removed", shown(name))));
    }
}

/// What a server declares it can do: more is another meaning, less is not.
pub(super) fn capabilities(old: &Value, new: &Value, changes: &mut Vec<Change>) {
    let empty = Map::new();
    let (old, new) = (old.as_object().unwrap_or(&empty), new.as_object().unwrap_or(&empty));
    each(old, new, |name, old, new| {
        let name = shown(name);
        changes.push(match (old, new) {
            (Value::Null, _) => Change::new(Class::Meaning, format!("capability \"{name}\" added")),
            (_, Value::Null) => Change::new(Class::Compatible, format!("capability \"{name}\" removed")),
            // What is told of changes of lists has no effect but that.
            _ if without_notices(old) == without_notices(new) => {
                Change::new(Class::Compatible, became(&format!("capability \"{name}\""), old, new))
            }
            _ => Change::new(Class::Meaning, became(&format!("capability \"{name}\""), old, new)),
        });
    });
}

fn without_notices(capability: &Value) -> Value {
    let mut capability = capability.clone();
    if let Some(members) = capability.as_object_mut() {
        members.retain(|name, _| name != "listChanged" && name != "subscribe");
    }
    capability
}

/// `name: before → after`.
pub(super) fn became(name: &str, old: &Value, new: &Value) -> String {
    let said = |value: &Value| match value {
        Value::Null => "nothing".to_owned(),
        other => shown(&other.to_string()),
    };
    format!("{name}: {} → {}", said(old), said(new))
}
