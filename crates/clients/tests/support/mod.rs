//! A home folder with files of clients in it.
#![allow(clippy::unwrap_used, dead_code)] // A test fails by panicking; not every test needs everything.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use mcp_guard_clients as clients;
use mcp_guard_clients::{Discovery, Fate, Guard, Machine, Os, Plan, Settings, Start, Undone};
use tempfile::TempDir;

pub(crate) struct Home {
    folder: TempDir,
    pub(crate) env: BTreeMap<String, String>,
    pub(crate) existing: Vec<(String, Start)>,
    pub(crate) project_files: bool,
}

impl Home {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { folder, env: BTreeMap::new(), existing: Vec::new(), project_files: false }
    }

    pub(crate) fn with(path: &str, text: &str) -> Self {
        let home = Self::new();
        home.write(path, text);
        home
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    pub(crate) fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap()
    }

    pub(crate) fn journal(&self) -> PathBuf {
        self.path("state/applied.json")
    }

    /// The names of the files in a folder, without those that begin with `state`.
    pub(crate) fn names(&self, folder: &str) -> Vec<String> {
        let listing = fs::read_dir(self.path(folder)).unwrap();
        let mut names: Vec<_> =
            listing.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.retain(|name| name != "state");
        names.sort();
        names
    }

    pub(crate) fn with_machine<T>(&self, then: impl FnOnce(&Machine<'_>) -> T) -> T {
        let home = self.folder.path().to_str().unwrap();
        then(&Machine { os: Os::Linux, home, env: &|name| self.env.get(name).cloned() })
    }

    pub(crate) fn discover(&self, folders: &[&Path]) -> Discovery {
        let folders: Vec<_> = folders.iter().map(|folder| folder.to_path_buf()).collect();
        self.with_machine(|machine| clients::discover(machine, &[], &folders))
    }

    pub(crate) fn plan(&self, found: &Discovery) -> Plan {
        self.with_machine(|machine| {
            clients::plan(
                found,
                &Settings {
                    machine: *machine,
                    known: &|name| self.env.get(name).cloned(),
                    existing: self.existing.clone(),
                    project_files: self.project_files,
                },
            )
        })
    }

    /// Guards everything; how many entries were changed, and what was not.
    pub(crate) fn apply(&self) -> (usize, Vec<String>) {
        let found = self.discover(&[]);
        self.apply_found(&found)
    }

    pub(crate) fn apply_found(&self, found: &Discovery) -> (usize, Vec<String>) {
        let plan = self.plan(found);
        let (mut changed, mut failed) = (0, Vec::new());
        for (file, fates) in found.files.iter().zip(&plan.fates) {
            let entries: Vec<_> = fates
                .iter()
                .enumerate()
                .filter_map(|(at, fate)| match fate {
                    Fate::Guard(index) => Some((at, plan.servers.get(*index)?.name.as_str())),
                    _ => None,
                })
                .collect();
            let rewrite = clients::rewrite(file, &entries, &guard());
            failed.extend(rewrite.refused.iter().map(|(name, _)| name.clone()));
            if rewrite.entries() == 0 {
                continue;
            }
            match clients::apply(file, &rewrite, &self.journal()) {
                Ok(_) => changed += rewrite.entries(),
                Err(error) => failed.push(error.to_string()),
            }
        }
        (changed, failed)
    }

    pub(crate) fn undo(&self) -> Vec<Undone> {
        clients::undo(&self.journal(), &[]).unwrap()
    }
}

pub(crate) fn guard() -> Guard {
    Guard { program: "/opt/bin/mcp-guard".to_owned(), config: "/home/ann/mcp-guard.yaml".to_owned() }
}
