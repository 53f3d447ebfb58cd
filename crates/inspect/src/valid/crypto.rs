//! Addresses of crypto currencies, by their checksums.

mod keccak;

use sha2::{Digest, Sha256};

use super::Table;

pub(super) static TABLE: Table =
    &[("crypto_address", |value| base58(value) || bech32(value) || eip55(value))];

/// Digits of Base58, as Bitcoin orders them.
const BASE58: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/// First bytes of addresses: Bitcoin and Bitcoin Cash (0, 5), Dash (76, 16), Dogecoin (30, 22), Litecoin (48, 50), Tron (65).
const VERSIONS: [u8; 9] = [0, 5, 16, 22, 30, 48, 50, 65, 76];

/// Base58Check: a byte for the kind, twenty of a hash, and four of SHA-256 twice over all these.
fn base58(value: &[u8]) -> bool {
    let mut bytes = [0_u8; 25];
    for &character in value {
        let Some(digit) = BASE58.iter().position(|known| *known == character) else { return false };
        let mut carry = digit;
        for byte in bytes.iter_mut().rev() {
            carry += usize::from(*byte) * 58;
            *byte = u8::try_from(carry % 256).unwrap_or(0);
            carry /= 256;
        }
        if carry > 0 {
            return false;
        }
    }
    let Some((body, check)) = bytes.split_last_chunk::<4>() else { return false };
    let known = body.first().is_some_and(|version| VERSIONS.contains(version));
    let zeros = body.iter().take_while(|byte| **byte == 0).count();
    let ones = value.iter().take_while(|byte| **byte == b'1').count();
    known && zeros == ones && Sha256::digest(Sha256::digest(body)).starts_with(check)
}

/// BIP 173 and BIP 350: a prefix, `1`, and characters of 32, the last six of which check all.
fn bech32(value: &[u8]) -> bool {
    const CHARACTERS: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    const GENERATOR: [u32; 5] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
    let mixed = value.iter().any(u8::is_ascii_lowercase) && value.iter().any(u8::is_ascii_uppercase);
    let value = value.to_ascii_lowercase();
    let Some(at) = value.iter().rposition(|byte| *byte == b'1') else { return false };
    let (prefix, data) = value.split_at(at);
    let data = data.iter().skip(1).map(|byte| CHARACTERS.iter().position(|known| known == byte));
    let high = prefix.iter().map(|byte| Some(usize::from(byte >> 5)));
    let low = prefix.iter().map(|byte| Some(usize::from(byte & 31)));
    let sum = high.chain([Some(0)]).chain(low).chain(data).try_fold(1_u32, |sum, value| {
        let top = sum >> 25;
        let shifted = (sum & 0x01ff_ffff) << 5 ^ u32::try_from(value?).ok()?;
        let generators = GENERATOR.iter().enumerate().filter(|(bit, _)| top >> bit & 1 == 1);
        Some(generators.fold(shifted, |sum, (_, generator)| sum ^ generator))
    });
    !mixed && matches!(sum, Some(1 | 0x2bc8_30a3))
}

/// EIP-55: a letter is upper case where the Keccak-256 hash of the address in lower case has a high digit. All in one
/// case has no checksum.
fn eip55(value: &[u8]) -> bool {
    let Some(address) = value.strip_prefix(b"0x").filter(|address| address.len() == 40) else { return false };
    let hash = keccak::keccak256(&address.to_ascii_lowercase());
    let nibbles = hash.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    let right = |(byte, nibble): (&u8, u8)| {
        byte.is_ascii_digit() || (byte.is_ascii_hexdigit() && byte.is_ascii_uppercase() == (nibble > 7))
    };
    let mixed = address.iter().any(u8::is_ascii_lowercase) && address.iter().any(u8::is_ascii_uppercase);
    mixed && address.iter().zip(nibbles).all(right)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_addresses_pass_and_changed_ones_do_not() {
        // The first block's, BIP 173, BIP 350 and EIP-55.
        for (valid, address) in [
            (base58 as fn(&[u8]) -> bool, "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"),
            (bech32, "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4"),
            (bech32, "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0"),
            (eip55, "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"),
            (eip55, "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359"),
        ] {
            assert!(valid(address.as_bytes()), "{address}");
            let mut wrong = address.as_bytes().to_vec();
            let last = wrong.last_mut().unwrap();
            *last = if last.is_ascii_digit() { b'a' } else { last.to_ascii_uppercase() ^ 0x02 };
            assert!(!valid(&wrong), "{}", String::from_utf8_lossy(&wrong));
        }
        assert!(!eip55(b"0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed"));
    }
}
