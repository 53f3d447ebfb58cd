//! Line breaks after which another protocol reads a request.

use std::ops::Range;

use crate::ascii::{run_end, slice};

/// Requests of line protocols, after a line break: mail (RFC 5321, RFC 9051, RFC 1939) and headers (RFC 9112 §5).
pub(super) fn smuggled_line(line: &[u8]) -> Option<Range<usize>> {
    const VERBS: [&str; 30] = [
        "ehlo ",
        "helo ",
        "mail from:",
        "rcpt to:",
        "auth ",
        "vrfy ",
        "expn ",
        "starttls",
        "apop ",
        "user ",
        "pass ",
        "retr ",
        "dele ",
        "list ",
        "uidl",
        "top ",
        "stat",
        "noop",
        "rset",
        "capability",
        "select ",
        "fetch ",
        "login ",
        "quit",
        "content-length:",
        "content-type:",
        "set-cookie:",
        "location:",
        "transfer-encoding:",
        "http/1.",
    ];
    let mut from = 0;
    while let Some(found) = memchr::memchr2(b'\r', b'\n', slice(line, from..line.len())) {
        let at = from + found;
        let start = run_end(line, at, |byte| matches!(byte, b'\r' | b'\n'));
        let rest = slice(line, start..line.len().min(start + 20)).to_ascii_lowercase();
        let returns = slice(line, at..start).contains(&b'\r');
        // Commands of IMAP have a tag before them.
        let tag = rest
            .iter()
            .position(|byte| *byte == b' ')
            .filter(|end| *end < 6 && rest.iter().take(*end).any(u8::is_ascii_digit));
        let rest = tag.map_or(&*rest, |end| slice(&rest, end + 1..rest.len()));
        if returns && VERBS.iter().any(|verb| rest.starts_with(verb.as_bytes())) {
            return Some(at..start + rest.len());
        }
        from = start;
    }
    None
}
