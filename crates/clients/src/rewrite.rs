//! Changes an entry so that it starts its server through the guard, and nothing else in the file.

use std::ops::Range;

use crate::{
    discover::ClientFile,
    entry::{HEADERS, KINDS, Parts, URLS, find, find_mut},
    journal::Change,
    table::Shape,
    tree::{self, Format, Member, Node, Value},
};

/// What entries start from now on.
#[derive(Clone, Debug)]
pub struct Guard {
    /// The guard's program.
    pub program: String,
    /// Its configuration, as an absolute path.
    pub config: String,
}

impl Guard {
    fn args(&self, server: &str) -> Vec<String> {
        ["connect", "-s", server, "-c", &self.config].map(str::to_owned).to_vec()
    }
}

/// A file with some of its entries changed.
#[derive(Default)]
pub struct Rewrite {
    pub(crate) text: String,
    pub(crate) changes: Vec<Change>,
    /// Entries that could not be changed without touching more than them, and why.
    pub refused: Vec<(String, String)>,
}

impl std::fmt::Debug for Rewrite {
    /// Leaves out the text, which can hold secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rewrite").field("changes", &self.changes).finish_non_exhaustive()
    }
}

impl Rewrite {
    /// How many entries it changes.
    pub fn entries(&self) -> usize {
        self.changes.len()
    }
}

/// Changes the given entries of a file, by index and by the name of their server in the guard's configuration.
pub fn rewrite(file: &ClientFile, entries: &[(usize, &str)], guard: &Guard) -> Rewrite {
    let mut done = Rewrite { text: file.text.clone(), ..Rewrite::default() };
    for (index, server) in entries {
        let Some(entry) = file.entries.get(*index) else { continue };
        match change(&done.text, file.place.format, file.place.shape, &entry.path, server, guard) {
            Some((text, was, now)) => {
                done.text = text;
                done.changes.push(Change {
                    client: file.client.name.to_owned(),
                    file: file.path.clone(),
                    format: file.place.format,
                    entry: entry.path.clone(),
                    was,
                    now,
                    backup: None,
                });
            }
            None => {
                let args = guard.args(server);
                let why = format!(
                    "the way it is written does not allow a safe change; do it by hand: command {}, arguments {}",
                    guard.program,
                    args.join(" ")
                );
                done.refused.push((entry.name.clone(), why));
            }
        }
    }
    done
}

/// What is done with the environment or the headers, which the guard now sets.
#[derive(Clone, Copy)]
enum Given {
    Removed,
    Emptied,
}

/// The text with one entry changed, and that entry before and after. `None` unless the new text says exactly what it
/// should, and what it said before everywhere else.
fn change(
    text: &str,
    format: Format,
    shape: Shape,
    path: &[String],
    server: &str,
    guard: &Guard,
) -> Option<(String, String, String)> {
    let root = tree::parse(format, text).ok()?;
    let entry = find(&root, path)?;
    let args = guard.args(server);
    let Some(parts) = shape.parts(entry) else {
        return [Given::Removed, Given::Emptied].into_iter().find_map(|how| {
            let mut edits = Edits { text, format, list: Vec::new() };
            edits.remote(entry, shape, &guard.program, &args, how)?;
            edits.checked(&root, path, shape, &guard.program, &args)
        });
    };
    [Given::Removed, Given::Emptied].into_iter().find_map(|env| {
        let mut edits = Edits { text, format, list: Vec::new() };
        edits.command(&parts, &guard.program, &args)?;
        edits.env(&parts, env);
        edits.checked(&root, path, shape, &guard.program, &args)
    })
}

/// Changes to a text that do not overlap.
struct Edits<'t> {
    text: &'t str,
    format: Format,
    list: Vec<(Range<usize>, String)>,
}

