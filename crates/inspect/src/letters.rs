//! Letters, without a search in the tables of Unicode for those that most texts are made of.

/// As [`char::is_alphabetic`].
pub(crate) fn is_alphabetic(c: char) -> bool {
    is_common(c) || (!c.is_ascii() && c.is_alphabetic())
}

/// As [`char::is_alphanumeric`].
pub(crate) fn is_alphanumeric(c: char) -> bool {
    is_common(c) || c.is_ascii_digit() || (!c.is_ascii() && c.is_alphanumeric())
}

/// Latin, Greek, Cyrillic, Arabic, Chinese and Korean letters.
fn is_common(c: char) -> bool {
    matches!(c, 'a'..='z' | 'A'..='Z' | '\u{C0}'..='\u{D6}' | '\u{D8}'..='\u{F6}' | '\u{F8}'..='\u{24F}'
        | '\u{3A3}'..='\u{3F5}' | '\u{400}'..='\u{481}' | '\u{48A}'..='\u{52F}' | '\u{620}'..='\u{64A}'
        | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7A3}')
}

#[cfg(test)]
mod tests {
    #[test]
    fn letters_are_those_of_unicode() {
        for c in '\0'..=char::MAX {
            assert_eq!(super::is_alphabetic(c), c.is_alphabetic(), "{c:?}");
            assert_eq!(super::is_alphanumeric(c), c.is_alphanumeric(), "{c:?}");
        }
    }
}
