//! One look at every character that is not ASCII.

use std::ops::Range;

use super::Unseen;
use crate::letters::is_alphabetic;

/// So many characters without width in a row carry at least a byte; no script needs them.
const ZERO_WIDTH_RUN: usize = 8;

/// A sign takes one variation selector.
const VARIATION_RUN: usize = 3;

/// No language writes so many marks above and below one letter.
const MARKS: usize = 4;

/// A flag of a region is a black flag, at most six tags and a tag that ends it.
const FLAG_TAGS: usize = 7;

/// How far a word is looked at for letters of other alphabets, in characters.
const WORD: usize = 32;

/// Letters of Latin that a word has besides those that only look so.
const LATIN: usize = 3;

/// Cyrillic and Greek letters that look like Latin ones.
const LOOKALIKES: &str = "асеорхуіјѕһԁԛԝѵАВЕКМНОРСТХУІЈЅоνΑΒΕΖΗΙΚΜΝΟΡΤΥΧο";

/// What was seen so far.
#[derive(Default)]
struct Seen {
    right_to_left: bool,
    /// The controls of direction.
    directions: Vec<Range<usize>>,
    /// One of them overrides what letters say.
    overrides: bool,
}

/// Reports what is found in a text.
pub(super) fn scan(text: &str, report: &mut impl FnMut(Unseen, Range<usize>)) {
    let mut seen = Seen::default();
    let mut at = 0;
    while let Some(found) = next_other(text.as_bytes(), at) {
        let Some(character) = text.get(found..).and_then(|rest| rest.chars().next()) else { break };
        at = seen.look(text, found, character, report).max(found + character.len_utf8());
    }
    // Embeddings and isolates belong to texts that have letters written from right to left.
    if seen.overrides || !seen.right_to_left {
        seen.directions.into_iter().for_each(|span| report(Unseen::BidiControl, span));
    }
}

impl Seen {
    /// Looks at a character and what belongs to it; returns how far the text is dealt with.
    fn look(
        &mut self,
        text: &str,
        at: usize,
        character: char,
        report: &mut impl FnMut(Unseen, Range<usize>),
    ) -> usize {
        let next = at + character.len_utf8();
        match character {
            '\u{200B}'..='\u{200F}' | '\u{2060}'..='\u{2064}' | '\u{FEFF}' | '\u{180E}' => {
                let (end, count) = run(text, at, is_zero_width);
                if count >= ZERO_WIDTH_RUN {
                    report(Unseen::ZeroWidthRun, at..end);
                } else if splits_word(text, at, end) {
                    report(Unseen::ZeroWidthInWord, at..end);
                }
                end
            }
            '\u{E0000}'..='\u{E007F}' => {
                let (end, count) = run(text, at, |next| matches!(next, '\u{E0000}'..='\u{E007F}'));
                let head = text.get(..at).unwrap_or_default();
                let tail = text.get(..end).unwrap_or_default();
                let flag = head.ends_with('🏴') && tail.ends_with('\u{E007F}') && count <= FLAG_TAGS;
                if !flag {
                    report(Unseen::TagCharacters, at..end);
                }
                end
            }
            '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}' => {
                let (end, count) = run(text, at, is_selector);
                if count >= VARIATION_RUN {
                    report(Unseen::VariationRun, at..end);
                }
                end
            }
            '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => {
                self.overrides |= matches!(character, '\u{202D}' | '\u{202E}');
                self.directions.push(at..next);
                next
            }
            '\u{0300}'..='\u{036F}' | '\u{1AB0}'..='\u{1AFF}' | '\u{20D0}'..='\u{20FF}' => {
                let (end, count) = run(text, at, is_mark);
                if count >= MARKS {
                    report(Unseen::MarkPile, at..end);
                }
                end
            }
            '\u{0370}'..='\u{052F}' if LOOKALIKES.contains(character) => {
                let word = word_around(text, at);
                if is_mixed(text.get(word.clone()).unwrap_or_default()) {
                    report(Unseen::MixedScript, word.clone());
                }
                word.end
            }
            '\u{0590}'..='\u{08FF}' | '\u{FB1D}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFC}' => {
                self.right_to_left = true;
                next
            }
            _ => next,
        }
    }
}

/// Where the next character stands that is not ASCII.
fn next_other(text: &[u8], mut at: usize) -> Option<usize> {
    const STEP: usize = 32;
    while text.get(at..at + STEP).is_some_and(<[u8]>::is_ascii) {
        at += STEP;
    }
    text.get(at..)?.iter().position(|byte| !byte.is_ascii()).map(|step| at + step)
}

