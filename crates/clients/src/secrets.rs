//! Which values of client files are secrets, and what to call them.

use std::{collections::BTreeMap, ops::Range};

use inspect::{Confidence, Family, Scanner, Text};

use crate::{
    machine::Env,
    pieces::{Piece, is_name},
};

/// Values that are taken out of files, by the names they are referred to.
pub(crate) struct Vault<'e> {
    scanner: Option<Scanner>,
    /// What a name stands for already, in the environment or among secrets kept earlier.
    known: Env<'e>,
    added: BTreeMap<String, String>,
}

impl<'e> Vault<'e> {
    pub(crate) fn new(known: Env<'e>) -> Self {
        Self {
            scanner: Scanner::new(|known| known.family.is_confidential(), &[]).ok(),
            known,
            added: BTreeMap::new(),
        }
    }

    /// The values that were not known before.
    pub(crate) fn into_added(self) -> BTreeMap<String, String> {
        self.added
    }

    /// Takes the value of the environment variable `key` of `server` out if it is a secret.
    pub(crate) fn hide_variable(&mut self, server: &str, key: &str, pieces: Vec<Piece>) -> Vec<Piece> {
        let all = is_secret_name(key);
        let names = [key.to_owned(), format!("{server}_{key}").to_ascii_uppercase()];
        self.hide(pieces, &names, |text, scanner| if all { whole(text) } else { found(text, scanner) })
    }

    /// Takes the value of a header of `server` out if it is a secret.
    pub(crate) fn hide_header(&mut self, server: &str, header: &str, pieces: Vec<Piece>) -> Vec<Piece> {
        let all = is_secret_name(header);
        let names = [format!("{server}_{header}").to_ascii_uppercase()];
        self.hide(pieces, &names, |text, scanner| if all { whole(text) } else { found(text, scanner) })
    }

    /// Takes the secrets in an argument of `server` out; `before` is the argument before it.
    pub(crate) fn hide_argument(&mut self, server: &str, before: &str, pieces: Vec<Piece>) -> Vec<Piece> {
        let label = label(before, &pieces).unwrap_or_else(|| "SECRET".to_owned());
        let names = [format!("{server}_{label}").to_ascii_uppercase()];
        self.hide(pieces, &names, |text, scanner| {
            let mut spans = found(text, scanner);
            spans.extend(in_argument(before, text));
            spans
        })
    }

    fn hide(
        &mut self,
        pieces: Vec<Piece>,
        names: &[String],
        secrets: impl Fn(&str, Option<&Scanner>) -> Vec<Range<usize>>,
    ) -> Vec<Piece> {
        let mut hidden = Vec::new();
        for piece in pieces {
            let Piece::Plain(text) = piece else {
                hidden.push(piece);
                continue;
            };
            let mut done = 0;
            for span in merged(secrets(&text, self.scanner.as_ref())) {
                // A `$` before a reference would make it a literal one.
                let before = text.get(done..span.start).unwrap_or_default();
                let start = done + before.trim_end_matches('$').len();
                let (Some(before), Some(secret)) = (text.get(done..start), text.get(start..span.end)) else {
                    continue;
                };
                if !before.is_empty() {
                    hidden.push(Piece::Plain(before.to_owned()));
                }
                hidden.push(Piece::Secret(self.name(names, secret)));
                done = span.end;
            }
            if let Some(rest) = text.get(done..).filter(|rest| !rest.is_empty()) {
                hidden.push(Piece::Plain(rest.to_owned()));
            }
        }
        hidden
    }

    /// A name that stands for `value` and for nothing else, the first of `wishes` if possible.
    fn name(&mut self, wishes: &[String], value: &str) -> String {
        let wishes: Vec<_> = wishes.iter().map(|wish| as_name(wish)).collect();
        let last = wishes.last().cloned().unwrap_or_else(|| "SECRET".to_owned());
        let numbered = (2..).map(|number: u32| format!("{last}_{number}"));
        for name in wishes.into_iter().chain(numbered) {
            match (self.known)(&name).or_else(|| self.added.get(&name).cloned()) {
                Some(taken) if taken == value => return name,
                Some(_) => {}
                None => {
                    self.added.insert(name.clone(), value.to_owned());
                    return name;
                }
            }
        }
        last
    }
}