impl Edits<'_> {
    fn command(&mut self, parts: &Parts<'_>, program: &str, args: &[String]) -> Option<()> {
        let node = &parts.command.node;
        if matches!(node.value, Value::List(_)) {
            let all: Vec<_> = std::iter::once(program.to_owned()).chain(args.iter().cloned()).collect();
            self.value(parts.command, list(&all));
            return parts.args.is_none().then_some(());
        }
        match parts.args {
            Some(member) => {
                self.value(parts.command, quoted(program));
                self.value(member, list(args));
            }
            None => {
                let before = self.line_before(parts.command.key_span.start);
                let gap = self.gap(before, parts.holder.block);
                let key = match self.format {
                    Format::Json => "\"args\": ",
                    Format::Toml => "args = ",
                    Format::Yaml => "args: ",
                };
                self.value(parts.command, format!("{}{gap}{key}{}", quoted(program), list(args)));
            }
        }
        Some(())
    }

    /// Replaces a member's value. One that begins on a line of its own moves up to its key.
    fn value(&mut self, member: &Member, new: String) {
        let span = &member.node.span;
        let between = self.text.get(member.key_span.end..span.start).unwrap_or_default();
        match between.find(':') {
            Some(colon) if member.node.block => {
                self.list.push((member.key_span.end + colon + 1..span.end, format!(" {new}")));
            }
            _ => self.list.push((span.clone(), new)),
        }
    }

    fn env(&mut self, parts: &Parts<'_>, how: Given) {
        let Some(member) = parts.env.filter(|member| !member.node.members().is_empty()) else { return };
        match how {
            Given::Emptied => self.value(member, "{}".to_owned()),
            Given::Removed if parts.holder.block => self.list.push((self.lines(member), String::new())),
            Given::Removed => self.list.extend(self.with_comma(member).map(|range| (range, String::new()))),
        }
    }

    fn line_before(&self, offset: usize) -> &str {
        let before = self.text.get(..offset).unwrap_or_default();
        before.rsplit('\n').next().unwrap_or_default()
    }

    /// The whole lines a member is on, with an empty one before if there is another after.
    fn lines(&self, member: &Member) -> Range<usize> {
        let start = member.key_span.start.min(member.node.span.start);
        let start = start - self.line_before(start).len();
        let rest = self.text.get(member.node.span.end..).unwrap_or_default();
        match rest.find('\n') {
            Some(end) => start..member.node.span.end + end + 1,
            None => {
                let before = self.text.get(..start).unwrap_or_default();
                before.trim_end_matches(['\r', '\n']).len()..self.text.len()
            }
        }
    }

    /// A member between commas, with the one that is too many without it.
    fn with_comma(&self, member: &Member) -> Option<Range<usize>> {
        let (start, end) = (member.key_span.start, member.node.span.end);
        let before = self.text.get(..start)?;
        let after = self.text.get(end..)?;
        let own_line = self.line_before(start).trim().is_empty();
        if let Some(rest) = after.trim_start().strip_prefix(',') {
            let end = self.text.len() - rest.len();
            let blank = rest.len() - rest.trim_start_matches([' ', '\t']).len();
            let ends_line = rest.trim_start_matches([' ', '\t']).starts_with(['\r', '\n']);
            return Some(match own_line && ends_line {
                true => {
                    before.trim_end_matches([' ', '\t']).trim_end_matches('\n').trim_end_matches('\r').len()
                        ..end
                }
                false => start..end + blank,
            });
        }
        let before = before.trim_end();
        let start = before.strip_suffix(',').map_or(before.len(), str::len);
        Some(start..end)
    }

    /// The address becomes the command, and what was sent to it goes.
    fn remote(
        &mut self,
        entry: &Node,
        shape: Shape,
        program: &str,
        args: &[String],
        how: Given,
    ) -> Option<()> {
        let url = URLS.into_iter().find_map(|key| entry.member(key))?;
        let before = self.line_before(url.key_span.start);
        let all: Vec<_> = std::iter::once(program.to_owned()).chain(args.iter().cloned()).collect();
        let member = |key: &str, value: String| match self.format {
            Format::Json => format!("{}: {value}", quoted(key)),
            Format::Toml => format!("{key} = {value}"),
            Format::Yaml => format!("{key}: {value}"),
        };
        let new = match shape {
            Shape::OneList => member("command", list(&all)),
            Shape::Usual | Shape::Gemini | Shape::Goose => {
                let key = if shape == Shape::Goose { "cmd" } else { "command" };
                let gap = self.gap(before, entry.block);
                format!("{}{gap}{}", member(key, quoted(program)), member("args", list(args)))
            }
        };
        self.list.push((url.key_span.start..url.node.span.end, new));
        let kind = if shape == Shape::OneList { "local" } else { "stdio" };
        for member in KINDS.into_iter().filter_map(|key| entry.member(key)) {
            self.value(member, quoted(kind));
        }
        for member in HEADERS.into_iter().filter_map(|key| entry.member(key)) {
            match how {
                Given::Emptied if member.node.text().is_some() => self.value(member, quoted("")),
                Given::Emptied => self.value(member, "{}".to_owned()),
                Given::Removed if entry.block => self.list.push((self.lines(member), String::new())),
                Given::Removed => {
                    self.list.extend(self.with_comma(member).map(|range| (range, String::new())));
                }
            }
        }
        Some(())
    }

    /// What stands between two members of which the first begins after `before`.
    fn gap(&self, before: &str, block: bool) -> String {
        let line = if self.text.contains("\r\n") { "\r\n" } else { "\n" };
        let indent: String = before.chars().map(|c| if c.is_whitespace() { c } else { ' ' }).collect();
        match (block, before.trim().is_empty()) {
            (true, _) => format!("{line}{indent}"),
            (false, true) => format!(",{line}{indent}"),
            (false, false) => ", ".to_owned(),
        }
    }

    /// The new text, and the entry before and after; `None` unless it is as intended.
    fn checked(
        self,
        root: &Node,
        path: &[String],
        shape: Shape,
        program: &str,
        args: &[String],
    ) -> Option<(String, String, String)> {
        let (text, format) = (self.text, self.format);
        let entry = find(root, path)?;
        let (new, was_end, now_end) = self.apply(entry.span.end)?;
        let after = tree::parse(format, &new).ok()?;
        let was = text.get(entry.span.start..was_end)?.to_owned();
        let now_start = find(&after, path)?.span.start;
        let now = new.get(now_start..now_end)?.to_owned();
        // An entry in several places of the file may begin elsewhere now; it could not be put back.
        if [new.get(..now_start)?, &was, new.get(now_end..)?].concat() != text {
            return None;
        }
        let wanted: Vec<_> = std::iter::once(program).chain(args.iter().map(String::as_str)).collect();
        as_intended(root.clone(), after, path, shape, &wanted).then_some((new, was, now))
    }

    /// The new text, and in the old and the new one the end of what was changed, `end` or later.
    fn apply(mut self, end: usize) -> Option<(String, usize, usize)> {
        self.list.sort_by_key(|(range, _)| range.start);
        let mut new = String::with_capacity(self.text.len());
        let mut done = 0;
        for (range, with) in &self.list {
            new.push_str(self.text.get(done..range.start)?);
            new.push_str(with);
            done = range.end;
        }
        let was_end = end.max(done);
        new.push_str(self.text.get(done..was_end)?);
        let now_end = new.len();
        new.push_str(self.text.get(was_end..)?);
        Some((new, was_end, now_end))
    }
}

