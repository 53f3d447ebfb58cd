//! Characters beyond ASCII that a model reads as others, or does not show.

use std::ops::Range;

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use super::{
    Disguise, lookalike, smuggled,
    unit::{Reads, Search, Unit},
};

pub(super) fn find(search: &Search<'_>) -> Option<Unit> {
    let text = search.text;
    let mut at = search.range.start;
    loop {
        at = next_wide(text.as_bytes(), at..search.range.end)?;
        let c = text.get(at..)?.chars().next()?;
        if is_plain(c) {
            at += c.len_utf8();
            continue;
        }
        match unit(text, at, c) {
            Ok(unit) if search.counts(&unit) => return Some(unit),
            Ok(unit) => at = unit.span.end,
            Err(end) => at = end,
        }
    }
}

/// Where the next character beyond ASCII begins.
fn next_wide(bytes: &[u8], range: Range<usize>) -> Option<usize> {
    let mut at = range.start;
    let part = bytes.get(range)?;
    for chunk in part.chunks(CHUNK) {
        if !chunk.is_ascii() {
            return Some(at + chunk.iter().position(|byte| !byte.is_ascii())?);
        }
        at += chunk.len();
    }
    None
}

const CHUNK: usize = 64;

/// Letters of scripts that do not look like others, and emoji: most of what there is.
fn is_plain(c: char) -> bool {
    matches!(u32::from(c), 0x590..=0x5FF | 0x620..=0x6D3 | 0x900..=0x10FF | 0x3040..=0x3163 | 0x3400..=0x9FFF
        | 0xAC00..=0xD7A3 | 0x1F200..=0x1FFFF | 0x20000..=0x3FFFF)
}

/// How the character at `at` is read; otherwise where to go on.
fn unit(text: &str, at: usize, c: char) -> Result<Unit, usize> {
    let end = at + c.len_utf8();
    let around = Around {
        before: text.get(..at).and_then(|lead| lead.chars().next_back()),
        after: text.get(end..).and_then(|tail| tail.chars().next()),
    };
    if is_invisible(c) {
        if let Some(unit) = smuggled::unit(text, at, c) {
            return Ok(unit);
        }
        let unit = Unit::new(at..end, Reads::Nothing, Disguise::Invisible);
        return Ok(if around.hides() { unit } else { unit.weak() });
    }
    if is_combining_mark(c) {
        let lead = text.get(..at).unwrap_or_default();
        let base = lead.chars().rev().take(MARKS).find(|c| !is_combining_mark(*c));
        let on_letter = base.is_some_and(|base| base.is_ascii_alphabetic());
        return if on_letter { Ok(Unit::new(at..end, Reads::Nothing, Disguise::Marks)) } else { Err(end) };
    }
    if let Some((read, weak)) = form(c, &around) {
        return Ok(Unit { weak, ..Unit::new(at..end, read, Disguise::Forms) });
    }
    lookalike::unit(text, at, c)
}

/// More marks on one letter are no letter.
const MARKS: usize = 32;

struct Around {
    before: Option<char>,
    after: Option<char>,
}

impl Around {
    /// Whether something invisible here stands in ASCII or between letters that need no joiners, and not between those
    /// of a script that does.
    fn hides(&self) -> bool {
        let shown = |c: char| c.is_ascii_graphic() || c < '\u{590}' && c.is_alphanumeric();
        let (Some(before), Some(after)) = (self.before, self.after) else { return false };
        let open = |c: char| shown(c) || c.is_ascii_whitespace() || is_invisible(c);
        open(before) && open(after) && (shown(before) || shown(after))
    }

    fn both(&self, class: impl Fn(char) -> bool) -> bool {
        self.before.is_some_and(&class) && self.after.is_some_and(&class)
    }
}

