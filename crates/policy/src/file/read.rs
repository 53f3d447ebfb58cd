use serde_saphyr::{DuplicateKeyPolicy, Error, MergeKeyPolicy};

use super::{at::Place, nearest::nearest, report::Report, schema::ConfigFile, unenforced};

/// Reads the text of a file into its shape. Everything YAML would guess is refused.
///
/// The problem, if there is one, is added to the report.
pub(crate) fn read(text: &str, report: &mut Report<'_>) -> Option<ConfigFile> {
    let options = serde_saphyr::options! {
        duplicate_keys: DuplicateKeyPolicy::Error,
        merge_keys: MergeKeyPolicy::Error,
        strict_booleans: true,
        no_schema: true,
        reject_unsupported_tags: true,
        with_snippet: false,
    };
    if text.lines().all(|line| matches!(line.trim().chars().next(), None | Some('#'))) {
        return Some(ConfigFile::default());
    }
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
    let place = error.location().map(|location| extended(Place::from(location), report)).unwrap_or_default();
    match error {
        Error::SerdeUnknownField { field, expected, .. } => unknown_key(field, expected, place, report),
        Error::SerdeUnknownVariant { variant, expected, .. } => {
            let choice = list(expected);
            let help = match nearest(variant, expected.iter().copied()) {
                _ if variant.contains("${") => "variables are only read in free text, not where there is a fixed choice".to_owned(),
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("use {choice}"),
            };
            report.add(place, format!("`{variant}` is not one of {choice}"), "not a known value", Some(help));
        }
        Error::DuplicateMappingKey { key, .. } => {
            let key = key.as_deref().unwrap_or("this key");
            let help = "keep one of them; the guard does not choose for you".to_owned();
            report.add(place, format!("`{key}` is given twice in the same mapping"), "given again here", Some(help));
        }
        Error::QuotingRequired { value, .. } => {
            let message = format!("text expected, but YAML reads `{value}` as a number, a boolean or nothing");
            report.add(place, message, "not text", Some(format!("put it in quotes: \"{value}\"")));
        }
        Error::NullIntoString { .. } => report.add(
            place,
            "this key has no value",
            "text expected",
            Some("give it a value or remove the key".to_owned()),
        ),
        Error::InvalidBooleanStrict { .. } => report.add(
            place,
            "this is not a boolean",
            "`true` or `false` expected",
            Some("YAML 1.1 words such as `yes`, `no`, `on` and `off` are not accepted; write `true` or `false`".to_owned()),
        ),
        Error::UnknownAnchor { .. } => report.add(
            place,
            "this `*` refers to a YAML anchor that does not exist",
            "read as a YAML alias",
            Some("put a pattern that begins with `*` in quotes: \"*\"".to_owned()),
        ),
        other => {
            let message = other.to_string();
            let message = message.split(" at line ").next().unwrap_or(&message).to_owned();
            report.add(place, message, "", None);
        }
    }
}

fn innermost(error: &Error) -> &Error {
    match error {
        Error::WithSnippet { error, .. } | Error::AliasError { error, .. } => innermost(error),
        error => error,
    }
}

fn unknown_key(key: &str, expected: &[&str], place: Place, report: &mut Report<'_>) {
    if let Some(known) = unenforced::find(key, expected) {
        let message = format!("this version does not enforce `{key}` yet, so the file is refused");
        let help = format!("remove `{key}`: {}; ignoring the key would give false safety", known.promise);
        report.add(place, message, "not enforced yet", Some(help));
        return;
    }
    let help = match nearest(key, expected.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("known here: {}", list(expected)),
    };
    report.add(place, format!("unknown key `{key}`"), "unknown key", Some(help));
}

/// Some errors of the parser mark a point; marks the word that begins there.
fn extended(mut place: Place, report: &Report<'_>) -> Place {
    if place.len == 0 {
        let word = report.word_at(place.start);
        place.len = word.len();
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
