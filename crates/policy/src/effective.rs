//! The effective policy as a flat list: every value in force, where it comes from, and how it compares with others.

mod diff;
mod ledger;
mod note;

pub use self::diff::{Change, Effect, diff};
pub(crate) use self::ledger::Ledger;

use std::{cmp::Ordering, sync::Arc};

use serde_json::Value;

use crate::{Location, Setting};

/// One value in force.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Its key from the top of the file, such as `limits.max_depth`. More than one entry can have it: lists and limits
    /// of a base and of the file that extends it apply side by side.
    pub path: String,
    /// The value; `null` when nothing is set. Secrets are masked.
    pub value: Value,
    /// Where it was said: one place, or for a list one for each item, and the list's own when it is empty.
    pub at: Vec<Location>,
    /// What other layers said about the same key, which lost.
    pub overruled: Vec<Setting<Value>>,
    /// How two values of this key compare.
    pub strictness: Strictness,
    /// Which server it is about; `None` when about all.
    pub server: Option<Arc<str>>,
    /// Which role it belongs to.
    pub role: Option<Arc<str>>,
    /// Whether it was said by the base and cannot be changed by the file that extends it.
    pub in_base: bool,
    /// What is compared in place of the value, where that is masked or does not show all.
    exact: Option<Value>,
}

impl Entry {
    fn exact(&self) -> &Value {
        self.exact.as_ref().unwrap_or(&self.value)
    }
}

/// How two values of one key compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strictness {
    /// Numbers: the smaller is stricter, and none at all the mildest.
    Smaller,
    /// Numbers: the larger is stricter.
    Larger,
    /// Words, from the mildest to the strictest.
    Words(&'static [&'static str]),
    /// Lists of what is stopped or looked for: with one more item it is stricter.
    Denies,
    /// Lists of what alone may pass: with one item less it is stricter, and no list at all is the mildest.
    Allows,
    /// Lists of who may come in: with one item less it is stricter, and no list is an empty one.
    Admits,
    /// Somebody who may come in: nobody is stricter.
    Caller,
    /// Lists of those to whom something applies: which is stricter cannot be told.
    Members,
    /// Which program a server is: another one is another matter, and takes effect in new sessions.
    Program,
    /// Decides nothing about messages, and takes effect when the daemon starts.
    Restart,
}

impl Strictness {
    /// Of switches that take something away.
    pub(crate) const OFF: Self = Self::Words(&["true", "false"]);
    /// Of switches that protect.
    pub(crate) const ON: Self = Self::Words(&["false", "true"]);
    pub(crate) const PROFILE: Self = Self::Words(&["monitor", "balanced", "strict"]);
    pub(crate) const ACTION: Self =
        Self::Words(&["allow", "warn", "shadow-block", "redact", "review", "block"]);

    pub(crate) const ADVERTISED: Self = Self::Words(&["warn", "drop-tool", "block"]);

    pub(crate) const AUTH: Self = Self::Words(&["none", "os", "api_key"]);
    pub(crate) const REVISION: Self =
        Self::Words(&["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25", "2026-07-28"]);

    /// [`Ordering::Greater`] when `one` is stricter than `other`; `None` when that cannot be told.
    pub fn compare(self, one: &Value, other: &Value) -> Option<Ordering> {
        match self {
            _ if one == other => Some(Ordering::Equal),
            Self::Smaller => match (one.as_f64(), other.as_f64()) {
                (Some(one), Some(other)) => other.partial_cmp(&one),
                (Some(_), None) => Some(Ordering::Greater),
                (None, _) => Some(Ordering::Less),
            },
            Self::Larger => Some(one.as_u64()?.cmp(&other.as_u64()?)),
            Self::Words(words) => {
                let rank = |value: &Value| match value {
                    // What is not there takes nothing away.
                    Value::Null => Some(0),
                    Value::String(text) => words.iter().position(|word| word == text),
                    other => {
                        let text = other.to_string();
                        words.iter().position(|word| *word == text)
                    }
                };
                Some(rank(one)?.cmp(&rank(other)?))
            }
            Self::Denies => subset(items(one)?, items(other)?),
            Self::Allows => match (items(one), items(other)) {
                (Some(one), Some(other)) => subset(other, one),
                (Some(_), None) => Some(Ordering::Greater),
                (None, _) => Some(Ordering::Less),
            },
            Self::Admits => subset(items(other).unwrap_or_default(), items(one).unwrap_or_default()),
            Self::Caller => match (one.is_null(), other.is_null()) {
                (true, false) => Some(Ordering::Greater),
                (false, true) => Some(Ordering::Less),
                _ => None,
            },
            Self::Members | Self::Program | Self::Restart => None,
        }
    }
}

/// The items of a list; no list has none.
fn items(value: &Value) -> Option<&[Value]> {
    value.as_array().map(Vec::as_slice)
}

/// Whether the second is within the first or the other way round.
fn subset(one: &[Value], other: &[Value]) -> Option<Ordering> {
    let within = |inner: &[Value], outer: &[Value]| inner.iter().all(|item| outer.contains(item));
    match (within(other, one), within(one, other)) {
        (true, true) => Some(Ordering::Equal),
        (true, false) => Some(Ordering::Greater),
        (false, true) => Some(Ordering::Less),
        (false, false) => None,
    }
}
