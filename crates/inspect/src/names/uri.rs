use std::borrow::Cow;

use super::{
    decode::percent_fully,
    text::{Kind, visible},
};

/// See [`super::fold`]: what one round uncovers for the next shrinks the text.
const ROUNDS: usize = 32;

/// Which of the things servers disagree about a reading does.
#[derive(Clone, Copy)]
pub(super) struct Reading {
    /// `\` is a path separator.
    pub(super) backslash: bool,
    /// Text is NFKC-normalised and loses its invisible characters.
    pub(super) visible: bool,
    /// Empty path segments go before `..` is resolved, not after.
    pub(super) squeeze_first: bool,
    pub(super) kind: Kind,
}

impl Reading {
    pub(super) const FULL: Self =
        Self { backslash: true, visible: true, squeeze_first: true, kind: Kind::Name };
}

/// The one form of a URI after everything is decoded: scheme and host in lower case, percent
/// escapes, NFKC and invisible characters resolved to the end, `\` as `/`, dot segments resolved
/// (never above the root), empty segments and a trailing slash dropped, `file:/x` and
/// `file://localhost/x` as `file:///x`. The case of the path is kept.
///
/// A query is read as part of the path; [`uri_readings`](super::uri_readings) has the reading
/// without it. Borrows a URI that already is in this form. Idempotent.
pub fn canonical_uri(uri: &str) -> Cow<'_, str> {
    if is_canonical(uri) { Cow::Borrowed(uri) } else { settle(uri, Kind::Name) }
}

/// [`canonical_uri`] for the text of a pattern: [`WILDCARDS`](super::WILDCARDS) stay where they are.
pub fn canonical_uri_pattern(pattern: &str) -> Cow<'_, str> {
    settle(pattern, Kind::Pattern)
}

fn settle(uri: &str, kind: Kind) -> Cow<'_, str> {
    let reading = Reading { kind, ..Reading::FULL };
    let mut text = read(&percent_fully(uri), reading);
    if text == uri {
        return Cow::Borrowed(uri);
    }
    for _ in 0..ROUNDS {
        let next = read(&percent_fully(&text), reading);
        if next == text {
            break;
        }
        text = next;
    }
    Cow::Owned(text)
}

/// Whether every reading of `uri` is `uri` itself, judged without allocating; errs towards no.
pub(super) fn is_canonical(uri: &str) -> bool {
    let Some((scheme, rest)) = uri.split_once("://") else { return false };
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_~!$&'()*+,;=/.@:".contains(&byte);
    if scheme.len() < 2
        || !scheme.bytes().all(|byte| byte.is_ascii_lowercase())
        || !rest.bytes().all(plain)
        || rest.contains("//")
        || rest.contains("/.")
        || rest.ends_with('/')
    {
        return false;
    }
    let host = rest.split('/').next().unwrap_or_default();
    let host_is_plain = !host.bytes().any(|byte| byte.is_ascii_uppercase() || b"@:".contains(&byte))
        && !host.starts_with('.')
        && !host.ends_with('.');
    if scheme == "file" { host.is_empty() && !rest.is_empty() } else { !host.is_empty() && host_is_plain }
}

/// One reading of a URI whose escapes are already decoded as far as the reading wants.
pub(super) fn read(uri: &str, reading: Reading) -> String {
    let seen = if reading.visible { visible(uri, reading.kind) } else { Cow::Borrowed(uri) };
    // The URL standard strips these at both ends, and tab and newline everywhere.
    let trimmed = seen.trim_matches(|c: char| c <= ' ' || c.is_whitespace());
    let slashed = if reading.backslash && trimmed.contains('\\') {
        Cow::Owned(trimmed.replace('\\', "/"))
    } else {
        Cow::Borrowed(trimmed)
    };
    let mut out = String::with_capacity(slashed.len() + 4);
    let path = match scheme(&slashed) {
        Some((scheme, rest)) => {
            let scheme = scheme.to_lowercase();
            out.push_str(&scheme);
            out.push(':');
            authority(&mut out, &scheme, rest)
        }
        None => Cow::Borrowed(slashed.as_ref()),
    };
    push_path(&mut out, &path, reading.squeeze_first);
    out
}

/// Splits off the scheme (RFC 3986 §3.1). One letter is a drive of Windows, not a scheme.
fn scheme(uri: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = uri.split_once(':')?;
    let named = scheme.chars().enumerate().all(|(at, c)| {
        c.is_ascii_alphabetic()
            || super::WILDCARDS.contains(&c)
            || at > 0 && (c.is_ascii_digit() || matches!(c, '+' | '-' | '.'))
    });
    (named && (scheme.len() > 1)).then_some((scheme, rest))
}

/// Writes `//host` and returns the path that follows it.
fn authority<'a>(out: &mut String, scheme: &str, rest: &'a str) -> Cow<'a, str> {
    let web = matches!(scheme, "http" | "https" | "ws" | "wss" | "ftp");
    let rest = match rest.strip_prefix("//") {
        _ if web => rest.trim_start_matches('/'),
        Some(rest) => rest,
        None if scheme == "file" => {
            out.push_str("//");
            return absolute(rest);
        }
        None => {
            if rest.starts_with('/') {
                out.push_str("//");
            }
            return Cow::Borrowed(rest);
        }
    };
    out.push_str("//");
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (host, path) = rest.split_at_checked(end).unwrap_or((rest, ""));
    if scheme == "file" {
        // Some servers cut `file://` off and take the rest for a path, host and all.
        let local =
            host.is_empty() || matches!(host.to_lowercase().as_str(), "localhost" | "127.0.0.1" | "[::1]");
        return if local { absolute(path) } else { absolute(rest) };
    }
    let mut host = host;
    if web {
        host = host.rsplit('@').next().unwrap_or(host);
    }
    let default_port = match scheme {
        "http" | "ws" => ":80",
        "https" | "wss" => ":443",
        "ftp" => ":21",
        _ => ":",
    };
    let host = host.to_lowercase();
    let mut bare = host.trim_start_matches(|c: char| c == '.' || c.is_whitespace());
    // What is cut off uncovers more of the same, however often it was put there.
    loop {
        let rest = bare.strip_suffix(default_port).unwrap_or(bare);
        let rest = rest.trim_end_matches(|c: char| matches!(c, '.' | ':') || c.is_whitespace());
        if rest.len() == bare.len() {
            break;
        }
        bare = rest;
    }
    out.push_str(bare);
    if path.is_empty() { Cow::Borrowed("") } else { absolute(path) }
}

fn absolute(path: &str) -> Cow<'_, str> {
    if path.starts_with('/') { Cow::Borrowed(path) } else { Cow::Owned(format!("/{path}")) }
}

/// Resolves dot segments (RFC 3986 §5.2.4, without ever leaving the root), drops empty ones.
fn push_path(out: &mut String, path: &str, squeeze_first: bool) {
    let root = path.starts_with('/');
    let mut kept: Vec<&str> = Vec::new();
    for segment in path.strip_prefix('/').unwrap_or(path).split('/') {
        match segment {
            "" if squeeze_first => {}
            "." => {}
            ".." => {
                kept.pop();
            }
            _ => kept.push(segment),
        }
    }
    kept.retain(|segment| !segment.is_empty());
    if kept.is_empty() && root && (out.is_empty() || out == "file://") {
        out.push('/');
    }
    for (at, segment) in kept.iter().enumerate() {
        if root || at > 0 {
            out.push('/');
        }
        out.push_str(segment);
    }
}
