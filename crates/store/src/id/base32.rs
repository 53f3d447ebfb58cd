use thiserror::Error;

const LENGTH: usize = 13;
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A text that names no decision.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ParseIdError {
    /// The text is shorter or longer than an id.
    #[error("a decision id has {LENGTH} characters, this has {0}")]
    Length(usize),
    /// A character outside Crockford's alphabet.
    #[error("`{0}` cannot be part of a decision id, which is made of 0-9 and A-Z without I, L, O and U")]
    Character(char),
    /// Thirteen characters hold 65 bits; an id has 63.
    #[error("no decision id begins with `{0}`: the first character is 0 to 7")]
    Range(char),
}

/// The 13 digits of a number below 2^63, most significant first.
pub(super) fn encode(number: u64) -> [u8; LENGTH] {
    let mut shift = 5 * LENGTH as u32;
    [(); LENGTH].map(|()| {
        shift -= 5;
        let digit = (number >> shift) as usize & 31;
        ALPHABET.get(digit).copied().unwrap_or(b'0')
    })
}

/// The number of 13 digits.
pub(super) fn decode(text: &str) -> Result<u64, ParseIdError> {
    let length = text.chars().count();
    if length != LENGTH {
        return Err(ParseIdError::Length(length));
    }
    let mut number = 0;
    for (at, character) in text.chars().enumerate() {
        let digit = digit(character).ok_or(ParseIdError::Character(character))?;
        if at == 0 && digit > 7 {
            return Err(ParseIdError::Range(character));
        }
        number = number << 5 | digit;
    }
    Ok(number)
}

fn digit(character: char) -> Option<u64> {
    let canonical = match character.to_ascii_uppercase() {
        'I' | 'L' => '1',
        'O' => '0',
        other => other,
    };
    let at = ALPHABET.iter().position(|digit| char::from(*digit) == canonical)?;
    u64::try_from(at).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text(number: u64) -> String {
        String::from_utf8(encode(number).to_vec()).unwrap()
    }

    proptest! {
        #[test]
        fn reading_undoes_writing(number in 0..1_u64 << 63) {
            prop_assert_eq!(decode(&text(number)), Ok(number));
            prop_assert_eq!(decode(&text(number).to_lowercase()), Ok(number));
        }

        #[test]
        fn order_is_kept(a in 0..1_u64 << 63, b in 0..1_u64 << 63) {
            prop_assert_eq!(a.cmp(&b), text(a).cmp(&text(b)));
        }

        #[test]
        fn any_text_is_read_or_refused(given in "\\PC{0,15}") {
            if let Ok(number) = decode(&given) {
                prop_assert!(number < 1 << 63);
            }
        }
    }

    #[test]
    fn lookalikes_are_read_as_digits() {
        assert_eq!(decode("o1iLO00000000"), decode("0111000000000"));
    }

    #[test]
    fn each_fault_is_named() {
        assert_eq!(decode("01J9"), Err(ParseIdError::Length(4)));
        assert_eq!(decode("01J9000000U00"), Err(ParseIdError::Character('U')));
        assert_eq!(decode("8000000000000"), Err(ParseIdError::Range('8')));
        assert_eq!(decode("01J9\u{e9}00000000"), Err(ParseIdError::Character('\u{e9}')));
    }
}
