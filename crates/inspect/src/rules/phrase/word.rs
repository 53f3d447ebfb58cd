//! A word of a phrase as rules write it: `word`, `begin*`, `misspelt~`.

use std::ops::Range;

use crate::ascii::{byte, is_alnum, opens, run_end, run_start, slice};
use crate::letters::is_alphanumeric;

/// Misspelt words are not looked for further than this around what was found of them, in bytes.
pub(super) const LONGEST: usize = 24;

#[derive(Debug)]
pub(super) enum Word {
    /// Stands as it is; ends where it ends unless `open`.
    Exact { open: bool },
    /// Contains the literal, and is this word but for one letter too many, too few or another, or two in the wrong order.
    Misspelt(Vec<u8>),
}

impl Word {
    /// The ways in which a word as written in a rule is looked for, each with its literal.
    pub(super) fn read(written: &str) -> Vec<(Self, String)> {
        if let Some(word) = written.strip_suffix('~') {
            // One fault leaves one half of a word as it is.
            let (first, last) = word.split_at(word.floor_char_boundary(word.len() / 2));
            let misspelt = |half: &str| (Self::Misspelt(word.to_ascii_lowercase().into()), half.to_owned());
            return vec![misspelt(first), misspelt(last)];
        }
        let (word, open) = written.strip_suffix('*').map_or((written, false), |word| (word, true));
        let mut forms = vec![word.to_owned()];
        // The pass for literals knows capitals of ASCII only.
        if !word.is_ascii() {
            let mut rest = word.chars();
            let title: String = rest.next().into_iter().flat_map(char::to_uppercase).chain(rest).collect();
            forms.push(title);
            forms.dedup();
        }
        forms.into_iter().map(|form| (Self::Exact { open }, form)).collect()
    }

    /// The whole word, if what was `found` of it is this word.
    pub(super) fn at(&self, text: &str, found: Range<usize>) -> Option<Range<usize>> {
        let bytes = text.as_bytes();
        match self {
            Self::Exact { open } => {
                let word = text.get(found.clone())?;
                let begins = !is_spaced(word.chars().next()?)
                    || match text.get(..found.start)?.chars().next_back() {
                        Some(before) if !before.is_ascii() => !is_spaced(before),
                        _ => opens(bytes, found.start, is_alnum),
                    };
                let rest = text.get(found.end..)?.chars();
                let spaced = is_spaced(word.chars().next_back()?);
                let more = rest.take(LONGEST).take_while(|&next| spaced && is_spaced(next));
                let end = found.end + more.map(char::len_utf8).sum::<usize>();
                (begins && (*open || end == found.end)).then_some(found.start..end)
            }
            Self::Misspelt(word) => {
                let letter = |byte: u8| byte.is_ascii_alphabetic();
                let start = run_start(bytes, found.start.saturating_sub(LONGEST), found.start, letter);
                let end = run_end(slice(bytes, 0..bytes.len().min(found.end + LONGEST)), found.end, letter);
                let written = slice(bytes, start..end);
                let capped = letter(byte(bytes, end)) || written.len() > word.len() + 1;
                (!capped && is_misspelt(written, word)).then_some(start..end)
            }
        }
    }
}

/// Whether it is a letter or digit of a script that tells words apart by spaces or signs.
fn is_spaced(letter: char) -> bool {
    // Latin, Greek, Cyrillic and Armenian; from Hebrew on particles are written together with words.
    (letter < '\u{590}' || ('\u{1E00}'..='\u{1FFF}').contains(&letter)) && is_alphanumeric(letter)
}

/// Whether `written` (any case) is `word` but for one letter, or two neighbours in the wrong order.
fn is_misspelt(written: &[u8], word: &[u8]) -> bool {
    let same = written.iter().zip(word).take_while(|(a, b)| a.eq_ignore_ascii_case(b)).count();
    let (written, word) = (slice(written, same..written.len()), slice(word, same..word.len()));
    let rest = |text: &[u8], from: usize, word: &[u8], at: usize| {
        slice(text, from.min(text.len())..text.len())
            .eq_ignore_ascii_case(slice(word, at.min(word.len())..word.len()))
    };
    match (written, word) {
        ([], []) => true,
        ([a, b, ..], [c, d, ..]) if a.eq_ignore_ascii_case(d) && b.eq_ignore_ascii_case(c) => {
            rest(written, 2, word, 2) || rest(written, 1, word, 0) || rest(written, 0, word, 1)
        }
        _ => {
            let lengths = (written.len(), word.len());
            (lengths.0 == lengths.1 && rest(written, 1, word, 1))
                || (lengths.0 == lengths.1 + 1 && rest(written, 1, word, 0))
                || (lengths.0 + 1 == lengths.1 && rest(written, 0, word, 1))
        }
    }
}
