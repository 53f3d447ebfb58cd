//! Identifiers that are the same everywhere.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::Table;
use super::sums::{luhn, mod_97};
use super::value::{base36, characters, digits, plain, uniform};

pub(super) static TABLE: Table =
    &[("iban", iban), ("imei", imei), ("ipv4", ipv4), ("ipv6", ipv6), ("mac", mac), ("vin", vin)];

/// Length of an IBAN by its country (SWIFT, IBAN Registry).
#[rustfmt::skip]
const LENGTHS: [(usize, &str); 18] = [
    (15, "NO"), (16, "BE"), (18, "DK FI FK FO GL NL SD"), (19, "MK SI"), (20, "AT BA EE KZ LT LU MN XK"),
    (21, "CH HR LI LV"), (22, "BG BH CR DE GB GE IE ME RS VA"), (23, "AE GI IL IQ OM SO TL"),
    (24, "AD CZ ES MD PK RO SA SE SK TN VG"), (25, "AO CV GW LY MZ PT ST"), (26, "DZ IR IS TR"),
    (27, "BI CF CG CM DJ FR GA GQ GR IT KM MC MG MR SM TD"),
    (28, "AL AZ BF BJ BY CI CY DO GT HN HU LB MA ML NE NI PL SN SV TG"), (29, "BR EG PS QA UA"),
    (30, "JO KW MU YE"), (31, "MT SC"), (32, "LC"), (33, "RU"),
];

/// ISO 13616-1: the country's length, and 1 as the remainder by 97 with the first four characters put last.
fn iban(value: &[u8]) -> bool {
    let length = characters(value).count();
    let country: Vec<u8> = characters(value).take(2).collect();
    let of_country = |countries: &str| countries.split(' ').any(|known| known.as_bytes() == country);
    LENGTHS.iter().any(|(known, countries)| *known == length && of_country(countries))
        && mod_97(characters(value).skip(4).chain(characters(value).take(4))) == Some(1)
}

/// 3GPP TS 23.003 annex B: fourteen digits and Luhn's; not those of test devices' zeros.
fn imei(value: &[u8]) -> bool {
    digits::<15>(value).is_some_and(|digits| luhn(&digits) && !uniform(&digits))
}

/// Four numbers up to 255 without leading zeros. This machine, all of them and none identify nobody.
fn ipv4(value: &[u8]) -> bool {
    // The length of a network's prefix may follow.
    let address = value.split(|byte| *byte == b'/').next().unwrap_or_default();
    let address: Option<Ipv4Addr> = std::str::from_utf8(address).ok().and_then(|text| text.parse().ok());
    address.is_some_and(|address| match address.octets() {
        [0 | 127, ..] | [255, 255, ..] => false,
        // Four small numbers are a version far more often.
        [a, b, c, d] => !(a < 10 && b < 20 && c < 20 && d < 20),
    })
}

/// RFC 4291 §2.2; not the loopback, the unspecified address and what consists of a few digits.
fn ipv6(value: &[u8]) -> bool {
    let address: Option<Ipv6Addr> = std::str::from_utf8(value).ok().and_then(|text| text.parse().ok());
    address.is_some_and(|address| !address.is_loopback() && !address.is_unspecified())
}

/// IEEE 802: six octets, not all the same.
fn mac(value: &[u8]) -> bool {
    plain::<12>(value).is_some_and(|plain| {
        plain.iter().all(u8::is_ascii_hexdigit) && plain.iter().any(|byte| Some(byte) != plain.first())
    })
}

/// ISO 3779 with the check digit of 49 CFR 565.15 in the ninth place: no I, O and Q; letters count in rows of nine.
fn vin(value: &[u8]) -> bool {
    const WEIGHTS: [u32; 17] = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];
    let Some(plain) = plain::<17>(value) else { return false };
    let weight = |byte: u8| match byte {
        b'I' | b'O' | b'Q' => None,
        b'A'..=b'H' => Some(u32::from(byte - b'A') + 1),
        b'J'..=b'R' => Some(u32::from(byte - b'J') + 1),
        b'S'..=b'Z' => Some(u32::from(byte - b'S') + 2),
        digit => base36(digit),
    };
    let sum = plain.iter().zip(WEIGHTS).try_fold(0, |sum, (byte, by)| Some(sum + weight(*byte)? * by));
    let [.., check, _, _, _, _, _, _, _, _] = plain;
    let letters = plain.iter().filter(|byte| byte.is_ascii_alphabetic()).count();
    letters >= 3
        && sum.is_some_and(|sum| if sum % 11 == 10 { check == b'X' } else { base36(check) == Some(sum % 11) })
}
