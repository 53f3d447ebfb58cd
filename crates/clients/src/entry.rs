//! One server as a client's file has it.

use std::borrow::Cow;

use crate::{
    table::Shape,
    tree::{Member, Node, Value},
};

/// One server in a client's file.
#[derive(Clone, Debug)]
pub struct Entry {
    /// What the client calls it.
    pub name: String,
    /// The keys that lead to it; in a list, the name of the item.
    pub(crate) path: Vec<String>,
    /// Where it begins, from 1.
    pub line: usize,
    /// How the client reaches it.
    pub reach: Reach,
    /// The client does not use it.
    pub disabled: bool,
    /// Keys that let its tools run without asking the user.
    pub bypasses: Vec<String>,
    /// The project it is for, if it is for one.
    pub folder: Option<String>,
}

/// How a client reaches a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// It is started as a program.
    Program(Program),
    /// It is called by its address.
    Url(Remote),
    /// It is started through mcp-guard already.
    Guarded,
    /// Neither; why it is left alone.
    Other(String),
}

/// A program with what it is given, as written: references to variables are not replaced.
#[derive(Clone, PartialEq, Eq)]
pub struct Program {
    pub(crate) command: String,
    pub(crate) args: Vec<String>,
    pub(crate) env: Vec<(String, String)>,
    pub(crate) cwd: Option<String>,
    /// What the client does for it that the guard cannot.
    pub(crate) obstacle: Option<String>,
}

/// A server with an address.
#[derive(Clone, PartialEq, Eq)]
pub struct Remote {
    pub(crate) transport: &'static str,
    pub(crate) url: String,
    pub(crate) headers: Vec<(String, Header)>,
    /// What the client does to reach it that the guard cannot.
    pub(crate) obstacle: Option<String>,
}

/// The value of a header, as written.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Header {
    /// This text, in which the client replaces references.
    Text(String),
    /// What this variable holds.
    Variable(String),
    /// `Bearer` and what this variable holds.
    Bearer(String),
}

impl std::fmt::Debug for Program {
    /// Leaves out everything that can hold a secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Program").finish_non_exhaustive()
    }
}

impl Remote {
    /// Whether the client may have to sign its user in (OAuth), which nobody can do in its place: it sends nothing that
    /// would let it in, and the server is not on this machine.
    pub(crate) fn may_sign_in(&self) -> bool {
        let host = self.url.split_once("://").map_or("", |(_, rest)| rest);
        let host = host.split(['/', '?', '#']).next().unwrap_or_default();
        let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
        let here = ["localhost", "127.0.0.1", "[::1]"].iter().any(|here| name.eq_ignore_ascii_case(here));
        self.headers.is_empty() && !here
    }
}

impl std::fmt::Debug for Remote {
    /// Leaves out everything that can hold a secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Remote").field("transport", &self.transport).finish_non_exhaustive()
    }
}

/// Where a program is written in an entry.
pub(crate) struct Parts<'n> {
    /// The mapping whose members these are: the entry, or in old files of Zed its `command`.
    pub(crate) holder: &'n Node,
    pub(crate) command: &'n Member,
    pub(crate) args: Option<&'n Member>,
    pub(crate) env: Option<&'n Member>,
}

impl Shape {
    pub(crate) fn parts<'n>(self, entry: &'n Node) -> Option<Parts<'n>> {
        let (command, env) = match self {
            Self::Usual | Self::Gemini => ("command", "env"),
            Self::OneList => ("command", "environment"),
            Self::Goose => ("cmd", "envs"),
        };
        let command = entry.member(command)?;
        let (holder, command) = match &command.node.value {
            Value::Map(_) => (&command.node, command.node.member("path")?),
            _ => (entry, command),
        };
        Some(Parts { holder, command, args: holder.member("args"), env: holder.member(env) })
    }
}

/// Whether a server belongs to a pattern of keys; appends what is found under `roots` to `entries`.
pub(crate) fn entries(
    root: &Node,
    roots: &[&[&str]],
    shape: Shape,
    text: &str,
    folder: Option<&str>,
) -> Vec<Entry> {
    let mut found = Vec::new();
    for keys in roots {
        collect(root, keys, &mut Vec::new(), &mut |node, path, project| {
            let folder = project.or(folder);
            for (name, server) in servers(node) {
                let mut path = path.to_vec();
                path.push(name.to_owned());
                let leads_on = |keys: &&[&str]| keys.len() == path.len() && keys.iter().eq(path.iter());
                if roots.iter().any(leads_on) || !matches!(server.value, Value::Map(_)) {
                    continue;
                }
                found.push(entry(name, path, server, shape, text, folder));
            }
        });
    }
    found
}

