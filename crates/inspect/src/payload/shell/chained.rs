//! What the shell would run after a separator.

use std::ops::Range;

use super::Verdict;
use super::arguments::{Args, args};
use super::brace::brace;
use super::programs::Known;
use super::separator::{Kind, Separator};
use super::word::word;
use crate::ascii::{before, byte, slice};

/// What the shell would run after a separator.
pub(super) fn after(line: &[u8], separator: &Separator, encoded: bool) -> Option<(Verdict, Range<usize>)> {
    let start = separator.span.start;
    let end = separator.span.end;
    match separator.kind {
        Kind::Function => {
            let body = slice(line, end..line.len().min(end + 40));
            let shock = memchr::memchr(b'}', body)
                .is_some_and(|close| memchr::memchr(b';', slice(body, close..body.len())).is_some());
            return shock.then_some((Verdict::Certain, start..line.len().min(end + 40)));
        }
        Kind::Brace => return brace(line, start),
        _ => {}
    }
    let word = word(line, end)?;
    let span = start..word.span.end;
    let known = word.program()?;
    let args = args(line, word.span.end);
    let certain = match separator.kind {
        // Prose and Markdown put names between backticks.
        Kind::Backtick => {
            let closes =
                memchr::memchr(b'`', slice(line, word.span.end..line.len().min(word.span.end + 400)))
                    .is_some();
            if !closes {
                return None;
            }
            let prose = slice(line, start.saturating_sub(64)..start)
                .iter()
                .filter(|byte| byte.is_ascii_whitespace())
                .count()
                > 2;
            !prose
        }
        Kind::Substitution => true,
        _ if word.disguised => true,
        _ if args == Args::Hard => {
            known == Known::Program || word.rooted || separator.span.len() > 1 || encoded
        }
        _ if word.rooted => true,
        Kind::Chain if known == Known::Program && args == Args::None => {
            // `curl|wget` is a pattern to search for as well.
            let tight = byte(line, start) == b'|' && before(line, start, 1).is_ascii_alphanumeric();
            let query = byte(line, start) == b'&'
                && separator.span.len() == 1
                && slice(line, start.saturating_sub(64)..line.len().min(start + 64)).contains(&b'=');
            let entity = byte(line, start) == b'&' && byte(line, word.span.end) == b';';
            if entity {
                return None;
            }
            !tight && !query
        }
        Kind::Chain | Kind::Line => {
            let entity = byte(line, start) == b'&'
                && (byte(line, word.span.end) == b';' || before(line, start, 1).is_ascii_alphanumeric());
            // Words of English are not commands for what follows in prose.
            if entity || (known == Known::Word && args == Args::Soft) {
                return None;
            }
            false
        }
        Kind::Brace | Kind::Function => false,
    };
    Some((if certain { Verdict::Certain } else { Verdict::Doubtful }, span))
}
