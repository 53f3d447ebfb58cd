//! The first word of a command, as the shell reads it.

use std::ops::Range;

use super::programs::{self, Known};
use crate::ascii::{byte, run_end, slice};

#[derive(Debug)]
pub(super) struct Word {
    pub(super) span: Range<usize>,
    /// Its letters without quotes, escapes and what expands to nothing.
    name: Vec<u8>,
    /// Whether there was any of that between its letters.
    pub(super) disguised: bool,
    /// Whether it is a path into a folder of programs.
    pub(super) rooted: bool,
    /// Whether it is a word of English that its next word makes a command: `net user`.
    pub(super) pair: bool,
    known: Option<Known>,
}

/// Names of programs are shorter, in bytes, with all that a shell takes out of them.
const LONGEST: usize = 256;

/// Programs that run the one that is named after them.
const WRAPPERS: [&str; 19] = [
    "sudo", "doas", "time", "nohup", "strace", "ltrace", "env", "exec", "nice", "timeout", "xargs", "watch",
    "busybox", "setsid", "stdbuf", "command", "builtin", "start", "unshare",
];

impl Word {
    /// Whether it tells about the machine, and nothing else.
    pub(super) fn looks_around(&self) -> bool {
        const LOOKS: [&str; 14] = [
            "whoami",
            "ifconfig",
            "ipconfig",
            "netstat",
            "uname",
            "systeminfo",
            "tasklist",
            "lsof",
            "printenv",
            "lscpu",
            "hostname",
            "quser",
            "sysinfo",
            "pwd",
        ];
        LOOKS.iter().any(|name| name.as_bytes() == self.name)
    }

    /// How sure it is that this is a program.
    pub(super) fn program(&self) -> Option<Known> {
        self.known
    }
}

/// What may stand before a word.
pub(super) fn is_opening(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'(' | b'@' | b'!' | b'\n' | b'\r' | b'|' | b'&' | b'$')
}

/// Reads the word at `from`, past blanks, opening quotes and parentheses.
pub(super) fn word(line: &[u8], from: usize) -> Option<Word> {
    word_at(line, from, run_end(line, from, is_opening))
}

/// As [`word`], where what opens it ends at `start`.
pub(super) fn word_at(line: &[u8], from: usize, mut start: usize) -> Option<Word> {
    // `$u wget`: a variable that is not set.
    let expanded = start > from && byte(line, start - 1) == b'$';
    if expanded && byte(line, start) == b'{' {
        start -= 1;
    } else if expanded && byte(line, start + 1) == b' ' {
        start += 2;
    }
    let mut word = read(line, start)?;
    let name = String::from_utf8_lossy(&word.name).into_owned();
    word.known = programs::known(&word.name);
    let next = run_end(line, word.span.end, |byte| matches!(byte, b' ' | b'\t'));
    if next > word.span.end {
        if programs::is_pair(&name, line.get(next..).unwrap_or_default()) {
            word.known = Some(Known::Program);
            word.pair = true;
        } else if WRAPPERS.contains(&name.as_str())
            && let Some(inner) = read(line, next)
            && let Some(known) = programs::known(&inner.name)
            && (known == Known::Program || ends(line, inner.span.end))
        {
            word.known = Some(Known::Program);
            word.pair = true;
            word.span.end = inner.span.end;
        }
    }
    Some(word)
}

fn ends(line: &[u8], at: usize) -> bool {
    let at = run_end(line, at, |byte| byte.is_ascii_whitespace());
    matches!(byte(line, at), 0 | b'|' | b';' | b'&')
}

