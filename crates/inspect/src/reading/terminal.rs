//! Commands to a terminal (ECMA-48) and other control characters, which a reader does not see.

use super::{
    Disguise,
    unit::{Reads, Search, Unit},
};
use crate::ascii::{byte, run_end, slice};

pub(super) fn find(search: &Search<'_>) -> Option<Unit> {
    let text = search.bytes();
    let part = slice(text, search.range.clone());
    let at = search.range.start + part.iter().position(|byte| is_control(*byte))?;
    let end = text.len().min(end(text, at));
    // A title may be cut by its bound.
    let end = search.text.ceil_char_boundary(end);
    Some(Unit::new(at..end, Reads::Nothing, Disguise::Terminal))
}

pub(super) const fn is_control(byte: u8) -> bool {
    matches!(byte, 0x00..=0x08 | 0x0B..=0x0C | 0x0E..=0x1F | 0x7F)
}

const ESCAPE: u8 = 0x1B;
const BELL: u8 = 0x07;

/// Longer titles and parameters are none, in bytes.
const LONGEST: usize = 64;

fn end(text: &[u8], at: usize) -> usize {
    if byte(text, at) != ESCAPE {
        return at + 1;
    }
    let bounded = slice(text, 0..text.len().min(at + LONGEST));
    match byte(text, at + 1) {
        b'[' => run_end(bounded, at + 2, |byte| (0x20..0x40).contains(&byte)) + 1,
        b']' | b'P' | b'X' | b'^' | b'_' => {
            let end = run_end(bounded, at + 2, |byte| byte != BELL && byte != ESCAPE);
            match (byte(text, end), byte(text, end + 1)) {
                (BELL, _) => end + 1,
                (ESCAPE, b'\\') => end + 2,
                // Not ended: its text is seen.
                _ => at + 2,
            }
        }
        b'(' | b')' | b'#' | b'%' => at + 3,
        0x40..=0x7E => at + 2,
        _ => at + 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_end_where_terminals_end_them() {
        for command in
            ["\x1b[31m", "\x1b[1;32;40m", "\x1b]0;title\x07", "\x1b]8;;http://a\x1b\\", "\x1bc", "\x08"]
        {
            assert_eq!(end(format!("{command}text").as_bytes(), 0), command.len(), "{command:?}");
        }
        assert_eq!(end(b"\x1b]never ended", 0), 2);
    }
}
