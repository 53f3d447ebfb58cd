//! A server on its way from the clients' files to the guard's configuration.

use super::{Launch, Server, Start};
use crate::{
    entry::{Entry, Header, Program, Remote},
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
    pub(super) existing: Option<String>,
    pub(super) signs_in: bool,
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
    pub(super) headers: Vec<(String, Vec<Piece>)>,
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
        headers: Vec::new(),
    };
    if program.env.iter().any(|(key, _)| key.is_empty() || key.contains(['=', '\0'])) {
        obstacle = Some("a name in its environment is empty or contains `=`".to_owned());
    }
    (raw, obstacle)
}

/// The values of a server with an address, and what keeps the guard from calling it.
pub(super) fn remote(remote: &Remote, references: &References<'_>) -> (Raw, Option<String>) {
    let mut obstacle = remote.obstacle.clone();
    let host = remote.url.strip_prefix("https://").or_else(|| remote.url.strip_prefix("http://"));
    let authority = host.unwrap_or_default().split(['/', '?', '#']).next().unwrap_or_default();
    if authority.is_empty() {
        obstacle = Some("its address does not begin with http:// or https:// and a host".to_owned());
    } else if authority.contains('@') {
        obstacle = Some("its address holds a user name or password; write them as a header".to_owned());
    }
    let mut pieces = |text: &str| {
        references.pieces(text).unwrap_or_else(|reason| {
            obstacle = Some(reason);
            vec![Piece::Plain(text.to_owned())]
        })
    };
    let url = Some(pieces(&remote.url));
    let header = |(name, header): &(String, Header)| {
        let value = match header {
            Header::Text(text) => pieces(text),
            Header::Variable(variable) => vec![Piece::Variable(variable.clone())],
            Header::Bearer(variable) => {
                vec![Piece::Plain("Bearer ".to_owned()), Piece::Variable(variable.clone())]
            }
        };
        (name.clone(), value)
    };
    let headers: Vec<_> = remote.headers.iter().map(header).collect();
    let sendable = |pieces: &[Piece]| {
        pieces.iter().all(|piece| match piece {
            Piece::Plain(text) => text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' '),
            Piece::Variable(_) | Piece::Secret(_) => true,
        })
    };
    let named = |name: &str| {
        !name.is_empty()
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    };
    if !headers.iter().all(|(name, value)| named(name) && sendable(value)) {
        obstacle = Some("one of its headers could not be sent".to_owned());
    }
    let raw = Raw { transport: remote.transport.to_owned(), url, headers, ..Raw::default() };
    (raw, obstacle)
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
            headers: self
                .headers
                .iter()
                .map(|(name, pieces)| Ok((name.to_ascii_lowercase(), value(pieces)?)))
                .collect::<Result<_, String>>()?,
        })
    }
}

impl Draft {
    pub(super) fn finish(self, name: String, vault: &mut Vault<'_>) -> Server {
        let Raw { transport, command, args, env, cwd, url, headers } = self.raw;
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
        let env = env.collect();
        let headers = headers.into_iter().map(|(header, value)| {
            let value = written(&vault.hide_header(&name, &header, value));
            (header, value)
        });
        let headers = headers.collect();
        let launch = Launch {
            headers,
            transport,
            command: written(&command),
            args: hidden,
            env,
            cwd: cwd.as_deref().map(written),
            url: url.map(|url| written(&vault.hide_argument(&name, "", url))),
        };
        Server {
            name,
            exists: self.existing.is_some(),
            sources: self.sources,
            obstacle: self.identity.err(),
            signs_in: self.signs_in,
            launch,
        }
    }
}
