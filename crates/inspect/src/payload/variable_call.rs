//! Calls of what a variable names, as PHP and Perl have them: `$f(1)`, `$a['x'] /* y */ (1)`, `${'a'}(1)`.

use std::ops::Range;

use super::{Argument, Payload};
use crate::ascii::{byte, is_word, run_end, slice};
use crate::pack::Where;

/// Subscripts and comments between a variable and its parenthesis are looked through this far, in bytes.
const SUBSCRIPTS: usize = 160;

pub(super) fn scan(argument: &mut Argument<'_>) {
    if !matches!(argument.kind, Where::Value | Where::Url | Where::Path | Where::Uri) {
        return;
    }
    if let Some(span) = call(argument.read) {
        argument.report_read(Payload::VariableCall, span);
    }
}

fn call(text: &[u8]) -> Option<Range<usize>> {
    memchr::memchr_iter(b'$', text).find_map(|start| {
        let window = slice(text, 0..text.len().min(start + SUBSCRIPTS));
        let name = run_end(window, start, |byte| byte == b'$');
        let end = match byte(window, name) {
            b'{' => closed(window, name, b'{', b'}').filter(|end| *end > name + 2)?,
            first if first.is_ascii_alphabetic() || first == b'_' => run_end(window, name, is_word),
            _ => return None,
        };
        let open = subscripts(window, end);
        if byte(window, open) != b'(' {
            return None;
        }
        let inside = byte(window, run_end(window, open + 1, |byte| byte.is_ascii_whitespace()));
        let literal = inside.is_ascii_digit() || matches!(inside, b'\'' | b'"' | b'$' | b')');
        // `$AUD (100)` is an amount.
        let blank = open > end && slice(window, end..open).iter().all(u8::is_ascii_whitespace);
        let word = slice(window, name..end).iter().all(|byte| !byte.is_ascii_lowercase() && *byte != b'_');
        let calls = if blank { literal && !word } else { literal || is_word(inside) || inside == b'@' };
        calls.then_some(start..open + 1)
    })
}

/// Where subscripts, comments and blanks after a variable end.
fn subscripts(text: &[u8], from: usize) -> usize {
    let mut at = from;
    loop {
        at = run_end(text, at, |byte| byte.is_ascii_whitespace());
        let end = match (byte(text, at), byte(text, at + 1)) {
            // Empty ones are no subscripts.
            (b'[', next) if next != b']' => closed(text, at, b'[', b']'),
            (b'{', next) if next != b'}' => closed(text, at, b'{', b'}'),
            (b'/', b'*') => memchr::memmem::find(slice(text, at..text.len()), b"*/").map(|end| at + end + 2),
            (b'/', b'/') | (b'#', _) => {
                memchr::memchr(b'\n', slice(text, at..text.len())).map(|end| at + end + 1)
            }
            _ => None,
        };
        match end {
            Some(end) => at = end,
            None => return at,
        }
    }
}

/// Past the bracket that closes the one at `from`.
fn closed(text: &[u8], from: usize, open: u8, close: u8) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, byte) in text.iter().enumerate().skip(from) {
        if *byte == open {
            depth += 1;
        } else if *byte == close {
            depth -= 1;
            if depth == 0 {
                return Some(at + 1);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_told_from_amounts_and_expansions() {
        for text in [
            "$f(101)",
            "$_[1] (2)",
            "$a['x']/*y*/[@d] (3)",
            "${'sys'.'tem'}('id')",
            "$$name($x)",
            "$fn\r\n (4)",
            "$run #c\n ()",
        ] {
            assert!(call(text.as_bytes()).is_some(), "{text}");
        }
        for text in [
            "$AUD (100)",
            "US$ (100)",
            "$(id)",
            "${HOME}",
            "$5 (five)",
            "$x is (that)",
            "$(\"a\").b()",
            "$name (see below)",
        ] {
            assert!(call(text.as_bytes()).is_none(), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_can_be_judged(text in "[ -~\\n]{0,80}") {
            call(text.as_bytes());
        }
    }
}
