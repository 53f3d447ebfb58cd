//! The readings of a name that a permission is matched against.
//!
//! A rule about `delete_file` must also meet `DELETE_FILE`, `delete%5ffile` and `delete_file` with an
//! invisible character in it; a rule about `file:///etc/**` must meet `FILE:/x/..%252fetc/passwd`.
//! Servers differ in what they decode and in which order, so one canonical form is not enough for
//! URIs: [`uri_readings`] lists every form some server may act on. A denial applies if it matches
//! any of them, a permission only if it matches all.
//!
//! Everything here is pure and takes time linear in the name (times the bounded number of readings).

mod decode;
mod fold;
mod readings;
mod text;
mod uri;

use std::borrow::Cow;

pub use self::{
    fold::{fold, fold_pattern, plain},
    readings::{UriReadings, uri_readings},
    text::fold_case,
    uri::{canonical_uri, canonical_uri_pattern},
};

/// Stand-ins for the wildcards of a pattern: Unicode noncharacters, which no reading alters in
/// [`fold_pattern`] and [`canonical_uri_pattern`] and every reading removes from a name.
pub const WILDCARDS: [char; 3] = ['\u{FDD0}', '\u{FDD1}', '\u{FDD2}'];

/// What a reader sees: NFKC (Unicode Annex 15) without invisible characters, line breaks among them.
pub(crate) fn visible(text: &str) -> Cow<'_, str> {
    text::visible(text, text::Kind::Name)
}

#[cfg(test)]
mod tests;