/// End and length of the run of such characters that begins at `at`.
fn run(text: &str, at: usize, of: impl Fn(char) -> bool) -> (usize, usize) {
    let rest = text.get(at..).unwrap_or_default();
    let run = rest.chars().take_while(|&next| of(next));
    let (bytes, count) = run.fold((0, 0), |(bytes, count), next| (bytes + next.len_utf8(), count + 1));
    (at + bytes, count)
}

fn is_zero_width(character: char) -> bool {
    matches!(character, '\u{200B}'..='\u{200F}' | '\u{2060}'..='\u{2064}' | '\u{FEFF}' | '\u{180E}')
}

fn is_selector(character: char) -> bool {
    matches!(character, '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}')
}

fn is_mark(character: char) -> bool {
    matches!(character, '\u{0300}'..='\u{036F}' | '\u{1AB0}'..='\u{1AFF}' | '\u{20D0}'..='\u{20FF}')
}

/// Whether what lies between stands between two letters of Latin.
fn splits_word(text: &str, start: usize, end: usize) -> bool {
    let letter = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphabetic);
    let bytes = text.as_bytes();
    letter(start.checked_sub(1).and_then(|last| bytes.get(last))) && letter(bytes.get(end))
}

fn word_around(text: &str, at: usize) -> Range<usize> {
    let size = |letters: &mut dyn Iterator<Item = char>| -> usize {
        letters.take(WORD).take_while(|letter| is_alphabetic(*letter)).map(char::len_utf8).sum()
    };
    let before = size(&mut text.get(..at).unwrap_or_default().chars().rev());
    let after = size(&mut text.get(at..).unwrap_or_default().chars());
    at - before..at + after
}

/// Whether a word is Latin but for letters that only look so.
fn is_mixed(word: &str) -> bool {
    let latin = word.bytes().filter(u8::is_ascii_alphabetic).count();
    if latin < LATIN {
        return false;
    }
    let other = word.chars().filter(|letter| LOOKALIKES.contains(*letter)).count();
    other > 0 && latin + other == word.chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(Unseen, &str)> {
        let mut found = Vec::new();
        scan(text, &mut |unseen, span: Range<usize>| found.push((unseen, &text[span])));
        found
    }

    #[test]
    fn what_carries_unseen_text_is_found() {
        let tags: String = "obey".chars().map(|c| char::from_u32(0xE0000 + u32::from(c)).unwrap()).collect();
        assert_eq!(found(&format!("fine {tags} day")), [(Unseen::TagCharacters, tags.as_str())]);
        let run = "\u{200B}\u{200C}".repeat(8);
        assert_eq!(found(&format!("a{run}b")), [(Unseen::ZeroWidthRun, run.as_str())]);
        let split = ["\u{200B}", "\u{200D}"].map(|hidden| (Unseen::ZeroWidthInWord, hidden));
        assert_eq!(found("ig\u{200B}no\u{200D}re"), split);
        let selectors = "\u{E0101}\u{E0123}\u{FE01}";
        assert_eq!(found(&format!("😀{selectors}")), [(Unseen::VariationRun, selectors)]);
        assert_eq!(found("if \u{202E}nimda"), [(Unseen::BidiControl, "\u{202E}")]);
        assert_eq!(found("a\u{0301}\u{0302}\u{0303}\u{0304}").len(), 1);
        assert_eq!(found("say pаssword"), [(Unseen::MixedScript, "pаssword")]);
    }

    #[test]
    fn scripts_keep_what_they_need() {
        for text in [
            "👩‍👩‍👧 and 🏳️‍🌈 and ❤️‍🔥 and 🏴\u{E0067}\u{E0062}\u{E0065}\u{E006E}\u{E0067}\u{E007F}",
            "می‌خواهم به خانه\u{200C}ام بروم",
            "\u{2067}שלום\u{2069} world",
            "क्‍ष क्‌ष ภาษาไทย",
            "葛\u{E0100}飾区",
            "Ти\u{0301}хий, Việt Nam: Vie\u{0323}\u{0302}t",
            "Привет мир, SMSка, PDFки и API, Δt in μs, 5 kΩ, α-Fe",
            "\u{FEFF}first line",
            "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b",
        ] {
            assert!(found(text).is_empty(), "{text}: {:?}", found(text));
        }
    }
}
