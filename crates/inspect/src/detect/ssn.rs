//! US social security numbers: three, two and four digits with dashes or
//! spaces, or nine digits where a word says so. The areas 000, 666 and 900 to
//! 999, the group 00 and the serial 0000 are never issued (SSA POMS RM 10201).

use super::Scan;
use super::context::says;
use super::digits::{begins, ends};
use super::example::is_example;
use crate::ascii::{byte, slice};
use crate::catalogue::Builtin;

const DASHED: u8 = 90;
const IN_CONTEXT: u8 = 85;
const SPACED: u8 = 60;

const WORDS: [&str; 3] = ["ssn", "social", "socialsecurity"];

/// At a run of 3 or 9 digits.
pub(super) fn scan(scan: &mut Scan<'_>, start: usize, end: usize) -> Option<usize> {
    let text = scan.text;
    let separator = if end - start == 3 { byte(text, end) } else { 0 };
    let (group, serial, stop) = match separator {
        b'-' | b' ' if byte(text, end + 3) == separator => (end + 1, end + 4, end + 8),
        0 if end - start == 9 => (start + 3, start + 5, end),
        _ => return None,
    };
    let number = [slice(text, start..start + 3), slice(text, group..group + 2), slice(text, serial..stop)];
    if !is_issued(number) || !begins(text, start) || !ends(text, stop) {
        return None;
    }
    let percent = match separator {
        b'-' => DASHED,
        _ if says(scan.key, text, start, &WORDS) => IN_CONTEXT,
        b' ' => SPACED,
        _ => return None,
    };
    let builtin = if is_example(text, start, stop) { Builtin::PublishedExample } else { Builtin::Ssn };
    scan.report(builtin, start..stop, percent);
    Some(stop)
}

fn is_issued([area, group, serial]: [&[u8]; 3]) -> bool {
    let digits = |part: &[u8], len| part.len() == len && part.iter().all(u8::is_ascii_digit);
    digits(area, 3)
        && digits(group, 2)
        && digits(serial, 4)
        && !matches!(area, b"000" | b"666" | [b'9', ..])
        && group != b"00"
        && serial != b"0000"
}
