//! The sums that check digits are made of.

/// ISO/IEC 7812-1 annex B (Luhn): every second digit from the last but one on is doubled, the sum of all digits is a
/// multiple of ten.
pub(super) fn luhn(digits: &[u32]) -> bool {
    let doubled = |digit: u32| if digit > 4 { digit * 2 - 9 } else { digit * 2 };
    let sum: u32 =
        digits.iter().rev().enumerate().map(|(at, &d)| if at % 2 == 0 { d } else { doubled(d) }).sum();
    sum.is_multiple_of(10)
}

/// The sum of each digit times its weight.
pub(super) fn weighted(digits: &[u32], weights: &[u32]) -> u32 {
    digits.iter().zip(weights).map(|(digit, weight)| digit * weight).sum()
}

/// The sum of the digits of each digit times its weight.
pub(super) fn cross_sum(digits: &[u32], weights: &[u32]) -> u32 {
    digits
        .iter()
        .zip(weights)
        .map(|(digit, weight)| digit * weight)
        .map(|product| product / 10 + product % 10)
        .sum()
}

/// ISO/IEC 7064, MOD 11,10: the last digit checks those before it.
pub(super) fn mod_11_10(digits: &[u32]) -> bool {
    let Some((check, body)) = digits.split_last() else { return false };
    let product = body.iter().fold(10, |product, digit| {
        let sum = (digit + product) % 10;
        (if sum == 0 { 10 } else { sum }) * 2 % 11
    });
    (11 - product) % 10 == *check
}

/// ISO/IEC 7064, MOD 11-2: the remainder that the digits leave, where 10 is written `X`.
pub(super) fn mod_11_2(digits: impl Iterator<Item = u32>) -> u32 {
    digits.fold(0, |sum, digit| (sum * 2 + digit) % 11)
}

/// The remainder by 97 of a number in which letters stand for 10 to 35 (ISO/IEC 7064, MOD 97-10).
pub(super) fn mod_97(characters: impl Iterator<Item = u8>) -> Option<u32> {
    characters.map(super::value::base36).try_fold(0, |rest, value| {
        let value = value?;
        Some((rest * if value > 9 { 100 } else { 10 } + value) % 97)
    })
}

/// Verhoeff's check digit: the dihedral group of order ten, and a permutation for each place.
pub(super) fn verhoeff(digits: &[u32]) -> bool {
    let product = |a: u32, b: u32| match (a < 5, b < 5) {
        (true, true) => (a + b) % 5,
        (true, false) => (a + b) % 5 + 5,
        (false, true) => (a + 5 - b) % 5 + 5,
        (false, false) => (a + 5 - b) % 5,
    };
    const PERMUTATION: [u32; 10] = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
    let permuted = |digit: u32, times: usize| {
        (0..times).fold(digit, |digit, _| {
            usize::try_from(digit).ok().and_then(|d| PERMUTATION.get(d)).copied().unwrap_or(0)
        })
    };
    digits.iter().rev().enumerate().fold(0, |sum, (at, &digit)| product(sum, permuted(digit, at % 8))) == 0
}

/// ICAO Doc 9303 part 3, §4.9: weights 7, 3, 1, letters are 10 to 35; the last character checks those before it.
pub(super) fn icao(characters: &[u8]) -> bool {
    let Some((check, body)) = characters.split_last() else { return false };
    let values = body.iter().map(|byte| super::value::base36(*byte).unwrap_or(0));
    let sum: u32 = values.zip([7, 3, 1].into_iter().cycle()).map(|(value, weight)| value * weight).sum();
    super::value::digit(*check) == Some(sum % 10)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn number(digits: &str) -> Vec<u32> {
        digits.bytes().map(|byte| u32::from(byte - b'0')).collect()
    }

    #[test]
    fn published_examples_pass() {
        assert!(luhn(&number("79927398713")));
        assert!(verhoeff(&number("2363")));
        assert!(mod_11_10(&number("07945")));
        assert!(icao(b"L898902C36"));
        assert_eq!(mod_11_2(number("0794").into_iter().chain([0])), 1);
        assert_eq!(mod_97(b"3214282912345698765432161182".iter().copied()), Some(1));
    }

    /// The one check digit that completes `body`.
    fn completed(body: &[u32], valid: fn(&[u32]) -> bool) -> Vec<u32> {
        let with = |check| [body, &[check]].concat();
        (0..10).map(with).find(|digits| valid(digits)).unwrap_or_default()
    }

    proptest! {
        #[test]
        fn any_one_wrong_digit_is_noticed(
            body in prop::collection::vec(0_u32..10, 5..18), at in 0_usize..18, shift in 1_u32..10,
        ) {
            for valid in [luhn as fn(&[u32]) -> bool, verhoeff, mod_11_10] {
                let right = completed(&body, valid);
                prop_assert!(valid(&right));
                let mut wrong = right.clone();
                let at = at % wrong.len();
                wrong[at] = (wrong[at] + shift) % 10;
                prop_assert!(!valid(&wrong), "{right:?} {wrong:?}");
            }
        }

        #[test]
        fn two_digits_that_changed_places_are_noticed(
            body in prop::collection::vec(0_u32..10, 5..18), at in 0_usize..17,
        ) {
            let mut swapped = completed(&body, verhoeff);
            let at = at % (swapped.len() - 1);
            prop_assume!(swapped[at] != swapped[at + 1]);
            swapped.swap(at, at + 1);
            prop_assert!(!verhoeff(&swapped));
        }
    }
}
