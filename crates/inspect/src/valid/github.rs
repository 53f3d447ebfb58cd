//! Tokens that end with a checksum: CRC-32 (ISO-HDLC, as in zip files) of the random part, in six digits of base 62.
//!
//! GitHub describes it in "Behind GitHub's new authentication token formats" (2021); npm took up the same form.

use crate::ascii::slice;

const CHECKSUM: usize = 6;

/// Whether a token such as `npm_…` is right: after the last `_`, thirty characters and their checksum.
pub(super) fn is_checked(token: &[u8]) -> bool {
    let body = token.rsplit(|byte| *byte == b'_').next().unwrap_or_default();
    let Some(random) = body.len().checked_sub(CHECKSUM) else { return false };
    let expected = slice(body, random..body.len())
        .iter()
        .try_fold(0_u64, |value, &byte| Some(value * 62 + digit(byte)?));
    expected == Some(u64::from(crc32(slice(body, 0..random))))
}

/// The value of a digit in base 62: `0-9`, `A-Z`, `a-z`.
fn digit(byte: u8) -> Option<u64> {
    let value = match byte {
        b'0'..=b'9' => byte - b'0',
        b'A'..=b'Z' => byte - b'A' + 10,
        b'a'..=b'z' => byte - b'a' + 36,
        _ => return None,
    };
    Some(value.into())
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| (crc >> 1) ^ (0xEDB8_8320 & (crc & 1).wrapping_neg()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_standard_check_value_holds() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
    }

    #[test]
    fn one_wrong_character_is_seen() {
        // Made up: thirty characters and what the definition gives for them.
        let random = "abcdefghijklmnopqrstuvwxyz0123";
        let mut sum = u64::from(crc32(random.as_bytes()));
        let mut digits = Vec::new();
        for _ in 0..6 {
            digits
                .push(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"[(sum % 62) as usize]);
            sum /= 62;
        }
        digits.reverse();
        let checksum = String::from_utf8(digits).unwrap();
        assert!(is_checked(format!("npm_{random}{checksum}").as_bytes()));
        assert!(!is_checked(format!("npm_b{}{checksum}", &random[1..]).as_bytes()));
        assert!(!is_checked(b"npm_short"));
    }
}
