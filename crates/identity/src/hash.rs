use std::{fmt, str::FromStr};

use sha2::{Digest, Sha256};

/// The SHA-256 of a key. A key is random and long, so that a slow hash would add nothing but time to each request.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyHash([u8; 32]);

/// Why a text is neither a key nor the hash of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyHashError {
    /// It begins like a hash and is none.
    #[error("`sha256:` must be followed by the 64 hexadecimal digits of the key's SHA-256")]
    NotHex,
    /// Somebody could guess it.
    #[error("a key needs at least {SHORTEST} characters; use a random one")]
    Short,
    /// It could not be sent in a header.
    #[error("a key consists of visible ASCII characters, without spaces")]
    NotVisible,
    /// It was meant as one of ours and a character is wrong.
    #[error("the key begins with `mcpg_`, but its checksum is wrong; it was mistyped or cut off")]
    Mistyped,
}

/// The marker of a hash in the configuration.
const MARKER: &str = "sha256:";

/// The least number of characters of a key that we did not make.
const SHORTEST: usize = 16;

impl KeyHash {
    /// The hash of a key.
    pub fn of(key: &str) -> Self {
        Self(Sha256::digest(key).into())
    }

    pub(crate) fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// Reads what may stand in a configuration: `sha256:` and the hash in hexadecimal digits, or else the key itself.
impl FromStr for KeyHash {
    type Err = KeyHashError;

    fn from_str(text: &str) -> Result<Self, KeyHashError> {
        if let Some(hex) = text.strip_prefix(MARKER) {
            return from_hex(hex).ok_or(KeyHashError::NotHex);
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(KeyHashError::NotVisible);
        }
        if text.len() < SHORTEST {
            return Err(KeyHashError::Short);
        }
        if text.starts_with(crate::key::PREFIX) && !crate::ApiKey::is_well_formed(text) {
            return Err(KeyHashError::Mistyped);
        }
        Ok(Self::of(text))
    }
}

/// As it may stand in a configuration.
impl fmt::Display for KeyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MARKER)?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for KeyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyHash(…)")
    }
}

fn from_hex(hex: &str) -> Option<KeyHash> {
    let mut bytes = [0; 32];
    let digits = hex.as_bytes();
    if digits.len() != 2 * bytes.len() {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        for digit in pair {
            *byte = *byte << 4 | u8::try_from(char::from(*digit).to_digit(16)?).ok()?;
        }
    }
    Some(KeyHash(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The SHA-256 of `abc` (FIPS 180-4, examples).
    const ABC: &str = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    #[test]
    fn a_hash_is_read_and_written_as_hex() {
        assert_eq!(KeyHash::of("abc").to_string(), ABC);
        assert_eq!(ABC.parse(), Ok(KeyHash::of("abc")));
        let upper = format!("sha256:{}", ABC.strip_prefix("sha256:").unwrap().to_uppercase());
        assert_eq!(upper.parse(), Ok(KeyHash::of("abc")));
    }

    #[test]
    fn what_is_no_key_is_refused() {
        let refused = |text: &str| text.parse::<KeyHash>().unwrap_err();
        let cut = ABC.get(..70).unwrap();
        assert_eq!(refused(cut), KeyHashError::NotHex);
        assert_eq!(refused(&format!("{cut}+")), KeyHashError::NotHex);
        assert_eq!(refused(&format!("{ABC}00")), KeyHashError::NotHex);
        assert_eq!(refused("hunter2"), KeyHashError::Short);
        assert_eq!(refused("with a space, but long"), KeyHashError::NotVisible);
        assert_eq!(refused("mcpg_0123456789abcdef"), KeyHashError::Mistyped);
    }

    #[test]
    fn it_is_not_shown_in_passing() {
        assert_eq!(format!("{:?}", KeyHash::of("abc")), "KeyHash(…)");
    }
}
