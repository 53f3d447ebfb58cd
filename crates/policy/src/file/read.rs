use serde::de::DeserializeOwned;
use serde_saphyr::{DuplicateKeyPolicy, Error, MergeKeyPolicy};

use super::{
    at::{NO_VALUE, Place},
    foreign,
    nearest::nearest,
    report::Report,
    unenforced::{self, Unenforced},
};

/// Reads the text of a file into its shape. Everything YAML would guess is refused.
///
/// The problem, if there is one, is added to the report.
pub(crate) fn read<T: Default + DeserializeOwned>(text: &str, report: &mut Report<'_>) -> Option<T> {
    if text.lines().all(|line| matches!(line.trim().chars().next(), None | Some('#'))) {
        return Some(T::default());
    }
    read_full(text, report)
}

/// As [`read`], of a file that may not be empty.
pub(crate) fn read_full<T: DeserializeOwned>(text: &str, report: &mut Report<'_>) -> Option<T> {
    let options = serde_saphyr::options! {
        duplicate_keys: DuplicateKeyPolicy::Error,
        merge_keys: MergeKeyPolicy::Error,
        strict_booleans: true,
        no_schema: true,
        reject_unsupported_tags: true,
        with_snippet: false,
    };
    match serde_saphyr::from_str_with_options(text, options) {
        Ok(file) => Some(file),
        Err(error) => {
            explain(&error, report);
            None
        }
    }
}

fn explain(error: &Error, report: &mut Report<'_>) {
    let error = innermost(error);
    let place = error.location().map(|location| place_of(location, report)).unwrap_or_default();
    match error {
        Error::SerdeUnknownField { field, expected, .. } => unknown_key(field, expected, place, report),
        Error::SerdeUnknownVariant { variant, expected, .. } => {
            if let Some(known) = unenforced::find(variant, expected) {
                return refuse_unenforced(known, place, report);
            }
            let choice = list(expected);
            let help = match nearest(variant, expected.iter().copied()) {
                _ if variant.contains("${") => {
                    "variables are only read in free text, not where there is a fixed choice".to_owned()
                }
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("use {choice}"),
            };
            report.add(place, format!("`{variant}` is not one of {choice}"), "not a known value", Some(help));
        }
        Error::DuplicateMappingKey { key, .. } => {
            let key = key.as_deref().unwrap_or("this key");
            let help = "keep one of them; the guard does not choose for you".to_owned();
            report.add(
                place,
                format!("`{key}` is given twice in the same mapping"),
                "given again here",
                Some(help),
            );
        }
        Error::QuotingRequired { value, .. } if matches!(value.as_str(), "~" | "null" | "") => {
            no_value(place, report)
        }
        Error::QuotingRequired { value, .. } => {
            let message = format!("text expected, but YAML reads `{value}` as a number or a boolean");
            report.add(place, message, "not text", Some(format!("put it in quotes: \"{value}\"")));
        }
        Error::NullIntoString { .. } => no_value(place, report),
        Error::Message { msg, .. } if msg.contains(NO_VALUE) => no_value(place, report),
        other => {
            let (message, label, help) = plain_words(other);
            report.add(place, message, label, help.map(str::to_owned));
        }
    }
}

/// Errors that are the same wherever they occur: what is wrong, the label, and the remedy.
fn plain_words(error: &Error) -> (String, &'static str, Option<&'static str>) {
    let (message, label, help) = match error {
        Error::InvalidBooleanStrict { .. } => (
            "this is not a boolean",
            "`true` or `false` expected",
            "YAML 1.1 words such as `yes`, `no`, `on` and `off` are not accepted; write `true` or `false`",
        ),
        Error::InvalidScalar { ty, .. } if ty.starts_with(['u', 'i']) => (
            "this is not a whole number",
            "whole number expected",
            "write it in decimal digits, without sign and quotes",
        ),
        Error::InvalidScalar { .. } => ("this is not a number", "number expected", "write it as in 0.8"),
        Error::Unexpected { expected: "sequence start", .. } => (
            "a list is expected here",
            "not a list",
            "write `[a, b]`, or each entry on a line of its own after `- `",
        ),
        Error::Unexpected { expected: "mapping start", .. } => (
            "a mapping is expected here",
            "not a mapping",
            "write `key: value` pairs, indented below the key",
        ),
        Error::Unexpected { expected: "string scalar", .. } | Error::SerdeInvalidType { .. } => {
            ("a single value is expected here", "not a single value", "write text, in quotes where in doubt")
        }
        Error::UnknownAnchor { .. } => (
            "this `*` refers to a YAML anchor that does not exist",
            "read as a YAML alias",
            "put a pattern that begins with `*` in quotes: \"*\"",
        ),
        Error::MergeKeyNotAllowed { .. } => (
            "YAML merge keys are not accepted",
            "merge key",
            "repeat the keys, so that each rule has one place",
        ),
        Error::MultipleDocuments { .. } => (
            "the file holds more than one YAML document",
            "second document",
            "remove the `---` line and join the documents; only one would have been enforced",
        ),
        other => {
            let text = other.to_string();
            let text = text.split(" at line ").next().unwrap_or(&text).to_owned();
            let help = match () {
                () if text.contains("anchor or alias") => {
                    Some("put a pattern that begins with `*` or `&` in quotes: \"*\"")
                }
                () if text.contains("tabs") => Some("indent with spaces"),
                () => None,
            };
            return (format!("not valid YAML: {text}"), "", help);
        }
    };
    (message.to_owned(), label, Some(help))
}

fn no_value(place: Place, report: &mut Report<'_>) {
    report.add(
        place,
        NO_VALUE,
        "nothing given",
        Some("give it a value or remove the key; an empty list is `[]`".to_owned()),
    );
}

fn innermost(error: &Error) -> &Error {
    match error {
        Error::WithSnippet { error, .. } | Error::AliasError { error, .. } => innermost(error),
        error => error,
    }
}

fn unknown_key(key: &str, expected: &[&str], place: Place, report: &mut Report<'_>) {
    if let Some(known) = unenforced::find(key, expected) {
        return refuse_unenforced(known, place, report);
    }
    let help = match (foreign::ours(key), nearest(key, expected.iter().copied())) {
        (Some(ours), _) => format!("other guards call so what is `{ours}` here"),
        (None, Some(near)) => format!("did you mean `{near}`?"),
        (None, None) => format!("known here: {}", list(expected)),
    };
    report.add(place, format!("unknown key `{key}`"), "unknown key", Some(help));
}

fn refuse_unenforced(known: &Unenforced, place: Place, report: &mut Report<'_>) {
    let key = known.key;
    let message = format!("`{key}` is not in this version, so the file is refused");
    let help = format!("remove `{key}`: {}; ignoring it would give false safety", known.promise);
    report.add(place, message, "not in this version", Some(help));
}

/// The parser marks some errors by line and column only, and some as a point: marks the word there.
fn place_of(location: serde_saphyr::Location, report: &Report<'_>) -> Place {
    let mut place = Place::from(location);
    if location.span().byte_offset().is_none() {
        place.start = report.byte_at(place.line, place.column);
    }
    if place.len == 0 {
        place.len = report.word_at(place.start).len();
    }
    place
}

fn list(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.as_slice() {
        [] => "nothing".to_owned(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