/// Whether the entry starts what it should, has no environment left, and all else is as it was.
fn as_intended(before: Node, after: Node, path: &[String], shape: Shape, wanted: &[&str]) -> bool {
    let Some(parts) = find(&after, path).and_then(|entry| shape.parts(entry)) else { return false };
    let said = match (&parts.command.node.value, parts.args) {
        (Value::List(line), None) => line.iter().map(Node::text).collect::<Vec<_>>(),
        (Value::Text(command), Some(args)) => {
            std::iter::once(Some(command.as_str())).chain(args.node.items().iter().map(Node::text)).collect()
        }
        _ => return false,
    };
    let no_env = parts.env.is_none_or(|env| env.node.members().is_empty());
    let started = said.into_iter().eq(wanted.iter().map(|word| Some(*word)));
    let entry = find(&after, path);
    let remote =
        URLS.into_iter().any(|key| find(&before, path).is_some_and(|entry| entry.member(key).is_some()));
    let said = |key: &str| entry.and_then(|entry| entry.get(key));
    let empty = |node: &Node| node.members().is_empty() && node.text().is_none_or(str::is_empty);
    let left = remote
        && (URLS.into_iter().any(|key| said(key).is_some())
            || !HEADERS.into_iter().filter_map(said).all(empty));
    let all_else = |root| without_start(root, path, shape, remote);
    started && no_env && !left && all_else(before).same(&all_else(after))
}

/// A file without what one of its entries starts or calls.
fn without_start(mut root: Node, path: &[String], shape: Shape, remote: bool) -> Node {
    let Some(entry) = find_mut(&mut root, path) else { return root };
    let mut keys = Vec::new();
    let mut old_style = false;
    if let Some(parts) = shape.parts(entry) {
        old_style = !std::ptr::eq(parts.holder, entry);
        let start = [Some(parts.command), parts.args, parts.env].into_iter().flatten();
        keys.extend(start.map(|member| member.key.clone()));
    }
    if let Value::Map(members) = &mut entry.value
        && remote
    {
        let of_address = |key: &str| URLS.contains(&key) || HEADERS.contains(&key) || KINDS.contains(&key);
        members.retain(|member| !of_address(&member.key));
    }
    let holder = if old_style { entry.get_mut("command") } else { Some(entry) };
    if let Some(Node { value: Value::Map(members), .. }) = holder {
        members.retain(|member| !keys.contains(&member.key));
    }
    root
}

/// A string that JSON, TOML and YAML read alike.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn list(texts: &[String]) -> String {
    format!("[{}]", texts.iter().map(|text| quoted(text)).collect::<Vec<_>>().join(", "))
}
