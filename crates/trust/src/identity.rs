//! Who a server is, from outside: how it is started or reached, and the digests of what that leads to.

mod package;
mod script;

use std::{
    collections::HashMap,
    ffi::OsString,
    fs::Metadata,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    time::SystemTime,
};

use serde_json::{Map, Value, json};

use crate::Digest;

/// Where a command line means what it means.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    /// The folder it is started in; `None` for our own.
    pub folder: Option<PathBuf>,
    /// `PATH`.
    pub path: Option<OsString>,
    /// The user's home: package runners keep what they fetched there.
    pub home: Option<PathBuf>,
}

/// What is said where something cannot be told.
pub(crate) const UNRESOLVED: &str = "unresolved";

/// The identity of a server that is started: its command line, the names of the variables set for it, and the digests
/// of its program and of its script or package as far as they are to be found on this machine. `mask` takes secrets
/// out of arguments.
pub fn of_command<'a>(
    program: &str,
    args: &[String],
    variables: impl Iterator<Item = &'a str>,
    surroundings: &Surroundings,
    mask: impl Fn(&str) -> String,
) -> Value {
    let mut identity = Map::new();
    let line: Vec<_> = std::iter::once(program).chain(args.iter().map(String::as_str)).map(&mask).collect();
    identity.insert("command".to_owned(), json!(line));
    let mut names: Vec<_> = variables.collect();
    names.sort_unstable();
    identity.insert("variables".to_owned(), json!(names));
    match resolve(program, surroundings) {
        Some(file) => file_facts("program", &file, &mut identity),
        None => unresolved("program", &mut identity),
    }
    if let Some(package) = package::named(program, args) {
        identity.insert("package".to_owned(), package.shown().into());
        identity.insert("package_digest".to_owned(), package.integrity(surroundings).into());
    } else if let Some(script) = script::named(program, args) {
        match script.file(surroundings) {
            Some(file) => file_facts("script", &file, &mut identity),
            None => unresolved("script", &mut identity),
        }
    }
    Value::Object(identity)
}

/// The identity of a server that is reached by URL, without anything secret of it. The server's key is part of it once
/// it is known.
pub fn of_url(url: &str, tls: Option<&str>) -> Value {
    json!({ "url": without_secrets(url), "tls": tls.unwrap_or("not known") })
}

/// An identity without what is only so on this machine.
pub fn portable(identity: &Value) -> Value {
    let mut identity = identity.clone();
    if let Some(members) = identity.as_object_mut() {
        members.retain(|name, value| {
            name != "program" && !name.ends_with("_file") && value.as_str() != Some(UNRESOLVED)
        });
    }
    identity
}

fn unresolved(what: &str, identity: &mut Map<String, Value>) {
    identity.insert(what.to_owned(), UNRESOLVED.into());
}

fn file_facts(what: &str, file: &Path, identity: &mut Map<String, Value>) {
    match digest(file) {
        Some(digest) => {
            identity.insert(what.to_owned(), digest.to_string().into());
            identity.insert(format!("{what}_file"), file.to_string_lossy().into());
        }
        None => unresolved(what, identity),
    }
}

/// The file that a program's name leads to, links followed.
fn resolve(program: &str, surroundings: &Surroundings) -> Option<PathBuf> {
    let named = Path::new(program);
    if named.components().count() > 1 {
        return canonical_file(&below(surroundings, named));
    }
    std::env::split_paths(surroundings.path.as_ref()?).find_map(|folder| {
        let folder = below(surroundings, &folder);
        let found = canonical_file(&folder.join(named));
        if cfg!(windows) {
            found.or_else(|| {
                ["exe", "cmd", "bat"]
                    .iter()
                    .find_map(|end| canonical_file(&folder.join(format!("{program}.{end}"))))
            })
        } else {
            found
        }
    })
}

fn below(surroundings: &Surroundings, path: &Path) -> PathBuf {
    surroundings.folder.as_deref().unwrap_or(Path::new("")).join(path)
}

fn canonical_file(path: &Path) -> Option<PathBuf> {
    let real = path.canonicalize().ok()?;
    real.is_file().then_some(real)
}

/// When a file was last looked at, and what it held. Its time of change cannot be set by whoever writes to it.
type Known = HashMap<PathBuf, (Stamp, Digest)>;

static KNOWN: Mutex<Option<Known>> = Mutex::new(None);

/// The digest of a file; one that has not changed is not read again by this process.
fn digest(file: &Path) -> Option<Digest> {
    let stamp = Stamp::of(&file.metadata().ok()?)?;
    {
        let known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, digest)) =
            known.as_ref().and_then(|known| known.get(file)).filter(|(at, _)| *at == stamp)
        {
            return Some(*digest);
        }
    }
    let digest = Digest::of_file(file).ok()?;
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    known.get_or_insert_default().insert(file.to_owned(), (stamp, digest));
    Some(digest)
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Stamp {
    len: u64,
    modified: SystemTime,
    inode: [i64; 4],
}

impl Stamp {
    fn of(facts: &Metadata) -> Option<Self> {
        Some(Self { len: facts.len(), modified: facts.modified().ok()?, inode: inode(facts) })
    }
}

#[cfg(unix)]
fn inode(facts: &Metadata) -> [i64; 4] {
    use std::os::unix::fs::MetadataExt;
    [facts.dev().cast_signed(), facts.ino().cast_signed(), facts.ctime(), facts.ctime_nsec()]
}

#[cfg(not(unix))]
fn inode(_: &Metadata) -> [i64; 4] {
    [0; 4]
}

/// An address without user, password, query and fragment: each may hold a secret.
fn without_secrets(url: &str) -> String {
    let url = url.split(['?', '#']).next().unwrap_or_default();
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let (authority, path) = rest.find('/').and_then(|at| rest.split_at_checked(at)).unwrap_or((rest, ""));
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    format!("{scheme}://{host}{path}")
}

/// The name of a program without its folder and ending, in lower case.
fn stem(program: &str) -> String {
    let stem = Path::new(program).file_stem().unwrap_or_default();
    stem.to_string_lossy().to_lowercase()
}

#[cfg(test)]
mod tests;
