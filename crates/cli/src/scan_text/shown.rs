//! A part of a stranger's text as it may be printed: on one line, secrets masked, what is invisible spelt out.

use std::ops::Range;

use inspect::Text;
use policy::ContentRules;

use super::found::Found;

/// What is shown around a finding.
#[derive(Debug)]
pub(super) struct Excerpt {
    pub(super) line: String,
    /// The finding in it.
    pub(super) span: Range<usize>,
}

/// Most characters shown before and after a finding, and of itself.
const AROUND: usize = 60;
const INSIDE: usize = 160;

/// How far around a finding secrets are looked for, in bytes, so that none is shown in part.
const REACH: usize = 4096;

/// The line of `text` in which `span` lies, or as much of it as is useful. `found` is everything known to be in it.
pub(super) fn excerpt(text: &str, span: &Range<usize>, found: &[Found], rules: &ContentRules) -> Excerpt {
    let masks = masks(text, span, found, rules);
    let line_start = text.get(..span.start).and_then(|lead| lead.rfind('\n')).map_or(0, |at| at + 1);
    let line_end =
        text.get(span.end..).and_then(|tail| tail.find('\n')).map_or(text.len(), |at| span.end + at);
    let start = nth_before(text, span.start, AROUND).max(line_start);
    let end = nth_after(text, span.end, AROUND).min(line_end);
    let mut line = String::new();
    if start > line_start {
        line.push('…');
    }
    spell(text, start..span.start, &masks, &mut line);
    let marked = line.len();
    let until = nth_after(text, span.start, INSIDE).min(span.end);
    spell(text, span.start..until, &masks, &mut line);
    if until < span.end {
        line.push('…');
    }
    let marked = marked..line.len();
    spell(text, span.end..end, &masks, &mut line);
    if end < line_end {
        line.push('…');
    }
    Excerpt { line: line.trim_end().to_owned(), span: marked }
}

impl Excerpt {
    /// The finding itself.
    pub(super) fn marked(&self) -> &str {
        self.line.get(self.span.clone()).unwrap_or_default()
    }
}

/// What must not be shown, and what stands in its place: what was found and is confidential, and whatever else is near.
fn masks(
    text: &str,
    span: &Range<usize>,
    found: &[Found],
    rules: &ContentRules,
) -> Vec<(Range<usize>, String)> {
    let near = text.floor_char_boundary(span.start.saturating_sub(REACH))
        ..text.ceil_char_boundary(text.len().min(span.end + REACH));
    let overlaps = |other: &Range<usize>| other.start < near.end && near.start < other.end;
    let known = found.iter().filter(|found| overlaps(&found.span));
    let mut masks: Vec<_> =
        known.filter_map(|found| Some((found.span.clone(), found.masked.clone()?))).collect();
    let mut hits = Vec::new();
    rules.masking().scan(Text::new(text.get(near.clone()).unwrap_or_default()), &mut hits);
    for hit in hits {
        let span = near.start + hit.span.start..near.start + hit.span.end;
        if !masks.iter().any(|(known, _)| known.start <= span.start && span.end <= known.end) {
            let detector = rules.masking().detector(hit.detector);
            let matched = text.get(span.clone()).unwrap_or_default();
            masks.push((
                span,
                detector.map_or_else(|| "…".to_owned(), |known| inspect::evidence(known, matched)),
            ));
        }
    }
    masks.sort_by_key(|(span, _)| (span.start, span.end));
    masks
}

/// Appends a part of the text, spelt out.
fn spell(text: &str, part: Range<usize>, masks: &[(Range<usize>, String)], out: &mut String) {
    let mut at = part.start;
    for (span, shown) in masks {
        if span.end <= at || span.start >= part.end {
            continue;
        }
        spell_plain(text.get(at..span.start.max(at)).unwrap_or_default(), out);
        out.push_str(shown);
        at = span.end;
    }
    spell_plain(text.get(at..part.end).unwrap_or_default(), out);
}

fn spell_plain(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '"' | '\'' | '\\' => out.push(c),
            other => out.extend(other.escape_debug()),
        }
    }
}

/// The byte at which the nth character before `at` begins.
fn nth_before(text: &str, at: usize, n: usize) -> usize {
    let lead = text.get(..at).unwrap_or_default();
    lead.char_indices().rev().take(n).last().map_or(at, |(byte, _)| byte)
}

/// The byte at which the nth character after `at` begins.
fn nth_after(text: &str, at: usize, n: usize) -> usize {
    let tail = text.get(at..).unwrap_or_default();
    tail.char_indices().nth(n).map_or(text.len(), |(byte, _)| at + byte)
}
