//! Private keys in textual encodings: PEM (RFC 7468 and the older RFC 1421
//! forms), OpenSSH, PGP armour (RFC 9580 §6.2) and SSH2 (RFC 4716). The whole
//! block is reported, also when it stands in a string literal with `\n` for
//! line ends, or when its end was cut off. A header with no key behind it, as
//! documentation quotes it, is not reported.

use memchr::memmem;

use super::Scan;
use crate::ascii::{before, byte, is_base64, run_end, run_start, slice};
use crate::catalogue::Builtin;

const CONFIDENCE: u8 = 99;

/// Longest label, such as `SSH2 ENCRYPTED PRIVATE KEY`.
const LABEL: usize = 64;

/// Key material comes in lines of 64 or so; prose has no such words.
const LINE: usize = 32;

/// At the last dash before `BEGIN`.
pub(super) fn block(scan: &mut Scan<'_>, at: usize) {
    let text = scan.text;
    let start = run_start(text, at.saturating_sub(4), at, |byte| byte == b'-');
    if at - start < 3 {
        return;
    }
    let label = run_end(text, at, |byte| byte == b'-' || byte == b' ') + "BEGIN ".len();
    let reach = (label + LABEL).min(text.len());
    let closed = run_end(slice(text, 0..reach), label, |byte| byte.is_ascii_alphanumeric() || byte == b' ');
    let named = memmem::find(slice(text, label..closed), b"PRIVATE KEY").is_some();
    if !named || byte(text, closed) != b'-' {
        return;
    }
    let from = run_end(text, closed, |byte| byte == b'-');
    // What follows the next marker belongs to that marker, so no byte is read
    // for two headers.
    let marker = memmem::find(slice(text, from..text.len()), b"----").map_or(text.len(), |len| from + len);
    let footer = run_end(text, marker, |byte| byte == b'-' || byte == b' ');
    let ended = slice(text, footer..footer + 4) == b"END ";
    let body = slice(text, from..marker);
    if ended && has_key_line(body) {
        let last = run_end(text, footer, |byte| byte.is_ascii_alphanumeric() || byte == b' ');
        scan.report(Builtin::PrivateKey, start..run_end(text, last, |byte| byte == b'-'), CONFIDENCE);
    } else if let Some(len) = unfinished(body) {
        scan.report(Builtin::PrivateKey, start..from + len, CONFIDENCE);
    }
}

fn has_key_line(body: &[u8]) -> bool {
    words(body).any(|(at, end)| end - at >= LINE)
}

/// Length of the key material a block without an end begins with.
fn unfinished(body: &[u8]) -> Option<usize> {
    let mut lines = words(body).skip_while(|(at, end)| end - at < LINE);
    let (first, mut last) = lines.next()?;
    if !is_header(slice(body, 0..first)) {
        return None;
    }
    for (at, end) in lines {
        // The last line may be short: whole when padded or cut off by the end.
        if end - at < LINE && byte(body, end) != b'=' && end != body.len() {
            break;
        }
        last = end;
    }
    Some(run_end(body, last, |byte| byte == b'='))
}

/// Whether nothing or lines such as `Proc-Type: 4,ENCRYPTED` stand before the
/// first line of a key.
fn is_header(lead: &[u8]) -> bool {
    let lead = lead.trim_ascii();
    let header = lead.first().is_some_and(u8::is_ascii_alphabetic) && memmem::find(lead, b": ").is_some();
    header
        || !lead.iter().any(u8::is_ascii_alphanumeric)
        || lead.iter().all(|byte| b"\\nrt\"' ".contains(byte))
}

/// The runs of base64 in `body`, without the letters of `\n` and `\r`.
fn words(body: &[u8]) -> impl Iterator<Item = (usize, usize)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            at = run_end(body, at, |byte| !is_base64(byte));
            if before(body, at, 1) == b'\\' && matches!(byte(body, at), b'n' | b'r') {
                at += 1;
                continue;
            }
            let end = run_end(body, at, is_base64);
            let word = (at, end);
            at = end;
            return (word.0 < word.1).then_some(word);
        }
    })
}
