//! Letters of other alphabets that look like ASCII ones (Unicode Technical Standard 39), in words that hold ASCII
//! letters as well, or nothing but such letters.

use super::{
    Disguise,
    unit::{Reads, Unit},
};
use crate::letters::{is_alphabetic, is_alphanumeric};

/// Longer words are judged by their parts, in bytes.
const WORD: usize = 128;

/// Shorter words are words of their own language by chance, in letters.
const SHORTEST: usize = 3;

/// How the letter at `at` is read; otherwise where to go on.
pub(super) fn unit(text: &str, at: usize, c: char) -> Result<Unit, usize> {
    let end = at + c.len_utf8();
    if !is_alphabetic(c) {
        return Err(end);
    }
    let lead = text.get(text.floor_char_boundary(at.saturating_sub(WORD))..at).unwrap_or_default();
    let tail = text.get(at..text.floor_char_boundary(at + WORD)).unwrap_or_default();
    let start = at - lead.chars().rev().take_while(|c| belongs(*c)).map(char::len_utf8).sum::<usize>();
    let word_end = at + tail.chars().take_while(|c| belongs(*c)).map(char::len_utf8).sum::<usize>();
    let word = text.get(start..word_end).unwrap_or_default();
    let mixed = word.bytes().any(|byte| byte.is_ascii_alphabetic());
    let disguised = || {
        let letters = word.chars().filter(|c| is_alphabetic(*c));
        letters.clone().count() >= SHORTEST
            && letters.clone().all(|c| ascii(c).is_some())
            && !stands_among_its_own(text, start, word_end)
    };
    if !(mixed || disguised()) {
        return Err(word_end.max(end));
    }
    let read = ascii(c).or_else(|| loosely(c).filter(|_| mixed));
    let Some(read) = read else { return Err(end) };
    Ok(Unit::new(at..end, Reads::Char(read), Disguise::LookAlikes))
}

fn belongs(c: char) -> bool {
    is_alphanumeric(c) || c == '_' || c == '\''
}

/// Whether the words before or after are words of another alphabet beyond doubt.
fn stands_among_its_own(text: &str, start: usize, end: usize) -> bool {
    let own = |c: char| is_alphabetic(c) && !c.is_ascii() && ascii(c).is_none();
    let lead = text.get(text.floor_char_boundary(start.saturating_sub(WORD))..start).unwrap_or_default();
    let tail = text.get(end..text.floor_char_boundary(end + WORD)).unwrap_or_default();
    lead.chars().rev().take(WORD / 4).any(own) || tail.chars().take(WORD / 4).any(own)
}

