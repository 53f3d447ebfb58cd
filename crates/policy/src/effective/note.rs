//! How lists, limits and programs are taken up.

use std::sync::Arc;

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{Ledger, Strictness};
use crate::{
    ArgumentPolicy, Launch, Location, Pattern, PatternList, PermissionLists, Permissions, RateLimit, Setting,
    TokenSource, layer::PackFile, roles::Role,
};

impl Ledger {
    pub(crate) fn permissions(&mut self, permissions: &Permissions) {
        for lists in permissions.lists() {
            let PermissionLists { scope, .. } = &lists;
            for (key, list, strictness) in [
                ("allowed_tools", &lists.allowed_tools, Strictness::Allows),
                ("denied_tools", &lists.denied_tools, Strictness::Denies),
                ("allowed_resources", &lists.allowed_resources, Strictness::Allows),
                ("denied_resources", &lists.denied_resources, Strictness::Denies),
                ("allowed_prompts", &lists.allowed_prompts, Strictness::Allows),
                ("denied_prompts", &lists.denied_prompts, Strictness::Denies),
            ] {
                if let Some(list) = list {
                    self.list(format!("{scope}.{key}"), list, strictness);
                }
            }
        }
    }

    /// What is asked of arguments only takes away; what changes them cannot be compared.
    pub(crate) fn arguments(&mut self, policies: &[Arc<ArgumentPolicy>]) {
        for changes in [false, true] {
            let chosen: Vec<_> =
                policies.iter().filter(|policy| policy.constraints.changes.is_empty() != changes).collect();
            let Some(first) = chosen.first() else { continue };
            let (path, strictness) = match changes {
                false => (first.scope.to_string(), Strictness::Denies),
                true => (format!("{}.changing", first.scope), Strictness::Members),
            };
            let shown: Vec<Value> =
                chosen.iter().map(|policy| Value::from(policy.written.as_str())).collect();
            let exact: Vec<Value> =
                chosen.iter().map(|policy| digest(&policy.describe().to_string())).collect();
            let at = chosen.iter().map(|policy| policy.at.clone()).collect();
            self.note_masked(path, shown, exact, at, strictness);
        }
    }

    fn list(&mut self, path: String, list: &PatternList, strictness: Strictness) {
        let shown: Vec<Value> = list.patterns.iter().map(|pattern| Value::from(&*pattern.text)).collect();
        let exact: Vec<Value> = list.patterns.iter().map(identity).collect();
        let mut at: Vec<Location> = list.patterns.iter().map(|pattern| pattern.at.clone()).collect();
        if at.is_empty() {
            at.push(list.at.clone());
        }
        self.note_masked(path, shown, exact, at, strictness);
    }

    /// Expressions of a custom type, as written and as they are looked for.
    pub(crate) fn patterns(
        &mut self,
        path: String,
        written: &[&str],
        expanded: &[String],
        at: Vec<Location>,
    ) {
        let same = |written: &str, expanded: &str| match written == expanded {
            true => Value::from(written),
            false => digest(expanded),
        };
        let exact: Vec<_> =
            written.iter().zip(expanded).map(|(text, expanded)| same(text, expanded)).collect();
        self.note_masked(path, written, exact, at, Strictness::Denies);
    }

    /// Files of rules, which are compared by what stands in them.
    pub(crate) fn packs(&mut self, files: &[&Setting<PackFile>]) {
        if files.is_empty() {
            return;
        }
        let shown: Vec<Value> = files.iter().map(|file| Value::from(file.value.path.as_str())).collect();
        let exact: Vec<Value> = files.iter().map(|file| Value::from(file.value.digest.as_str())).collect();
        let at = files.iter().map(|file| file.at.clone()).collect();
        self.note_masked("rules.packs", shown, exact, at, Strictness::Denies);
    }

