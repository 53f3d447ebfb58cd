use std::{borrow::Cow, ops::Range};

/// The text of a checked raw string (without quotes), its escapes resolved (RFC 8259 §7).
pub fn unescape(raw: &str) -> Cow<'_, str> {
    if memchr::memchr(b'\\', raw.as_bytes()).is_none() {
        return Cow::Borrowed(raw);
    }
    let mut text = String::with_capacity(raw.len());
    pieces(raw, |_, piece| text.push_str(piece));
    Cow::Owned(text)
}

/// The text of a checked raw string with its quotes; `None` for any other value.
pub fn text_of(raw: &str) -> Option<Cow<'_, str>> {
    raw.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).map(unescape)
}

/// The part of `raw` that unescapes to at least `span` of its text: escapes count as a whole.
pub fn raw_span(raw: &str, span: Range<usize>) -> Range<usize> {
    if memchr::memchr(b'\\', raw.as_bytes()).is_none() {
        return span;
    }
    let mut text_at = 0;
    let mut found: Option<Range<usize>> = None;
    pieces(raw, |raw_piece, piece| {
        let piece_span = text_at..text_at + piece.len();
        text_at = piece_span.end;
        let (from, to) = (span.start.max(piece_span.start), span.end.min(piece_span.end));
        if from >= to {
            return;
        }
        let verbatim = raw_piece.len() == piece.len();
        let part = if verbatim {
            raw_piece.start + from - piece_span.start..raw_piece.start + to - piece_span.start
        } else {
            raw_piece
        };
        found = Some(found.as_ref().map_or(part.start, |before| before.start)..part.end);
    });
    found.unwrap_or(0..0)
}

/// Calls `visit` with each run of plain text and each escape: its raw span and what it stands for.
fn pieces(raw: &str, mut visit: impl FnMut(Range<usize>, &str)) {
    let bytes = raw.as_bytes();
    let mut at = 0;
    while let Some(found) = memchr::memchr(b'\\', bytes.get(at..).unwrap_or_default()) {
        let escape = at + found;
        if found > 0 {
            visit(at..escape, raw.get(at..escape).unwrap_or_default());
        }
        let (len, character) = resolve(raw.get(escape..).unwrap_or_default());
        visit(escape..escape + len, character.encode_utf8(&mut [0; 4]));
        at = escape + len;
    }
    if at < bytes.len() {
        visit(at..bytes.len(), raw.get(at..).unwrap_or_default());
    }
}

/// Length and meaning of the escape at the start of `raw`.
fn resolve(raw: &str) -> (usize, char) {
    let unit = |from: usize| raw.get(from..from + 4).and_then(|digits| u32::from_str_radix(digits, 16).ok());
    let simple = match raw.as_bytes().get(1) {
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(b'u') => {
            let first = unit(2).unwrap_or(0xFFFD);
            let second = raw.get(6..8).filter(|next| *next == "\\u").and_then(|_| unit(8));
            return match (first, second) {
                (0xD800..=0xDBFF, Some(low @ 0xDC00..=0xDFFF)) => {
                    let point = 0x10000 + ((first - 0xD800) << 10) + (low - 0xDC00);
                    (12, char::from_u32(point).unwrap_or(char::REPLACEMENT_CHARACTER))
                }
                _ => (6.min(raw.len()), char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER)),
            };
        }
        Some(byte) if byte.is_ascii() => char::from(*byte),
        _ => return (raw.len().min(1), char::REPLACEMENT_CHARACTER),
    };
    (2, simple)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_resolved() {
        assert_eq!(unescape(r#"a\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00z"#), "a\"\\/\u{8}\u{c}\n\r\té😀z");
        assert!(matches!(unescape("plain é"), Cow::Borrowed(_)));
    }

    #[test]
    fn a_span_of_text_maps_to_the_raw_text_that_spells_it() {
        let raw = r"k\u0041KIAx\n\ud83d\ude00é.";
        let text = unescape(raw);
        for (from, to, spelt) in
            [("AKIA", "", r"\u0041KIA"), ("x\n", "", r"x\n"), ("\n😀é", "", r"\n\ud83d\ude00é")]
        {
            let start = text.find(from).unwrap();
            let span = raw_span(raw, start..start + from.len() + to.len());
            assert_eq!(&raw[span], spelt);
        }
    }
}
