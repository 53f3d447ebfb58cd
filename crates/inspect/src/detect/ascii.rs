//! Walking over bytes: runs, boundaries, escapes.

use std::ops::Range;

/// The byte at `at`, or 0 past the end.
pub(crate) fn byte(text: &[u8], at: usize) -> u8 {
    text.get(at).copied().unwrap_or(0)
}

/// The byte before `at`, or 0 at the start.
pub(crate) fn before(text: &[u8], at: usize) -> u8 {
    at.checked_sub(1).map_or(0, |at| byte(text, at))
}

/// End of the run of bytes from `at` on that belong to `class`.
pub(crate) fn run_end(text: &[u8], at: usize, class: impl Fn(u8) -> bool) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    rest.iter().position(|&byte| !class(byte)).map_or(text.len(), |len| at + len)
}

/// Start of the run of bytes before `at`, down to `floor`, that belong to
/// `class`.
pub(crate) fn run_start(text: &[u8], floor: usize, at: usize, class: impl Fn(u8) -> bool) -> usize {
    let lead = text.get(floor..at).unwrap_or_default();
    lead.iter().rposition(|&byte| !class(byte)).map_or(floor, |last| floor + last + 1)
}

/// The bytes of a range, empty when out of bounds.
pub(crate) fn slice(text: &[u8], range: Range<usize>) -> &[u8] {
    text.get(range).unwrap_or_default()
}
