use std::{collections::BTreeSet, ops::Range};

use serde_json::Value;
use toml_edit::{ArrayOfTables, Document, Table};

use super::{Approval, Lock, LockError, Pinned, VERSION, parameters, summary};
use crate::{Digest, Item, Kind, safe::shown};

const ANEW: &str = "write it anew with `mcp-guard pins`, or take it from where it was right";

pub(super) fn read(text: &str, file: &str) -> Result<Lock, LockError> {
    let reader = Reader { text, file };
    let document = Document::parse(text).map_err(|error| reader.error(error.span(), error.message()))?;
    let top = document.as_table();
    reader.only(top, &["version", "server"])?;
    match top.get("version").and_then(toml_edit::Item::as_integer) {
        Some(VERSION) => {}
        Some(other) => {
            let message =
                format!("this lock has version {other}, and we know {VERSION}; use a newer mcp-guard");
            return Err(reader.error(top.get("version").and_then(toml_edit::Item::span), &message));
        }
        None => return Err(reader.error(None, &format!("this is no lock: it has no version; {ANEW}"))),
    }
    let mut lock = Lock::default();
    for table in reader.tables(top, "server")? {
        let name = reader.text(table, "name")?;
        let server = reader.server(table, &name)?;
        if lock.servers.insert(name.clone(), server).is_some() {
            return Err(
                reader.error(table.span(), &format!("the server \"{}\" comes twice; {ANEW}", shown(&name)))
            );
        }
    }
    Ok(lock)
}

struct Reader<'r> {
    text: &'r str,
    file: &'r str,
}

impl Reader<'_> {
    fn server(&self, table: &Table, name: &str) -> Result<Pinned, LockError> {
        self.only(table, &["name", "approval", "revision", "listed", "digest", "item"])?;
        let approval = match self.text(table, "approval")?.as_str() {
            "first-use" => Approval::FirstUse,
            "reviewed" => Approval::Reviewed,
            _ => {
                let message = "`approval` is neither \"first-use\" nor \"reviewed\"";
                return Err(self.error(self.span(table, "approval"), message));
            }
        };
        let mut listed = BTreeSet::new();
        for kind in self.texts(table, "listed")? {
            let kind = kind.parse().ok().filter(|kind: &Kind| kind.is_listed());
            listed.insert(
                kind.ok_or_else(|| self.error(self.span(table, "listed"), "no kind that servers list"))?,
            );
        }
        let revision =
            if table.contains_key("revision") { Some(self.text(table, "revision")?) } else { None };
        let mut server = Pinned { approval, revision, listed, ..Pinned::default() };
        for table in self.tables(table, "item")? {
            let (kind, name, item) = self.item(table)?;
            let told = format!("the {kind} \"{}\" comes twice; {ANEW}", shown(&name));
            if server.items.insert((kind, name), item).is_some() {
                return Err(self.error(table.span(), &told));
            }
        }
        let message = format!(
            "the digest of the server \"{}\" does not fit its items: one was added or removed by hand; {ANEW}",
            shown(name)
        );
        self.fits(table, server.digest(), &message)?;
        Ok(server)
    }

    fn item(&self, table: &Table) -> Result<(Kind, String, Item), LockError> {
        self.only(table, &["kind", "name", "digest", "summary", "parameters", "full"])?;
        let kind: Kind = self
            .text(table, "kind")?
            .parse()
            .map_err(|()| self.error(self.span(table, "kind"), "this kind of item is not known"))?;
        let name = if kind.is_listed() { self.text(table, "name")? } else { String::new() };
        let full: Value = serde_json::from_str(&self.text(table, "full")?).map_err(|error| {
            self.error(self.span(table, "full"), &format!("`full` is no JSON ({error}); {ANEW}"))
        })?;
        let item = Item::new(full);
        let what = format!("the {kind} \"{}\"", shown(&name));
        self.fits(table, item.digest(), &format!("the digest of {what} does not fit its text; {ANEW}"))?;
        if let Some((_, entry)) = kind.list()
            && item.value().get(entry).and_then(Value::as_str) != Some(&name)
        {
            return Err(
                self.error(self.span(table, "name"), &format!("{what} has another name in its text; {ANEW}"))
            );
        }
        let told = table.contains_key("summary").then(|| self.text(table, "summary")).transpose()?;
        if told != summary(kind, &item) {
            let message = format!("the summary of {what} does not fit its text; {ANEW}");
            return Err(self.error(self.span(table, "summary"), &message));
        }
        let told =
            if table.contains_key("parameters") { self.texts(table, "parameters")? } else { Vec::new() };
        if told != parameters(kind, &item) {
            let message = format!("the parameters of {what} do not fit its text; {ANEW}");
            return Err(self.error(self.span(table, "parameters"), &message));
        }
        Ok((kind, name, item))
    }

    fn fits(&self, table: &Table, digest: Digest, message: &str) -> Result<(), LockError> {
        let given = self.text(table, "digest")?.parse::<Digest>();
        if given == Ok(digest) { Ok(()) } else { Err(self.error(self.span(table, "digest"), message)) }
    }

    fn only(&self, table: &Table, keys: &[&str]) -> Result<(), LockError> {
        match table.iter().find(|(key, _)| !keys.contains(key)) {
            Some((key, item)) => {
                let message = format!("`{}` is not known here; {ANEW}", shown(key));
                Err(self.error(item.span(), &message))
            }
            None => Ok(()),
        }
    }

    fn tables<'t>(&self, table: &'t Table, key: &str) -> Result<impl Iterator<Item = &'t Table>, LockError> {
        let tables = match table.get(key) {
            None => None,
            Some(item) => {
                let tables = item.as_array_of_tables();
                Some(tables.ok_or_else(|| {
                    self.error(item.span(), &format!("`{key}` is no list of blocks; {ANEW}"))
                })?)
            }
        };
        Ok(tables.into_iter().flat_map(ArrayOfTables::iter))
    }

    fn text(&self, table: &Table, key: &str) -> Result<String, LockError> {
        let text = table.get(key).and_then(toml_edit::Item::as_str);
        let missing = || {
            let span = self.span(table, key).or(table.span());
            self.error(span, &format!("`{key}` is missing or no text; {ANEW}"))
        };
        text.map(str::to_owned).ok_or_else(missing)
    }

    fn texts(&self, table: &Table, key: &str) -> Result<Vec<String>, LockError> {
        let list = table.get(key).and_then(toml_edit::Item::as_array);
        let texts = list.and_then(|list| list.iter().map(|one| one.as_str().map(str::to_owned)).collect());
        let span = self.span(table, key).or(table.span());
        texts.ok_or_else(|| self.error(span, &format!("`{key}` is missing or no list of texts; {ANEW}")))
    }

    fn span(&self, table: &Table, key: &str) -> Option<Range<usize>> {
        table.get(key).and_then(toml_edit::Item::span).or(table.span())
    }

    fn error(&self, span: Option<Range<usize>>, message: &str) -> LockError {
        let before = self.text.get(..span.map_or(0, |span| span.start)).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        LockError::Text { file: self.file.to_owned(), line, message: message.to_owned() }
    }
}