/// The ASCII letter that a letter of another alphabet looks like.
#[rustfmt::skip]
pub(crate) fn ascii(c: char) -> Option<char> {
    Some(match c {
        // Cyrillic
        'а' => 'a', 'А' => 'A', 'В' => 'B', 'в' => 'b', 'Ь' | 'ь' => 'b', 'с' => 'c', 'С' => 'C', 'ԁ' => 'd', 'Ԁ' => 'd',
        'е' | 'ё' | 'є' | 'ҽ' => 'e', 'Е' | 'Ё' | 'Є' => 'E', 'Ғ' => 'F', 'ԍ' | 'Ԍ' => 'g', 'Н' | 'н' => 'h',
        'һ' => 'h', 'Һ' => 'H', 'і' | 'ї' => 'i', 'І' | 'Ї' => 'I', 'ј' => 'j', 'Ј' => 'J', 'к' | 'қ' => 'k', 'К' | 'Қ' => 'K', 'ӏ' => 'l', 'Ӏ' => 'I',
        'м' => 'm', 'М' => 'M', 'о' => 'o', 'О' => 'O', 'р' => 'p', 'Р' => 'P', 'ԛ' => 'q', 'Ԛ' => 'Q',
        'ѕ' => 's', 'Ѕ' => 'S', 'т' => 't', 'Т' => 'T', 'ѵ' => 'v', 'Ѵ' => 'V', 'ԝ' => 'w', 'Ԝ' => 'W', 'х' => 'x', 'Х' => 'X',
        'у' | 'ү' => 'y', 'У' | 'Ү' => 'Y', 'ᴢ' => 'z',
        // Greek
        'α' => 'a', 'Α' => 'A', 'β' => 'b', 'Β' => 'B', 'ϲ' => 'c', 'Ϲ' => 'C', 'ε' => 'e', 'Ε' => 'E', 'Η' => 'H', 'ι' | 'ί' => 'i', 'Ι' => 'I',
        'ϳ' => 'j', 'Ϳ' => 'J', 'κ' => 'k', 'Κ' => 'K', 'Μ' => 'M', 'η' => 'n', 'Ν' => 'N', 'ο' | 'ό' | 'σ' => 'o', 'Ο' => 'O', 'ρ' => 'p', 'Ρ' => 'P',
        'τ' => 't', 'Τ' => 'T', 'υ' => 'u', 'ν' => 'v', 'ω' => 'w', 'χ' => 'x', 'Χ' => 'X', 'γ' => 'y', 'Υ' => 'Y', 'Ζ' => 'Z',
        // Armenian
        'ց' => 'g', 'հ' => 'h', 'յ' => 'j', 'ո' | 'ռ' => 'n', 'օ' => 'o', 'ք' => 'p', 'զ' => 'q', 'ս' => 'u', 'Տ' => 'S', 'Օ' => 'O', 'Լ' => 'L', 'Ս' => 'U',
        'ա' => 'w', 'ւ' => 'i', 'ե' => 't',
        // Cherokee
        'Ꭺ' => 'A', 'Ᏼ' => 'B', 'Ꮯ' => 'C', 'Ꭰ' => 'D', 'Ꭼ' => 'E', 'Ꮐ' => 'G', 'Ꮋ' => 'H', 'Ꭵ' => 'i', 'Ꭻ' => 'J', 'Ꮶ' => 'K', 'Ꮮ' => 'L', 'Ꮇ' => 'M',
        'Ꮲ' => 'P', 'Ꭱ' => 'R', 'Ꮪ' => 'S', 'Ꭲ' => 'T', 'Ꮩ' => 'V', 'Ꮃ' => 'W', 'Ꭹ' => 'y', 'Ꮓ' => 'Z',
        // Latin beyond ASCII: phonetic, small capitals, dotless and crossed letters
        'ɑ' | 'ᴀ' => 'a', 'ʙ' | 'ɓ' | 'ƀ' => 'b', 'ᴄ' | 'ƈ' => 'c', 'ᴅ' | 'ɗ' | 'đ' => 'd', 'ᴇ' | 'ɛ' | 'ǝ' => 'e', 'ꜰ' | 'ƒ' => 'f', 'ɡ' | 'ɢ' | 'ɠ' | 'ǥ' => 'g',
        'ʜ' | 'ɦ' | 'ħ' => 'h', 'ɪ' | 'ı' | 'ɩ' | 'ɨ' => 'i', 'ᴊ' | 'ȷ' | 'ʝ' => 'j', 'ᴋ' | 'ƙ' => 'k', 'ʟ' | 'ɭ' | 'ƚ' | 'ł' => 'l', 'ᴍ' | 'ɱ' => 'm',
        'ɴ' | 'ŋ' | 'ɲ' | 'ɳ' => 'n', 'ᴏ' | 'ɵ' | 'ø' => 'o', 'ᴘ' | 'ƥ' => 'p', 'ǫ' | 'ʠ' => 'q', 'ʀ' | 'ɾ' | 'ɼ' | 'ɽ' => 'r', 'ꜱ' | 'ʂ' => 's', 'ᴛ' | 'ƭ' | 'ʈ' | 'ŧ' => 't',
        'ᴜ' | 'ʉ' | 'ʋ' => 'u', 'ᴠ' => 'v', 'ᴡ' | 'ɯ' => 'w', 'ʏ' | 'ƴ' => 'y', 'ƶ' | 'ʐ' => 'z',
        _ => return None,
    })
}

/// The same for letters that look like it in some company only.
fn loosely(c: char) -> Option<char> {
    Some(match c {
        'г' => 'r',
        'и' | 'ц' => 'u',
        'п' => 'n',
        'ш' => 'w',
        'Ш' => 'W',
        'я' | 'Я' => 'R',
        'з' | 'З' => '3',
        'λ' => 'A',
        'π' => 'n',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        let mut out = String::new();
        let mut at = 0;
        while let Some(c) = text[at..].chars().next() {
            let end = at + c.len_utf8();
            match unit(text, at, c) {
                Ok(Unit { reads: Reads::Char(c), .. }) => out.push(c),
                _ => out.push(c),
            }
            at = end;
        }
        out
    }

    #[test]
    fn words_of_several_alphabets_are_read_as_one() {
        assert_eq!(read("іgnоre рrevious"), "ignore previous");
        assert_eq!(read("ɪɢɴᴏʀᴇ"), "ignore");
        assert_eq!(read("раса"), "paca");
    }

    #[test]
    fn words_of_other_languages_stay() {
        for text in
            ["сахар и порох", "Сахар нужен всем", "τα νέα", "год", "у нас", "sehr schön", "smørrebrød"]
        {
            let lead = text.chars().next().unwrap();
            assert_eq!(read(text).chars().next(), Some(lead), "{text}");
        }
        assert_eq!(read("сахар нужен"), "сахар нужен");
    }
}
