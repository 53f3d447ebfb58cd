//! E-mail addresses (the forms of RFC 5322 §3.4.1 that people use: dot-atom
//! local parts, host names with a top-level domain, Latin letters with accents).
//!
//! Left out on purpose: quoted local parts, address literals, hosts without a
//! top-level domain, and the shared login names of version control
//! (`git@github.com:…` names a service, not a person).

use super::Scan;
use crate::ascii::{before, byte, run_end, run_start, slice};
use crate::catalogue::Builtin;

const CONFIDENCE: u8 = 95;

/// Logins of hosting services, shared by all their users.
const SERVICE_LOGINS: [&[u8]; 3] = [b"git", b"hg", b"svn"];

/// File extensions that are no top-level domain: `icon@2x.png`.
#[rustfmt::skip]
const EXTENSIONS: [&str; 40] = [
    "avif", "bak", "bin", "bmp", "cfg", "conf", "cpp", "css", "csv", "dll", "doc", "docx", "exe", "gif", "html",
    "ico", "ini", "jpeg", "jpg", "js", "json", "jsx", "lock", "log", "map", "mjs", "pdf", "png", "svg", "tar",
    "tgz", "tiff", "toml", "ts", "tsx", "txt", "webp", "xml", "yaml", "yml",
];

pub(super) fn scan(scan: &mut Scan<'_>) {
    let bytes = scan.text;
    // Neither side of an address reaches across another '@', so bytes are read
    // at most twice however many there are.
    let mut floor = 0;
    for at in memchr::memchr_iter(b'@', bytes) {
        if let Some((start, end)) = address(bytes, floor, at) {
            scan.report(Builtin::Email, start..end, CONFIDENCE);
        }
        floor = at + 1;
    }
}

fn address(text: &[u8], floor: usize, at: usize) -> Option<(usize, usize)> {
    if !is_label(byte(text, at + 1)) {
        return None;
    }
    let mut start = run_start(text, floor, at, is_local);
    // Begin with a whole character, and not with punctuation before the address.
    let opens = |byte: u8| matches!(byte, b'_' | 0xC3..=0xC9) || byte.is_ascii_alphanumeric();
    while start < at && !opens(byte(text, start)) {
        start += 1;
    }
    start += usize::from(before(text, start, 1) == b'\\' && matches!(byte(text, start), b'n' | b'r' | b't'));
    let local = slice(text, start..at);
    if local.is_empty() || local.ends_with(b".") || SERVICE_LOGINS.contains(&local) {
        return None;
    }
    let from = at + 1;
    let domain = slice(text, from..run_end(text, from, |b| is_label(b) || b == b'-' || b == b'.'));
    host(domain).map(|len| (start, from + len))
}

/// Length of the longest beginning of `run` that is a host name with a
/// top-level domain.
fn host(run: &[u8]) -> Option<usize> {
    let (mut len, mut labels, mut numeric, mut best) = (0, 0, 0, None);
    for label in run.split(|&byte| byte == b'.') {
        // The address may end before a dash: `ann@example.org-` or `…org-old`.
        let top = if is_encoded(label) { label } else { slice(label, 0..run_end(label, 0, is_label)) };
        // Two numbers in front make it a version, as in `package@1.2.x-rc`.
        if labels > 0 && numeric < 2 && is_top_level(top) {
            best = Some(len + top.len());
        }
        if !is_host_label(label) {
            break;
        }
        numeric += usize::from(labels == numeric && label.iter().all(u8::is_ascii_digit));
        labels += 1;
        len += label.len() + 1;
    }
    best
}

fn is_local(byte: u8) -> bool {
    is_label(byte) || matches!(byte, b'.' | b'_' | b'%' | b'+' | b'-' | b'\'')
}

/// ASCII letters and digits, and the two bytes of U+00C0 to U+024F.
fn is_label(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, 0xC3..=0xC9 | 0x80..=0xBF)
}

fn is_host_label(label: &[u8]) -> bool {
    (1..=63).contains(&label.len()) && !label.starts_with(b"-") && !label.ends_with(b"-")
}

/// An internationalised label in its ASCII form (RFC 5890 §2.3.2.1).
fn is_encoded(label: &[u8]) -> bool {
    label.len() > 5 && label.get(..4).is_some_and(|head| head.eq_ignore_ascii_case(b"xn--"))
}

/// Letters in one case (or capitalised), and not a file extension.
fn is_top_level(label: &[u8]) -> bool {
    if is_encoded(label) {
        return !label.ends_with(b"-");
    }
    let tail = label.get(1..).unwrap_or_default();
    let one_case = tail.iter().all(u8::is_ascii_lowercase) || label.iter().all(u8::is_ascii_uppercase);
    (2..=18).contains(&label.len())
        && label.first().is_some_and(u8::is_ascii_alphabetic)
        && one_case
        && !EXTENSIONS.iter().any(|known| label.eq_ignore_ascii_case(known.as_bytes()))
}
