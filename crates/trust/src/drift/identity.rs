//! Who a server is: how it is started or reached, and what that leads to.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::{Change, Class, members::became};

/// What only one side knows is no difference: a lock made on another machine leaves out what is that machine's.
pub(super) fn compare(old: &Value, new: &Value, changes: &mut Vec<Change>) {
    let empty = Map::new();
    let (old, new) = (old.as_object().unwrap_or(&empty), new.as_object().unwrap_or(&empty));
    let names: BTreeSet<_> = old.keys().chain(new.keys()).collect();
    for name in names {
        match (old.get(name), new.get(name)) {
            (Some(a), Some(b)) if a == b => {}
            // Where a program lies is no part of who it is, as long as it is the same program.
            (a, b) if name.ends_with("_file") => {
                let (a, b) = (a.unwrap_or(&Value::Null), b.unwrap_or(&Value::Null));
                changes.push(Change::new(Class::Cosmetic, became(name, a, b)));
            }
            (Some(a), Some(b)) => changes.push(Change::new(Class::Meaning, became(name, a, b))),
            // What was known of the program and can no longer be told.
            (Some(a), None) => changes.push(Change::new(Class::Meaning, became(name, a, &Value::Null))),
            (None, b) => {
                let b = b.unwrap_or(&Value::Null);
                changes.push(Change::new(Class::Cosmetic, became(name, &Value::Null, b)));
            }
        }
    }
}
