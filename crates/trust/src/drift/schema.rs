//! JSON Schemas: whether what was valid still is.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::{
    Change, Class,
    members::{became, text, title},
};
use crate::safe::shown;

/// Who writes what the schema is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// The client: it is harmed where less is taken.
    Input,
    /// The server: the client is harmed where more may come.
    Output,
}

impl Use {
    /// The class of a schema that takes more than before.
    fn wider(self) -> Class {
        if self == Self::Input { Class::Compatible } else { Class::Breaking }
    }

    /// The class of a schema that takes less than before.
    fn narrower(self) -> Class {
        if self == Self::Input { Class::Breaking } else { Class::Compatible }
    }

    fn noun(self) -> &'static str {
        if self == Self::Input { "parameter" } else { "result" }
    }
}

/// Deepest nesting that is told in detail.
const DEPTH: usize = 32;

pub(super) fn compare(used: Use, old: &Value, new: &Value, changes: &mut Vec<Change>) {
    Walk { used, changes }.schema("", old, new, 0);
}

struct Walk<'c> {
    used: Use,
    changes: &'c mut Vec<Change>,
}

impl Walk<'_> {
    /// `at` is the path of names, "" for the whole.
    fn schema(&mut self, at: &str, old: &Value, new: &Value, depth: usize) {
        if old == new {
            return;
        }
        let (Value::Object(old), Value::Object(new)) = (old, new) else {
            let class = match (is_open(old), is_open(new)) {
                (false, true) => self.used.wider(),
                _ => Class::Breaking,
            };
            return self.push(class, became(&self.whole(at), old, new));
        };
        if depth > DEPTH {
            return self.push(Class::Meaning, format!("{}: changed, deep inside", self.whole(at)));
        }
        self.properties(at, old, new, depth);
        let names: BTreeSet<_> = old.keys().chain(new.keys()).collect();
        for name in names {
            let (a, b) = (old.get(name).unwrap_or(&Value::Null), new.get(name).unwrap_or(&Value::Null));
            if a != b {
                self.keyword(at, name, a, b, depth);
            }
        }
    }

    fn keyword(&mut self, at: &str, name: &str, old: &Value, new: &Value, depth: usize) {
        let place = format!("{}: {}", self.whole(at), shown(name));
        match name {
            "properties" | "required" => {}
            "title" => title(&place, old, new, self.changes),
            "type" => self.set(&place, &types(old), &types(new), old, new, true),
            "enum" => {
                let (a, b) = (values(old), values(new));
                // Other words in the place of those that were: that is text, and models read it.
                if !old.is_null() && !new.is_null() && !a.is_subset(&b) && !b.is_subset(&a) {
                    return self.push(Class::Meaning, became(&place, old, new));
                }
                self.set(&place, &a, &b, old, new, false);
            }
            "minimum" | "exclusiveMinimum" | "minLength" | "minItems" | "minProperties" => {
                self.bound(&place, old, new, |a, b| b < a);
            }
            "maximum" | "exclusiveMaximum" | "maxLength" | "maxItems" | "maxProperties" => {
                self.bound(&place, old, new, |a, b| b > a);
            }
            "pattern" | "format" | "multipleOf" | "uniqueItems" | "contentEncoding" | "contentMediaType" => {
                let class = if new.is_null() { self.used.wider() } else { Class::Breaking };
                self.push(class, became(&place, old, new));
            }
            "additionalProperties" | "items" | "contains" | "propertyNames" | "unevaluatedProperties" => {
                let open = Value::Bool(true);
                let or_open = |value: &'_ Value| if value.is_null() { open.clone() } else { value.clone() };
                self.schema(&below(at, name), &or_open(old), &or_open(new), depth + 1);
            }
            "$defs" | "definitions" | "patternProperties" | "dependentSchemas" => {
                self.named(&below(at, name), old, new, depth);
            }
            "anyOf" | "oneOf" | "allOf" | "prefixItems" => {
                let (a, b) = (list(old), list(new));
                if a.len() != b.len() {
                    return self
                        .push(Class::Breaking, format!("{place}: {} choices, were {}", b.len(), a.len()));
                }
                for (index, (a, b)) in a.iter().zip(b).enumerate() {
                    self.schema(&format!("{}/{index}", below(at, name)), a, b, depth + 1);
                }
            }
            "$schema" | "$id" => self.push(Class::Cosmetic, became(&place, old, new)),
            // Descriptions, defaults, examples, and what we do not know: a model may read it.
            _ => text(&place, old, new, self.changes),
        }
    }

    fn properties(&mut self, at: &str, old: &Map<String, Value>, new: &Map<String, Value>, depth: usize) {
        let empty = Map::new();
        let of = |schema: &Map<String, Value>| schema.get("properties").and_then(Value::as_object).cloned();
        let (a, b) = (of(old).unwrap_or(empty.clone()), of(new).unwrap_or(empty));
        let (needed, needs) = (required(old), required(new));
        let noun = self.used.noun();
        for (name, schema) in &b {
            let place = below(at, name);
            let is_required = needs.contains(name);
            match a.get(name) {
                None => {
                    let class = match (self.used, is_required) {
                        (Use::Input, true) => Class::Breaking,
                        _ => Class::Compatible,
                    };
                    let need = if is_required { "required" } else { "optional" };
                    let told = schema.get("description").and_then(Value::as_str);
                    let told = told.map(|told| format!(": \"{}\"", shown(told))).unwrap_or_default();
                    let types = types(schema.get("type").unwrap_or(&Value::Null));
                    let types = types.into_iter().collect::<Vec<_>>().join(" or ");
                    self.push(class, format!("{noun} \"{place}\" added ({types}, {need}){told}"));
                }
                Some(before) => self.schema(&place, before, schema, depth + 1),
            }
        }
        for name in a.keys().filter(|name| !b.contains_key(*name)) {
            self.push(Class::Breaking, format!("{noun} \"{}\" removed", below(at, name)));
        }
        let known = |name: &&String| a.contains_key(*name) || !b.contains_key(*name);
        for name in needs.difference(&needed).filter(known) {
            let class = self.used.narrower();
            self.push(class, format!("{noun} \"{}\" is now required", below(at, name)));
        }
        for name in needed.difference(&needs).filter(|name| b.contains_key(*name)) {
            let class = self.used.wider();
            self.push(class, format!("{noun} \"{}\" is now optional", below(at, name)));
        }
    }

    fn named(&mut self, at: &str, old: &Value, new: &Value, depth: usize) {
        let empty = Map::new();
        let (a, b) = (old.as_object().unwrap_or(&empty), new.as_object().unwrap_or(&empty));
        let names: BTreeSet<_> = a.keys().chain(b.keys()).collect();
        for name in names {
            match (a.get(name), b.get(name)) {
                (Some(old), Some(new)) => self.schema(&below(at, name), old, new, depth + 1),
                // Used or not, it is text that a model may read.
                (old, _) => {
                    let verb = if old.is_some() { "removed" } else { "added" };
                    self.push(Class::Meaning, format!("{} {verb}", below(at, name)));
                }
            }
        }
    }

    /// What may be: without any, everything may.
    fn set(
        &mut self,
        place: &str,
        a: &BTreeSet<String>,
        b: &BTreeSet<String>,
        old: &Value,
        new: &Value,
        is_type: bool,
    ) {
        let wider = new.is_null() || (!old.is_null() && a.is_subset(b));
        let narrower = !is_type && (old.is_null() || b.is_subset(a));
        let class = match (wider, narrower) {
            (true, _) => self.used.wider(),
            (_, true) => self.used.narrower(),
            _ => Class::Breaking,
        };
        self.push(class, became(place, old, new));
    }

    fn bound(&mut self, place: &str, old: &Value, new: &Value, looser: impl Fn(f64, f64) -> bool) {
        let wider = match (old.as_f64(), new.as_f64()) {
            (Some(a), Some(b)) => looser(a, b),
            (_, b) => b.is_none() && new.is_null(),
        };
        let class = if wider { self.used.wider() } else { self.used.narrower() };
        self.push(class, became(place, old, new));
    }

    fn whole(&self, at: &str) -> String {
        match (at, self.used) {
            ("", Use::Input) => "inputSchema".to_owned(),
            ("", Use::Output) => "outputSchema".to_owned(),
            (at, used) => format!("{} \"{at}\"", used.noun()),
        }
    }

    fn push(&mut self, class: Class, text: String) {
        self.changes.push(Change::new(class, text));
    }
}

/// Whether a schema takes everything.
fn is_open(schema: &Value) -> bool {
    matches!(schema, Value::Bool(true) | Value::Null) || schema.as_object().is_some_and(Map::is_empty)
}

fn below(at: &str, name: &str) -> String {
    if at.is_empty() { shown(name) } else { format!("{at}/{}", shown(name)) }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn required(schema: &Map<String, Value>) -> BTreeSet<String> {
    let names = list(schema.get("required").unwrap_or(&Value::Null));
    names.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// The types of a schema, for people and for comparing; a number is also an integer.
fn types(value: &Value) -> BTreeSet<String> {
    let mut types: BTreeSet<_> = match value {
        Value::String(one) => [shown(one)].into(),
        Value::Array(several) => several.iter().filter_map(Value::as_str).map(shown).collect(),
        _ => ["any".to_owned()].into(),
    };
    if types.contains("number") {
        types.remove("integer");
    }
    types
}

fn values(value: &Value) -> BTreeSet<String> {
    list(value).iter().map(Value::to_string).collect()
}
