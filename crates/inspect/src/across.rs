//! What was cut in two: the end of one text may begin what the next text completes.

use memchr::memmem;

use crate::ascii::before;
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

/// Words of an order stand so close together that this much of either text is enough, in bytes.
const ORDER: usize = 256;

/// What two texts are to one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Joint {
    /// Parts of one text: elements of a list, or messages of a stream.
    Parts,
    /// Neighbours that may mean different things: members of an object.
    Neighbours,
}

/// Where two texts were put together.
#[derive(Clone, Copy, Debug)]
pub struct Seam<'s> {
    /// Where the second begins, in bytes.
    pub at: usize,
    /// What they are to one another.
    pub joint: Joint,
    /// Where in the first text others end and begin of which it was made.
    pub starts: &'s [usize],
}

/// Whether something in `text` may go on in another text: quick, and right when it says no.
pub fn may_go_on(text: &str, joint: Joint) -> bool {
    let bytes = text.as_bytes();
    let from = bytes.len().saturating_sub(SEARCH);
    let goes_on = |last: u8| match joint {
        Joint::Parts => !ends_token(last) || matches!(last, b' ' | b'\n'),
        Joint::Neighbours => !ends_token(last),
    };
    bytes.last().is_some_and(|&last| goes_on(last))
        || bytes.get(from..).is_some_and(|end| memchr::memrchr(b'-', end).is_some())
}

impl Scanner {
    /// From where on `text` has to be kept, so that what begins in it can be found together with the text that
    /// follows; `None` if nothing can begin there. Looks at the last few thousand bytes.
    pub fn open_from(&self, text: Text<'_>, joint: Joint) -> Option<usize> {
        let bytes = text.text.as_bytes();
        let parts = || [digits(bytes), self.order(text)].into_iter().flatten().min();
        let found =
            [self.token(text.text, joint), header(bytes), (joint == Joint::Parts).then(parts).flatten()];
        let found = found.into_iter().flatten().min()?;
        Some(text.text.floor_char_boundary(found.saturating_sub(LEAD)))
    }

    /// Appends what lies on both sides of a seam in `text`; one hit at most. Only detectors take part whose values say
    /// themselves what they are, and between parts of one text those of orders: the others would find something in texts
    /// that have nothing to do with one another. `rank` as in [`Scanner::scan_ranked`].
    pub fn scan_across<R: Ord>(
        &self,
        text: Text<'_>,
        seam: Seam<'_>,
        hits: &mut Vec<Hit>,
        rank: impl Fn(&Hit) -> R,
    ) {
        let from = hits.len();
        self.marked_across(text, seam, hits);
        if seam.joint == Joint::Parts {
            self.order_across(text, seam, hits);
        }
        let mut index = 0;
        hits.retain(|hit| {
            index += 1;
            index <= from || self.takes_part(hit.detector)
        });
        overlap::resolve(hits, from, rank);
    }

    fn marked_across(&self, text: Text<'_>, seam: Seam<'_>, hits: &mut Vec<Hit>) {
        let bytes = text.text.as_bytes();
        let near = |at: usize| bytes.get(at).is_some_and(|&byte| is_number(byte));
        let number = seam.joint == Joint::Parts && near(seam.at) && seam.at > 0 && near(seam.at - 1);
        let reach = text.text.get(..text.text.ceil_char_boundary(seam.at + MARK)).unwrap_or_default();
        let anchored = |start: &usize| {
            let part = reach.get(*start..).unwrap_or_default();
            self.rules.first_mark(part).is_some() || self.builtins.first_anchor(part.as_bytes()).is_some()
        };
        if !number && !anchored(&0) && !seam.starts.iter().any(anchored) {
            return;
        }
        let found = self.marked_from(text, 0, seam);
        if !found.is_empty() {
            return hits.extend(found);
        }
        // A value needs nothing before it, and of what was put together any part may be its first.
        let near = text.text.get(..text.text.floor_char_boundary(seam.at + SEARCH)).unwrap_or_default();
        let near = Text { text: near, ..text };
        let found = seam.starts.iter().rev().map(|start| self.marked_from(near, *start, seam));
        hits.extend(found.flatten().next());
    }

    /// What lies on both sides of a seam when nothing stands before `start`.
    fn marked_from(&self, text: Text<'_>, start: usize, seam: Seam<'_>) -> Vec<Hit> {
        let part = text.text.get(start..).unwrap_or_default();
        let mut found = Vec::new();
        self.builtins.scan(Text::new(part), &mut found);
        found.retain(|hit| match seam.joint {
            Joint::Parts => self.builtins.is_marked(hit.detector),
            Joint::Neighbours => self.builtins.is_token(hit.detector),
        });
        self.rules.scan_marked(Text { text: part, ..text }, &mut found);
        for hit in &mut found {
            hit.span = start + hit.span.start..start + hit.span.end;
        }
        found.retain(|hit| hit.span.start < seam.at && seam.at < hit.span.end);
        found
    }