    pub(crate) fn rate_limits(&mut self, limits: &[RateLimit]) {
        for limit in limits {
            let at = || vec![limit.at.clone()];
            self.note(&*limit.path, limit.count, at(), Strictness::Smaller);
            self.note(format!("{}.burst", limit.path), limit.burst, at(), Strictness::Smaller);
            if let Some(pattern) = limit.tool().filter(|pattern| pattern.has_variables()) {
                // The variables in it may stand for something else the next time.
                let path = format!("{}.pattern", limit.path);
                self.note_masked(path, &*pattern.text, identity(pattern), at(), Strictness::Members);
            }
        }
    }

    pub(crate) fn role(&mut self, role: &Role) {
        self.role = Some(role.name.clone());
        let path = format!("auth.roles.{}", role.name);
        for (key, members) in [("users", &role.users), ("groups", &role.groups)] {
            let at = vec![role.at.clone()];
            self.note(format!("{path}.{key}"), members.as_slice(), at, Strictness::Members);
        }
        self.permissions(&role.permissions);
        self.arguments(&role.arguments);
        self.rate_limits(&role.rate_limits);
        self.role = None;
    }

    /// How a server is reached: `written` is shown, in which `mask` hides secrets, and `launch` is compared.
    pub(crate) fn launch(
        &mut self,
        path: &str,
        launch: &Launch,
        written: &[(String, Setting<String>)],
        mask: impl Fn(&str) -> String,
    ) {
        for (key, Setting { value, at }) in written {
            let (shown, exact) = match key.as_str() {
                "transport" => (value.clone(), Some(value.clone())),
                "command" => (mask(value), launch.command.clone()),
                "args" => (mask(value), Some(format!("{:?}", launch.args))),
                "cwd" => (mask(value), launch.cwd.as_ref().map(|folder| folder.display().to_string())),
                "token_file" | "token_keyring" | "ca_file" | "allow_addresses" => {
                    (mask(value), Some(beside(launch, key)))
                }
                "allow_private" | "connect_timeout" | "circuit_breaker" | "era" => {
                    (value.clone(), Some(value.clone()))
                }
                "upstream_auth_token" => (HIDDEN.to_owned(), token(launch)),
                key if key.starts_with("headers.") => {
                    let name = key.strip_prefix("headers.").unwrap_or(key);
                    let value = launch.headers.iter().find(|(known, _)| known == name);
                    (HIDDEN.to_owned(), value.map(|(_, value)| value.clone()))
                }
                "url" => (mask(&without_secrets(value)), launch.url.clone()),
                variable => {
                    let name = variable.strip_prefix("env.").unwrap_or(variable);
                    (HIDDEN.to_owned(), launch.env.get(name).cloned())
                }
            };
            let (path, exact) = (format!("{path}.{key}"), digest(&exact.unwrap_or_default()));
            self.note_masked(path, shown, exact, vec![at.clone()], Strictness::Program);
        }
    }
}

/// What stands in the place of a secret.
const HIDDEN: &str = "********";

fn token(launch: &Launch) -> Option<String> {
    match launch.token.as_ref()? {
        TokenSource::Given(token) => Some(token.clone()),
        TokenSource::File(_) | TokenSource::Keyring(_) => None,
    }
}

/// What variables may be part of, as it is in force.
fn beside(launch: &Launch, key: &str) -> String {
    match key {
        "token_file" | "token_keyring" => format!("{:?}", launch.token),
        "ca_file" => format!("{:?}", launch.remote.ca_file),
        _ => format!("{:?}", launch.remote.allow_addresses),
    }
}

/// What a pattern stands for: its text, and the values of variables in it as a digest.
fn identity(pattern: &Pattern) -> Value {
    if !pattern.has_variables() {
        return Value::from(&*pattern.text);
    }
    let pieces: Vec<_> = pattern.pieces().iter().map(|piece| (&piece.text, piece.literal)).collect();
    digest(&format!("{pieces:?}"))
}

fn digest(text: &str) -> Value {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect::<String>().into()
}

/// An address without its query.
fn without_secrets(url: &str) -> String {
    url.split_once('?').map_or_else(|| url.to_owned(), |(path, _)| format!("{path}?********"))
}
