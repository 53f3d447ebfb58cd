//! The package that a package runner is given.

use std::{collections::BTreeSet, fs, path::Path};

use serde_json::Value;

use super::{Surroundings, UNRESOLVED, below, stem};

/// A package by name.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Package {
    registry: Registry,
    name: String,
    /// The version, if the command line pins one.
    version: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Registry {
    Npm,
    Pypi,
}

/// A package runner: its name, the words of it that mean "run a package", and the options that name one.
type Runner = (&'static str, &'static [&'static str], &'static [&'static str], Registry);

const RUNNERS: [Runner; 8] = [
    ("npx", &[], &["-p", "--package"], Registry::Npm),
    ("bunx", &[], &["-p", "--package"], Registry::Npm),
    ("npm", &["exec"], &["-p", "--package"], Registry::Npm),
    ("pnpm", &["dlx"], &["--package"], Registry::Npm),
    ("yarn", &["dlx"], &["-p", "--package"], Registry::Npm),
    ("uvx", &[], &["--from"], Registry::Pypi),
    ("uv", &["tool", "run"], &["--from"], Registry::Pypi),
    ("pipx", &["run"], &["--spec"], Registry::Pypi),
];

/// Folders of a cache that are looked into.
const MOST_FOLDERS: usize = 4096;

/// The package of a command line; `None` if it names none.
pub(super) fn named(program: &str, args: &[String]) -> Option<Package> {
    let stem = stem(program);
    let (_, words, options, registry) = RUNNERS.iter().find(|(name, ..)| *name == stem)?;
    let mut args = args.iter().map(String::as_str);
    for word in *words {
        args.find(|arg| !arg.starts_with('-')).filter(|arg| arg == word)?;
    }
    let mut first = None;
    while let Some(arg) = args.next() {
        let (option, value) =
            arg.split_once('=').map_or((arg, None), |(option, value)| (option, Some(value)));
        if options.contains(&option) {
            return Some(Package::of(*registry, value.or_else(|| args.next())?));
        }
        if arg == "--" || !arg.starts_with('-') {
            first = if arg == "--" { args.next() } else { Some(arg) };
            break;
        }
    }
    Some(Package::of(*registry, first?))
}

impl Package {
    fn of(registry: Registry, text: &str) -> Self {
        let from = usize::from(text.starts_with('@'));
        let mark = text.match_indices(['@', '=']).map(|(at, _)| at).find(|at| *at >= from);
        let (name, version) = mark.and_then(|at| text.split_at_checked(at)).unwrap_or((text, ""));
        let version = version.trim_start_matches(['@', '=']);
        // A tag or a range is no pin: what it stands for changes.
        let is_pin = version.starts_with(|first: char| first.is_ascii_digit())
            && !version
                .contains(|c: char| c.is_whitespace() || matches!(c, '*' | 'x' | '|' | ',' | '<' | '>'))
            && (registry == Registry::Pypi || version.split('.').count() >= 3);
        Self { registry, name: name.to_owned(), version: is_pin.then(|| version.to_owned()) }
    }

    /// `npm:NAME@VERSION`, and plainly if no version is pinned.
    pub(super) fn shown(&self) -> String {
        let registry = if self.registry == Registry::Npm { "npm" } else { "pypi" };
        match &self.version {
            Some(version) => format!("{registry}:{}@{version}", self.name),
            None => format!("{registry}:{} (no version pinned)", self.name),
        }
    }

    /// The integrity that the runner noted when it fetched the package, if that can be told: not if several versions lie
    /// about and none is pinned.
    pub(super) fn integrity(&self, surroundings: &Surroundings) -> String {
        let found = match self.registry {
            Registry::Npm => self.npm_integrity(surroundings),
            // What uv and pipx keep says nothing of the archive it came from.
            Registry::Pypi => None,
        };
        found.unwrap_or_else(|| UNRESOLVED.to_owned())
    }

    fn npm_integrity(&self, surroundings: &Surroundings) -> Option<String> {
        // What is installed in the folder is run rather than what would be fetched.
        if let Some(here) = self.noted(&below(surroundings, Path::new("node_modules"))) {
            return Some(here);
        }
        let cache = surroundings.home.as_ref()?.join(".npm").join("_npx");
        let folders = fs::read_dir(cache).ok()?.flatten().take(MOST_FOLDERS);
        let found: BTreeSet<_> =
            folders.filter_map(|folder| self.noted(&folder.path().join("node_modules"))).collect();
        let mut found = found.into_iter();
        let only = found.next()?;
        found.next().is_none().then_some(only)
    }

    /// What npm noted of the package in a `node_modules`.
    fn noted(&self, modules: &Path) -> Option<String> {
        let notes = fs::read(modules.join(".package-lock.json")).ok()?;
        let notes: Value = serde_json::from_slice(&notes).ok()?;
        let package = notes.get("packages")?.get(format!("node_modules/{}", self.name))?;
        let version = package.get("version")?.as_str()?;
        if self.version.as_deref().is_some_and(|pinned| pinned != version) {
            return None;
        }
        Some(format!("{version} {}", package.get("integrity")?.as_str()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_are_found_in_command_lines() {
        for (line, expected) in [
            ("npx -y postmark-mcp@1.0.15", Some("npm:postmark-mcp@1.0.15")),
            ("npx -y @scope/name@1.2.3 /data", Some("npm:@scope/name@1.2.3")),
            ("/usr/bin/npx @scope/name", Some("npm:@scope/name (no version pinned)")),
            ("npx name@latest", Some("npm:name (no version pinned)")),
            ("npx name@1", Some("npm:name (no version pinned)")),
            ("npx --package=a@1.0.0 b", Some("npm:a@1.0.0")),
            ("npx -p a@1.0.0 b", Some("npm:a@1.0.0")),
            ("npm exec -- a@1.0.0", Some("npm:a@1.0.0")),
            ("npm install a", None),
            ("uvx mcp-server-git==2025.1.14", Some("pypi:mcp-server-git@2025.1.14")),
            ("uvx --from mcp-server-git@2025.1 git", Some("pypi:mcp-server-git@2025.1")),
            ("uv tool run mcp-server-time", Some("pypi:mcp-server-time (no version pinned)")),
            ("uv run server.py", None),
            ("node server.js", None),
            ("npx", None),
        ] {
            let mut words = line.split(' ');
            let program = words.next().unwrap();
            let args: Vec<_> = words.map(str::to_owned).collect();
            assert_eq!(named(program, &args).map(|package| package.shown()).as_deref(), expected, "{line}");
        }
    }
}
