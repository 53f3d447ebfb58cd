//! Which servers the guard is to know, under which names.

mod draft;
mod names;

use std::collections::BTreeMap;

use self::draft::Draft;
use crate::{
    discover::{ClientFile, Discovery},
    entry::{Entry, Reach},
    machine::{Env, Machine},
    pieces::References,
    secrets::Vault,
    table::Scope,
};

/// How a server is started or reached, with every reference replaced.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Start {
    /// `stdio`, `sse` or `streamable-http`.
    pub transport: String,
    /// The program; empty for servers with an address.
    pub command: String,
    /// Its arguments.
    pub args: Vec<String>,
    /// Variables set for it.
    pub env: BTreeMap<String, String>,
    /// The folder it is started in.
    pub cwd: Option<String>,
    /// The address.
    pub url: Option<String>,
    /// What is sent to it as headers, by their names in small letters.
    pub headers: BTreeMap<String, String>,
}

impl std::fmt::Debug for Start {
    /// Leaves out everything that can hold a secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Start").field("transport", &self.transport).finish_non_exhaustive()
    }
}

/// What the plan depends on beside the files.
pub struct Settings<'s> {
    /// The machine the files were found on.
    pub machine: Machine<'s>,
    /// What variables stand for when the guard reads its configuration.
    pub known: Env<'s>,
    /// The servers of the configuration that exists already.
    pub existing: Vec<(String, Start)>,
    /// Servers of project files are guarded as well.
    pub project_files: bool,
}

/// What is to be done with the servers that were found.
#[derive(Debug, Default)]
pub struct Plan {
    /// The servers the guard is to know.
    pub servers: Vec<Server>,
    /// For each file and each entry of the discovery, what becomes of it.
    pub fates: Vec<Vec<Fate>>,
    /// Secrets taken out of the files, by the variables that stand for them.
    pub secrets: BTreeMap<String, String>,
}

/// One server in the guard's configuration.
#[derive(Debug)]
pub struct Server {
    /// Its name there.
    pub name: String,
    /// It is in the configuration already.
    pub exists: bool,
    /// Indices of its files and entries in the discovery.
    pub sources: Vec<(usize, usize)>,
    /// Why it cannot be started without its client. Such a server is written as a comment.
    pub obstacle: Option<String>,
    /// Its clients may have to sign in there, and call it directly.
    pub signs_in: bool,
    pub(crate) launch: Launch,
}

/// A start whose secrets are references.
#[derive(Debug, Default)]
pub(crate) struct Launch {
    pub(crate) transport: String,
    pub(crate) command: String,
    pub(crate) args: Vec<String>,
    pub(crate) env: Vec<(String, String)>,
    pub(crate) cwd: Option<String>,
    pub(crate) url: Option<String>,
    pub(crate) headers: Vec<(String, String)>,
}

/// What becomes of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It becomes this server, by index, and can be started through the guard.
    Guard(usize),
    /// It becomes this server, by index, but goes on being called directly.
    Listed(usize),
    /// It is started through mcp-guard already.
    Guarded,
    /// Nothing is done with it, for this reason.
    Left(String),
}

impl Server {
    /// It is called by its address.
    pub fn is_remote(&self) -> bool {
        self.launch.url.is_some()
    }

    /// The command line or the address, secrets as references.
    pub fn summary(&self) -> String {
        match &self.launch.url {
            Some(url) => url.clone(),
            None => {
                let words = std::iter::once(&self.launch.command).chain(&self.launch.args);
                words.map(String::as_str).collect::<Vec<_>>().join(" ")
            }
        }
    }
}

/// Decides what becomes of each server that was found.
pub fn plan(found: &Discovery, settings: &Settings<'_>) -> Plan {
    let mut drafts: Vec<Draft> = Vec::new();
    let mut fates = Vec::new();
    for (at, file) in found.files.iter().enumerate() {
        let fate = |(index, entry): (usize, &Entry)| match left(file, entry, settings) {
            Some(fate) => fate,
            None => admit(file, entry, (at, index), settings, &mut drafts),
        };
        fates.push(file.entries.iter().enumerate().map(fate).collect());
    }
    let names = names::names(&drafts, found, settings);
    let mut vault = Vault::new(settings.known);
    let servers = drafts.into_iter().zip(names).map(|(draft, name)| draft.finish(name, &mut vault)).collect();
    Plan { servers, fates, secrets: vault.into_added() }
}

/// What keeps an entry from being looked at any further.
fn left(file: &ClientFile, entry: &Entry, settings: &Settings<'_>) -> Option<Fate> {
    let because = |reason: &str| Some(Fate::Left(reason.to_owned()));
    match (&entry.reach, file.place.scope) {
        (Reach::Guarded, _) => Some(Fate::Guarded),
        (Reach::Other(reason), _) => because(reason),
        _ if entry.disabled => because("disabled in the client"),
        (_, Scope::Managed) => because("put there by an administrator or a plugin"),
        (_, Scope::Project) if !settings.project_files => {
            because("in a project file; include those with --project-files")
        }
        _ => None,
    }
}

fn admit(
    file: &ClientFile,
    entry: &Entry,
    source: (usize, usize),
    settings: &Settings<'_>,
    drafts: &mut Vec<Draft>,
) -> Fate {
    let references = References {
        machine: &settings.machine,
        expands: file.client.expands,
        folder: entry.folder.as_deref(),
    };
    let (raw, obstacle) = match &entry.reach {
        Reach::Program(program) => draft::program(program, entry, &references),
        Reach::Url(remote) => draft::remote(remote, &references),
        Reach::Guarded => return Fate::Guarded,
        Reach::Other(reason) => return Fate::Left(reason.clone()),
    };
    let identity = obstacle.map_or_else(|| raw.start(settings.known), Err);
    let same = |draft: &Draft| match (&draft.identity, &identity) {
        (Ok(one), Ok(two)) => one == two,
        (Err(_), Err(_)) => draft.raw == raw && draft.wish == entry.name,
        _ => false,
    };
    let blocked = identity.is_err();
    let signs_in = matches!(&entry.reach, Reach::Url(remote) if remote.may_sign_in());
    let index = match drafts.iter_mut().enumerate().find(|(_, draft)| same(draft)) {
        Some((index, draft)) => {
            draft.sources.push(source);
            index
        }
        None => {
            let known =
                |start: &&(String, Start)| identity.as_ref().is_ok_and(|identity| *identity == start.1);
            let existing = settings.existing.iter().find(known).map(|(name, _)| name.clone());
            let (wish, client) = (entry.name.clone(), file.client.name);
            drafts.push(Draft { sources: vec![source], wish, client, identity, raw, existing, signs_in });
            drafts.len() - 1
        }
    };
    if signs_in || blocked { Fate::Listed(index) } else { Fate::Guard(index) }
}
