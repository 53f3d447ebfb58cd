//! What ends one command and begins another.

use std::ops::Range;

use crate::ascii::{before, byte, run_end, slice};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// `;`, `|`, `&` and doubles of them.
    Chain,
    /// A line break.
    Line,
    /// `$(`, `<(`, `>(`: what is inside is run first.
    Substitution,
    /// A backtick.
    Backtick,
    /// `{` of a brace expansion.
    Brace,
    /// `() {`: a function definition, as older shells take them from their environment.
    Function,
}

pub(super) struct Separator {
    pub(super) kind: Kind,
    pub(super) span: Range<usize>,
}

pub(super) fn next_separator(line: &[u8], from: usize) -> Option<Separator> {
    let is = |byte: u8| matches!(byte, b';' | b'|' | b'&' | b'\n' | b'\r' | b'`' | b'(' | b'{' | b'\\');
    let mut at = from;
    loop {
        at = run_end(line, at, |byte| !is(byte));
        let (kind, length) = match (byte(line, at), before(line, at, 1), byte(line, at + 1)) {
            (0, ..) if at >= line.len() => return None,
            (b';' | b'|' | b'&', _, _) => (
                Kind::Chain,
                run_end(slice(line, 0..line.len().min(at + 3)), at, |byte| {
                    matches!(byte, b';' | b'|' | b'&')
                }) - at,
            ),
            (b'\n' | b'\r', ..) => (Kind::Line, 1),
            // What is written as an escape may be read as one.
            (b'\\', before, b'n') if !before.is_ascii_alphanumeric() && before != b':' && before != b'\\' => {
                (Kind::Line, 2)
            }
            (b'`', ..) => (Kind::Backtick, 1),
            (b'(', b'$' | b'<' | b'>', next) if next != b'(' => (Kind::Substitution, 1),
            (b'(', _, b')') if byte(line, run_end(line, at + 2, |byte| byte == b' ').min(at + 6)) == b'{' => {
                (Kind::Function, 2)
            }
            (b'{', ..) => (Kind::Brace, 1),
            _ => {
                at += 1;
                continue;
            }
        };
        return Some(Separator { kind, span: at..at + length });
    }
}
