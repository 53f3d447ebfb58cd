//! Brace expansion: words of a command without blanks between them.

use std::ops::Range;

use super::{Verdict, programs, word::word};
use crate::ascii::{before, byte, run_end, slice};

/// Braces within braces are looked into this far, in bytes.
const NESTED: usize = 200;

/// `{cat,/etc/hosts}`: words of a command without blanks.
pub(super) fn brace(line: &[u8], start: usize) -> Option<(Verdict, Range<usize>)> {
    // Where another opens before it closes, not far.
    let body = slice(line, start + 1..line.len());
    let body = match memchr::memchr2(b'{', b'}', body) {
        Some(end) if byte(body, end) == b'}' => body,
        _ => slice(body, 0..body.len().min(NESTED)),
    };
    let close = memchr::memchr(b'}', body)?;
    let body = slice(body, 0..close);
    if !body.contains(&b',')
        || body.contains(&b':') && body.contains(&b'"')
        || body.iter().any(u8::is_ascii_whitespace)
    {
        return None;
    }
    let span = start..start + close + 2;
    let (lead, tail) = (before(line, start, 1), byte(line, start + close + 2));
    let glued = lead.is_ascii_alphanumeric()
        || (tail.is_ascii_alphanumeric() && matches!(lead, 0 | b' ' | b';' | b'|' | b'&'));
    // `*.{sh,py}` is a pattern for names of files.
    let argument = |item: &[u8]| {
        item.is_empty() || item.iter().any(|byte| matches!(byte, b'/' | b'-' | b':' | b'\\' | b'$'))
    };
    let runs = !glued
        && matches!(lead, 0..=b' ' | b';' | b'|' | b'&' | b'(' | b'`' | b'=' | b'"' | b'\'')
        && body.split(|byte| *byte == b',').any(argument);
    let first = body.split(|byte| *byte == b',').find(|item| !item.is_empty())?;
    let known = word(first, 0).is_some_and(|word| word.program().is_some());
    let spelt = || {
        // `c{a,oun}t`: each way of filling the gap is a word.
        let lead = line
            .get(..start)
            .map(|lead| lead.iter().rposition(|byte| !byte.is_ascii_alphanumeric()).map_or(0, |at| at + 1))
            .unwrap_or(start);
        let tail = run_end(line, start + close + 2, |byte| byte.is_ascii_alphanumeric());
        body.split(|byte| *byte == b',').any(|item| {
            let whole = [slice(line, lead..start), item, slice(line, start + close + 2..tail)].concat();
            programs::known(&whole).is_some()
        })
    };
    ((known && runs) || (glued && spelt())).then_some((Verdict::Certain, span))
}
