use std::{borrow::Cow, cmp::Ordering};

/// A JSON number as it is written, compared exactly: no double stands between.
#[derive(Clone, Debug)]
pub struct Number<'a>(Cow<'a, str>);

/// `0.DIGITS × 10^exponent`, without zeros at either end; no digits stand for zero.
#[derive(Debug, PartialEq, Eq)]
struct Parts {
    negative: bool,
    digits: Vec<u8>,
    exponent: i64,
}

impl<'a> Number<'a> {
    pub(crate) fn new(text: impl Into<Cow<'a, str>>) -> Self {
        Self(text.into())
    }

    /// As it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn into_owned(self) -> Number<'static> {
        Number(Cow::Owned(self.0.into_owned()))
    }

    pub(crate) fn as_i64(&self) -> Option<i64> {
        self.0.parse().ok()
    }

    /// Whether it has no fraction; `1.0` and `1e3` have none.
    pub(crate) fn is_integer(&self) -> bool {
        if self.as_i64().is_some() {
            return true;
        }
        let parts = self.parts();
        i64::try_from(parts.digits.len()).is_ok_and(|len| parts.exponent >= len) || parts.digits.is_empty()
    }

    /// Whether it is a whole multiple of `step`; `None` if the numbers are too long for that to be told.
    pub(crate) fn is_multiple_of(&self, step: &Number<'_>) -> Option<bool> {
        let (number, step) = (self.parts(), step.parts());
        if number.digits.is_empty() {
            return Some(true);
        }
        let ends = |parts: &Parts| parts.exponent.checked_sub(i64::try_from(parts.digits.len()).ok()?);
        let (number_end, step_end) = (ends(&number)?, ends(&step)?);
        let base = number_end.min(step_end);
        let zeros = usize::try_from(number_end.checked_sub(base)?).ok()?;
        let step_zeros = usize::try_from(step_end.checked_sub(base)?).ok()?;
        if zeros > LONG || step_zeros > LONG || number.digits.len() > LONG {
            return None;
        }
        let mut divisor: u64 = 0;
        for digit in step.digits.iter().copied().chain(std::iter::repeat_n(0, step_zeros)) {
            divisor = divisor.checked_mul(10)?.checked_add(digit.into())?;
        }
        let mut rest: u128 = 0;
        for digit in number.digits.iter().copied().chain(std::iter::repeat_n(0, zeros)) {
            rest = (rest * 10 + u128::from(digit)).checked_rem(divisor.into())?;
        }
        Some(rest == 0)
    }

    fn parts(&self) -> Parts {
        let (negative, text) = self.0.strip_prefix('-').map_or((false, &*self.0), |text| (true, text));
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let exponent = exponent.parse::<i64>().unwrap_or(match exponent.starts_with('-') {
            true => -FAR,
            false => FAR,
        });
        let mut digits: Vec<u8> =
            whole.bytes().chain(fraction.bytes()).map(|byte| byte.wrapping_sub(b'0')).collect();
        let leading = digits.iter().take_while(|digit| **digit == 0).count();
        digits.drain(..leading);
        while digits.last() == Some(&0) {
            digits.pop();
        }
        let length = |len: usize| i64::try_from(len).unwrap_or(FAR);
        let exponent = exponent.clamp(-FAR, FAR) + length(whole.len()) - length(leading);
        if digits.is_empty() {
            return Parts { negative: false, digits, exponent: 0 };
        }
        Parts { negative, digits, exponent }
    }
}

/// Most digits that are divided.
const LONG: usize = 400;

/// Exponents past this are all the same to us.
const FAR: i64 = 1 << 40;

impl PartialEq for Number<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Number<'_> {}

impl PartialOrd for Number<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Number<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        if let (Some(one), Some(other)) = (self.as_i64(), other.as_i64()) {
            return one.cmp(&other);
        }
        let (one, other) = (self.parts(), other.parts());
        let sign = |parts: &Parts| match (parts.digits.is_empty(), parts.negative) {
            (true, _) => 0,
            (false, true) => -1,
            (false, false) => 1,
        };
        let size = || one.exponent.cmp(&other.exponent).then_with(|| one.digits.cmp(&other.digits));
        sign(&one).cmp(&sign(&other)).then_with(|| match sign(&one) {
            0 => Ordering::Equal,
            1 => size(),
            _ => size().reverse(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_compared_as_they_are_written() {
        let ascending = [
            "-1e400",
            "-10",
            "-9.99",
            "-1e-400",
            "0",
            "1e-400",
            "0.1",
            "0.10000000000000000000000001",
            "1",
            "9007199254740992",
            "9007199254740993",
            "18446744073709551616",
            "1e999999999999999999999",
        ];
        for (index, one) in ascending.iter().enumerate() {
            for (other_index, other) in ascending.iter().enumerate() {
                let order = Number::new(*one).cmp(&Number::new(*other));
                assert_eq!(order, index.cmp(&other_index), "{one} {other}");
            }
        }
        for (one, other) in [("1", "1.0"), ("100", "1e2"), ("0", "-0.0"), ("0.5", "5E-1"), ("0e9", "0")] {
            assert_eq!(Number::new(one), Number::new(other));
        }
    }

    #[test]
    fn multiples_are_exact() {
        for (number, step, expected) in [
            ("19.99", "0.01", Some(true)),
            ("0.3", "0.1", Some(true)),
            ("0.35", "0.1", Some(false)),
            ("4.5", "1.5", Some(true)),
            ("1e300", "7", Some(false)),
            ("0", "3", Some(true)),
            ("9", "0", None),
            ("1e9999", "3", None),
            ("1", "1e30", None),
        ] {
            assert_eq!(Number::new(number).is_multiple_of(&Number::new(step)), expected, "{number} {step}");
        }
        assert!(Number::new("1.0").is_integer() && Number::new("1e3").is_integer());
        assert!(!Number::new("1.5").is_integer() && !Number::new("1e-3").is_integer());
    }
}
