//! A server on its way from the clients' files to the guard's configuration.

use super::{Launch, Server, Start};
use crate::{
    entry::{Entry, Program, Remote},
    machine::Env,
    pieces::{self, Piece, References, written},
    secrets::Vault,
};

/// A server before it has a name.
pub(super) struct Draft {
    pub(super) sources: Vec<(usize, usize)>,
    pub(super) wish: String,
    pub(super) client: &'static str,
    pub(super) identity: Result<Start, String>,
    pub(super) raw: Raw,
    pub(super) headers: bool,
    pub(super) existing: Option<String>,
}

/// Values of an entry in pieces.
#[derive(Default, PartialEq, Eq)]
pub(super) struct Raw {
    pub(super) transport: String,
    pub(super) command: Vec<Piece>,
    pub(super) args: Vec<Vec<Piece>>,
    pub(super) env: Vec<(String, Vec<Piece>)>,
    pub(super) cwd: Option<Vec<Piece>>,
    pub(super) url: Option<Vec<Piece>>,
}

/// The values of a program, and what keeps the guard from starting it.
pub(super) fn program(
    program: &Program,
    entry: &Entry,
    references: &References<'_>,
) -> (Raw, Option<String>) {
    let mut obstacle = program.obstacle.clone();
    let mut pieces = |text: &str| {
        if text.contains('\0') {
            obstacle = Some("a value contains a NUL character".to_owned());
        }
        references.pieces(text).unwrap_or_else(|reason| {
            obstacle = Some(reason);
            vec![Piece::Plain(text.to_owned())]
        })
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
    (raw, obstacle)
}

/// The values of a server with an address, and what keeps the guard from calling it.
pub(super) fn remote(remote: &Remote, references: &References<'_>) -> (Raw, Option<String>) {
    let host = remote.url.strip_prefix("https://").or_else(|| remote.url.strip_prefix("http://"));
    let (url, obstacle) = match references.pieces(&remote.url) {
        _ if !host.is_some_and(|host| !host.is_empty() && !host.starts_with('/')) => {
            (None, Some("its address does not begin with http:// or https:// and a host".to_owned()))
        }
        Ok(pieces) => (Some(pieces), None),
        Err(reason) => (None, Some(reason)),
    };
    let url = url.unwrap_or_else(|| vec![Piece::Plain(remote.url.clone())]);
    (Raw { transport: remote.transport.to_owned(), url: Some(url), ..Raw::default() }, obstacle)
}

impl Raw {
    /// What the guard would start, if all variables are set.
    pub(super) fn start(&self, known: Env<'_>) -> Result<Start, String> {
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
    pub(super) fn finish(self, name: String, vault: &mut Vault<'_>) -> Server {
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
