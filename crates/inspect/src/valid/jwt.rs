//! The first part of a JSON Web Token, its header (RFC 7515 §4.1).

use super::shape::decode;

/// Whether the header of a token in compact form decodes to an object that names an algorithm.
pub(super) fn names_algorithm(token: &[u8]) -> bool {
    let mut parts = token.split(|byte| *byte == b'.');
    parts.next().is_some_and(is_header) && parts.next().is_some()
}

/// Whether a value decodes to an object that names an algorithm.
pub(super) fn is_header(value: &[u8]) -> bool {
    let header = decode(value);
    let header = header.trim_ascii();
    header.starts_with(b"{") && header.ends_with(b"}") && memchr::memmem::find(header, br#""alg""#).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_names_its_algorithm() {
        assert!(names_algorithm(b"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0"));
        assert!(!names_algorithm(b"eyJhbGciOiJIUzI1NiJ9"));
        assert!(!names_algorithm(b"eyJuYW1lIjoiYm9iIn0.eyJzdWIiOiIxMjM0In0"));
    }
}
