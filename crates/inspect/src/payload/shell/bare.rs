//! Texts that are a command line as a whole.

use super::arguments::{Args, args};
use super::programs::Known;
use super::word::{Word, word};
use crate::ascii::{byte, slice};

/// Whether the whole text is a command line, although none belongs there.
pub(super) fn is_command(line: &[u8]) -> bool {
    let line = line.trim_ascii();
    let Some(first) = word(line, 0) else { return false };
    if first.span.start > 1 {
        return false;
    }
    match (first.program(), args(line, first.span.end)) {
        (Some(_), Args::Hard) => first.rooted || first.pair || is_uncapitalised(line, &first),
        // A single word tells only where nobody says it but to look around.
        (Some(Known::Program), Args::None) => {
            let ends = matches!(byte(line, first.span.end), 0 | b';' | b'|' | b'&');
            first.disguised || first.pair || (ends && first.looks_around())
        }
        (Some(_), _) => first.disguised || first.pair,
        (None, _) => false,
    }
}

/// Names of commands are not capitalised as words at the beginning of a sentence are.
fn is_uncapitalised(line: &[u8], word: &Word) -> bool {
    let written = slice(line, word.span.clone());
    let mut letters = written.iter().filter(|byte| byte.is_ascii_alphabetic());
    let first = letters.next().is_some_and(u8::is_ascii_uppercase);
    !first || letters.any(u8::is_ascii_uppercase)
}
