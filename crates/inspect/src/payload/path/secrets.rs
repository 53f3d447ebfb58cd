//! Files that hold secrets, and files of the system, on Unix, macOS and Windows.

mod known;

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use crate::ascii::{before, byte, run_end, slice};
use known::{FOLDERS, SECRETS, SYSTEM, TEMPLATES};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// Configuration, logs, state of the system: rarely meant by a tool call, and no secret in itself.
    System,
    /// Holds credentials, keys, or what leads to them.
    Secret,
}

/// What is known about the text in which a path stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It is the path.
    Path,
    /// It may hold one.
    Anywhere,
}

static ENDS: LazyLock<Option<AhoCorasick>> =
    LazyLock::new(|| AhoCorasick::new(SECRETS.iter().chain(SYSTEM)).ok());

/// What kind of file the path, in lower case with slashes, leads to.
pub(super) fn kind(path: &[u8], standing: Standing) -> Option<Kind> {
    let ends = ENDS.as_ref()?;
    let mut found = None;
    for end in ends.find_overlapping_iter(path) {
        if found != Some(Kind::Secret) && stands(path, end.start(), end.end()) {
            let secret = end.pattern().as_usize() < SECRETS.len();
            found = found.max(Some(if secret { Kind::Secret } else { Kind::System }));
        }
    }
    found.or_else(|| is_process(path).then_some(Kind::Secret)).or_else(|| {
        let absolute = slice(path, root(path)..path.len());
        let within = FOLDERS.iter().any(|folder| absolute.starts_with(folder.as_bytes()));
        (standing == Standing::Path && within).then_some(Kind::System)
    })
}

/// Whether what was found is whole segments of a path, the last with an ending or mark of a backup at most.
fn stands(path: &[u8], start: usize, end: usize) -> bool {
    let joins = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    let names = slice(path, start..end);
    let opens = match names.first() {
        Some(b'/') => true,
        // `name.kdbx`, but no `name.env`.
        Some(b'.') if names == b".kdbx" => true,
        _ => !joins(before(path, start, 1)),
    };
    if names.ends_with(b"/") {
        return opens && path.len() > end;
    }
    let tail = slice(path, end..path.len());
    let word = |byte: &u8| !byte.is_ascii_alphanumeric();
    let template =
        TEMPLATES.iter().any(|name| tail.get(1..).is_some_and(|tail| tail.starts_with(name.as_bytes())));
    opens
        && !template
        && !byte(path, end).is_ascii_alphanumeric()
        && byte(path, end) != b'_'
        && tail.first().is_none_or(word)
}

/// `/proc/1234/environ` and its kin.
fn is_process(path: &[u8]) -> bool {
    let telling: [&[u8]; 8] =
        [b"/environ", b"/cmdline", b"/mem", b"/maps", b"/fd/", b"/root/", b"/cwd/", b"/status"];
    memchr::memmem::find_iter(path, b"proc/").any(|at| {
        let end = run_end(path, at + 5, |byte| byte.is_ascii_digit() || byte == b'*');
        let rest = slice(path, end..path.len());
        end > at + 5 && telling.iter().any(|name| rest.starts_with(name))
    })
}

/// Where the path proper begins: after a scheme, a drive, a mounted volume.
fn root(path: &[u8]) -> usize {
    let mut at = if path.starts_with(b"file:/") { 5 } else { 0 };
    if slice(path, at..at + 9) == b"/volumes/" {
        at = memchr::memchr(b'/', slice(path, at + 9..path.len())).map_or(at, |end| at + 9 + end);
    }
    let drive = at + usize::from(byte(path, at) == b'/');
    if byte(path, drive).is_ascii_alphabetic() && byte(path, drive + 1) == b':' { drive + 2 } else { at }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(path: &str) -> Option<Kind> {
        kind(path.as_bytes(), Standing::Path)
    }

    #[test]
    fn secret_files_are_known_wherever_they_lie() {
        for path in [
            "/etc/shadow",
            "etc/passwd",
            "/home/me/.ssh/id_rsa",
            "~/.aws/credentials",
            "/proc/self/environ",
            "/proc/17/mem",
            "c:/windows/system32/config/sam",
            "/app/.env",
            ".env",
            ".env.production",
            "/etc/passwd~",
            "my.kdbx",
            "/users/me/library/keychains/login.keychain-db",
            "../../etc/passwd",
            "x=/etc/shadow-",
        ] {
            assert_eq!(of(path), Some(Kind::Secret), "{path}");
        }
        for path in [
            "/etc/php.ini",
            "/var/log/syslog",
            "c:/xampp/php/php.ini",
            "/srv/logs/access.log",
            "/repo/.cursor/mcp.json",
        ] {
            assert_eq!(of(path), Some(Kind::System), "{path}");
        }
    }

    #[test]
    fn other_files_are_not() {
        for path in [
            "/home/me/notes.txt",
            "src/etc/passwords.rs",
            ".env.example",
            "config.env.ts",
            "environment",
            "docs/id_rsa_explained.md",
            "/workspace/proc/list.txt",
            "/home/me/.envrc",
            "fetch/passwd",
            "https://example.com/etc",
        ] {
            assert_eq!(of(path), None, "{path}");
        }
    }
}