fn read(line: &[u8], start: usize) -> Option<Word> {
    let window = slice(line, 0..line.len().min(start + LONGEST));
    let mut name = Vec::new();
    let mut at = start;
    let mut disguised = false;
    let mut odd = false;
    let mut quotes = 0;
    loop {
        let next = byte(window, at);
        let length = match next {
            b'\'' | b'"' | b'^' => 1,
            // The escape of a line break ends a word.
            b'\\'
                if matches!(byte(window, at + 1), b'n' | b'r')
                    && !byte(window, at + 2).is_ascii_alphanumeric() =>
            {
                break;
            }
            // A path of Windows keeps its backslashes; letters behind one are letters.
            b'\\'
                if byte(window, at + 1).is_ascii_alphabetic()
                    && !name.contains(&b':')
                    && name.iter().all(u8::is_ascii_alphanumeric)
                    && !name.is_empty() =>
            {
                1
            }
            b'$' => nothing(window, at),
            b'`' if byte(window, at + 1) == b'`' => 2,
            b'<' | b'>' if !name.is_empty() && slice(window, at + 1..at + 3) == b"()" => 3,
            _ => 0,
        };
        if length > 0 {
            odd = true;
            quotes += usize::from(matches!(next, b'\'' | b'"') && !name.is_empty());
            disguised |= !name.is_empty() && !matches!(next, b'\'' | b'"')
                || (matches!(next, b'\'' | b'"')
                    && !name.is_empty()
                    && byte(window, at + 1).is_ascii_alphanumeric())
                || (matches!(next, b'\'' | b'"')
                    && byte(window, at + 1) == next
                    && byte(window, at + 2).is_ascii_alphanumeric());
            at += length;
            continue;
        }
        if at >= window.len()
            || !(next.is_ascii_alphanumeric()
                || matches!(
                    next,
                    b'/' | b'\\' | b'.' | b'-' | b'_' | b'?' | b'*' | b'[' | b']' | b':' | b'+' | b'~'
                ))
        {
            break;
        }
        name.push(next);
        at += 1;
    }
    // `I'd` has one quote, `c''at` two.
    let unbalanced = quotes % 2 == 1
        && !matches!(byte(window, start), b'\'' | b'"')
        && byte(window, at.saturating_sub(1)).is_ascii_alphanumeric();
    if name.is_empty() || at >= start + LONGEST || unbalanced {
        return None;
    }
    let lower = name.to_ascii_lowercase();
    let base = lower.iter().rposition(|byte| matches!(byte, b'/' | b'\\')).map_or(0, |last| last + 1);
    let folder = slice(&lower, 0..base);
    let wild = lower.iter().any(|byte| matches!(byte, b'?' | b'*' | b'['));
    let rooted = folder.first() == Some(&b'/') && (folder.ends_with(b"bin/") || wild)
        || folder.ends_with(b"system32\\");
    let base = slice(&lower, base..lower.len());
    let name = base.strip_suffix(b".exe").unwrap_or(base);
    // Glob characters stand for letters: `/b?n/c?t`, `adduse[r]`.
    let name = if wild {
        programs::fits(name).map_or_else(|| name.to_vec(), |known| known.as_bytes().to_vec())
    } else {
        name.to_vec()
    };
    let end = if odd { run_end(window, at, |byte| matches!(byte, b'\'' | b'"')) } else { at };
    Some(Word {
        span: start..end,
        disguised: disguised || (wild && programs::known(&name).is_some()),
        rooted: rooted && base.len() > 1,
        pair: false,
        known: None,
        name,
    })
}

/// Length of an expansion that is most likely empty: `$@`, `$*`, `$!`, `$x`, `$()`, `${x}`, `$'`.
fn nothing(line: &[u8], at: usize) -> usize {
    match (byte(line, at + 1), byte(line, at + 2)) {
        (b'(', b')') => 3,
        (b'{', _) => {
            memchr::memchr(b'}', slice(line, at..line.len().min(at + 24))).map_or(0, |close| close + 1)
        }
        (b'@' | b'*' | b'!' | b'-' | b'?' | b'#' | b'$' | b'_' | b'0'..=b'9', _) => 2,
        (b'\'' | b'"', _) => 1,
        (letter, next) if letter.is_ascii_lowercase() && !next.is_ascii_alphanumeric() => 2,
        _ => 0,
    }
}
