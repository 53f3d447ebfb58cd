//! The pass for values that say nothing themselves: where a long word stands, the words before it are looked at.

use std::{collections::HashMap, ops::Range};

use super::alone::Alone;
use super::keyed::{Ends, Keyed};
use super::runs;
use super::words::{Mention, REACH, Says, Words};
use crate::ascii::{before, byte, run_end, slice};
use crate::pack;
use crate::scanner::Text;

/// The enabled finders of values that words explain.
#[derive(Debug)]
pub(super) struct Values {
    words: Words,
    /// The finders of an issuer's values, by the number of its name.
    issued: Vec<Vec<usize>>,
    /// The finders that need no name.
    unnamed: Vec<usize>,
    /// The finders that need no word at all.
    alone: Alone,
    /// By finder, which set of characters its values are made of.
    sets: Vec<usize>,
}

/// Finds a value for a finder.
type Find<'f> = &'f mut dyn FnMut(&Keyed) -> Option<Range<usize>>;

/// Longer names of members explain nothing.
const KEY: usize = 128;

/// How far into a text its member's name explains.
const LEAD: usize = 24;

impl Values {
    pub(super) fn new(given: &[(usize, &pack::Keyed)]) -> Option<Self> {
        let mut names: Vec<String> = Vec::new();
        let mut numbers = HashMap::new();
        let mut issued: Vec<Vec<usize>> = Vec::new();
        for (finder, keyed) in given {
            for name in &keyed.names {
                let number = *numbers.entry(name.clone()).or_insert_with(|| {
                    names.push(name.clone());
                    issued.push(Vec::new());
                    names.len() - 1
                });
                if let Some(finders) = issued.get_mut(number) {
                    finders.push(*finder);
                }
            }
        }
        let is_unnamed = |keyed: &pack::Keyed| keyed.names.is_empty() && !keyed.alone;
        let unnamed =
            given.iter().filter(|(_, keyed)| is_unnamed(keyed)).map(|(finder, _)| *finder).collect();
        if given.is_empty() {
            return None;
        }
        let mut known = HashMap::new();
        let mut sets = Vec::new();
        for (finder, keyed) in given {
            let fresh = known.len();
            sets.resize(sets.len().max(finder + 1), 0);
            if let Some(set) = sets.get_mut(*finder) {
                *set = *known.entry(keyed.chars.as_str()).or_insert(fresh);
            }
        }
        Some(Self { words: Words::new(&names), issued, unnamed, alone: Alone::new(given), sets })
    }

    /// Asks `ask` about each finder that may find something, and tells it how to.
    pub(super) fn scan(&self, text: Text<'_>, mut ask: impl FnMut(usize, Find<'_>)) {
        let bytes = text.text.as_bytes();
        let mut reader = self.words.reader();
        let mut ends = Ends::default();
        let set = |finder: usize| self.sets.get(finder).copied();
        let mut member: Option<Vec<Mention>> = None;
        let mut from = 0;
        while let Some(run) = runs::next(bytes, from) {
            from = run.end;
            let run = after_escape(bytes, &run)..run.end;
            if !is_promising(slice(bytes, run.clone())) {
                continue;
            }
            self.alone.each(bytes, &run, |finder, part| {
                ask(finder, &mut |keyed: &Keyed| keyed.within(bytes, part.clone(), set(finder)?, &mut ends));
            });
            let found = reader.around(bytes, &run);
            let named = text.key.filter(|key| run.start <= LEAD && key.len() <= KEY).map(|key| {
                member.get_or_insert_with(|| {
                    let mut found = Vec::new();
                    self.words.each(key.as_bytes(), 0..key.len(), |mention| found.push(mention));
                    found
                })
            });
            if found.is_empty() && named.as_ref().is_none_or(|found| found.is_empty()) {
                continue;
            }
            let start = after_words(bytes, &run, found);
            let ahead = Before { text: bytes, found, start };
            let key = Before {
                text: text.key.unwrap_or_default().as_bytes(),
                found: named.map(|found| found.as_slice()).unwrap_or_default(),
                start: text.key.map_or(0, str::len),
            };
            let whole = slice(bytes, 0..run.start).iter().all(|byte| !byte.is_ascii_alphanumeric());
            let mut find = |finder: usize, worded: bool| {
                ask(finder, &mut |keyed: &Keyed| {
                    let part = (worded || keyed.name_suffices).then_some(start..run.end)?;
                    // What looks like a word may also be the beginning of the value.
                    let whole = (start > run.start).then_some(run.clone());
                    keyed
                        .within(bytes, part, set(finder)?, &mut ends)
                        .or_else(|| keyed.within(bytes, whole?, set(finder)?, &mut ends))
                });
            };
            if ahead.explains() || (whole && key.explains_member()) {
                self.unnamed.iter().for_each(|finder| find(*finder, true));
            }
            for (issuer, worded) in ahead.issuers().chain(key.issuers_of_member()) {
                self.issued.get(issuer).into_iter().flatten().for_each(|finder| find(*finder, worded));
            }
        }
    }
}

