//! Identifiers of Africa.

use super::Table;
use super::dates::is_short;
use super::sums::luhn;
use super::value::{digits, number};

pub(super) static TABLE: Table = &[("eg_national_id", eg_national_id), ("za_id", za_id)];

/// Civil Status of Egypt: the century, a birthday, the governorate.
fn eg_national_id(value: &[u8]) -> bool {
    digits::<14>(value).is_some_and(|digits| {
        let governorate = digits.get(7..9).map_or(0, number);
        matches!(digits, [2 | 3, ..])
            && digits.get(1..).is_some_and(is_short)
            && matches!(governorate, 1..=4 | 11..=19 | 21..=29 | 31..=35 | 88)
    })
}

/// Identification Act 68 of 1997: a birthday, four digits, citizenship 0 to 2, once race (8 or 9), Luhn.
fn za_id(value: &[u8]) -> bool {
    digits::<13>(value).is_some_and(|digits| {
        let [.., citizen, race, _] = digits;
        is_short(&digits) && citizen <= 2 && race >= 8 && luhn(&digits)
    })
}
