//! A value without what stands between its groups.

/// The letters and digits of a value, letters in upper case, if they are this many.
pub(super) fn plain<const N: usize>(value: &[u8]) -> Option<[u8; N]> {
    let mut plain = [0; N];
    let mut given = value.iter().filter(|byte| byte.is_ascii_alphanumeric());
    for slot in &mut plain {
        *slot = given.next()?.to_ascii_uppercase();
    }
    given.next().is_none().then_some(plain)
}

/// The digits of a value, if it has this many and no letters.
pub(super) fn digits<const N: usize>(value: &[u8]) -> Option<[u32; N]> {
    let mut digits = [0; N];
    for (slot, byte) in digits.iter_mut().zip(plain::<N>(value)?) {
        *slot = digit(byte)?;
    }
    Some(digits)
}

/// Its letters and digits, letters in upper case.
pub(super) fn characters(value: &[u8]) -> impl Iterator<Item = u8> + '_ {
    value.iter().filter(|byte| byte.is_ascii_alphanumeric()).map(u8::to_ascii_uppercase)
}

/// What a digit stands for.
pub(super) fn digit(byte: u8) -> Option<u32> {
    char::from(byte).to_digit(10)
}

/// 0 to 9, then 10 to 35 for A to Z.
pub(super) fn base36(byte: u8) -> Option<u32> {
    char::from(byte).to_digit(36)
}

/// The number that digits are written for.
pub(super) fn number(digits: &[u32]) -> u64 {
    digits.iter().fold(0, |number, &digit| number * 10 + u64::from(digit))
}

/// Whether all digits are the same, as in examples.
pub(super) fn uniform(digits: &[u32]) -> bool {
    digits.windows(2).all(|pair| pair.first() == pair.last())
}
