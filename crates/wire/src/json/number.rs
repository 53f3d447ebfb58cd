use crate::{error::Fault, limits::BigIntegers};

/// Integers of at most this many digits are below 2⁵³.
const SAFE_DIGITS: usize = 15;

/// Length of the number at the start of `bytes` (RFC 8259 §6), checked to be one that a double holds:
/// not infinite, not vanishing to zero, and exact when it is written as an integer.
pub(super) fn scan(bytes: &[u8], big: BigIntegers) -> Result<usize, Fault> {
    let sign = usize::from(bytes.first() == Some(&b'-'));
    let integer = digits(bytes, sign);
    let leading_zero = bytes.get(sign) == Some(&b'0');
    if integer == 0 || (leading_zero && integer > 1) {
        return Err(Fault::Syntax("a number"));
    }
    let mut end = sign + integer;
    let mut is_integer = true;
    if bytes.get(end) == Some(&b'.') {
        let fraction = digits(bytes, end + 1);
        if fraction == 0 {
            return Err(Fault::Syntax("a digit after the decimal point"));
        }
        end += 1 + fraction;
        is_integer = false;
    }
    let mut exponent = false;
    if let Some(b'e' | b'E') = bytes.get(end) {
        let signed = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        let power = digits(bytes, end + 1 + signed);
        if power == 0 {
            return Err(Fault::Syntax("a digit in the exponent"));
        }
        end += 1 + signed + power;
        is_integer = false;
        exponent = true;
    }
    let plain = !exponent && integer <= SAFE_DIGITS;
    if !plain {
        check(bytes.get(..end).unwrap_or_default(), is_integer, big)?;
    }
    Ok(end)
}

fn digits(bytes: &[u8], from: usize) -> usize {
    bytes.get(from..).unwrap_or_default().iter().take_while(|b| b.is_ascii_digit()).count()
}

/// Whether a double holds the literal.
fn check(literal: &[u8], is_integer: bool, big: BigIntegers) -> Result<(), Fault> {
    let text = std::str::from_utf8(literal).map_err(|_| Fault::Number)?;
    let value: f64 = text.parse().map_err(|_| Fault::Number)?;
    let mantissa = text.split(['e', 'E']).next().unwrap_or_default();
    let vanished = value == 0.0 && mantissa.bytes().any(|digit| matches!(digit, b'1'..=b'9'));
    if !value.is_finite() || vanished {
        return Err(Fault::Number);
    }
    if !is_integer {
        return Ok(());
    }
    let exact: i128 = text.parse().map_err(|_| Fault::Number)?;
    match (-(1 << 63)..1 << 64).contains(&exact) {
        false => Err(Fault::Number),
        true if value as i128 == exact || big == BigIntegers::Allow => Ok(()),
        true => Err(Fault::BigInteger),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reads(text: &str) -> Result<usize, Fault> {
        scan(text.as_bytes(), BigIntegers::Refuse)
    }

    #[test]
    fn numbers_a_double_holds() {
        for text in
            ["0", "-0", "9007199254740992", "-1.5e3", "0.1", "1E+2", "0e999", "0.000e-999", "1718900000123"]
        {
            assert_eq!(reads(text), Ok(text.len()), "{text}");
        }
    }

    #[test]
    fn numbers_no_double_holds() {
        for text in ["1e999", "-1e400", "1e-999", "18446744073709551616", &"9".repeat(400)] {
            assert_eq!(reads(text), Err(Fault::Number), "{text}");
        }
        for text in ["9007199254740993", "-9223372036854775807"] {
            assert_eq!(reads(text), Err(Fault::BigInteger), "{text}");
        }
        assert_eq!(scan(b"9007199254740993", BigIntegers::Allow), Ok(16));
        assert_eq!(scan(b"18446744073709551617", BigIntegers::Allow), Err(Fault::Number));
    }

    #[test]
    fn malformed_numbers() {
        for text in ["-", "01", "1.", "1e", "1e+", ".5", "+1", "-x"] {
            assert!(matches!(reads(text), Err(Fault::Syntax(_))), "{text}");
        }
    }
}
