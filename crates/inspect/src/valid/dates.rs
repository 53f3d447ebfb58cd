//! Dates, as identifiers and people write them.

use super::{Table, value::number};

pub(super) static TABLE: Table = &[("date", date)];

/// Whether there is such a day in some year.
pub(super) fn is_day(month: u64, day: u64) -> bool {
    let days = match month {
        2 => 29,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    (1..=days).contains(&day)
}

/// Whether there is such a day in that year, and people live who were born in it.
pub(super) fn is_birthday(year: u64, month: u64, day: u64) -> bool {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    (1900..2100).contains(&year) && is_day(month, day) && (month != 2 || day < 29 || leap)
}

/// `DDMM` at the beginning of digits.
pub(super) fn begins_with_day(digits: &[u32]) -> bool {
    digits.get(..4).is_some_and(|four| is_day(number(four) % 100, number(four) / 100))
}

/// `YYMMDD`; the century is not known.
pub(super) fn is_short(digits: &[u32]) -> bool {
    digits.get(2..6).is_some_and(|four| is_day(number(four) / 100, number(four) % 100))
}

/// `1980-05-21`, `21.5.1980`, `5/21/80`: three numbers of which the longest is the year, the other two in any order.
fn date(value: &[u8]) -> bool {
    let mut parts = value.split(|byte| !byte.is_ascii_digit()).map(|part| {
        let digits: Vec<u32> = part.iter().map(|byte| u32::from(byte.wrapping_sub(b'0'))).collect();
        (part.len(), number(&digits))
    });
    let (Some(first), Some(second), Some(third)) = (parts.next(), parts.next(), parts.next()) else {
        return false;
    };
    let (year, one, other) = if first.0 == 4 { (first, second, third) } else { (third, first, second) };
    let in_time = year.0 == 2 || (1900..2100).contains(&year.1);
    in_time && (is_day(one.1, other.1) || is_day(other.1, one.1))
}
