//! Character references of HTML and XML.

use super::{
    Disguise,
    unit::{Reads, Search, Unit},
};
use crate::ascii::{byte, run_end, slice};

pub(super) fn find(search: &Search<'_>) -> Option<Unit> {
    let text = search.bytes();
    search.each(b'&').find_map(|at| {
        let (read, end) = read(text, at)?;
        let weak = matches!(read, '&' | '<' | '>' | '"' | '\'' | '\u{A0}');
        let unit = Unit { weak, ..Unit::new(at..end, Reads::Char(read), Disguise::Entities) };
        search.counts(&unit).then_some(unit)
    })
}

/// The character a reference at `at` stands for, and its end. `&amp;lt;` is `&lt;` is `<`.
fn read(text: &[u8], at: usize) -> Option<(char, usize)> {
    let mut name = at + 1;
    while slice(text, name..name + 4).eq_ignore_ascii_case(b"amp;") && starts_name(byte(text, name + 4)) {
        name += 4;
    }
    if byte(text, name) != b'#' {
        let end = run_end(slice(text, 0..text.len().min(name + LONGEST)), name, |byte| {
            byte.is_ascii_alphanumeric()
        });
        let known = NAMES.iter().find(|(known, _)| known.as_bytes() == slice(text, name..end));
        return known.filter(|_| byte(text, end) == b';').map(|(_, read)| (*read, end + 1));
    }
    let hex = byte(text, name + 1) | 0x20 == b'x';
    let (radix, start) = if hex { (16, name + 2) } else { (10, name + 1) };
    let limit = text.len().min(start + DIGITS);
    let end = run_end(slice(text, 0..limit), start, |byte| char::from(byte).is_digit(radix));
    let digits = slice(text, start..end).iter();
    let value = digits.clone().try_fold(0_u32, |value, digit| {
        value.checked_mul(radix)?.checked_add(char::from(*digit).to_digit(radix)?)
    })?;
    let read = char::from_u32(value).filter(|read| *read != '\0' && digits.len() > 0)?;
    Some((read, if byte(text, end) == b';' { end + 1 } else { end }))
}

fn starts_name(byte: u8) -> bool {
    byte == b'#' || byte.is_ascii_alphabetic()
}

/// Zeros in front make a number longer, not larger.
const DIGITS: usize = 12;

/// Longest of the names below, and one more.
const LONGEST: usize = 9;

/// Names of characters that carry meaning, or hide it.
const NAMES: [(&str, char); 49] = [
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("apos", '\''),
    ("nbsp", '\u{A0}'),
    ("AMP", '&'),
    ("LT", '<'),
    ("GT", '>'),
    ("QUOT", '"'),
    ("sol", '/'),
    ("bsol", '\\'),
    ("period", '.'),
    ("colon", ':'),
    ("semi", ';'),
    ("comma", ','),
    ("excl", '!'),
    ("quest", '?'),
    ("num", '#'),
    ("dollar", '$'),
    ("percnt", '%'),
    ("lpar", '('),
    ("rpar", ')'),
    ("ast", '*'),
    ("midast", '*'),
    ("plus", '+'),
    ("equals", '='),
    ("lowbar", '_'),
    ("hyphen", '-'),
    ("dash", '-'),
    ("Tab", '\t'),
    ("NewLine", '\n'),
    ("lbrack", '['),
    ("lsqb", '['),
    ("rbrack", ']'),
    ("rsqb", ']'),
    ("lbrace", '{'),
    ("lcub", '{'),
    ("rbrace", '}'),
    ("rcub", '}'),
    ("verbar", '|'),
    ("vert", '|'),
    ("grave", '`'),
    ("commat", '@'),
    ("Hat", '^'),
    ("shy", '\u{AD}'),
    ("zwj", '\u{200D}'),
    ("zwnj", '\u{200C}'),
    ("fjlig", 'f'),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_read() {
        for (text, char) in [
            ("&#65;", 'A'),
            ("&#0000065;", 'A'),
            ("&#x41;", 'A'),
            ("&#X41", 'A'),
            ("&lt;", '<'),
            ("&amp;lt;", '<'),
            ("&amp;amp;#65;", 'A'),
            ("&sol;", '/'),
            ("&NewLine;", '\n'),
        ] {
            assert_eq!(read(text.as_bytes(), 0), Some((char, text.len())), "{text}");
        }
    }

    #[test]
    fn other_ampersands_stay() {
        for text in ["&", "&&", "& amp;", "&b=1", "&#;", "&#x;", "&#xD800;", "&unknown;", "&lt "] {
            assert_eq!(read(text.as_bytes(), 0), None, "{text}");
        }
    }
}
