//! Words that tell what a value is: in the name of its field or just before it.

use crate::ascii::{before, byte, slice};

/// Longer names and more distant words say nothing reliable.
const REACH: usize = 40;

/// Whether one of `words` (lower case) stands in `name`, or in the few bytes of
/// `text` before `at`.
pub(super) fn says(name: &[u8], text: &[u8], at: usize, words: &[&str]) -> bool {
    names(name, words) || contains_word(slice(text, at.saturating_sub(REACH)..at), words)
}

/// Whether one of `words` (lower case) is a word of `name`.
pub(super) fn names(name: &[u8], words: &[&str]) -> bool {
    name.len() <= REACH && contains_word(name, words)
}

/// Whether `part` (lower case) stands anywhere in `text`, in any case.
pub(super) fn contains(text: &[u8], part: &str) -> bool {
    text.windows(part.len()).any(|window| window.eq_ignore_ascii_case(part.as_bytes()))
}

/// Whether one of `words` (lower case) is a word of `text`, in any spelling of names.
pub(super) fn contains_word(text: &[u8], words: &[&str]) -> bool {
    let begins = |at: usize| {
        let (last, first) = (before(text, at, 1), byte(text, at));
        !last.is_ascii_alphabetic() || (last.is_ascii_lowercase() && first.is_ascii_uppercase())
    };
    let stands = |at: usize, word: &str| {
        word.as_bytes().first() == Some(&byte(text, at).to_ascii_lowercase())
            && slice(text, at..at + word.len()).eq_ignore_ascii_case(word.as_bytes())
            && !byte(text, at + word.len()).is_ascii_lowercase()
    };
    let mut letters = text.iter().enumerate().filter(|(_, byte)| byte.is_ascii_alphabetic());
    letters.any(|(at, _)| begins(at) && words.iter().any(|word| stands(at, word)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_whole_in_any_spelling() {
        for name in ["ssn", "SSN", "user_ssn", "userSsn", "ssnNumber", "Employee SSN:"] {
            assert!(names(name.as_bytes(), &["ssn"]), "{name}");
        }
        for name in ["lessnow", "assn", "ssns", "sn"] {
            assert!(!names(name.as_bytes(), &["ssn"]), "{name}");
        }
    }

    #[test]
    fn only_nearby_words_count() {
        let text = format!("phone {} 5", "x".repeat(60));
        assert!(!says(b"", text.as_bytes(), text.len() - 1, &["phone"]));
        assert!(says(b"", b"phone: 5", 7, &["phone"]));
        assert!(says(b"homePhone", b"5", 0, &["phone"]));
    }
}
