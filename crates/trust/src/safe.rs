//! Texts of servers, made fit to be shown.

/// Longest text shown in one piece, in characters.
const SHOWN: usize = 300;

/// A character that a terminal or an editor would not show as itself.
pub(crate) fn is_unseen(character: char) -> bool {
    let mut escaped = character.escape_debug();
    !matches!(character, '"' | '\'' | '\\') && escaped.next() == Some('\\')
}

/// Invisible characters spelt out, and no more than fits.
pub(crate) fn shown(text: &str) -> String {
    let mut shown = String::new();
    for character in text.chars().take(SHOWN) {
        if is_unseen(character) {
            shown.extend(character.escape_debug());
        } else {
            shown.push(character);
        }
    }
    if text.chars().nth(SHOWN).is_some() {
        shown.push('…');
    }
    shown
}