fn as_name(wish: &str) -> String {
    if is_name(wish) {
        return wish.to_owned();
    }
    let mut name: String =
        wish.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' }).collect();
    if !is_name(&name) {
        name.insert(0, '_');
    }
    name
}

fn whole(text: &str) -> Vec<Range<usize>> {
    std::iter::once(0..text.len()).collect()
}

/// What the detectors know as a secret.
fn found(text: &str, scanner: Option<&Scanner>) -> Vec<Range<usize>> {
    let Some(scanner) = scanner else { return whole(text) };
    let mut hits = Vec::new();
    scanner.scan(Text::new(text), &mut hits);
    let secret = |hit: &inspect::Hit| {
        hit.confidence >= Confidence::SURE
            && scanner.detector(hit.detector).is_some_and(|detector| detector.family == Family::Secret)
    };
    hits.into_iter().filter(secret).map(|hit| hit.span).collect()
}

/// Sorted, without overlaps and empty ranges.
fn merged(mut spans: Vec<Range<usize>>) -> Vec<Range<usize>> {
    spans.retain(|span| !span.is_empty());
    spans.sort_by_key(|span| span.start);
    let mut merged: Vec<Range<usize>> = Vec::new();
    for span in spans {
        match merged.last_mut() {
            Some(last) if span.start <= last.end => last.end = last.end.max(span.end),
            _ => merged.push(span),
        }
    }
    merged
}

/// Whether what goes by this name is usually a secret: `API_KEY`, `github-token`, `dbPassword`.
pub(crate) fn is_secret_name(name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    let endings = ["TOKEN", "TOKENS", "KEY", "KEYS", "SECRET", "SECRETS", "PASSWORD", "PASSWD", "PASSPHRASE"];
    let words = [
        "TOKEN",
        "KEY",
        "SECRET",
        "PASSWORD",
        "PASSWD",
        "PASS",
        "PWD",
        "PASSPHRASE",
        "CREDENTIAL",
        "CREDENTIALS",
        "AUTH",
        "AUTHORIZATION",
        "BEARER",
        "COOKIE",
        "PAT",
        "DSN",
    ];
    let parts = upper.split(|c: char| !c.is_ascii_alphanumeric());
    upper != "PWD"
        && (endings.iter().any(|ending| upper.ends_with(ending))
            || parts.into_iter().any(|part| words.contains(&part)))
}

/// What an argument is named by: the option before it, or the name it begins with.
fn label(before: &str, pieces: &[Piece]) -> Option<String> {
    let own = match pieces.first()? {
        Piece::Plain(text) => text.split_once(['=', ':']).map(|(name, _)| name),
        _ => None,
    };
    let name =
        own.filter(|name| is_secret_name(name)).or_else(|| Some(before).filter(|_| is_option(before)))?;
    let name = name.trim_matches(|c: char| !c.is_ascii_alphanumeric());
    let short =
        !name.is_empty() && name.len() <= 40 && !name.contains(char::is_whitespace) && !name.contains('/');
    short.then(|| name.to_owned())
}

fn is_option(argument: &str) -> bool {
    argument.starts_with('-') && !argument.contains('=')
}

/// Secrets that are known by how an argument is written.
pub(crate) fn in_argument(before: &str, text: &str) -> Vec<Range<usize>> {
    let mut spans = in_url(text);
    if is_option(before) && is_secret_name(before) && !text.starts_with('-') {
        spans.push(0..text.len());
    }
    for separator in ['=', ':'] {
        let Some((name, value)) = text.split_once(separator) else { continue };
        let word = !name.contains(|c: char| c.is_whitespace() || c == '/');
        if word && is_secret_name(name) && !value.starts_with("//") {
            let value = value.trim_start();
            let scheme = ["Bearer ", "bearer ", "Basic ", "basic ", "token "]
                .into_iter()
                .find(|s| value.starts_with(s));
            spans.push(text.len() - value.len() + scheme.map_or(0, str::len)..text.len());
        }
    }
    spans
}

