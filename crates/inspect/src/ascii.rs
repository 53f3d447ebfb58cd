//! Walking over bytes: runs, boundaries, escapes.

use std::ops::Range;

/// The byte at `at`, or 0 past the end.
pub(crate) fn byte(text: &[u8], at: usize) -> u8 {
    text.get(at).copied().unwrap_or(0)
}

/// The byte `back` places before `at`, or 0 before the start.
pub(crate) fn before(text: &[u8], at: usize, back: usize) -> u8 {
    at.checked_sub(back).map_or(0, |at| byte(text, at))
}

/// The bytes of a range, empty when out of bounds.
pub(crate) fn slice(text: &[u8], range: Range<usize>) -> &[u8] {
    text.get(range).unwrap_or_default()
}

/// End of the run of bytes from `at` on that belong to `class`.
pub(crate) fn run_end(text: &[u8], at: usize, class: impl Fn(u8) -> bool) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    rest.iter().position(|&byte| !class(byte)).map_or(text.len(), |len| at + len)
}

/// Start of the run of bytes before `at`, down to `floor`, that belong to
/// `class`.
pub(crate) fn run_start(text: &[u8], floor: usize, at: usize, class: impl Fn(u8) -> bool) -> usize {
    let lead = slice(text, floor..at);
    lead.iter().rposition(|&byte| !class(byte)).map_or(floor, |last| floor + last + 1)
}

/// ASCII letters and digits.
pub(crate) fn is_alnum(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
}

/// Letters, digits and `_`.
pub(crate) fn is_word(byte: u8) -> bool {
    is_alnum(byte) || byte == b'_'
}

/// The base64url alphabet (RFC 4648 §5), which is also that of dashed names.
pub(crate) fn is_base64url(byte: u8) -> bool {
    is_word(byte) || byte == b'-'
}

/// The base64 alphabet without padding (RFC 4648 §4).
pub(crate) fn is_base64(byte: u8) -> bool {
    is_alnum(byte) || byte == b'/' || byte == b'+'
}

/// Whether something may begin at `at`: no byte of `joining` stands before it,
/// except as the end of an escape sequence (`\n`, `%3D`, `\u003d`, a terminal
/// colour), which text that was encoded once more leaves in front of values.
pub(crate) fn opens(text: &[u8], at: usize, joining: impl Fn(u8) -> bool) -> bool {
    !joining(before(text, at, 1)) || follows_escape(text, at)
}

fn follows_escape(text: &[u8], at: usize) -> bool {
    let lead = slice(text, at.saturating_sub(8)..at);
    match lead {
        [.., b'\\', b'n' | b'r' | b't' | b'f' | b'b'] => true,
        [.., b'%', a, b] | [.., b'\\', b'x', a, b] if is_hex(&[*a, *b]) => true,
        [.., b'\\', b'u', a, b, c, d] if is_hex(&[*a, *b, *c, *d]) => true,
        [rest @ .., b'm'] => {
            let start = run_start(rest, 0, rest.len(), |byte| byte.is_ascii_digit() || byte == b';');
            slice(rest, 0..start).ends_with(b"\x1b[")
        }
        _ => false,
    }
}

fn is_hex(digits: &[u8]) -> bool {
    digits.iter().all(u8::is_ascii_hexdigit)
}

/// Whether `value` has enough different bytes to be no placeholder such as
/// `xxxxxxxx`.
pub(crate) fn is_varied(value: &[u8]) -> bool {
    let seen = value.iter().fold(0_u128, |seen, &byte| seen | 1 << (byte & 0x7F));
    seen.count_ones() >= 6
}

/// Whether each digit, or each letter, follows the one before it nearly
/// everywhere: `123456789012…`, `ABCDEFGHIJ…`.
pub(crate) fn counts(value: &[u8]) -> bool {
    const LEAST: usize = 12;
    let one_kind = value.iter().all(u8::is_ascii_digit)
        || value.iter().all(u8::is_ascii_uppercase)
        || value.iter().all(u8::is_ascii_lowercase);
    let follows = |pair: &&[u8]| match **pair {
        [b'9', b'0' | b'1'] | [b'z', b'a'] | [b'Z', b'A'] => true,
        [one, next] => next == one.wrapping_add(1),
        _ => false,
    };
    value.len() >= LEAST && one_kind && value.windows(2).filter(follows).count() * 10 >= (value.len() - 1) * 9
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_count_as_boundaries() {
        for lead in ["", " ", "=", "é", "\\n", "%3D", "\\u003d", "\\x3d", "\x1b[1;32m", "x\\n"] {
            assert!(opens(lead.as_bytes(), lead.len(), is_alnum), "{lead:?}");
        }
        for lead in ["n", "3D", "x3d", "u003d", "32m", "[32m", "%D", "a\\u00d"] {
            assert!(!opens(lead.as_bytes(), lead.len(), is_alnum), "{lead:?}");
        }
    }

    #[test]
    fn placeholders_are_not_varied() {
        assert!(!is_varied(b"xxxxxxxxxxxxxxxx"));
        assert!(!is_varied(b"1234512345123451"));
        assert!(is_varied(b"IOSFODNN7EXAMPLE"));
    }

    #[test]
    fn examples_count() {
        assert!(counts(b"123456789012345678901234"));
        assert!(counts(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"));
        assert!(!counts(b"0123456789abcdef0123456789abcdef"));
        assert!(!counts(b"IOSFODNN7EXAMPLE"));
    }
}
