//! Validators: check digits, checksums and structure, as the issuers define them. Rules name them.

/// Whether the bytes of a value are what the validator stands for.
pub(crate) type Validator = fn(&[u8]) -> bool;

/// The validator that rules call `name`.
pub(crate) fn named(name: &str) -> Option<Validator> {
    VALIDATORS.iter().find(|(known, _)| *known == name).map(|(_, validator)| *validator)
}

static VALIDATORS: &[(&str, Validator)] = &[];
