use std::{cmp::Ordering, sync::Arc};

use serde::Serialize;
use serde_json::Value;

use super::{Entry, Strictness};
use crate::{Location, Setting};

/// Settles each value among the layers, and keeps the list.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    pub(crate) entries: Vec<Entry>,
    /// The server that what follows is about.
    pub(crate) server: Option<Arc<str>>,
    /// The role that what follows belongs to.
    pub(crate) role: Option<Arc<str>>,
    /// Whether what follows is said by a base.
    pub(crate) in_base: bool,
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
        let at = vec![settled.at.clone()];
        let entry = self.note(path, shown(&settled), at, strictness);
        entry.overruled = overruled;
        settled
    }

    /// Takes up a value that nobody can overrule.
    pub(crate) fn note(
        &mut self,
        path: impl Into<String>,
        value: impl Into<Value>,
        at: Vec<Location>,
        strictness: Strictness,
    ) -> &mut Entry {
        let (server, role) = (self.server.clone(), self.role.clone());
        self.entries.push_mut(Entry {
            path: path.into(),
            value: value.into(),
            at,
            overruled: Vec::new(),
            strictness,
            server,
            role,
            in_base: self.in_base,
            exact: None,
        })
    }

    /// Takes up a value of which less is shown than is compared.
    pub(crate) fn note_masked(
        &mut self,
        path: impl Into<String>,
        shown: impl Into<Value>,
        exact: impl Into<Value>,
        at: Vec<Location>,
        strictness: Strictness,
    ) {
        self.note(path, shown, at, strictness).exact = Some(exact.into());
    }
}
