//! What follows the name of a command: nothing, words of a sentence, or what commands take.

use crate::ascii::{byte, run_end, slice};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Args {
    None,
    /// Plain words, as prose has them.
    Soft,
    /// Options, paths, addresses, numbers: what commands take.
    Hard,
}

/// What follows a command's name.
pub(super) fn args(line: &[u8], from: usize) -> Args {
    let start = run_end(line, from, |byte| matches!(byte, b' ' | b'\t'));
    let next = byte(line, start);
    if next == 0
        || matches!(
            next,
            b';' | b'|' | b'&' | b'\n' | b'\r' | b'`' | b')' | b'\'' | b'"' | b'#' | b'}' | b'>' | b'<'
        )
    {
        let quoted = matches!(next, b'\'' | b'"')
            && start > from
            && line.get(start + 1).is_some_and(u8::is_ascii_graphic);
        let redirected = matches!(next, b'>' | b'<');
        return if quoted || redirected { Args::Hard } else { Args::None };
    }
    if start == from {
        // `id\n` and `ls$IFS` end the word as well.
        return if matches!(next, b'\\' | b'$') { Args::Hard } else { Args::Soft };
    }
    let window = slice(line, start..line.len().min(start + 200));
    let end = window
        .iter()
        .position(|byte| byte.is_ascii_whitespace() || matches!(byte, b';' | b'|' | b'`'))
        .unwrap_or(window.len());
    let first = slice(window, 0..end);
    let hard = match first {
        [b'-', letter, ..] => letter.is_ascii_alphanumeric() || *letter == b'-',
        [b'/', rest @ ..] => rest.first().is_none_or(u8::is_ascii_alphanumeric),
        [b'~' | b'$' | b'*' | b'.' | b'%' | b'@' | b'{' | b'\\', ..] => true,
        [digit, ..] if digit.is_ascii_digit() => true,
        other => {
            let inner = |byte: &u8| matches!(byte, b'/' | b'\\' | b'=' | b'$' | b'*' | b':');
            let inside = other.iter().rposition(|byte| byte.is_ascii_alphanumeric()).unwrap_or(0);
            slice(other, 0..inside).iter().any(|byte| inner(byte) || *byte == b'.')
        }
    };
    if hard { Args::Hard } else { Args::Soft }
}
