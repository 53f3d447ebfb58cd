//! Database and broker URLs that carry a password (RFC 3986 §3.2.1 userinfo, or
//! a `password` parameter). The whole URL is reported: it is the credential.
//!
//! A password that only names its slot is none: empty, `${DB_PASSWORD}`,
//! `<password>`, `{{password}}`, `%s`, `****`, `[REDACTED…]`, and the words
//! password, passwd, pass, pwd, secret and pw alone or with my, your, the, db or
//! user before them. So `user:password@localhost` is not reported; default
//! logins such as `postgres:postgres` or `guest:guest` are, they open doors; on this machine
//! they are a type of their own.

use super::Scan;
use super::context::contains;
use crate::ascii::{before, byte, is_alnum, run_end, run_start, slice};
use crate::catalogue::Builtin;

const CONFIDENCE: u8 = 95;

/// Schemes, without a driver after `+`.
#[rustfmt::skip]
const SCHEMES: [&str; 26] = [
    "postgres", "postgresql", "pgsql", "postgis", "timescale", "cockroachdb", "mysql", "mysql2", "mysqlx", "mariadb",
    "mongodb", "redis", "rediss", "valkey", "valkeys", "amqp", "amqps", "mssql", "sqlserver", "oracle", "clickhouse",
    "couchdb", "cassandra", "snowflake", "neo4j", "bolt",
];
const SHORTEST_SCHEME: usize = 4;
const LONGEST_SCHEME: usize = 40;

/// Where the last URL read ended: a URL inside it ends there too.
#[derive(Default)]
pub(super) struct Progress {
    read: usize,
}

/// At `://`.
pub(super) fn plain(scan: &mut Scan<'_>, at: usize) {
    url(scan, at, at + "://".len());
}

/// At `:\/\/`, the same inside JSON inside a string.
pub(super) fn escaped(scan: &mut Scan<'_>, at: usize) {
    url(scan, at, at + ":\\/\\/".len());
}

fn url(scan: &mut Scan<'_>, colon: usize, authority: usize) {
    let text = scan.text;
    let Some(start) = scheme_start(text, colon) else {
        return;
    };
    let inside = run_end(text, authority, |byte| !ends_url(byte) && byte != b'/');
    let at = memchr::memrchr(b'@', slice(text, authority..inside));
    let login = slice(text, authority..authority + at.unwrap_or(0));
    let password = login.splitn(2, |&byte| byte == b':').nth(1);
    let host = authority + at.map_or(0, |at| at + 1);
    let nested = authority < scan.urls.read;
    let end =
        if nested { scan.urls.read } else { run_end(text, host, |byte| !ends_url(byte) && byte.is_ascii()) };
    scan.urls.read = end;
    let by_login = password.is_some_and(|password| !is_placeholder(password));
    if by_login || (!nested && has_password_parameter(slice(text, host..end))) {
        let trailing = |byte| matches!(byte, b'.' | b',' | b';' | b':' | b'!' | b')' | b']' | b'}');
        let end = run_start(text, host.min(end), end, trailing);
        let local = is_default_login(login) && is_this_machine(slice(text, host..end));
        let builtin = if local { Builtin::LocalDatabaseUrl } else { Builtin::DatabaseUrl };
        scan.report(builtin, start..end, CONFIDENCE);
    }
}

/// Whether the password is the user's name, as in settings for development.
fn is_default_login(login: &[u8]) -> bool {
    let mut halves = login.splitn(2, |&byte| byte == b':');
    matches!((halves.next(), halves.next()), (Some(user), Some(password)) if user == password)
}

/// Whether the database is one that nobody else reaches.
fn is_this_machine(rest: &[u8]) -> bool {
    let host = rest.split(|byte| matches!(byte, b':' | b'/' | b'?')).next().unwrap_or_default();
    host.eq_ignore_ascii_case(b"localhost") || host.starts_with(b"127.")
}

fn scheme_start(text: &[u8], colon: usize) -> Option<usize> {
    let floor = colon.saturating_sub(LONGEST_SCHEME);
    let mut start = run_start(text, floor, colon, |byte| is_alnum(byte) || byte == b'+');
    match before(text, start, 1) {
        b'\\' if matches!(byte(text, start), b'n' | b'r' | b't') => start += 1,
        b'%' => start += 2,
        _ => {}
    }
    let scheme = slice(text, start..colon);
    if scheme.len() < SHORTEST_SCHEME {
        return None;
    }
    let base = scheme.split(|&byte| byte == b'+').next().unwrap_or_default();
    SCHEMES.iter().any(|known| base.eq_ignore_ascii_case(known.as_bytes())).then_some(start)
}

fn ends_url(byte: u8) -> bool {
    byte <= b' ' || matches!(byte, b'"' | b'\'' | b'`' | b'<' | b'>' | b'\\' | 0x7F)
}

fn has_password_parameter(rest: &[u8]) -> bool {
    rest.split(|byte| matches!(byte, b'?' | b'&' | b';')).skip(1).any(|parameter| {
        let equals = parameter.iter().position(|&byte| byte == b'=').unwrap_or(parameter.len());
        let name = slice(parameter, 0..equals);
        let known = ["password", "pwd", "pass", "passwd"];
        known.iter().any(|known| name.eq_ignore_ascii_case(known.as_bytes()))
            && !is_placeholder(parameter.get(equals + 1..).unwrap_or_default())
    })
}

fn is_placeholder(password: &[u8]) -> bool {
    let bracketed = matches!(password, [b'$' | b'{' | b'[' | b'<', ..] | [b'%', b's' | b'(' | b'{', ..]);
    let Some(&first) = password.first() else {
        return true;
    };
    bracketed || password.iter().all(|&byte| byte == first) || names_its_slot(password)
}

fn names_its_slot(password: &[u8]) -> bool {
    if password.len() > 24 || !contains(password, "p") && !contains(password, "secret") {
        return false;
    }
    let mut word: Vec<u8> =
        password.iter().filter(|b| b.is_ascii_alphabetic()).map(u8::to_ascii_lowercase).collect();
    for owner in ["my", "your", "the", "db", "database", "user"] {
        if word.starts_with(owner.as_bytes()) {
            word.drain(..owner.len());
        }
    }
    let letters = password.iter().all(|&byte| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'-'));
    letters && [&b"password"[..], b"passwd", b"pass", b"pwd", b"pw", b"secret"].contains(&word.as_slice())
}
