//! Identifiers of the north and the Baltic states.

use super::Table;
use super::dates::{begins_with_day, is_day, is_short};
use super::sums::{luhn, weighted};
use super::value::{characters, digit, digits, number, plain};

pub(super) static TABLE: Table = &[
    ("baltic_id", baltic_id),
    ("dk_cpr", dk_cpr),
    ("fi_business_id", fi_business_id),
    ("fi_hetu", fi_hetu),
    ("is_kennitala", is_kennitala),
    ("lv_personal_code", lv_personal_code),
    ("no_fodselsnummer", no_fodselsnummer),
    ("no_organisation", no_organisation),
    ("se_organisation", se_organisation),
    ("se_personnummer", se_personnummer),
];

/// Estonia (EVS 585) and Lithuania: sex and century, a birthday, and two rows of weights by 11, the second where the
/// first leaves 10.
fn baltic_id(value: &[u8]) -> bool {
    digits::<11>(value).is_some_and(|digits| {
        let [sex, .., check] = digits;
        let first = weighted(&digits, &[1, 2, 3, 4, 5, 6, 7, 8, 9, 1]) % 11;
        let second = weighted(&digits, &[3, 4, 5, 6, 7, 8, 9, 1, 2, 3]) % 11 % 10;
        (1..=8).contains(&sex)
            && digits.get(1..).is_some_and(is_short)
            && check == if first < 10 { first } else { second }
    })
}

/// A birthday and four digits. Since 2007 numbers are given without the old check digit, so there is none to try.
fn dk_cpr(value: &[u8]) -> bool {
    digits::<10>(value)
        .is_some_and(|digits| begins_with_day(&digits) && !number(&digits).is_multiple_of(10_000))
}

/// Decree 288/2001: weights 7, 9, 10, 5, 8, 4, 2, by 11.
fn fi_business_id(value: &[u8]) -> bool {
    digits::<8>(value).is_some_and(|digits| {
        let [.., check] = digits;
        match weighted(&digits, &[7, 9, 10, 5, 8, 4, 2]) % 11 {
            0 => check == 0,
            1 => false,
            rest => 11 - rest == check,
        }
    })
}

/// Decree 128/2010, with the marks of centuries added by 690/2022: birthday, mark, three digits; the nine digits by 31 as a
/// character.
fn fi_hetu(value: &[u8]) -> bool {
    const CHARACTERS: &[u8; 31] = b"0123456789ABCDEFHJKLMNPRSTUVWXY";
    let [date @ .., mark, a, b, c, check] = value else { return false };
    let all: Option<Vec<u32>> = date.iter().chain([a, b, c]).map(|byte| digit(*byte)).collect();
    let mark = mark.to_ascii_uppercase();
    all.filter(|all| all.len() == 9).is_some_and(|all| {
        let rest = usize::try_from(number(&all) % 31).unwrap_or(0);
        matches!(mark, b'+' | b'-' | b'A'..=b'F' | b'U'..=b'Y')
            && begins_with_day(&all)
            && number(&all) % 1000 > 1
            && CHARACTERS.get(rest) == Some(&check.to_ascii_uppercase())
    })
}

/// Registers Iceland: birthday (40 added to an organisation's day), two digits, weights 3, 2, 7, 6, 5, 4, 3, 2 by 11, century.
fn is_kennitala(value: &[u8]) -> bool {
    digits::<10>(value).is_some_and(|digits| {
        let [d, e, m, n, .., check, century] = digits;
        is_day(number(&[m, n]), number(&[d % 4, e]))
            && matches!(century, 8 | 9 | 0)
            && (11 - weighted(&digits, &[3, 2, 7, 6, 5, 4, 3, 2]) % 11) % 11 == check
    })
}

/// Cabinet regulation 1999: birthday and century, weights 1, 6, 3, 7, 9, 10, 5, 8, 4, 2; since 2017 numbers begin with 32 and
/// say nothing.
fn lv_personal_code(value: &[u8]) -> bool {
    digits::<11>(value).is_some_and(|digits| {
        let [first, second, .., check] = digits;
        let dated = begins_with_day(&digits)
            && (1101 - weighted(&digits, &[1, 6, 3, 7, 9, 10, 5, 8, 4, 2])) % 11 == check;
        dated || (first == 3 && second >= 2)
    })
}

/// Folkeregisterforskriften §2-2: birthday (40 added to the day or the month of those who only stay), two check digits by 11.
fn no_fodselsnummer(value: &[u8]) -> bool {
    digits::<11>(value).is_some_and(|digits| {
        let [d, e, m, n, ..] = digits;
        is_day(number(&[m % 4, n]), number(&[d % 4, e]))
            && weighted(&digits, &[3, 7, 6, 1, 8, 9, 4, 5, 2, 1]).is_multiple_of(11)
            && weighted(&digits, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11)
    })
}

/// Brønnøysund registers: weights 3, 2, 7, 6, 5, 4, 3, 2, by 11; 8 and 9 come first.
fn no_organisation(value: &[u8]) -> bool {
    digits::<9>(value).is_some_and(|digits| {
        let [first, ..] = digits;
        first >= 8 && weighted(&digits, &[3, 2, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11)
    })
}

/// Law 1974:174: the third digit is two or more, Luhn's check digit.
fn se_organisation(value: &[u8]) -> bool {
    digits::<10>(value).is_some_and(|digits| {
        let [first, _, third, ..] = digits;
        first > 0 && third >= 2 && luhn(&digits)
    })
}

/// Law 1991:481 §18: birthday (60 added to the day of those who only stay) and Luhn's check digit over ten digits. Twelve
/// that are a day and a time of it are a time stamp.
fn se_personnummer(value: &[u8]) -> bool {
    let all: Option<Vec<u32>> = characters(value).map(digit).collect();
    let Some(all) = all else { return false };
    let short = match all.as_slice() {
        [1, 9 | 8, rest @ ..] | [2, 0, rest @ ..] if rest.len() == 10 => rest,
        rest if rest.len() == 10 => rest,
        _ => return false,
    };
    let (date, serial) = short.split_at(6);
    let [_, _, m, n, d, e] = date else { return false };
    let time = all.len() == 12
        && plain::<12>(value) == value.try_into().ok()
        && number(serial) < 2400
        && number(serial) % 100 < 60;
    let day = number(&[*d, *e]);
    is_day(number(&[*m, *n]), if day > 60 { day - 60 } else { day }) && luhn(short) && !time
}
