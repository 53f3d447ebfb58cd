//! Base64, base64url (RFC 4648 §4, §5) and base32 (§6), as leniently as anyone decodes them.

/// The bytes of a run in either alphabet, or both; `None` for another character.
pub(super) fn decode(run: impl Iterator<Item = u8>) -> Option<Vec<u8>> {
    bits(run, 6, |byte| DIGITS.get(usize::from(byte)).copied().filter(|digit| *digit != NONE))
}

const NONE: u8 = u8::MAX;

/// The value of each digit of both alphabets.
static DIGITS: [u8; 256] = {
    let mut digits = [NONE; 256];
    let mut at = 0;
    while at < 256 {
        let byte = at as u8;
        #[allow(clippy::indexing_slicing)] // Within bounds, and evaluated by the compiler.
        {
            digits[at] = match byte {
                b'A'..=b'Z' => byte - b'A',
                b'a'..=b'z' => byte - b'a' + 26,
                b'0'..=b'9' => byte - b'0' + 52,
                b'+' | b'-' => 62,
                b'/' | b'_' => 63,
                _ => NONE,
            };
        }
        at += 1;
    }
    digits
};

pub(super) fn decode32(run: impl Iterator<Item = u8>) -> Option<Vec<u8>> {
    bits(run, 5, |byte| match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'2'..=b'7' => Some(byte - b'2' + 26),
        _ => None,
    })
}

fn bits(run: impl Iterator<Item = u8>, width: u32, digit: impl Fn(u8) -> Option<u8>) -> Option<Vec<u8>> {
    let (least, most) = run.size_hint();
    let mut out = Vec::with_capacity(most.unwrap_or(least) * width as usize / 8 + 1);
    let (mut held, mut count) = (0_u32, 0);
    for byte in run {
        held = held << width | u32::from(digit(byte)?);
        count += width;
        if count >= 8 {
            count -= 8;
            out.push((held >> count & 0xFF) as u8);
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alphabets_are_read() {
        assert_eq!(decode(b"aWdub3Jl".iter().copied()).unwrap(), b"ignore");
        assert_eq!(decode(b"aWdub3JlIQ".iter().copied()).unwrap(), b"ignore!");
        assert_eq!(decode(b"-_+/".iter().copied()).unwrap(), [0xFB, 0xFF, 0xBF]);
        assert_eq!(decode32(b"NFTW433SMU".iter().copied()).unwrap(), b"ignore");
        assert_eq!(decode(b"a b".iter().copied()), None);
    }
}
