//! GitHub tokens. Classic ones are a prefix, 30 random characters and a
//! checksum: CRC-32 of the random part in six base-62 digits. The checksum only
//! raises the confidence, because a token with a typing error still tells most
//! of a secret.

use super::Scan;
use super::tokens::body;
use crate::ascii::{byte, is_alnum, is_base64url, is_word, opens, run_end, slice};
use crate::catalogue::Builtin;

const CHECKED: u8 = 99;
const UNCHECKED: u8 = 95;
const CLASSIC: usize = 36;

/// Personal, OAuth, user-to-server and refresh tokens.
pub(super) fn token(scan: &mut Scan<'_>, at: usize) {
    let from = at + "ghp_".len();
    if !opens(scan.text, at, is_alnum) {
        return;
    }
    if let Some(end) = body(scan.text, from, is_alnum, CLASSIC, 255) {
        let percent = if checksum_holds(slice(scan.text, from..end)) { CHECKED } else { UNCHECKED };
        scan.report(Builtin::GithubToken, at..end, percent);
    }
}

/// Installation tokens: classic, or an app id followed by a JSON Web Token.
pub(super) fn app_token(scan: &mut Scan<'_>, at: usize) {
    let text = scan.text;
    if !opens(text, at, is_base64url) {
        return;
    }
    let digits = run_end(text, at + "ghs_".len(), |byte| byte.is_ascii_digit());
    if !slice(text, digits..digits + 4).eq(b"_eyJ") {
        return token(scan, at);
    }
    let mut end = run_end(text, digits, is_base64url);
    for _ in 0..2 {
        if byte(text, end) == b'.' {
            end = run_end(text, end + 1, is_base64url);
        }
    }
    if end - digits >= CLASSIC {
        scan.report(Builtin::GithubToken, at..end, UNCHECKED);
    }
}

/// Fine-grained personal tokens: two parts, 82 characters in all.
pub(super) fn fine_grained(scan: &mut Scan<'_>, at: usize) {
    if !opens(scan.text, at, is_alnum) {
        return;
    }
    if let Some(end) = body(scan.text, at + "github_pat_".len(), is_word, 40, 255) {
        scan.report(Builtin::GithubToken, at..end, CHECKED);
    }
}

fn checksum_holds(body: &[u8]) -> bool {
    let Some((random, digits)) = body.split_at_checked(CLASSIC - 6) else {
        return false;
    };
    let value = |byte: u8| match byte {
        b'0'..=b'9' => byte - b'0',
        b'A'..=b'Z' => byte - b'A' + 10,
        _ => byte.wrapping_sub(b'a').wrapping_add(36),
    };
    let claimed = digits.iter().fold(0_u64, |sum, &digit| sum.wrapping_mul(62) + u64::from(value(digit)));
    claimed == u64::from(crc32(random))
}

/// CRC-32 as in ISO 3309 (reflected, polynomial 0xEDB88320).
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| (crc >> 1) ^ (0xEDB8_8320 * (crc & 1)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crc_matches_the_check_value_of_the_standard() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
    }

    #[test]
    fn the_checksum_is_six_base62_digits() {
        let random = b"0123456789abcdefghijABCDEFGHIJ";
        let mut rest = u64::from(crc32(random));
        let mut digits = [0_u8; 6];
        for digit in digits.iter_mut().rev() {
            *digit = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"[(rest % 62) as usize];
            rest /= 62;
        }
        assert!(checksum_holds(&[&random[..], &digits].concat()));
        digits[5] ^= 1;
        assert!(!checksum_holds(&[&random[..], &digits].concat()));
    }
}
