//! Looks for the files of clients and reads what they say of servers.

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
};

use crate::{
    entry::{Entry, entries},
    machine::Machine,
    table::{CLIENTS, Client, Place, Scope},
    tree,
};

/// Largest file that is read, in bytes.
pub const MAX_FILE_BYTES: u64 = 4 << 20;

/// What was found.
#[derive(Debug, Default)]
pub struct Discovery {
    /// The files that could be read, in the order of the table.
    pub files: Vec<ClientFile>,
    /// The files that could not be used.
    pub problems: Vec<Problem>,
    /// Every path that was tried, whether there is a file or not.
    pub looked_at: Vec<PathBuf>,
}

/// One file of one client.
pub struct ClientFile {
    /// Whose it is.
    pub client: &'static Client,
    /// Where it was found, following the table.
    pub place: &'static Place,
    /// Where it is.
    pub path: PathBuf,
    /// Its servers, in the order of the file.
    pub entries: Vec<Entry>,
    pub(crate) text: String,
}

impl std::fmt::Debug for ClientFile {
    /// Leaves out the text, which can hold secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ClientFile")
            .field("path", &self.path)
            .field("entries", &self.entries)
            .finish_non_exhaustive()
    }
}

/// A file that was skipped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Whose it is.
    pub client: &'static str,
    /// Where it is.
    pub path: PathBuf,
    /// What is wrong with it, and where.
    pub message: String,
}

/// Reads the files of `clients`, or of all if there are none; project files are looked for in `folders`.
pub fn discover(machine: &Machine<'_>, clients: &[&'static Client], folders: &[PathBuf]) -> Discovery {
    let mut found = Discovery::default();
    let mut seen = BTreeSet::new();
    let wanted =
        |client: &&'static Client| clients.is_empty() || clients.iter().any(|one| one.name == client.name);
    for client in CLIENTS.iter().filter(wanted) {
        for place in client.places.iter().filter(|place| place.is_on(machine.os)) {
            let Some(path) = machine.path(place.path) else { continue };
            let folders: Vec<Option<&PathBuf>> = match place.scope {
                Scope::Project => folders.iter().map(Some).collect(),
                Scope::User | Scope::Managed => vec![None],
            };
            for folder in folders {
                let path = folder.map_or_else(|| path.clone(), |folder| folder.join(&path));
                for path in matching(&path) {
                    if !found.looked_at.contains(&path) {
                        found.looked_at.push(path.clone());
                    }
                    let same = path.canonicalize().unwrap_or_else(|_| path.clone());
                    if seen.insert(same) {
                        look(client, place, folder, &path, &mut found);
                    }
                }
            }
        }
    }
    found
}

/// `folder` and all it is in, nearest first.
pub fn with_ancestors(folder: &Path) -> Vec<PathBuf> {
    folder.ancestors().map(Path::to_owned).collect()
}

fn look(
    client: &'static Client,
    place: &'static Place,
    folder: Option<&PathBuf>,
    path: &Path,
    found: &mut Discovery,
) {
    let problem = |message: String| Problem { client: client.name, path: path.to_owned(), message };
    let text = match read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return,
        Err(error) => return found.problems.push(problem(error.to_string())),
    };
    match tree::parse(place.format, &text) {
        Ok(root) => {
            let folder = folder.and_then(|folder| folder.to_str());
            let entries = entries(&root, place.roots, place.shape, &text, folder);
            found.files.push(ClientFile { client, place, path: path.to_owned(), entries, text });
        }
        Err(error) => found.problems.push(problem(error.to_string())),
    }
}

/// The text of a file that is not too large and is UTF-8.
pub(crate) fn read(path: &Path) -> io::Result<String> {
    let facts = fs::metadata(path)?;
    if !facts.is_file() {
        return Err(io::Error::other("not a file"));
    }
    if facts.len() > MAX_FILE_BYTES {
        return Err(io::Error::other(format!(
            "{} bytes, more than the {MAX_FILE_BYTES} that are read",
            facts.len()
        )));
    }
    String::from_utf8(fs::read(path)?).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let line = error.as_bytes().iter().take(valid).filter(|byte| **byte == b'\n').count() + 1;
        io::Error::other(format!("line {line}: not UTF-8"))
    })
}

/// The paths a pattern stands for: itself, or the files that match its `*`.
fn matching(pattern: &Path) -> Vec<PathBuf> {
    let mut paths = vec![PathBuf::new()];
    for part in pattern.components() {
        let part = part.as_os_str();
        let Some((before, after)) = part.to_str().and_then(|part| part.split_once('*')) else {
            paths.iter_mut().for_each(|path| path.push(part));
            continue;
        };
        paths = paths.iter().flat_map(|folder| names(folder, before, after)).collect();
    }
    paths
}

/// What in `folder` is called `before…after`, in alphabetical order.
fn names(folder: &Path, before: &str, after: &str) -> Vec<PathBuf> {
    let Ok(listing) = fs::read_dir(folder) else { return Vec::new() };
    let fits = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        name.len() > before.len() + after.len() && name.starts_with(before) && name.ends_with(after)
    };
    let mut paths: Vec<_> = listing.filter_map(Result::ok).map(|entry| entry.path()).filter(fits).collect();
    paths.sort();
    paths
}
