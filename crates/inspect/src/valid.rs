//! Validators: check digits, checksums and structure, as the issuers define them. Rules name them.

mod github;
mod jwt;
mod random;
mod shape;

/// Whether the bytes of a value are what the validator stands for.
pub(crate) type Validator = fn(&[u8]) -> bool;

/// The validator that rules call `name`.
pub(crate) fn named(name: &str) -> Option<Validator> {
    VALIDATORS.iter().find(|(known, _)| *known == name).map(|(_, validator)| *validator)
}

static VALIDATORS: &[(&str, Validator)] = &[
    ("random", random::is_random),
    ("password", random::is_password),
    ("not_placeholder", |value| !random::is_placeholder(value)),
    ("not_reference", |value| !random::refers(value) && !random::is_placeholder(value)),
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
