use similar::{ChangeTag, TextDiff};

use crate::safe::shown;

/// Texts longer than this are not compared word by word, in bytes: that takes time.
const LONGEST: usize = 16 * 1024;

/// Words of an unchanged part that are shown on either side of a change.
const AROUND: usize = 3;

/// How one text became the other: `unchanged [-gone-] {+new+}`, with an ellipsis for what is unchanged and far off.
pub(super) fn words(before: &str, after: &str) -> String {
    if before.len().max(after.len()) > LONGEST {
        return format!("another text ({} bytes, were {})", after.len(), before.len());
    }
    let diff = TextDiff::from_words(before, after);
    let mut out = String::new();
    let mut run: Option<(ChangeTag, String)> = None;
    for change in diff.iter_all_changes() {
        match &mut run {
            Some((tag, text)) if *tag == change.tag() => text.push_str(change.value()),
            _ => {
                let first = out.is_empty();
                write(run.replace((change.tag(), change.value().to_owned())), first, false, &mut out);
            }
        }
    }
    let first = out.is_empty();
    write(run, first, true, &mut out);
    shown_long(&out)
}

fn write(run: Option<(ChangeTag, String)>, first: bool, last: bool, out: &mut String) {
    match run {
        Some((ChangeTag::Delete, text)) => out.push_str(&format!("[-{text}-]")),
        Some((ChangeTag::Insert, text)) => out.push_str(&format!("{{+{text}+}}")),
        Some((ChangeTag::Equal, text)) => out.push_str(&shortened(&text, first, last)),
        None => {}
    }
}

/// The ends of an unchanged part.
fn shortened(text: &str, first: bool, last: bool) -> String {
    let words: Vec<_> = text.split_inclusive(char::is_whitespace).collect();
    if words.len() <= 2 * AROUND + 2 {
        return text.to_owned();
    }
    let head = if first { 0 } else { AROUND };
    let tail = if last { 0 } else { AROUND };
    let (head, rest) = words.split_at_checked(head).unwrap_or((&words, &[]));
    let tail = rest.get(rest.len().saturating_sub(tail)..).unwrap_or_default();
    format!("{}… {}", head.concat(), tail.concat())
}

/// Longer texts are worth showing here: what was put in is the evidence.
fn shown_long(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    for _ in 0..4 {
        let end = rest.char_indices().nth(300).map_or(rest.len(), |(at, _)| at);
        let (piece, more) = rest.split_at_checked(end).unwrap_or((rest, ""));
        out.push_str(&shown(piece));
        rest = more;
    }
    if !rest.is_empty() {
        out.push('…');
    }
    out
}

/// The text with all blanks made alike.
pub(super) fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
