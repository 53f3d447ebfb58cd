//! Value added tax identification numbers of the European Union and its neighbours, by the check digits their states define
//! (European Commission, "VAT number algorithms").

use super::Table;
use super::sums::{cross_sum, luhn, mod_11_10, weighted};
use super::value::{characters, digit, digits, number};

pub(super) static TABLE: Table = &[("eu_vat", eu_vat)];

/// A country's two letters and what it writes after them.
fn eu_vat(value: &[u8]) -> bool {
    let plain: Vec<u8> = characters(value).collect();
    let Some((country, rest)) = plain.split_at_checked(2) else { return false };
    match country {
        b"AT" => rest.strip_prefix(b"U").and_then(digits::<8>).is_some_and(|digits| {
            let [.., check] = digits;
            (96 - cross_sum(&digits, &[1, 2, 1, 2, 1, 2, 1])) % 10 == check
        }),
        b"BE" => digits::<10>(rest).is_some_and(|digits| {
            let (body, check) = digits.split_at(8);
            matches!(digits, [0 | 1, ..]) && 97 - number(body) % 97 == number(check)
        }),
        b"CH" => digits::<9>(rest.strip_prefix(b"E").unwrap_or_default().get(..9).unwrap_or_default())
            .is_some_and(|digits| {
                let [.., check] = digits;
                (11 - weighted(&digits, &[5, 4, 3, 2, 7, 6, 5, 4]) % 11) % 11 == check
            }),
        b"DE" => digits::<9>(rest).is_some_and(|digits| !matches!(digits, [0, ..]) && mod_11_10(&digits)),
        b"DK" => digits::<8>(rest)
            .is_some_and(|digits| weighted(&digits, &[2, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11)),
        b"ES" => {
            super::named("es_cif").is_some_and(|cif| cif(rest))
                || super::named("es_nif").is_some_and(|nif| nif(rest))
        }
        b"FI" => super::named("fi_business_id").is_some_and(|valid| valid(rest)),
        b"FR" => rest.split_at_checked(2).is_some_and(|(key, siren)| {
            match (digits::<2>(key), digits::<9>(siren)) {
                (Some(key), Some(siren)) => (12 + 3 * (number(&siren) % 97)) % 97 == number(&key),
                (None, Some(siren)) => luhn(&siren),
                _ => false,
            }
        }),
        b"HR" => digits::<11>(rest).is_some_and(|digits| mod_11_10(&digits)),
        b"IT" => super::named("it_vat").is_some_and(|valid| valid(rest)),
        b"NL" => rest.split_at_checked(9).is_some_and(|(body, tail)| {
            let right = super::named("nl_bsn").is_some_and(|valid| valid(body));
            let sole = super::sums::mod_97(plain.iter().copied()) == Some(1);
            tail.first() == Some(&b'B') && (right || sole)
        }),
        b"PL" => super::named("pl_nip").is_some_and(|valid| valid(rest)),
        b"PT" => super::named("pt_nif").is_some_and(|valid| valid(rest)),
        b"SE" => rest.strip_suffix(b"01").and_then(digits::<10>).is_some_and(|digits| luhn(&digits)),
        b"EL" => super::named("gr_afm").is_some_and(|valid| valid(rest)),
        b"SI" => digits::<8>(rest).is_some_and(|digits| {
            let [.., check] = digits;
            (11 - weighted(&digits, &[8, 7, 6, 5, 4, 3, 2]) % 11) % 10 == check
        }),
        b"LU" => digits::<8>(rest).is_some_and(|digits| {
            let (body, check) = digits.split_at(6);
            number(body) % 89 == number(check)
        }),
        b"HU" => digits::<8>(rest).is_some_and(|digits| {
            let [.., check] = digits;
            (10 - weighted(&digits, &[9, 7, 3, 1, 9, 7, 3]) % 10) % 10 == check
        }),
        b"GB" => digits::<9>(rest).is_some_and(|digits| {
            let (body, check) = digits.split_at(7);
            let sum = u64::from(weighted(body, &[8, 7, 6, 5, 4, 3, 2])) + number(check);
            sum.is_multiple_of(97) || (sum + 55).is_multiple_of(97)
        }),
        b"IE" => super::named("ie_pps").is_some_and(|valid| valid(rest)),
        // Two check digits are too few to tell these from other codes; their digits are counted only.
        b"BG" | b"CZ" | b"EE" | b"LT" | b"LV" | b"MT" | b"RO" | b"SK" => {
            rest.iter().all(|byte| digit(*byte).is_some())
        }
        _ => false,
    }
}
