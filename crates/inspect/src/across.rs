//! What was cut in two: the end of one text may begin what the next text completes.

use memchr::memmem;

use crate::overlap;
use crate::scanner::{Hit, Scanner, Text};

/// How far back from the end of a text a beginning is looked for, in bytes.
const SEARCH: usize = 4096;

/// Longest literal or scheme that tells what a value is, before the value itself, in bytes.
const MARK: usize = 24;

/// What stands this far before a value can tell that it is none, in bytes.
const LEAD: usize = 8;

/// Longest printed card number, and a separator, in bytes.
const CARD: usize = 24;

/// Whether something in `text` may go on in another text: quick, and right when it says no.
pub fn may_go_on(text: &str) -> bool {
    let bytes = text.as_bytes();
    let from = bytes.len().saturating_sub(SEARCH);
    let last = bytes.last().is_some_and(|&last| !ends_token(last) || is_number(last));
    last || bytes.get(from..).is_some_and(|end| memchr::memrchr(b'-', end).is_some())
}

impl Scanner {
    /// From where on `text` has to be kept, so that what begins in it can be found together with the text that
    /// follows; `None` if nothing can begin there. Looks at the last few thousand bytes.
    pub fn open_from(&self, text: &str) -> Option<usize> {
        let bytes = text.as_bytes();
        let found = [self.token(bytes), header(bytes), digits(bytes)].into_iter().flatten().min()?;
        Some(text.floor_char_boundary(found.saturating_sub(LEAD)))
    }

    /// Appends what lies on both sides of `border` in `text`, which was put together from two texts there; one hit at
    /// most. Only detectors take part whose values say themselves what they are: the others would find something in
    /// texts that have nothing to do with one another. `rank` as in [`Scanner::scan_ranked`].
    pub fn scan_across<R: Ord>(
        &self,
        text: &str,
        border: usize,
        hits: &mut Vec<Hit>,
        rank: impl Fn(&Hit) -> R,
    ) {
        let bytes = text.as_bytes();
        let near = |at: usize| bytes.get(at).is_some_and(|&byte| is_number(byte));
        let number = near(border) && border > 0 && near(border - 1);
        let reach = bytes.get(..bytes.len().min(border + MARK)).unwrap_or_default();
        if !number && self.builtins.first_anchor(reach).is_none() {
            return;
        }
        let from = hits.len();
        self.builtins.scan(Text::new(text), hits);
        let mut index = 0;
        hits.retain(|hit| {
            index += 1;
            let across = hit.span.start < border && border < hit.span.end;
            index <= from
                || (across && self.takes_part(hit.detector) && self.builtins.is_marked(hit.detector))
        });
        overlap::resolve(hits, from, rank);
    }

    /// Where the token may begin that `bytes` ends with.
    fn token(&self, bytes: &[u8]) -> Option<usize> {
        let run = bytes.iter().rev().take(SEARCH).take_while(|byte| !ends_token(**byte)).count();
        let start = bytes.len() - run;
        let run = bytes.get(start..).filter(|run| !run.is_empty())?;
        // No literal yet, but what may become one; or the scheme of a URL before it.
        let marked = self
            .builtins
            .first_anchor(run)
            .map_or(run.len().saturating_sub(MARK), |at| at.saturating_sub(MARK));
        Some(start + marked)
    }
}

/// Where the header of a private key stands that `bytes` ends with, or ends after.
fn header(bytes: &[u8]) -> Option<usize> {
    let from = bytes.len().saturating_sub(SEARCH);
    memchr::memrchr(b'-', bytes.get(from..)?)?;
    let at = from + memmem::rfind(bytes.get(from..)?, b"BEGIN ")?;
    let lead =
        bytes.get(..at)?.iter().rev().take(MARK).take_while(|byte| matches!(byte, b'-' | b' ')).count();
    (lead > 0).then(|| at - lead)
}

/// Where the number stands that `bytes` ends with.
fn digits(bytes: &[u8]) -> Option<usize> {
    let run = bytes.iter().rev().take(CARD).take_while(|byte| is_number(**byte)).count();
    let start = bytes.len() - run;
    bytes.get(start..)?.iter().any(u8::is_ascii_digit).then_some(start)
}

/// Neither tokens nor URLs go on after these.
fn ends_token(byte: u8) -> bool {
    byte <= b' ' || matches!(byte, b'"' | b'\'' | b'`' | b'<' | b'>' | 0x7F)
}

fn is_number(byte: u8) -> bool {
    byte.is_ascii_digit() || matches!(byte, b' ' | b'-')
}
