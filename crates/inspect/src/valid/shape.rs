//! What values are made of: groups, encodings, structure.

use crate::ascii::{is_base64, slice};

/// Letters and digits in the groups of a UUID (RFC 9562 §4), hexadecimal or not: some issuers draw from all letters.
pub(super) fn is_grouped(value: &[u8]) -> bool {
    let groups: Vec<usize> = value.split(|byte| *byte == b'-').map(<[u8]>::len).collect();
    groups == [8, 4, 4, 4, 12] && value.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-')
}

/// `user:password` in base64, as basic authentication has it (RFC 7617 §2).
pub(super) fn is_basic(value: &[u8]) -> bool {
    let value = value.trim_ascii();
    let text = decode(value);
    let colon = text.iter().position(|byte| *byte == b':');
    let printable = text.iter().all(|byte| (b' '..=b'~').contains(byte));
    printable
        && colon.is_some_and(|at| at > 0 && text.len() - at > 4)
        && !super::random::is_placeholder(&text)
}

/// A JSON object in base64, from its beginning on, as far as it goes.
pub(super) fn is_json(value: &[u8]) -> bool {
    let body = value.rsplit(|byte| *byte == b'_' || *byte == b'.').next().unwrap_or_default();
    decode(body).trim_ascii_start().starts_with(b"{\"")
}

/// Decodes base64 of either alphabet; stops at the first byte that is of none.
pub(super) fn decode(text: &[u8]) -> Vec<u8> {
    let sextet = |byte: u8| match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'-' | b'+' => 62,
        _ => 63,
    };
    let end =
        text.iter().position(|&byte| !(is_base64(byte) || matches!(byte, b'-' | b'_'))).unwrap_or(text.len());
    let mut decoded = Vec::with_capacity(end / 4 * 3 + 3);
    for group in slice(text, 0..end).chunks(4) {
        let bits = group.iter().fold(0_u32, |bits, &byte| bits << 6 | u32::from(sextet(byte)));
        let [_, bytes @ ..] = (bits << (6 * (4 - group.len()))).to_be_bytes();
        decoded.extend(bytes.iter().take(group.len() - 1));
    }
    decoded
}

/// Whether a value has a lower-case letter, an upper-case letter and a digit, as base-62 tokens of some length all have.
pub(super) fn is_mixed(value: &[u8]) -> bool {
    let any = |class: fn(&u8) -> bool| value.iter().any(class);
    any(u8::is_ascii_digit) && any(u8::is_ascii_lowercase) && any(u8::is_ascii_uppercase)
}

/// Whether a value has a letter and a digit.
pub(super) fn has_both(value: &[u8]) -> bool {
    value.iter().any(u8::is_ascii_digit) && value.iter().any(u8::is_ascii_alphabetic)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_those_of_a_uuid() {
        assert!(is_grouped(b"123e4567-e89b-12d3-a456-426614174000"));
        assert!(is_grouped(b"a1b2c3d4-e5f6-g7h8-i9j0-k1l2m3n4o5p6"));
        assert!(!is_grouped(b"123e4567-e89b-12d3-a456-42661417400"));
    }

    #[test]
    fn basic_credentials_have_both_halves() {
        assert!(is_basic(b"YW5uOmh1bnRlcjI=")); // ann:hunter2
        assert!(!is_basic(b"aGVsbG8gd29ybGQ=")); // hello world
        assert!(!is_basic(b"YW5uOg==")); // ann:
    }

    #[test]
    fn json_is_seen_through_base64() {
        assert!(is_json(b"ops_eyJhIjoxfQ"));
        assert!(!is_json(b"ops_aGVsbG8"));
    }
}
