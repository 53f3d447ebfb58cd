//! Which servers the guard is to know, under which names.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    discover::{ClientFile, Discovery},
    entry::{Entry, Program, Reach, Remote},
    machine::{Env, Machine},
    pieces::{self, Piece, References, written},
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
    /// The client sends HTTP headers to it.
    pub headers: bool,
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
    let names = names(&drafts, found, settings);
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

/// A server before it has a name.
struct Draft {
    sources: Vec<(usize, usize)>,
    wish: String,
    client: &'static str,
    identity: Result<Start, String>,
    raw: Raw,
    headers: bool,
    existing: Option<String>,
}

/// Values of an entry in pieces.
#[derive(Default, PartialEq, Eq)]
struct Raw {
    transport: String,
    command: Vec<Piece>,
    args: Vec<Vec<Piece>>,
    env: Vec<(String, Vec<Piece>)>,
    cwd: Option<Vec<Piece>>,
    url: Option<Vec<Piece>>,
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
    let (raw, headers, remote) = match &entry.reach {
        Reach::Program(program) => (raw_program(program, entry, &references), false, false),
        Reach::Url(remote) => (raw_remote(remote, &references), remote.headers, true),
        Reach::Guarded | Reach::Other(_) => return Fate::Guarded,
    };
    let (raw, identity) = match raw {
        Ok(raw) => {
            let identity = raw.start(settings.known);
            (raw, identity)
        }
        Err((raw, obstacle)) => (raw, Err(obstacle)),
    };
    let same = |draft: &Draft| match (&draft.identity, &identity) {
        (Ok(one), Ok(two)) => one == two,
        (Err(_), Err(_)) => draft.raw == raw && draft.wish == entry.name,
        _ => false,
    };
    let blocked = identity.is_err();
    let index = match drafts.iter_mut().enumerate().find(|(_, draft)| same(draft)) {
        Some((index, draft)) => {
            draft.sources.push(source);
            draft.headers |= headers;
            index
        }
        None => {
            let known =
                |start: &&(String, Start)| identity.as_ref().is_ok_and(|identity| *identity == start.1);
            let existing = settings.existing.iter().find(known).map(|(name, _)| name.clone());
            let (wish, client) = (entry.name.clone(), file.client.name);
            drafts.push(Draft { sources: vec![source], wish, client, identity, raw, headers, existing });
            drafts.len() - 1
        }
    };
    if remote || blocked { Fate::Listed(index) } else { Fate::Guard(index) }
}

fn raw_program(program: &Program, entry: &Entry, references: &References<'_>) -> Result<Raw, (Raw, String)> {
    let mut obstacle = program.obstacle.clone();
    let mut pieces = |text: &str| match references.pieces(text) {
        _ if text.contains('\0') => {
            obstacle = Some("a value contains a NUL character".to_owned());
            Vec::new()
        }
        Ok(pieces) => pieces,
        Err(reason) => {
            obstacle = Some(reason);
            vec![Piece::Plain(text.to_owned())]
        }
    };
    let cwd = program.cwd.as_deref().or(entry.folder.as_deref());
    let raw = Raw {
        transport: "stdio".to_owned(),
        command: pieces(&program.command),
        args: program.args.iter().map(|arg| pieces(arg)).collect(),
        env: program.env.iter().map(|(key, value)| (key.clone(), pieces(value))).collect(),
        cwd: cwd.map(&mut pieces),
        url: None,
    };
    if program.env.iter().any(|(key, _)| key.is_empty() || key.contains(['=', '\0'])) {
        obstacle = Some("a name in its environment is empty or contains `=`".to_owned());
    }
    match obstacle {
        Some(obstacle) => Err((raw, obstacle)),
        None => Ok(raw),
    }
}

fn raw_remote(remote: &Remote, references: &References<'_>) -> Result<Raw, (Raw, String)> {
    let raw = |url| Raw { transport: remote.transport.to_owned(), url: Some(url), ..Raw::default() };
    let plain = || vec![Piece::Plain(remote.url.clone())];
    let host = remote.url.strip_prefix("https://").or_else(|| remote.url.strip_prefix("http://"));
    if !host.is_some_and(|host| !host.is_empty() && !host.starts_with('/')) {
        return Err((
            raw(plain()),
            "its address does not begin with http:// or https:// and a host".to_owned(),
        ));
    }
    match references.pieces(&remote.url) {
        Ok(pieces) => Ok(raw(pieces)),
        Err(reason) => Err((raw(plain()), reason)),
    }
}

