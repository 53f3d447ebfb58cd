//! Identifiers of Germany.

use super::Table;
use super::dates::is_day;
use super::sums::{cross_sum, icao, mod_11_10};
use super::value::{characters, digit, digits, number, plain, uniform};

pub(super) static TABLE: Table = &[
    ("de_health_insurance", de_health_insurance),
    ("de_document", de_document),
    ("de_lanr", de_lanr),
    ("de_postcode", de_postcode),
    ("de_social_security", de_social_security),
    ("de_tax_id", de_tax_id),
    ("de_tax_number", de_tax_number),
];

/// §290 SGB V: the letter as two digits, weights 1 and 2 in turn, sums of digits, by 10.
fn de_health_insurance(value: &[u8]) -> bool {
    plain::<10>(value).is_some_and(|[letter, rest @ ..]| {
        let Some([body @ .., check]) = digits::<9>(&rest) else { return false };
        let all = [letter_digits(letter).as_slice(), &body].concat();
        cross_sum(&all, &[1, 2, 1, 2, 1, 2, 1, 2, 1, 2]) % 10 == check
    })
}

/// Identity card and passport, BMI: nine characters, without letters that could be read as digits or words; the check
/// digit of ICAO 9303 may follow.
fn de_document(value: &[u8]) -> bool {
    let plain: Vec<u8> = characters(value).collect();
    let used = |byte: &u8| byte.is_ascii_digit() || b"CFGHJKLMNPRTVWXYZ".contains(byte);
    let digits = plain.iter().filter(|byte| byte.is_ascii_digit()).count();
    digits >= 3 && plain.iter().all(used) && (plain.len() == 9 || icao(&plain))
}

/// KBV: weights 4 and 9 in turn, by 10, then two digits for the discipline.
fn de_lanr(value: &[u8]) -> bool {
    digits::<9>(value).is_some_and(|digits| {
        let (body, rest) = digits.split_at(6);
        let sum = super::sums::weighted(body, &[4, 9, 4, 9, 4, 9]);
        rest.first() == Some(&((10 - sum % 10) % 10)) && number(body) > 0
    })
}

/// 01001 to 99998.
fn de_postcode(value: &[u8]) -> bool {
    digits::<5>(value).is_some_and(|digits| (1001..=99998).contains(&number(&digits)))
}

/// §147 SGB VI and VKVV §4: area, birthday, first letter of the name, serial number; weights 2, 1, 2, 5, 7, 1, 2, 1, 2, 1,
/// 2, 1, sums of digits, by 10.
fn de_social_security(value: &[u8]) -> bool {
    let Some(plain) = plain::<12>(value) else { return false };
    let [area @ .., _, _, _, _, _, _, letter, _, _, check] = plain;
    let (Some(area), Some(letter)) =
        (digits::<2>(&area), letter.is_ascii_alphabetic().then(|| letter_digits(letter)))
    else {
        return false;
    };
    let (Some(date), Some(serial)) =
        (plain.get(2..8).and_then(digits::<6>), plain.get(9..11).and_then(digits::<2>))
    else {
        return false;
    };
    let [d, e, m, n, ..] = date;
    let all = [area.as_slice(), &date, &letter, &serial].concat();
    number(&area) >= 2
        && is_day(number(&[m, n]), number(&[d, e]))
        && digit(check) == Some(cross_sum(&all, &[2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1]) % 10)
}

/// §139b AO: of the first ten digits exactly one stands twice or three times; ISO/IEC 7064 MOD 11,10.
fn de_tax_id(value: &[u8]) -> bool {
    digits::<11>(value).is_some_and(|digits| {
        let (body, _) = digits.split_at(10);
        let times = |digit: u32| body.iter().filter(|known| **known == digit).count();
        let repeated: Vec<_> = (0..10).map(times).filter(|times| *times > 1).collect();
        digits.first() != Some(&0) && matches!(repeated.as_slice(), [2 | 3]) && mod_11_10(&digits)
    })
}

/// The form of all states, which begins with the state's and the office's digits; or as printed on letters. There is no
/// check digit that all states share.
fn de_tax_number(value: &[u8]) -> bool {
    let digits: Vec<u32> = characters(value).filter_map(digit).collect();
    match digits.as_slice() {
        [a, b, ..] if digits.len() == 13 => {
            matches!(a * 10 + b, 1..=11 | 21..=24 | 26..=28 | 30..=32 | 40 | 41 | 48 | 51..=53 | 91 | 92)
        }
        digits => !uniform(digits),
    }
}

/// 01 to 26 for A to Z.
fn letter_digits(letter: u8) -> [u32; 2] {
    let order = u32::from(letter.saturating_sub(b'A')) + 1;
    [order / 10, order % 10]
}
