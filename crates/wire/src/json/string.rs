use crate::error::Fault;

/// A string that has been checked.
pub(super) struct Checked {
    /// Bytes up to and including the closing quote.
    pub(super) len: usize,
    /// Whether it holds escapes.
    pub(super) escaped: bool,
}

/// Checks the string whose opening quote lies just before `bytes` (RFC 8259 §7).
/// On a fault, the offset into `bytes` comes with it.
pub(super) fn scan(bytes: &[u8]) -> Result<Checked, (Fault, usize)> {
    let mut at = 0;
    let mut escaped = false;
    loop {
        at += plain(bytes.get(at..).unwrap_or_default());
        match bytes.get(at) {
            Some(b'"') => {
                return Ok(Checked { len: at + 1, escaped });
            }
            Some(b'\\') => {
                escaped = true;
                at += escape(bytes.get(at..).unwrap_or_default()).map_err(|fault| (fault, at))?;
            }
            Some(_) => return Err((Fault::Control, at)),
            None => return Err((Fault::Syntax("a closing quote"), at)),
        }
    }
}

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = 0x8080_8080_8080_8080;

/// Bytes before the next quote, backslash or control character, eight at a time.
#[inline]
pub(crate) fn plain(bytes: &[u8]) -> usize {
    let (words, _) = bytes.as_chunks::<8>();
    for (index, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        let stops = zero_bytes(word ^ (ONES * u64::from(b'"')))
            | zero_bytes(word ^ (ONES * u64::from(b'\\')))
            | (word.wrapping_sub(ONES * 0x20) & !word & HIGHS);
        if stops != 0 {
            return index * 8 + (stops.trailing_zeros() / 8) as usize;
        }
    }
    let from = words.len() * 8;
    let tail = bytes.get(from..).unwrap_or_default();
    from + tail.iter().position(|b| matches!(b, b'"' | b'\\' | 0..0x20)).unwrap_or(tail.len())
}

/// The high bit of each byte that is zero. Bytes above the first zero may be marked wrongly, the first never is.
fn zero_bytes(word: u64) -> u64 {
    word.wrapping_sub(ONES) & !word & HIGHS
}

/// Length of the escape at the start of `bytes`, both halves of a surrogate pair together.
fn escape(bytes: &[u8]) -> Result<usize, Fault> {
    match bytes.get(1) {
        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(2),
        Some(b'u') => match unit(bytes, 2)? {
            0 => Err(Fault::Control),
            0xDC00..=0xDFFF => Err(Fault::Surrogate),
            0xD800..=0xDBFF => {
                let paired = bytes.get(6..8) == Some(br"\u") && matches!(unit(bytes, 8), Ok(0xDC00..=0xDFFF));
                if paired { Ok(12) } else { Err(Fault::Surrogate) }
            }
            _ => Ok(6),
        },
        _ => Err(Fault::Syntax("an escape")),
    }
}

fn unit(bytes: &[u8], from: usize) -> Result<u32, Fault> {
    const NEED: Fault = Fault::Syntax("four hex digits");
    let digits = bytes.get(from..from + 4).ok_or(NEED)?;
    digits.iter().try_fold(0, |unit, digit| Ok(unit << 4 | char::from(*digit).to_digit(16).ok_or(NEED)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stops_at_the_first_special_byte_wherever_it_lies() {
        for stop in [b'"', b'\\', 0, 0x1f, b'\n'] {
            for before in 0..40 {
                let mut bytes = vec![b'z'; before];
                bytes.push(stop);
                bytes.extend_from_slice("é\u{80}\u{7f}!#[]".repeat(3).as_bytes());
                assert_eq!(plain(&bytes), before, "{stop} after {before}");
            }
        }
        let clean = "ÿ\u{7f} !#[]~é漢".repeat(9);
        assert_eq!(plain(clean.as_bytes()), clean.len());
    }
}
