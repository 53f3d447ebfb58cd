//! Bytes as hexadecimal numbers.

/// The bytes of an even number of digits; `None` for another character.
pub(super) fn decode(run: &[u8]) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|value| u8::try_from(value).ok());
    run.chunks(2)
        .map(|pair| match *pair {
            [high, low] => Some(digit(high)? << 4 | digit(low)?),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_bytes() {
        assert_eq!(decode(b"69676E6f7265").unwrap(), b"ignore");
        assert_eq!(decode(b"696"), None);
        assert_eq!(decode(b"6z"), None);
    }
}
