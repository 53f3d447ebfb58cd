//! Roles: what some callers may not do, on top of the rules of each server.

use std::sync::Arc;

use crate::{ArgumentPolicy, Location, Permissions, RateLimit};

/// Who sends requests, as the operating system says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Caller {
    /// The user's name.
    pub user: String,
    /// The names of the user's groups.
    pub groups: Vec<String>,
}

/// The role of callers to whom no other applies.
pub(crate) const DEFAULT: &str = "default";

/// One role of one file, compiled.
#[derive(Clone, Debug)]
pub(crate) struct Role {
    pub(crate) name: Arc<str>,
    pub(crate) at: Location,
    pub(crate) users: Vec<String>,
    pub(crate) groups: Vec<String>,
    pub(crate) permissions: Permissions,
    /// On every server.
    pub(crate) arguments: Vec<Arc<ArgumentPolicy>>,
    /// Counted for each server.
    pub(crate) rate_limits: Vec<RateLimit>,
}

impl Role {
    /// Whether it is the role of those to whom no other applies.
    pub(crate) fn is_default(&self) -> bool {
        *self.name == *DEFAULT
    }

    fn applies(&self, caller: &Caller) -> bool {
        *self.name == *caller.user
            || self.users.contains(&caller.user)
            || self.groups.iter().any(|group| caller.groups.contains(group))
    }
}

/// The roles of one file that apply to a caller: all that fit, else `default`.
pub(crate) fn applying<'r>(roles: &'r [Role], caller: &Caller) -> Vec<&'r Role> {
    let fitting: Vec<_> = roles.iter().filter(|role| role.applies(caller)).collect();
    if fitting.is_empty() { roles.iter().filter(|role| role.is_default()).collect() } else { fitting }
}
