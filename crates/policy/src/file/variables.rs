use super::{
    at::{At, Place},
    report::Report,
};
use crate::permissions::Piece;

/// Where the values of variables come from.
pub(crate) type Lookup<'e> = &'e dyn Fn(&str) -> Option<String>;

/// Splits a value into what is written in the file and the values of its variables. The latter are
/// final: nothing in them is read as YAML, as a wildcard or as another variable.
///
/// Adds a problem, and returns `None`, for an unset variable or a `${` that names none.
pub(crate) fn expand(text: &At<String>, lookup: Lookup<'_>, report: &mut Report<'_>) -> Option<Vec<Piece>> {
    let mut pieces = Vec::new();
    let mut written = String::new();
    let mut rest = text.value.as_str();
    let mut complete = true;
    while let Some(at) = rest.find('$') {
        let (before, from) = rest.split_at_checked(at)?;
        written.push_str(before);
        if let Some(after) = from.strip_prefix("$${") {
            written.push_str("${");
            rest = after;
        } else if let Some(after) = from.strip_prefix("${") {
            let (name, tail) = after.split_once('}').unwrap_or((after, ""));
            rest = tail;
            match value_of(name, after.contains('}'), lookup) {
                Ok(value) => {
                    pieces.push(Piece { text: std::mem::take(&mut written), literal: false });
                    pieces.push(Piece { text: value, literal: true });
                }
                Err(Fault { message, label, help }) => {
                    complete = false;
                    report.add(place_of(name, text, report), message, label, Some(help));
                }
            }
        } else {
            written.push('$');
            rest = from.strip_prefix('$').unwrap_or_default();
        }
    }
    written.push_str(rest);
    if !written.is_empty() || pieces.is_empty() {
        pieces.push(Piece { text: written, literal: false });
    }
    complete.then_some(pieces)
}

struct Fault {
    message: String,
    label: &'static str,
    help: String,
}

fn value_of(name: &str, closed: bool, lookup: Lookup<'_>) -> Result<String, Fault> {
    let letters = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let usable = name.chars().all(letters) && !name.starts_with(|c: char| c.is_ascii_digit());
    if name.is_empty() || !usable || !closed {
        return Err(Fault {
            message: "`${` is not followed by the name of a variable and `}`".to_owned(),
            label: "not a variable",
            help: "write `${NAME}` with letters, digits and `_`, or `$${` for a literal `${`".to_owned(),
        });
    }
    lookup(name).ok_or_else(|| Fault {
        message: format!("environment variable `{name}` is not set"),
        label: "not set",
        help: format!("set {name} before starting mcp-guard, or write `$${{{name}}}` for the literal text"),
    })
}

/// The place of `${name` itself where the scalar is written in plain sight, else of the whole value.
fn place_of(name: &str, text: &At<String>, report: &Report<'_>) -> Place {
    let mut place = text.place;
    let source = report.source(place);
    if let Some(at) = source.find(&format!("${{{name}")) {
        let before = source.get(..at).unwrap_or_default();
        if !before.contains('\n') {
            place.start += at;
            place.column += u32::try_from(before.chars().count()).unwrap_or(0);
            place.len = name.len() + 3;
        }
    }
    place
}