/// Whether a run may be more than words: with a digit, or with a long piece without anything between its words.
fn is_promising(run: &[u8]) -> bool {
    const LONG: usize = 20;
    let pieces = || run.split(|byte| matches!(byte, b'_' | b'-' | b'/'));
    run.iter().any(u8::is_ascii_digit) || (run.len() >= LONG && pieces().any(|piece| piece.len() >= LONG))
}

/// Where a run begins whose first letters may be those of an escape sequence: `\n`, `%3D`.
fn after_escape(text: &[u8], run: &Range<usize>) -> usize {
    match (before(text, run.start, 1), byte(text, run.start)) {
        (b'\\', b'n' | b'r' | b't') => run.start + 1,
        (b'%', b'0'..=b'9') => run.start + 2,
        _ => run.start,
    }
}

/// Where the value begins in a run that begins with words: `issuer-secret-key-0123…`.
fn after_words(text: &[u8], run: &Range<usize>, found: &[Mention]) -> usize {
    let mut start = run.start;
    loop {
        let word =
            found.iter().filter(|mention| mention.at.start == start).map(|mention| mention.at.end).max();
        let Some(end) = word else { return start };
        let next = run_end(slice(text, 0..run.end), end, |byte| matches!(byte, b'-' | b'_' | b'/'));
        if next + runs::LEAST > run.end {
            return start;
        }
        start = next;
    }
}

/// What stands before a value, or in the name of its member.
struct Before<'b> {
    text: &'b [u8],
    found: &'b [Mention],
    /// Where the value begins.
    start: usize,
}

impl Before<'_> {
    fn words(&self) -> impl Iterator<Item = &Mention> {
        self.found.iter().filter(|mention| mention.at.end <= self.start)
    }

    /// Whether a word for credentials stands right before the value.
    fn explains(&self) -> bool {
        self.words().any(|word| {
            let sure = match word.says {
                Says::Credential => true,
                Says::Perhaps
                    if ["access", "private"].iter().any(|known| {
                        slice(self.text, word.at.clone()).eq_ignore_ascii_case(known.as_bytes())
                    }) =>
                {
                    false
                }
                _ => return false,
            };
            let between = slice(self.text, word.at.end..self.start);
            governs(between, sure) && !is_public(self.text, &word.at)
        })
    }

    /// As [`Before::explains`], for the name of a member.
    fn explains_member(&self) -> bool {
        self.words().any(|word| {
            let rest = slice(self.text, word.at.end..self.text.len());
            word.says == Says::Credential && !names_other(rest) && !is_public(self.text, &word.at)
        })
    }

    /// The issuers whose names stand before the value, each with whether a word for credentials stands with it.
    fn issuers(&self) -> impl Iterator<Item = (usize, bool)> {
        self.words().filter_map(|name| {
            let Says::Issuer(number) = name.says else { return None };
            let between = slice(self.text, name.at.end..self.start);
            let lines = between.iter().filter(|byte| **byte == b'\n').count();
            let worded =
                self.words().any(|word| !matches!(word.says, Says::Issuer(_)) && word.at.end > name.at.start);
            let close = between.len() <= REACH && lines <= 3;
            close.then(|| (number, worded || is_assigned(between)))
        })
    }

    fn issuers_of_member(&self) -> impl Iterator<Item = (usize, bool)> {
        self.words().filter_map(|name| {
            let Says::Issuer(number) = name.says else { return None };
            Some((number, true))
        })
    }
}

