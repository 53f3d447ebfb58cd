//! What the shell would run after a separator.

use std::ops::Range;

use super::arguments::Args;
use super::brace::brace;
use super::programs::Known;
use super::separator::{Kind, Separator};
use super::word::Word;
use super::{Stands, Verdict};
use crate::ascii::{before, byte, slice};

/// A function's body that is looked at, in bytes.
const BODY: usize = 40;

/// What the shell would run after a separator.
pub(super) fn after(
    line: &[u8],
    separator: &Separator,
    next: Option<&(Word, Args)>,
    encoded: bool,
    stands: Stands,
) -> Option<(Verdict, Range<usize>)> {
    let start = separator.span.start;
    let end = separator.span.end;
    match separator.kind {
        Kind::Function => {
            let body = slice(line, end..line.len().min(end + BODY));
            let shock = memchr::memchr(b'}', body)
                .is_some_and(|close| memchr::memchr(b';', slice(body, close..body.len())).is_some());
            return shock.then_some((Verdict::Certain, start..line.len().min(end + BODY)));
        }
        Kind::Brace => return brace(line, start),
        _ => {}
    }
    let (word, args) = next?;
    let args = *args;
    let span = start..word.span.end;
    let known = word.program()?;
    let certain = match separator.kind {
        // Prose and Markdown put names between backticks.
        Kind::Backtick => {
            let closes = memchr::memchr(b'`', slice(line, word.span.end..line.len())).is_some();
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
        // `&R$` is no command with a variable behind it; `$IFS` is found by itself.
        _ if known == Known::Word && byte(line, word.span.end) == b'$' => false,
        _ if args == Args::Hard => {
            known == Known::Program
                || word.rooted
                || separator.span.len() > 1
                || encoded
                || stands == Stands::Alone
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
            stands == Stands::Alone && parts(line, separator, known, args, encoded)
        }
        Kind::Brace | Kind::Function => false,
    };
    Some((if certain { Verdict::Certain } else { Verdict::Doubtful }, span))
}

/// Whether a separator parts a command from a path, a host or an address, and not one word of a list from another.
fn parts(line: &[u8], separator: &Separator, known: Known, args: Args, encoded: bool) -> bool {
    let start = separator.span.start;
    let tight = before(line, start, 1).is_ascii_alphanumeric()
        && !byte(line, separator.span.end).is_ascii_whitespace();
    let ampersand = separator.span.len() == 1 && byte(line, start) == b'&';
    match (known, args) {
        _ if separator.kind == Kind::Line => encoded || known == Known::Program,
        // `a=1&id=2`, `name|date`, `rock & time`.
        (_, Args::None) => !tight && !ampersand,
        (_, Args::Hard) => true,
        (_, Args::Soft) => !tight && (!ampersand || slice(line, 0..start).trim_ascii().is_empty()),
    }
}
