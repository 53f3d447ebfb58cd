//! Validators: check digits, checksums and structure, as the issuers define them. Rules name them.

mod africa;
mod americas;
mod asia;
mod bare;
mod crypto;
mod dates;
mod europe;
mod germany;
mod github;
mod jwt;
mod nordic;
mod random;
mod shape;
mod sums;
mod value;
mod vat;
mod world;

pub(crate) use self::random::is_worded;
use crate::ascii::slice;

/// Whether the bytes of a value are what the validator stands for.
pub(crate) type Validator = fn(&[u8]) -> bool;

/// Validators by the names that rules call them.
type Table = &'static [(&'static str, Validator)];

/// The validator that rules call `name`.
pub(crate) fn named(name: &str) -> Option<Validator> {
    let mut all = TABLES.iter().copied().flatten();
    all.find(|(known, _)| *known == name).map(|(_, validator)| *validator)
}

static TABLES: &[Table] = &[
    africa::TABLE,
    americas::TABLE,
    asia::TABLE,
    bare::TABLE,
    crypto::TABLE,
    dates::TABLE,
    europe::TABLE,
    germany::TABLE,
    nordic::TABLE,
    VALUES,
    vat::TABLE,
    world::TABLE,
];

/// What secrets consist of.
static VALUES: Table = &[
    ("random", random::is_random),
    ("password", random::is_password),
    ("not_placeholder", |value| !random::is_placeholder(value)),
    ("not_reference", |value| !random::refers(value) && !random::is_placeholder(value)),
    ("not_words", |value| !random::is_worded(value) && !random::is_placeholder(value)),
    ("not_placeholder_data", |value| !random::holds_placeholder(value)),
    ("not_counting", |value| !crate::ascii::counts(slice(value, 2..value.len()))),
    ("chosen", random::is_chosen),
    ("crc32_base62", github::is_checked),
    ("login", random::is_login),
    ("given", random::is_given),
    ("keylike", random::is_keylike),
    ("jwt", jwt::names_algorithm),
    ("base64_of_jwt", |value| jwt::names_algorithm(&shape::decode(value))),
    ("uuid_groups", shape::is_grouped),
    ("basic", shape::is_basic),
    ("base64_json", shape::is_json),
    ("mixed", shape::is_mixed),
    ("letters_and_digits", shape::has_both),
];

#[cfg(test)]
mod tests {
    /// Identifiers whose check digits promise to notice any one digit that is wrong: published examples.
    const PROMISED: [(&str, &str); 24] = [
        ("au_abn", "51824753556"),
        ("au_tfn", "876543210"),
        ("be_national_number", "85073003328"),
        ("ca_sin", "130692544"),
        ("ch_ahv", "7569217076985"),
        ("cn_resident_id", "11010519491231002X"),
        ("cz_birth_number", "7360285163"),
        ("de_tax_id", "86095742719"),
        ("es_nif", "12345678Z"),
        ("fi_hetu", "131052-308T"),
        ("fr_nir", "295109912611193"),
        ("hr_oib", "33392005961"),
        ("iban", "GB82WEST12345698765432"),
        ("in_aadhaar", "234123412346"),
        ("it_fiscal_code", "RSSMRA85T10A562S"),
        ("nl_bsn", "111222333"),
        ("no_fodselsnummer", "11077941012"),
        ("pl_nip", "1234563218"),
        ("pl_pesel", "44051401458"),
        ("sg_nric", "S9108268C"),
        ("uk_nhs", "9434765919"),
        ("us_aba_routing", "111000025"),
        ("us_npi", "1234567893"),
        ("za_id", "8001015009087"),
    ];

    #[test]
    fn any_one_wrong_digit_is_noticed() {
        for (name, number) in PROMISED {
            let valid = super::named(name).unwrap();
            assert!(valid(number.as_bytes()), "{name} {number}");
            for (at, given) in number.bytes().enumerate().filter(|(_, given)| given.is_ascii_digit()) {
                for digit in (b'0'..=b'9').filter(|digit| *digit != given) {
                    let mut wrong = number.as_bytes().to_vec();
                    wrong[at] = digit;
                    assert!(!valid(&wrong), "{name} {}", String::from_utf8_lossy(&wrong));
                }
            }
        }
    }
}
