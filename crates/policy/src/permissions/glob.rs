use inspect::names::WILDCARDS;

use super::pattern::Pattern;

const ONE: char = WILDCARDS[0];
const MANY: char = WILDCARDS[1];
const DEEP: char = WILDCARDS[2];

/// A glob as text in which the wildcards are noncharacters, so that it can be folded like a name.
///
/// # Errors
/// When the pattern itself holds such a noncharacter.
pub(super) fn marked(pattern: &Pattern) -> Result<String, String> {
    let mut out = String::new();
    for piece in pattern.pieces() {
        if let Some(c) = piece.text.chars().find(|c| WILDCARDS.contains(c)) {
            return Err(format!("U+{:04X} is not a character; remove it", u32::from(c)));
        }
        if piece.literal {
            out.push_str(&piece.text);
            continue;
        }
        let mut chars = piece.text.chars().peekable();
        while let Some(c) = chars.next() {
            out.push(match c {
                '?' => ONE,
                '*' if chars.peek() == Some(&'*') => {
                    while chars.next_if_eq(&'*').is_some() {}
                    DEEP
                }
                '*' => MANY,
                c => c,
            });
        }
    }
    Ok(out)
}

/// What a trailing `/**` covers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Tail {
    /// Only what is below the folder.
    Below,
    /// The folder as well: canonical URIs have lost the slash that would tell them apart.
    FolderAndBelow,
}

/// The regular expression (over bytes, unanchored) of a marked glob.
///
/// `**` between slashes stands for any number of segments, none included: `a/**/b` matches `a/b`.
pub(super) fn to_regex(marked: &str, tail: Tail) -> String {
    let mut out = String::with_capacity(marked.len() + 16);
    let mut rest = marked;
    let mut at_segment_start = true;
    while let Some(c) = rest.chars().next() {
        let after = rest.strip_prefix(c).unwrap_or_default();
        let below = after.strip_prefix('/');
        if c == DEEP && at_segment_start && below.is_some() {
            out.push_str("(?s-u:.*/)?");
            rest = below.unwrap_or_default();
            continue;
        }
        if c == '/' && tail == Tail::FolderAndBelow && after.strip_prefix(DEEP) == Some("") {
            out.push_str("(?s-u:/.*)?");
            return out;
        }
        match c {
            ONE => out.push_str("[^/]"),
            MANY => out.push_str("(?-u:[^/]*)"),
            DEEP => out.push_str("(?s-u:.*)"),
            c => out.push_str(&regex::escape(c.encode_utf8(&mut [0; 4]))),
        }
        at_segment_start = c == '/';
        rest = after;
    }
    out
}

/// Whether the marked glob has no wildcard.
pub(super) fn is_literal(marked: &str) -> bool {
    !marked.contains(WILDCARDS)
}

/// The text before the first wildcard.
pub(super) fn literal_prefix(marked: &str) -> &str {
    marked.split(WILDCARDS).next().unwrap_or_default()
}

/// A marked URI glob up to what may be its query: the form of it that the reading of a name without
/// its query meets. Files have no queries, so a `?` in their patterns is always a wildcard.
pub(super) fn before_query(marked: &str) -> Option<&str> {
    let is_file = marked.get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("file:"));
    (!is_file).then(|| marked.split_once(['?', '#', ONE]).map(|(path, _)| path)).flatten()
}

#[cfg(test)]
mod tests;