type Visit<'v> = &'v mut dyn FnMut(&Node, &[String], Option<&str>);

/// Calls `visit` with every node that `keys` lead to; the key that `*` stood for is a project's folder.
fn collect(node: &Node, keys: &[&str], path: &mut Vec<String>, visit: Visit<'_>) {
    let mut walk = |node: &Node, keys: &[&str], path: &mut Vec<String>, project: Option<&str>| {
        let mut node = node;
        for key in keys {
            let Some(next) = node.get(key) else { return };
            path.push((*key).to_owned());
            node = next;
        }
        visit(node, path, project);
        path.truncate(path.len() - keys.len());
    };
    match keys.iter().position(|key| *key == "*") {
        None => walk(node, keys, path, None),
        Some(star) => {
            let (before, after) = keys.split_at(star);
            let Some(parent) = before.iter().try_fold(node, |node, key| node.get(key)) else { return };
            for member in parent.members() {
                let mut path: Vec<String> = before.iter().map(|key| (*key).to_owned()).collect();
                path.push(member.key.clone());
                walk(&member.node, after.get(1..).unwrap_or_default(), &mut path, Some(&member.key));
            }
        }
    }
}

fn servers(node: &Node) -> Vec<(&str, &Node)> {
    let named = |item: &'_ Node| item.get("name").and_then(Node::text).is_some();
    match &node.value {
        Value::Map(members) => members.iter().map(|member| (member.key.as_str(), &member.node)).collect(),
        Value::List(items) => items
            .iter()
            .filter(|item| named(item))
            .filter_map(|item| Some((item.get("name")?.text()?, item)))
            .collect(),
        _ => Vec::new(),
    }
}

/// The node that an entry's path leads to.
pub(crate) fn find<'n>(root: &'n Node, path: &[String]) -> Option<&'n Node> {
    path.iter().try_fold(root, |node, key| match &node.value {
        Value::List(items) => items.iter().find(|item| is_called(item, key)),
        _ => node.get(key),
    })
}

/// As [`find`].
pub(crate) fn find_mut<'n>(root: &'n mut Node, path: &[String]) -> Option<&'n mut Node> {
    path.iter().try_fold(root, |node, key| match node.value {
        Value::List(ref mut items) => items.iter_mut().find(|item| is_called(item, key)),
        _ => node.get_mut(key),
    })
}

fn is_called(item: &Node, name: &str) -> bool {
    item.get("name").and_then(Node::text) == Some(name)
}

fn entry(
    name: &str,
    path: Vec<String>,
    server: &Node,
    shape: Shape,
    text: &str,
    folder: Option<&str>,
) -> Entry {
    Entry {
        name: name.to_owned(),
        path,
        line: crate::tree::line_of(text, server.span.start),
        reach: reach(server, shape),
        disabled: server.get("disabled").and_then(Node::flag) == Some(true)
            || server.get("enabled").and_then(Node::flag) == Some(false),
        bypasses: bypasses(server),
        folder: folder.map(str::to_owned),
    }
}

fn reach(server: &Node, shape: Shape) -> Reach {
    if let Some(parts) = shape.parts(server) {
        return program(server, &parts).unwrap_or_else(|why| Reach::Other(why.to_owned()));
    }
    let url = URLS.into_iter().find_map(|key| Some((key, server.get(key)?)));
    let Some((key, url)) = url else {
        return Reach::Other("it has neither a command nor an address".to_owned());
    };
    let Some(url) = url.text() else { return Reach::Other(format!("`{key}` is not text")) };
    let kind = KINDS.into_iter().find_map(|key| server.get(key)?.text());
    let events = match kind {
        Some(kind) => kind.eq_ignore_ascii_case("sse"),
        None => shape == Shape::Gemini && key == "url",
    };
    let (headers, obstacle) = match headers(server) {
        Ok(headers) => (headers, None),
        Err(key) => (Vec::new(), Some(format!("its `{key}` is not a list of names with plain values"))),
    };
    let transport = if events { "sse" } else { "streamable-http" };
    Reach::Url(Remote { transport, url: url.to_owned(), headers, obstacle })
}