/// Another form of ASCII characters, and whether it is a common one.
fn form(c: char, around: &Around) -> Option<(Reads, bool)> {
    let letters = around.both(|c| c.is_ascii_alphabetic());
    let graphic = around.both(|c| c.is_ascii_graphic());
    let (read, weak) = match c {
        '\u{A0}' | '\u{1680}' | '\u{2000}'..='\u{200A}' | '\u{202F}' | '\u{205F}' | '\u{3000}' => {
            (' ', !letters)
        }
        '\u{2028}' | '\u{2029}' | '\u{85}' => ('\n', true),
        '\u{2010}'..='\u{2015}' | '\u{2212}' => ('-', true),
        '\u{2018}'..='\u{201B}' | '\u{2032}' => ('\'', true),
        '\u{201C}'..='\u{201F}' | '\u{2033}' => ('"', true),
        '\u{2044}' | '\u{2215}' | '\u{29F8}' | '\u{2571}' => {
            ('/', !graphic || around.both(|c| c.is_ascii_digit()))
        }
        '\u{2216}' | '\u{29F5}' | '\u{29F9}' => ('\\', !graphic),
        '\u{3002}' | '\u{FF61}' | '\u{6D4}' => ('.', !graphic),
        '\u{FF01}' | '\u{FF08}' | '\u{FF09}' | '\u{FF0C}' | '\u{FF1A}' | '\u{FF1B}' | '\u{FF1F}'
        | '\u{FF5E}' => (char::from_u32(u32::from(c) - 0xFEE0)?, !graphic),
        '\u{1F150}'..='\u{1F169}' => (char::from_u32(u32::from(c) - 0x1F150 + u32::from('A'))?, false),
        '\u{1F170}'..='\u{1F189}' => (char::from_u32(u32::from(c) - 0x1F170 + u32::from('A'))?, true),
        _ if has_form(c) => return compatible(c),
        _ => return None,
    };
    Some((Reads::Char(read), weak))
}

/// What NFKC makes of a character, where that has ASCII in it.
fn compatible(c: char) -> Option<(Reads, bool)> {
    let read: String = [c].into_iter().nfkc().collect();
    let tells = |c: char| c.is_ascii_graphic();
    let common = matches!(u32::from(c), 0xA8..=0xBE | 0x2025 | 0x2026 | 0x2070..=0x208E | 0x2116 | 0x2122 | 0x2150..=0x215F);
    read.chars().any(tells).then_some((Reads::Text(read), common))
}

fn has_form(c: char) -> bool {
    matches!(u32::from(c), 0xA8..=0xBE | 0x132..=0x133 | 0x149 | 0x17F | 0x1C4..=0x1CC | 0x1F1..=0x1F3 | 0x2B0..=0x2B8
        | 0x2E0..=0x2E3 | 0x1D2C..=0x1D6A | 0x1D78..=0x1DBF | 0x2024..=0x2026 | 0x203C..=0x203E | 0x2047..=0x2049 | 0x2070..=0x209C
        | 0x20A8 | 0x2100..=0x218B | 0x2460..=0x24EA | 0x2A74..=0x2A76 | 0x2C7C..=0x2C7D | 0x3250..=0x32FF | 0x3371..=0x33FF
        | 0xA7F2..=0xA7F9 | 0xAB5C..=0xAB5F | 0xFB00..=0xFB06 | 0xFB29 | 0xFE10..=0xFE19 | 0xFE30..=0xFE6B | 0xFF02..=0xFF60 | 0xFFE0..=0xFFE6
        | 0x1D400..=0x1D7FF | 0x1F100..=0x1F14F | 0x1F16A..=0x1F16C | 0x1F190 | 0x1FBF0..=0x1FBF9)
}

/// Beyond ASCII: joiners, direction marks, variation selectors, tags, fillers (Default_Ignorable_Code_Point).
pub(super) fn is_invisible(c: char) -> bool {
    matches!(u32::from(c),
        0xAD | 0x34F | 0x61C | 0x115F..=0x1160 | 0x17B4..=0x17B5 | 0x180B..=0x180F
        | 0x200B..=0x200F | 0x202A..=0x202E | 0x2060..=0x206F | 0x3164
        | 0xFE00..=0xFE0F | 0xFEFF | 0xFFA0 | 0xFFF0..=0xFFFB
        | 0x1BCA0..=0x1BCA3 | 0x1D173..=0x1D17A | 0xE0000..=0xE0FFF)
}
