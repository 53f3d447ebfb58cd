//! Numbers that nothing explains, with one check digit: one in ten passes by chance, so that they are never more than
//! worth a note.

use super::sums::icao;
use super::value::characters;
use super::{Table, named};

pub(super) static TABLE: Table = &[("bare_identifier", bare_identifier)];

/// Identifiers that people are asked for by themselves, in forms and on the phone.
const KNOWN: [&str; 16] = [
    "au_acn",
    "au_medicare",
    "au_tfn",
    "ca_sin",
    "de_health_insurance",
    "de_lanr",
    "es_nif",
    "in_aadhaar",
    "kr_brn",
    "kr_rrn",
    "se_organisation",
    "th_national_id",
    "uk_nhs",
    "us_aba_routing",
    "us_dea",
    "us_npi",
];

fn bare_identifier(value: &[u8]) -> bool {
    let known = || KNOWN.iter().filter_map(|name| named(name)).any(|valid| valid(value));
    !is_time_stamp(value) && (known() || is_document(value))
}

/// Seconds or milliseconds since 1970, from 2017 to 2030.
fn is_time_stamp(value: &[u8]) -> bool {
    matches!(value, [b'1', b'5'..=b'8', rest @ ..]
        if matches!(rest.len(), 8 | 11) && rest.iter().all(u8::is_ascii_digit))
}

/// Nine characters of a passport or an identity card, the last of which checks the others (ICAO Doc 9303).
fn is_document(value: &[u8]) -> bool {
    let plain: Vec<u8> = characters(value).collect();
    plain.len() == 9
        && plain.first().is_some_and(u8::is_ascii_alphabetic)
        && plain.iter().filter(|byte| byte.is_ascii_digit()).count() >= 5
        && icao(&plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_identifier_it_names_has_a_validator() {
        assert!(KNOWN.iter().all(|name| named(name).is_some()));
    }

    #[test]
    fn time_stamps_are_no_identifiers() {
        assert!(bare_identifier(b"1234567893"));
        for stamp in 1_700_000_000..1_700_000_100_u32 {
            assert!(!bare_identifier(stamp.to_string().as_bytes()));
        }
    }
}