/// The headers a client sends, but for those that follow from the message.
fn headers(server: &Node) -> Result<Vec<(String, Header)>, &'static str> {
    let mut headers = Vec::new();
    for key in HEADERS {
        let Some(node) = server.get(key) else { continue };
        if key == "bearer_token_env_var" {
            let variable = node.text().ok_or(key)?;
            headers.push(("Authorization".to_owned(), Header::Bearer(variable.to_owned())));
            continue;
        }
        let Value::Map(members) = &node.value else { return Err(key) };
        for member in members.iter().filter(|member| !follows(&member.key)) {
            let value = member.node.text().ok_or(key)?.to_owned();
            let value = if key == "env_http_headers" { Header::Variable(value) } else { Header::Text(value) };
            headers.push((member.key.clone(), value));
        }
    }
    Ok(headers)
}

/// Whether a header is sent by whoever speaks to the server, whatever is configured.
fn follows(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["accept", "accept-encoding", "connection", "host"].contains(&name.as_str())
        || name.starts_with("content-")
        || name.starts_with("mcp-")
}

/// Keys that hold an address.
pub(crate) const URLS: [&str; 4] = ["url", "serverUrl", "httpUrl", "uri"];

/// Keys that say how a server is reached.
pub(crate) const KINDS: [&str; 2] = ["type", "transport"];

/// Keys that hold what is sent to an address.
pub(crate) const HEADERS: [&str; 4] = ["headers", "http_headers", "env_http_headers", "bearer_token_env_var"];

fn program(server: &Node, parts: &Parts<'_>) -> Result<Reach, &'static str> {
    const NO_TEXT: &str = "its command or its arguments are not plain text";
    const NO_ENV: &str = "its environment is not a list of names with plain values";
    let texts = |node: &Node| -> Option<Vec<String>> {
        match &node.value {
            Value::List(items) => items.iter().map(|item| item.scalar().map(Cow::into_owned)).collect(),
            _ => None,
        }
    };
    let mut line = match &parts.command.node.value {
        Value::Text(command) => vec![command.clone()],
        _ => texts(&parts.command.node).ok_or(NO_TEXT)?,
    };
    if let Some(args) = parts.args {
        line.extend(texts(&args.node).ok_or(NO_TEXT)?);
    }
    if line.first().is_none_or(String::is_empty) {
        return Err("its command is empty");
    }
    let command = line.remove(0);
    if is_guard(&command, &line) {
        return Ok(Reach::Guarded);
    }
    let mut env = Vec::new();
    if let Some(given) = parts.env {
        let Value::Map(members) = &given.node.value else { return Err(NO_ENV) };
        for member in members {
            let value = member.node.scalar().ok_or(NO_ENV)?;
            env.push((member.key.clone(), value.into_owned()));
        }
    }
    let cwd = ["cwd", "workingDirectory"].into_iter().find_map(|key| parts.holder.get(key)?.text());
    let cwd = cwd.filter(|cwd| !cwd.is_empty());
    Ok(Reach::Program(Program {
        command,
        args: line,
        env,
        cwd: cwd.map(str::to_owned),
        obstacle: obstacle(server),
    }))
}

/// What the client does before it starts the program, and the guard cannot do in its place.
fn obstacle(server: &Node) -> Option<String> {
    let filled = |key: &&str| {
        server
            .get(key)
            .is_some_and(|node| !node.items().is_empty() || node.text().is_some_and(|text| !text.is_empty()))
    };
    let key = ["envFile", "env_keys", "env_file"].into_iter().find(filled)?;
    Some(format!(
        "the client adds variables to its environment itself (`{key}`); write them under its environment instead"
    ))
}

/// Whether a command line starts a server through mcp-guard.
pub(crate) fn is_guard(command: &str, args: &[String]) -> bool {
    let program = command.rsplit(['/', '\\']).next().unwrap_or(command);
    let program = program.strip_suffix(".exe").unwrap_or(program);
    program == "mcp-guard" && args.iter().any(|arg| arg == "connect" || arg == "run")
}

/// Keys that let tools run unasked, if they are set to something.
fn bypasses(server: &Node) -> Vec<String> {
    let active = |key: &&str| {
        server.get(key).is_some_and(|node| node.flag() == Some(true) || !node.items().is_empty())
    };
    let keys = ["autoApprove", "alwaysAllow", "trust", "allowedTools", "autoApproveTools"];
    keys.into_iter().filter(active).map(str::to_owned).collect()
}