/// Whether what stands between a name and a value assigns the one to the other.
fn is_assigned(between: &[u8]) -> bool {
    between.iter().any(|byte| matches!(byte, b'=' | b':'))
        && between.iter().all(|byte| matches!(byte, b'=' | b':' | b' ' | b'"' | b'\'' | b'>' | b'`' | b'\\'))
}

/// Whether a word for credentials belongs to the value that `between` separates it from.
fn governs(between: &[u8], sure: bool) -> bool {
    let joins = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    let separates =
        |byte: u8| byte.is_ascii() && !byte.is_ascii_alphanumeric() && !matches!(byte, b'#' | b'<' | b';');
    let name = run_end(between, 0, joins);
    let mut value = run_end(between, name, separates);
    // A type or a verb may stand between: `token string = "…"`, `token is …`.
    for _ in 0..2 {
        let word = run_end(between, value, |byte| byte.is_ascii_alphabetic());
        let known =
            ["string", "str", "text", "bearer", "basic", "is", "was", "value", "default", "const", "as"];
        if known.iter().any(|known| slice(between, value..word).eq_ignore_ascii_case(known.as_bytes())) {
            value = run_end(between, word, separates);
        }
    }
    let assigns = slice(between, name..value)
        .iter()
        .any(|byte| matches!(byte, b'=' | b':' | b'>' | b',' | b'(' | b'"'));
    value == between.len()
        && (assigns || sure || slice(between, 0..name).is_empty())
        && value - name <= if assigns { 24 } else { 4 }
        && !names_other(slice(between, 0..name))
}

/// Whether the rest of a name says that it is not the credential itself: `key_id`, `tokenUrl`, `secretName`.
fn names_other(rest: &[u8]) -> bool {
    const OTHER: [&str; 38] = [
        "id",
        "ids",
        "name",
        "names",
        "path",
        "file",
        "filename",
        "url",
        "uri",
        "length",
        "len",
        "size",
        "type",
        "count",
        "hash",
        "digest",
        "checksum",
        "fingerprint",
        "thumbprint",
        "arn",
        "version",
        "index",
        "limit",
        "ttl",
        "expiry",
        "expires",
        "prefix",
        "suffix",
        "header",
        "field",
        "format",
        "label",
        "store",
        "ring",
        "board",
        "word",
        "frame",
        "endpoint",
    ];
    let mut at = 0;
    while at < rest.len() {
        at = run_end(rest, at, |byte| !byte.is_ascii_alphabetic());
        let first = byte(rest, at);
        let all_upper = first.is_ascii_uppercase() && byte(rest, at + 1).is_ascii_uppercase();
        let tail = |byte: u8| if all_upper { byte.is_ascii_uppercase() } else { byte.is_ascii_lowercase() };
        let end = run_end(rest, at + 1, tail);
        let word = slice(rest, at..end);
        if OTHER.iter().any(|other| word.eq_ignore_ascii_case(other.as_bytes())) {
            return true;
        }
        at = end.max(at + 1);
    }
    false
}

/// Whether the word before a word for credentials says that it is none: `public_key`, `cacheKey`, `csrf-token`.
fn is_public(text: &[u8], word: &Range<usize>) -> bool {
    const PUBLIC: [&str; 26] = [
        "public",
        "primary",
        "foreign",
        "cache",
        "bucket",
        "object",
        "sort",
        "partition",
        "kms",
        "row",
        "index",
        "hash",
        "csrf",
        "xsrf",
        "dedupe",
        "idempotency",
        "site",
        "publishable",
        "schema",
        "map",
        "translation",
        "message",
        "continuation",
        "page",
        "next",
        "sync",
    ];
    let lead = slice(text, word.start.saturating_sub(16)..word.start);
    let lead =
        lead.strip_suffix(b"_").or(lead.strip_suffix(b"-")).or(lead.strip_suffix(b" ")).unwrap_or(lead);
    PUBLIC.iter().any(|public| {
        lead.len()
            .checked_sub(public.len())
            .is_some_and(|at| slice(lead, at..lead.len()).eq_ignore_ascii_case(public.as_bytes()))
    })
}
