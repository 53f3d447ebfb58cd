//! Long words: runs of the characters that keys and tokens are made of.

use std::ops::Range;

use crate::ascii::{run_end, slice};

/// Shorter runs are not looked at.
pub(super) const LEAST: usize = 10;

/// Letters, digits and what base64 and identifiers have beside them.
const IN_RUN: [bool; 256] = {
    let mut set = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        #[allow(clippy::cast_possible_truncation, clippy::indexing_slicing)]
        // Below 256; evaluated by the compiler.
        {
            set[byte] =
                (byte as u8).is_ascii_alphanumeric() || matches!(byte as u8, b'_' | b'-' | b'+' | b'/');
        }
        byte += 1;
    }
    set
};

pub(super) fn in_run(byte: u8) -> bool {
    IN_RUN.get(usize::from(byte)).copied().unwrap_or(false)
}

/// The first run of at least [`LEAST`] bytes that begins at `from` or later, if no run goes on over `from`.
///
/// Looks at the place where such a run would end first, as Boyer and Moore do: of ordinary text it reads about a third.
pub(super) fn next(text: &[u8], from: usize) -> Option<Range<usize>> {
    let mut start = from;
    while start + LEAST <= text.len() {
        match slice(text, start..start + LEAST).iter().rposition(|&byte| !in_run(byte)) {
            Some(gap) => start += gap + 1,
            None => return Some(start..run_end(text, start + LEAST, in_run)),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_long_run_is_found_whole() {
        let text = b"a word, 0123456789 and/then+some-more_ ab cdefghijklmno";
        let mut found = Vec::new();
        let mut from = 0;
        while let Some(run) = next(text, from) {
            found.push(std::str::from_utf8(&text[run.clone()]).unwrap());
            from = run.end;
        }
        assert_eq!(found, ["0123456789", "and/then+some-more_", "cdefghijklmno"]);
        assert_eq!(next(b"short", 0), None);
    }
}
