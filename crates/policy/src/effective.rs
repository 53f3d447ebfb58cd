//! The effective policy as a flat list: every value in force, where it comes from, and how it compares with others.

use std::cmp::Ordering;

use serde::Serialize;
use serde_json::Value;

use crate::{Location, Setting};

/// One value in force.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Its key from the top of the file, such as `limits.max_depth`.
    pub path: String,
    /// The value; `null` when nothing is set. Secrets are masked.
    pub value: Value,
    /// Where it was said: one place, or for a list one for each item.
    pub at: Vec<Location>,
    /// What other layers said about the same key, which lost.
    pub overruled: Vec<Setting<Value>>,
    /// How two values of this key compare.
    pub strictness: Strictness,
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
    /// Lists of those to whom something applies: whom it applies to at all is not a matter of strictness.
    Members,
    /// Decides nothing about messages.
    Neutral,
}

impl Strictness {
    /// Of switches that take something away.
    pub(crate) const OFF: Self = Self::Words(&["true", "false"]);
    /// Of switches that protect.
    pub(crate) const ON: Self = Self::Words(&["false", "true"]);
    pub(crate) const PROFILE: Self = Self::Words(&["monitor", "balanced", "strict"]);
    pub(crate) const ACTION: Self = Self::Words(&["allow", "warn", "redact", "block"]);

    /// [`Ordering::Greater`] when `one` is stricter than `other`; `None` when that cannot be told.
    pub fn compare(self, one: &Value, other: &Value) -> Option<Ordering> {
        match self {
            _ if one == other => Some(Ordering::Equal),
            Self::Smaller => match (one.as_u64(), other.as_u64()) {
                (Some(one), Some(other)) => Some(other.cmp(&one)),
                (Some(_), None) => Some(Ordering::Greater),
                (None, _) => Some(Ordering::Less),
            },
            Self::Larger => Some(one.as_u64()?.cmp(&other.as_u64()?)),
            Self::Words(words) => {
                let rank = |value: &Value| {
                    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                    words.iter().position(|word| *word == text)
                };
                Some(rank(one)?.cmp(&rank(other)?))
            }
            Self::Members | Self::Neutral => None,
        }
    }
}

/// Settles each value among the layers, and keeps the list.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    pub(crate) entries: Vec<Entry>,
}

impl Ledger {
    /// The value in force: that of the first layer, or the default where it gives none, unless another layer has a
    /// stricter one. Where values have no order, the first one given stands.
    pub(crate) fn settle<T: Clone + Serialize>(
        &mut self,
        path: impl Into<String>,
        strictness: Strictness,
        default: Setting<T>,
        said: impl IntoIterator<Item = Option<Setting<T>>>,
    ) -> Setting<T> {
        let shown = |setting: &Setting<T>| serde_json::to_value(&setting.value).unwrap_or_default();
        let mut said = said.into_iter();
        let first = said.next().flatten();
        let mut given = first.is_some();
        let mut settled = first.unwrap_or(default);
        let mut overruled = Vec::new();
        for other in said.flatten() {
            let stricter = strictness.compare(&shown(&other), &shown(&settled));
            let wins = match stricter {
                Some(order) => order == Ordering::Greater,
                None => !given,
            };
            given = true;
            let loser = if wins { std::mem::replace(&mut settled, other) } else { other };
            overruled.push(Setting::new(shown(&loser), loser.at));
        }
        let (value, at) = (shown(&settled), vec![settled.at.clone()]);
        self.entries.push(Entry { path: path.into(), value, at, overruled, strictness });
        settled
    }

    /// Takes up a value that only one layer can give.
    pub(crate) fn note(
        &mut self,
        path: impl Into<String>,
        value: impl Into<Value>,
        at: Vec<Location>,
        strictness: Strictness,
    ) {
        self.entries.push(Entry {
            path: path.into(),
            value: value.into(),
            at,
            overruled: Vec::new(),
            strictness,
        });
    }
}