impl Raw {
    /// What the guard would start, if all variables are set.
    fn start(&self, known: Env<'_>) -> Result<Start, String> {
        let value = |pieces: &Vec<Piece>| {
            pieces::value(pieces, known).ok_or_else(|| "a variable it refers to is not set here".to_owned())
        };
        Ok(Start {
            transport: self.transport.clone(),
            command: value(&self.command)?,
            args: self.args.iter().map(value).collect::<Result<_, _>>()?,
            env: self
                .env
                .iter()
                .map(|(key, pieces)| Ok((key.clone(), value(pieces)?)))
                .collect::<Result<_, String>>()?,
            cwd: self.cwd.as_ref().map(value).transpose()?,
            url: self.url.as_ref().map(value).transpose()?,
        })
    }
}

impl Draft {
    fn finish(self, name: String, vault: &mut Vault<'_>) -> Server {
        let Raw { transport, command, args, env, cwd, url } = self.raw;
        let mut before = String::new();
        let mut hidden = Vec::new();
        for arg in args {
            let plain = match arg.as_slice() {
                [Piece::Plain(text)] => text.clone(),
                _ => String::new(),
            };
            hidden.push(written(&vault.hide_argument(&name, &before, arg)));
            before = plain;
        }
        let env = env.into_iter().map(|(key, value)| {
            let value = written(&vault.hide_variable(&name, &key, value));
            (key, value)
        });
        let launch = Launch {
            transport,
            command: written(&command),
            args: hidden,
            env: env.collect(),
            cwd: cwd.as_deref().map(written),
            url: url.map(|url| written(&vault.hide_argument(&name, "", url))),
        };
        Server {
            name,
            exists: self.existing.is_some(),
            sources: self.sources,
            obstacle: self.identity.err(),
            headers: self.headers,
            launch,
        }
    }
}

/// A name for each draft, none twice: its own, else with the client's name, else with a number.
fn names(drafts: &[Draft], found: &Discovery, settings: &Settings<'_>) -> Vec<String> {
    let mut taken: BTreeSet<String> = settings.existing.iter().map(|(name, _)| name.clone()).collect();
    // A name that an entry which is guarded already goes by must not come to mean another server.
    let guarded =
        found.files.iter().flat_map(|file| &file.entries).filter(|entry| entry.reach == Reach::Guarded);
    taken.extend(guarded.map(|entry| usable(&entry.name)));
    let mut name = |draft: &Draft| {
        if let Some(existing) = &draft.existing {
            return existing.clone();
        }
        let own = usable(&draft.wish);
        let with_client = suffixed(&own, draft.client);
        let numbered = (2..).map(|number: u32| suffixed(&with_client, &number.to_string()));
        let mut wishes = [own.clone(), with_client.clone()].into_iter().chain(numbered);
        let free = wishes.find(|name| taken.insert(name.clone()));
        free.unwrap_or(own)
    };
    drafts.iter().map(&mut name).collect()
}

/// Longest name, in bytes, that the guard's configuration takes.
const LONGEST: usize = 64;

fn usable(name: &str) -> String {
    let plain: String =
        name.trim().chars().map(|c| if c.is_whitespace() || c.is_control() { '-' } else { c }).collect();
    // A leading dash would be read as an option.
    let plain = shortened(plain.trim_start_matches('-'), LONGEST);
    if plain.is_empty() { "server".to_owned() } else { plain.to_owned() }
}

fn suffixed(name: &str, suffix: &str) -> String {
    format!("{}-{suffix}", shortened(name, LONGEST - suffix.len() - 1))
}

fn shortened(name: &str, longest: usize) -> &str {
    let end = (0..=longest.min(name.len())).rev().find(|&at| name.is_char_boundary(at));
    name.get(..end.unwrap_or(0)).unwrap_or_default()
}
