//! JSON Web Tokens in compact form (RFC 7515 §7.1, RFC 7516 §7.1): a header
//! that decodes to JSON naming an algorithm, a payload and a signature, or the
//! five parts of an encrypted one.

use super::Scan;
use crate::ascii::{byte, is_base64url, opens, run_end, slice};
use crate::catalogue::Builtin;

/// At the base64url form of `{"`, or of `{` and white space.
pub(super) fn token(scan: &mut Scan<'_>, at: usize) {
    let text = scan.text;
    if !opens(text, at, is_base64url) {
        return;
    }
    let header = run_end(text, at, is_base64url);
    let payload = run_end(text, header + 1, is_base64url);
    let dotted = byte(text, header) == b'.' && byte(text, payload) == b'.';
    if !dotted || payload - header < 8 || !names_algorithm(slice(text, at..header)) {
        return;
    }
    // An unsigned token ends with the second dot; it still carries its claims.
    let mut end = run_end(text, payload + 1, is_base64url);
    for _ in 0..2 {
        if byte(text, end) == b'.' && is_base64url(byte(text, end + 1)) {
            end = run_end(text, end + 1, is_base64url);
        }
    }
    scan.report(Builtin::Jwt, at..end, 95);
}

/// Whether `header` decodes to an object with a member `alg` (RFC 7515 §4.1.1).
fn names_algorithm(header: &[u8]) -> bool {
    let decoded = decode(header);
    let json = decoded.trim_ascii();
    let Some(name) = memchr::memmem::find(json, br#""alg""#) else {
        return false;
    };
    let value = json.get(name + 5..).unwrap_or_default().trim_ascii_start();
    json.starts_with(b"{") && json.ends_with(b"}") && value.starts_with(b":")
}

/// Decodes base64url without padding; every byte is of its alphabet.
fn decode(text: &[u8]) -> Vec<u8> {
    let sextet = |byte: u8| match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'-' => 62,
        _ => 63,
    };
    let mut decoded = Vec::with_capacity(text.len() / 4 * 3 + 3);
    for group in text.chunks(4) {
        let bits = group.iter().fold(0_u32, |bits, &byte| bits << 6 | u32::from(sextet(byte)));
        let [_, bytes @ ..] = (bits << (6 * (4 - group.len()))).to_be_bytes();
        decoded.extend(bytes.iter().take(group.len() - 1));
    }
    decoded
}