    /// An order whose words stand on both sides. Where texts meet, words do too, unless one was cut.
    fn order_across(&self, text: Text<'_>, seam: Seam<'_>, hits: &mut Vec<Hit>) {
        let (before, after) = text.text.split_at(seam.at);
        let start = before.ceil_char_boundary(seam.at.saturating_sub(ORDER));
        let before = before.get(start..).unwrap_or_default();
        let after = after.get(..after.floor_char_boundary(ORDER)).unwrap_or_default();
        let ends = before.trim_end().ends_with(['.', '!', '?', ';']);
        if ends || self.rules.first_order(Text { text: before, ..text }).is_none() {
            return;
        }
        let mut alone = Vec::new();
        self.rules.scan_orders(Text { text: before, ..text }, &mut alone);
        let seams: Vec<_> =
            seam.starts.iter().filter_map(|at| at.checked_sub(start)).chain([before.len()]).collect();
        let whole = [before, after].concat();
        for seams in [&[][..], &seams] {
            let parted = Parted::new(&whole, seams);
            let mut found = Vec::new();
            self.rules.scan_orders(Text { text: &parted.text, ..text }, &mut found);
            for hit in &mut found {
                hit.span = parted.source(hit.span.start)..parted.source(hit.span.end);
            }
            found.retain(|hit| {
                let known =
                    |alone: &Hit| alone.detector == hit.detector && alone.span.start == hit.span.start;
                hit.span.start < before.len() && before.len() < hit.span.end && !alone.iter().any(known)
            });
            if !found.is_empty() {
                hits.extend(found.into_iter().map(|hit| {
                    let span = start + hit.span.start..start + hit.span.end;
                    Hit { span, ..hit }
                }));
                return;
            }
        }
    }

    /// Where the order may begin whose rest follows `text`.
    fn order(&self, text: Text<'_>) -> Option<usize> {
        let start = text.text.ceil_char_boundary(text.text.len().saturating_sub(ORDER));
        let end = Text { text: text.text.get(start..)?, ..text };
        self.rules.first_order(end).map(|at| start + at)
    }

    /// Where the beginning of a token stands that `run` ends in the middle of.
    fn begun(&self, run: &str) -> Option<usize> {
        let bytes = run.as_bytes();
        let opens = |at: usize| !before(bytes, at, 1).is_ascii_alphanumeric();
        (bytes.len().saturating_sub(MARK)..bytes.len()).filter(|at| opens(*at)).find(|at| {
            run.get(*at..).is_some_and(|begun| self.builtins.has_anchor(begun) || self.rules.has_mark(begun))
        })
    }

    /// Where the token may begin that `text` ends with.
    fn token(&self, text: &str, joint: Joint) -> Option<usize> {
        let bytes = text.as_bytes();
        let run = bytes.iter().rev().take(SEARCH).take_while(|byte| !ends_token(**byte)).count();
        let start = text.ceil_char_boundary(bytes.len() - run);
        let run = text.get(start..).filter(|run| !run.is_empty())?;
        let anchors = [self.builtins.first_anchor(run.as_bytes()), self.rules.first_mark(run)];
        let marked = match (anchors.into_iter().flatten().min(), joint) {
            (Some(at), _) => at.saturating_sub(MARK),
            // No literal yet, but what may become one; or the scheme of a URL before it.
            (None, Joint::Parts) => run.len().saturating_sub(MARK),
            (None, Joint::Neighbours) => self.begun(run)?,
        };
        Some(start + marked)
    }
}

/// A text with blanks where others were put together.
struct Parted {
    text: String,
    /// Where blanks were added, in [`Parted::text`].
    blanks: Vec<usize>,
}

impl Parted {
    fn new(whole: &str, seams: &[usize]) -> Self {
        let mut parted = Self { text: String::with_capacity(whole.len() + seams.len()), blanks: Vec::new() };
        let mut at = 0;
        for seam in seams.iter().copied().filter(|seam| *seam > 0) {
            let Some(part) = whole.get(at..seam) else { continue };
            parted.text.push_str(part);
            parted.blanks.push(parted.text.len());
            parted.text.push(' ');
            at = seam;
        }
        parted.text.push_str(whole.get(at..).unwrap_or_default());
        parted
    }

    /// The place in the whole of one in this text.
    fn source(&self, at: usize) -> usize {
        at - self.blanks.iter().filter(|blank| **blank < at).count()
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
