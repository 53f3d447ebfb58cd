use std::fmt;

use sha2::{Digest, Sha256};

/// A new key: `mcpg_`, 43 random characters (256 bits) and 6 of a checksum, all letters and digits, so that secret
/// scanners find it and a double click selects it.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKey(String);

/// The system has no random numbers to give.
#[derive(Debug, thiserror::Error)]
#[error("no key can be made: the system's random number generator fails: {0}")]
pub struct GenerateError(#[from] getrandom::Error);

pub(crate) const PREFIX: &str = "mcpg_";

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// 62^43 is the first power of 62 beyond 2^256.
const RANDOM: usize = 43;

/// 62^6 is the first power of 62 beyond 2^32.
const CHECKSUM: usize = 6;

impl ApiKey {
    /// Makes a key.
    ///
    /// # Errors
    /// The system's random number generator fails.
    pub fn generate() -> Result<Self, GenerateError> {
        let mut key = String::from(PREFIX);
        let mut random = [0; 2 * RANDOM];
        while key.len() < PREFIX.len() + RANDOM {
            getrandom::fill(&mut random)?;
            let missing = PREFIX.len() + RANDOM - key.len();
            // 248 is 4 × 62: below it, each letter is as likely as any other.
            let letters = random.iter().filter(|byte| **byte < 248).map(|byte| letter(u32::from(*byte)));
            key.extend(letters.take(missing));
        }
        let checksum = checksum(&key);
        key.push_str(&checksum);
        Ok(Self(key))
    }

    /// Whether this looks like one of our keys, down to its checksum.
    pub fn is_well_formed(text: &str) -> bool {
        let Some((head, sum)) = text.len().checked_sub(CHECKSUM).and_then(|at| text.split_at_checked(at))
        else {
            return false;
        };
        head.strip_prefix(PREFIX).is_some_and(|random| {
            random.len() == RANDOM && random.bytes().all(|byte| byte.is_ascii_alphanumeric())
        }) && sum == checksum(head)
    }

    /// The key itself, to be shown once.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey(…)")
    }
}

fn checksum(head: &str) -> String {
    let digest: [u8; 32] = Sha256::digest(head).into();
    let mut rest = digest.iter().take(4).fold(0_u32, |sum, byte| sum << 8 | u32::from(*byte));
    (0..CHECKSUM)
        .map(|_| {
            let letter = letter(rest);
            rest /= 62;
            letter
        })
        .collect()
}

fn letter(number: u32) -> char {
    ALPHABET.get((number % 62) as usize).copied().map_or('0', char::from)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn keys_are_well_formed_and_differ() {
        let keys: HashSet<_> = (0..100).map(|_| ApiKey::generate().unwrap().0).collect();
        assert_eq!(keys.len(), 100);
        for key in &keys {
            assert_eq!(key.len(), 5 + 43 + 6);
            assert!(ApiKey::is_well_formed(key), "{key}");
        }
        let used: HashSet<_> = keys.iter().flat_map(|key| key.bytes().skip(5)).collect();
        assert_eq!(used.len(), 62, "every letter of the alphabet is used");
    }

    #[test]
    fn one_wrong_character_is_noticed() {
        let key = ApiKey::generate().unwrap().0;
        for at in 0..key.len() {
            let mut wrong = key.clone().into_bytes();
            wrong[at] = if wrong[at] == b'x' { b'y' } else { b'x' };
            assert!(!ApiKey::is_well_formed(&String::from_utf8(wrong).unwrap()), "at {at}");
        }
        for other in ["", "mcpg_", "ghp_0123456789", &key[1..], &key[..key.len() - 1], "mcpg_ééééééééééééé"]
        {
            assert!(!ApiKey::is_well_formed(other), "{other}");
        }
    }

    #[test]
    fn debug_shows_nothing_of_it() {
        assert_eq!(format!("{:?}", ApiKey::generate().unwrap()), "ApiKey(…)");
    }
}
