//! Text in characters that are not shown: tags (U+E0000…) stand for ASCII, variation selectors for bytes.

use super::{
    Disguise, plausible,
    unit::{Reads, Unit},
};

/// Fewer are of an emoji or of no use.
const SHORTEST: usize = 4;

/// The text that the row of hidden characters at `at` spells; otherwise where to go on, if there is such a row.
pub(super) fn unit(text: &str, at: usize, c: char) -> Option<Unit> {
    let row = text.get(at..)?;
    // A row is read from its beginning, and once.
    let goes_on = |last: char| tag(last).is_some() || selector(last).is_some();
    if text.get(..at)?.chars().next_back().is_some_and(goes_on) {
        return None;
    }
    if tag(c).is_some() {
        let (letters, end) = collect(row, tag);
        // Flags of regions are spelled like that.
        let flag = text.get(..at)?.ends_with('\u{1F3F4}');
        let read = String::from_utf8_lossy(&letters).into_owned();
        return (letters.len() >= SHORTEST && !flag).then(|| spelled(at, end, &read));
    }
    selector(c)?;
    let (bytes, end) = collect(row, |c| selector(c).map(Some));
    let read = plausible::text(&bytes).filter(|_| bytes.len() >= SHORTEST)?;
    Some(spelled(at, end, &read))
}

fn spelled(at: usize, length: usize, read: &str) -> Unit {
    // It is no part of the words it stands between.
    Unit::new(at..at + length, Reads::Text(format!("\n{read}\n")), Disguise::Smuggled)
}

/// What a row of such characters spells, and how long it is.
fn collect(row: &str, read: impl Fn(char) -> Option<Option<u8>>) -> (Vec<u8>, usize) {
    let mut out = Vec::new();
    let mut length = 0;
    for c in row.chars() {
        let Some(byte) = read(c) else { break };
        out.extend(byte);
        length += c.len_utf8();
    }
    (out, length)
}

/// The ASCII character of a tag; the first and the last tag only begin and end.
fn tag(c: char) -> Option<Option<u8>> {
    match u32::from(c) {
        0xE0001 | 0xE007F => Some(None),
        value @ 0xE0020..=0xE007E => Some(u8::try_from(value - 0xE0000).ok()),
        _ => None,
    }
}

/// The byte of a variation selector.
fn selector(c: char) -> Option<u8> {
    match u32::from(c) {
        value @ 0xFE00..=0xFE0F => u8::try_from(value - 0xFE00).ok(),
        value @ 0xE0100..=0xE01EF => u8::try_from(value - 0xE0100 + 16).ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<String> {
        let (at, c) = text.char_indices().find(|(_, c)| tag(*c).is_some() || selector(*c).is_some())?;
        match unit(text, at, c)?.reads {
            Reads::Text(read) => Some(read.trim().to_owned()),
            _ => None,
        }
    }

    #[test]
    fn hidden_characters_spell_text() {
        let tags: String =
            "ignore".chars().map(|c| char::from_u32(0xE0000 + u32::from(c)).unwrap()).collect();
        assert_eq!(read(&format!("a{tags}b")).as_deref(), Some("ignore"));
        let selectors: String =
            "ignore".bytes().map(|byte| char::from_u32(0xE0100 + u32::from(byte) - 16).unwrap()).collect();
        assert_eq!(read(&format!("😀{selectors}")).as_deref(), Some("ignore"));
    }

    #[test]
    fn emoji_stay() {
        for text in ["❤️", "1️⃣", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "👩‍👩‍👧"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
