//! The reference of the configuration file, made from its types: their shape, their defaults and the
//! comments on them.

use std::{collections::BTreeSet, fmt::Write as _};

use inspect::{Actions, Cells};
use serde_json::{Map, Value};

use crate::{Profile, file::schema::ConfigFile};

/// The JSON Schema (draft 2020-12) of `mcp-guard.yaml`, indented, the same for every call.
pub fn json_schema() -> String {
    lines(&schema())
}

/// The JSON Schema (draft 2020-12) of rule packs, indented, the same for every call.
pub fn rules_schema() -> String {
    let mut schema = schemars::schema_for!(inspect::pack::Pack).to_value();
    tidy(&mut schema);
    lines(&schema)
}

fn lines(schema: &Value) -> String {
    format!("{schema:#}\n")
}

/// The reference page of `mcp-guard.yaml` in Markdown, the same for every call.
pub fn reference_markdown() -> String {
    let schema = schema();
    let empty = Map::new();
    let definitions = schema.get("$defs").and_then(Value::as_object).unwrap_or(&empty);
    let mut page = Page { text: String::new(), definitions, explained: BTreeSet::new() };
    page.text.push_str("# Configuration\n\nMade from the types of the program; do not edit.\n\n");
    page.section("mcp-guard.yaml", "", &schema);
    page.actions();
    page.text.trim_end().to_owned() + "\n"
}

fn schema() -> Value {
    let mut schema = schemars::schema_for!(ConfigFile).to_value();
    tidy(&mut schema);
    schema
}

/// Joins the wrapped lines of comments, so that editors can wrap them themselves.
fn tidy(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            for (key, value) in members.iter_mut() {
                match value {
                    Value::String(text) if key == "description" => *text = joined(text),
                    other => tidy(other),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(tidy),
        _ => {}
    }
}

fn joined(text: &str) -> String {
    let paragraphs = text.split("\n\n").map(|paragraph| paragraph.replace('\n', " "));
    paragraphs.collect::<Vec<_>>().join("\n\n")
}

struct Page<'s> {
    text: String,
    definitions: &'s Map<String, Value>,
    /// Fixed choices that were listed already.
    explained: BTreeSet<&'s str>,
}

impl<'s> Page<'s> {
    /// One table per mapping, then those of the mappings in it.
    fn section(&mut self, title: &str, path: &str, schema: &'s Value) {
        let Some(keys) = schema.get("properties").and_then(Value::as_object) else { return };
        let _ = write!(self.text, "## {title}\n\n");
        if let Some(about) = schema.get("description").and_then(Value::as_str) {
            let _ = write!(self.text, "{about}\n\n");
        }
        self.text.push_str("| key | type | default | meaning |\n| --- | --- | --- | --- |\n");
        for (key, value) in keys {
            let meaning = value.get("description").or_else(|| self.resolved(value).get("description"));
            let meaning = meaning.and_then(Value::as_str).unwrap_or_default().replace("\n\n", " ");
            let default = match value.get("default") {
                Some(Value::String(text)) => format!("`{text}`"),
                Some(value) => format!("`{value}`"),
                None => "–".to_owned(),
            };
            let _ = writeln!(self.text, "| `{key}` | {} | {default} | {meaning} |", self.kind(value));
        }
        self.choices(keys);
        self.text.push('\n');
        for (key, value) in keys {
            let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
            let (path, inner) = self.mapping(&path, value);
            self.section(&format!("`{path}`"), &path, inner);
        }
    }

    /// What each word of a fixed choice means, the first time it occurs.
    fn choices(&mut self, keys: &'s Map<String, Value>) {
        for (key, value) in keys {
            let Some(words) = self.resolved(value).get("oneOf").and_then(Value::as_array) else { continue };
            if value.get("$ref").and_then(Value::as_str).is_some_and(|choice| !self.explained.insert(choice))
            {
                continue;
            }
            let _ = write!(self.text, "\n`{key}` is one of:\n\n");
            for word in words {
                let name = word.get("const").and_then(Value::as_str).unwrap_or_default();
                let about = word.get("description").and_then(Value::as_str).unwrap_or_default();
                let _ = writeln!(self.text, "- `{name}`: {about}");
            }
        }
    }

    /// The mapping that a key holds, through references, lists and mappings of the user's names.
    fn mapping(&self, path: &str, value: &'s Value) -> (String, &'s Value) {
        let value = self.resolved(value);
        if let Some(items) = value.get("items") {
            return self.mapping(&format!("{path}[]"), items);
        }
        match value.get("additionalProperties") {
            Some(inner @ Value::Object(_)) => self.mapping(&format!("{path}.NAME"), inner),
            _ => (path.to_owned(), value),
        }
    }

    fn kind(&self, value: &'s Value) -> String {
        let value = self.resolved(value);
        if let Some(items) = value.get("items") {
            return format!("list of {}", plural(&self.kind(items)));
        }
        if let Some(words) = value.get("oneOf").and_then(Value::as_array) {
            let words = words.iter().filter_map(|word| word.get("const").and_then(Value::as_str));
            return words.map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
        }
        if let Some(inner @ Value::Object(_)) = value.get("additionalProperties") {
            return format!("mapping of names to {}", plural(&self.kind(inner)));
        }
        let kind = match value.get("type").and_then(Value::as_str).unwrap_or_default() {
            "object" => "mapping",
            "string" => "text",
            "integer" => "whole number",
            other => other,
        };
        match (value.get("minimum"), value.get("maximum")) {
            (Some(min), Some(max)) => format!("{kind}, {min} to {max}"),
            _ => kind.to_owned(),
        }
    }

    fn resolved(&self, value: &'s Value) -> &'s Value {
        let name = value.get("$ref").and_then(Value::as_str).and_then(|name| name.strip_prefix("#/$defs/"));
        name.and_then(|name| self.definitions.get(name)).unwrap_or(value)
    }

    fn actions(&mut self) {
        self.text.push_str(
            "## Built-in actions\n\nWhat is done with findings, as request / response. `monitor` records what \
             `balanced` would do and lets everything pass. `pii.actions` replaces single cells.\n\n\
             | type | finds | `balanced` | `strict` |\n| --- | --- | --- | --- |\n",
        );
        for detector in inspect::catalogue() {
            let _ = writeln!(
                self.text,
                "| `{}` | {} | {} |",
                detector.name,
                detector.title,
                both(detector.actions)
            );
        }
        let _ = writeln!(self.text, "| custom types | your own expressions | {} |", both(Actions::DEFAULT));
    }
}

fn both(actions: Actions) -> String {
    let cells = |profile: Profile| {
        let Cells { request, response } = profile.cells(actions);
        format!("{request} / {response}")
    };
    format!("{} | {}", cells(Profile::Balanced), cells(Profile::Strict))
}

fn plural(kind: &str) -> String {
    match kind {
        "text" => "texts".to_owned(),
        kind => format!("{kind}s"),
    }
}
