//! The lock file: what each server was approved to be.

mod file;
mod read;
mod write;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use serde_json::Value;

pub use self::file::LockFile;
pub(crate) use self::file::{replace, turn};
use crate::{Digest, Item, Kind, Surface, safe::shown, surface::total};

/// How a server came to be in the lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Approval {
    /// Nobody looked: it is what the server was when it was first used.
    #[default]
    FirstUse,
    /// A person approved it.
    Reviewed,
}

/// What one server was approved to be.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Pinned {
    /// How it came here.
    pub approval: Approval,
    /// The protocol revision that was spoken then; shown, not compared.
    pub revision: Option<String>,
    /// The kinds of which the whole list is known: others of them are new.
    pub listed: BTreeSet<Kind>,
    /// The items, by kind and name.
    pub items: BTreeMap<(Kind, String), Item>,
}

impl Pinned {
    /// A whole surface, approved.
    pub fn reviewed(surface: Surface) -> Self {
        let listed = Kind::ALL.into_iter().filter(|kind| kind.is_listed()).collect();
        Self { approval: Approval::Reviewed, revision: surface.revision, listed, items: surface.items }
    }

    /// One digest for all of it.
    pub fn digest(&self) -> Digest {
        total(&self.items)
    }

    /// An item by name.
    pub fn get(&self, kind: Kind, name: &str) -> Option<&Item> {
        self.items.get(&(kind, name.to_owned()))
    }
}

/// What servers were approved to be, by the servers' names.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Lock {
    /// By name.
    pub servers: BTreeMap<String, Pinned>,
}

/// The version of the format.
const VERSION: i64 = 1;

impl Lock {
    /// The lock as its file says it: sorted, the same text for the same lock.
    pub fn write(&self) -> String {
        write::write(self)
    }

    /// Reads what [`Lock::write`] wrote; `file` is named in errors.
    ///
    /// # Errors
    /// It is no lock, or it was changed by hand: digests and what is said for people must fit the text they stand by.
    pub fn read(text: &str, file: &str) -> Result<Self, LockError> {
        read::read(text, file)
    }
}

/// Why a lock cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// It says something it cannot.
    #[error("{file}:{line}: {message}")]
    Text {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// What is wrong and what helps.
        message: String,
    },
    /// The operating system refused.
    #[error("cannot {what} the lock {}: {source}", file.display())]
    File {
        /// What we wanted to do.
        what: &'static str,
        /// The file.
        file: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

/// The first line of an item's description, for people.
fn summary(kind: Kind, item: &Item) -> Option<String> {
    let text = match (kind, item.value()) {
        (Kind::Instructions, Value::String(text)) => text,
        (_, value) => value.get("description")?.as_str()?,
    };
    text.lines().map(str::trim).find(|line| !line.is_empty()).map(shown)
}

/// The names and types of an item's parameters, for people.
fn parameters(kind: Kind, item: &Item) -> Vec<String> {
    let value = item.value();
    match kind {
        Kind::Tool => {
            let schema = value.get("inputSchema");
            let member = |name| schema.and_then(|schema| schema.get(name));
            let needed: Vec<_> = member("required")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .collect();
            let Some(properties) = member("properties").and_then(Value::as_object) else { return Vec::new() };
            let mut lines: Vec<_> = properties
                .iter()
                .map(|(name, schema)| {
                    let need = if needed.contains(&name.as_str()) { ", required" } else { "" };
                    format!("{}: {}{need}", shown(name), type_of(schema))
                })
                .collect();
            lines.sort();
            lines
        }
        Kind::Prompt => {
            let arguments = value.get("arguments").and_then(Value::as_array).into_iter().flatten();
            let names = arguments.filter_map(|argument| {
                let need =
                    if argument.get("required") == Some(&Value::Bool(true)) { ", required" } else { "" };
                Some(format!("{}{need}", shown(argument.get("name")?.as_str()?)))
            });
            names.collect()
        }
        _ => Vec::new(),
    }
}

fn type_of(schema: &Value) -> String {
    match schema.get("type") {
        Some(Value::String(one)) => shown(one),
        Some(Value::Array(several)) => {
            several.iter().filter_map(Value::as_str).map(shown).collect::<Vec<_>>().join(" or ")
        }
        _ if schema.get("enum").is_some() => "one of several".to_owned(),
        _ => "any".to_owned(),
    }
}

#[cfg(test)]
mod tests;