/// The password of an address, and parameters of its query that are named like secrets.
fn in_url(text: &str) -> Vec<Range<usize>> {
    let mut spans = Vec::new();
    let Some(scheme) = text.find("://") else { return spans };
    let start = scheme + 3;
    let rest = text.get(start..).unwrap_or_default();
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if let Some((user, _)) = authority.rsplit_once('@') {
        let password = user.find(':').map_or(0, |colon| colon + 1);
        spans.push(start + password..start + user.len());
    }
    let Some(query) = text.find('?') else { return spans };
    let mut at = query + 1;
    for parameter in text.get(at..).unwrap_or_default().split('&') {
        if let Some((name, value)) = parameter.split_once('=')
            && is_secret_name(name)
        {
            spans.push(at + parameter.len() - value.len()..at + parameter.len());
        }
        at += parameter.len() + 1;
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hidden(before: &str, text: &str) -> (String, Vec<String>) {
        let nothing = |_: &str| None;
        let mut vault = Vault::new(&nothing);
        let pieces = vault.hide_argument("my-server", before, vec![Piece::Plain(text.to_owned())]);
        (crate::pieces::written(&pieces), vault.into_added().into_values().collect())
    }

    #[test]
    fn secrets_in_arguments_are_found_by_how_they_are_written() {
        for (before, text, written, secret) in [
            ("--api-key", "abc123", "${MY_SERVER_API_KEY}", "abc123"),
            ("x", "--token=abc123", "--token=${MY_SERVER_TOKEN}", "abc123"),
            (
                "--header",
                "Authorization: Bearer abc",
                "Authorization: Bearer ${MY_SERVER_AUTHORIZATION}",
                "abc",
            ),
            ("-e", "DB_PASSWORD=p$w", "DB_PASSWORD=${MY_SERVER_DB_PASSWORD}", "p$w"),
            ("x", "ftp://bob:hunter2@db/x", "ftp://${MY_SERVER_SECRET}@db/x", "bob:hunter2"),
            ("x", "postgres://bob:hunter2@db/x", "${MY_SERVER_SECRET}", "postgres://bob:hunter2@db/x"),
            ("x", "https://h/mcp?api_key=abc&x=1", "https://h/mcp?api_key=${MY_SERVER_SECRET}&x=1", "abc"),
            ("--token", "$abc", "${MY_SERVER_TOKEN}", "$abc"),
            ("x", "--token=$$abc", "--token=${MY_SERVER_TOKEN}", "$$abc"),
        ] {
            assert_eq!(
                hidden(before, text),
                (written.to_owned(), vec![secret.to_owned()]),
                "{before} {text}"
            );
        }
    }

    #[test]
    fn ordinary_arguments_stay() {
        for (before, text) in [
            ("-y", "@modelcontextprotocol/server-filesystem"),
            ("--port", "8080"),
            ("--token", "--verbose"),
            ("x", "https://example.com/mcp?page=2"),
            ("x", "C:\\Users\\key"),
            ("x", "/home/me/tokens"),
        ] {
            assert_eq!(hidden(before, text), (text.to_owned(), vec![]), "{before} {text}");
        }
    }

    #[test]
    fn a_name_never_stands_for_two_values() {
        let known = |name: &str| (name == "API_KEY").then(|| "from the shell".to_owned());
        let mut vault = Vault::new(&known);
        let mut hide = |server: &str, value: &str| {
            let pieces = vault.hide_variable(server, "API_KEY", vec![Piece::Plain(value.to_owned())]);
            crate::pieces::written(&pieces)
        };
        assert_eq!(hide("one", "from the shell"), "${API_KEY}");
        assert_eq!(hide("one", "1"), "${ONE_API_KEY}");
        assert_eq!(hide("one", "2"), "${ONE_API_KEY_2}");
        assert_eq!(hide("one", "1"), "${ONE_API_KEY}");
    }
}
