//! Phone numbers: international ones with a leading `+` (ITU-T E.164), North
//! American ones in their usual groups, and digits in any form where words
//! beside them or the field's name say that they are a phone number. Anything
//! else that is only digits is a time stamp, an order or an id until shown
//! otherwise.

use super::Scan;
use super::context::{names, says};
use super::digits::{begins, ends};
use crate::ascii::{before, byte, is_word, run_end, run_start, slice};
use crate::catalogue::Builtin;

const INTERNATIONAL: u8 = 90;
const GROUPED: u8 = 85;
const IN_CONTEXT: u8 = 80;
/// Three numbers in a row of a table look just like it.
const SPACED: u8 = 60;

#[rustfmt::skip]
const WORDS: [&str; 11] = [
    "phone", "phones", "telephone", "cellphone", "tel", "mobile", "cell", "fax", "sms", "whatsapp", "msisdn",
];

/// What people say before a number they talk of.
#[rustfmt::skip]
const TALK: [&str; 24] = [
    "call me", "call us", "call him", "call her", "call them", "called from", "dial", "ring me", "ring us",
    "text me", "text us", "reach me", "reach us", "reached at", "answering at", "answer at", "hotline", "helpline",
    "landline", "telefon", "tel\u{e9}fono", "t\u{e9}l\u{e9}phone", "m\u{f3}vil", "celular",
];

/// What says enough before a number with a trunk prefix, the leading zero of most national plans.
const TRUNK: [&str; 5] = ["number", "contact", "registered", "call", "reach"];

/// What signatures and cards put behind a number.
const LABELS: [&str; 8] = ["office", "fax", "mobile", "cell", "home", "work", "phone", "landline"];

/// At a run of digits.
pub(super) fn scan(scan: &mut Scan<'_>, start: usize, end: usize) -> Option<usize> {
    let text = scan.text;
    let len = end - start;
    // Most numbers are small and stand alone.
    if len < 7 && gap(text, end) == 0 {
        return None;
    }
    let (last, next) = (before(text, start, 1), byte(text, end));
    let found = if last == b'+' || (last == b'(' && before(text, start, 2) == b'+') {
        international(text, start)
    } else if matches!(len, 1 | 3) && (is_separator(next) || matches!(next, b'(' | b')')) {
        north_american(text, start, end)
    } else {
        None
    };
    let (from, to, percent) =
        found.or_else(|| bare(scan, start, end)).or_else(|| spoken_of(scan, start, end))?;
    let percent = if percent == SPACED && says(scan.key, text, from, &WORDS) { GROUPED } else { percent };
    scan.report(Builtin::Phone, from..to, percent);
    Some(to)
}

type Found = (usize, usize, u8);

fn international(text: &[u8], start: usize) -> Option<Found> {
    let plus = if before(text, start, 1) == b'+' { start - 1 } else { start - 2 };
    if !begins(text, plus) || before(text, plus, 1) == b')' {
        return None;
    }
    let number = Digits::read(text, start, 15)?;
    let code = calling_code(number.digits())?;
    if code == 1 {
        let number = Digits::read(text, start, 11)?;
        let national = parts(number.digits().get(1..).unwrap_or_default());
        return (is_north_american(national) && closes(text, number.end)).then_some((
            plus,
            number.end,
            INTERNATIONAL,
        ));
    }
    (number.len >= 9 && closes(text, number.end)).then_some((plus, number.end, INTERNATIONAL))
}

/// `212-555-0142`, `(212) 555-0142`, `1 212.555.0142`.
fn north_american(text: &[u8], start: usize, end: usize) -> Option<Found> {
    let trunk = matches!(slice(text, start..end), b"1" | b"001");
    let open = if trunk { end + usize::from(is_separator(byte(text, end))) } else { start };
    let bracketed_before = !trunk && before(text, start, 1) == b'(';
    let bracket = bracketed_before || byte(text, open) == b'(';
    let area = open + usize::from(bracket && !bracketed_before);
    if trunk && area == end {
        return None;
    }
    let mut at = area + 3;
    if bracket {
        if byte(text, at) != b')' {
            return None;
        }
        at += 1;
    }
    let first = byte(text, at);
    if is_separator(first) {
        at += 1;
    } else if !bracket {
        return None;
    }
    let second = byte(text, at + 3);
    let stop = at + 8;
    let number = [slice(text, area..area + 3), slice(text, at..at + 3), slice(text, at + 4..stop)];
    let from = if bracketed_before { start - 1 } else { start };
    let dots_agree = bracket || (first == b'.') == (second == b'.');
    if !is_separator(second) || !dots_agree || !is_north_american(number) {
        return None;
    }
    if !begins(text, from) || !closes(text, stop) {
        return None;
    }
    let spaced = first == b' ' && second == b' ' && !bracket;
    Some((from, stop, if spaced { SPACED } else { GROUPED }))
}

/// Digits without a form of their own, with a word that says what they are.
fn bare(scan: &Scan<'_>, start: usize, end: usize) -> Option<Found> {
    let text = scan.text;
    // In any national form when labelled: `Tel: 02 27 96 63 08`.
    if is_label(before(text, start, 1)) || (start <= 1 && !scan.key.is_empty()) {
        let valued = start == usize::from(byte(text, 0) == b'(') && names(scan.key, &WORDS);
        let number = (valued || is_labelled(text, start)).then(|| Digits::read(text, start, 15)).flatten();
        if let Some(number) = number.filter(|number| number.len >= 7 && closes(text, number.end)) {
            return (!is_date(text, start)).then_some((start, number.end, IN_CONTEXT));
        }
    }
    let national = match end - start {
        10 => slice(text, start..end),
        11 if byte(text, start) == b'1' => slice(text, start + 1..end),
        _ => return None,
    };
    let plausible = is_north_american(parts(national)) && begins(text, start) && closes(text, end);
    (plausible && says(scan.key, text, start, &WORDS)).then_some((start, end, IN_CONTEXT))
}

/// Groups of digits of any national plan, where the words beside them are those that phone numbers have.
fn spoken_of(scan: &Scan<'_>, start: usize, end: usize) -> Option<Found> {
    let text = scan.text;
    // What does not go on in a second group is a number of something.
    if !(2..=5).contains(&(end - start)) || gap(text, end) == 0 || is_date(text, start) {
        return None;
    }
    let from = start - usize::from(before(text, start, 1) == b'(');
    let number = Digits::read(text, start, 13)?;
    let written = slice(text, start..number.end);
    let dotted = written.iter().filter(|byte| **byte == b'.').count() == 3;
    // Longer rows of numbers are tables.
    let goes_on = byte(text, number.end + gap(text, number.end)).is_ascii_digit();
    if number.len < 7 || goes_on || dotted || !begins(text, from) || !may_end(text, number.end) {
        return None;
    }
    let trunk = byte(text, start) == b'0' && says(b"", text, from, &TRUNK);
    let known = trunk || says(scan.key, text, from, &WORDS) || says(b"", text, from, &TALK);
    (known || is_followed_by_label(text, number.end)).then_some((from, number.end, IN_CONTEXT))
}

/// As [`closes`]; a label may also follow after a dash, `-Fax`.
fn may_end(text: &[u8], at: usize) -> bool {
    closes(text, at) || is_followed_by_label(text, at)
}

/// Whether `office`, `-Fax` or the like follows, perhaps after an extension.
fn is_followed_by_label(text: &[u8], at: usize) -> bool {
    let reach = slice(text, 0..text.len().min(at + 16));
    let extension =
        if byte(text, at) == b'x' { run_end(reach, at + 1, |byte| byte.is_ascii_digit()) } else { at };
    let label = run_end(reach, extension, |byte| matches!(byte, b' ' | b'-' | b'('));
    let end = run_end(reach, label, |byte| byte.is_ascii_alphabetic());
    label > at && LABELS.iter().any(|known| slice(reach, label..end).eq_ignore_ascii_case(known.as_bytes()))
}

/// Whether a word for a phone number and `:` or `=` stand right before `at`.
fn is_labelled(text: &[u8], at: usize) -> bool {
    let reach = at.saturating_sub(4);
    let label = run_start(text, reach, at, is_label);
    let separated = slice(text, label..at).iter().any(|byte| matches!(byte, b':' | b'='));
    let word = run_start(text, label.saturating_sub(16), label, is_word);
    separated && names(slice(text, word..label), &WORDS)
}

fn is_label(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b':' | b'=' | b'"' | b'\'' | b'(')
}

/// A year, a dash and a month.
fn is_date(text: &[u8], at: usize) -> bool {
    matches!(slice(text, at..at + 2), b"19" | b"20") && byte(text, at + 4) == b'-'
}

/// Whether a number may end at `at`, perhaps before an extension, `x123`.
fn closes(text: &[u8], at: usize) -> bool {
    ends(text, at)
        || (byte(text, at) == b'x' && byte(text, at + 1).is_ascii_digit())
        || slice(text, at..at + 3) == b"ext"
}

/// The digits of a number written in groups.
struct Digits {
    digits: [u8; 15],
    len: usize,
    end: usize,
}

impl Digits {
    /// Reads the groups from `at` on that together have at most `most` digits;
    /// `None` when the first alone has more.
    fn read(text: &[u8], mut at: usize, most: usize) -> Option<Self> {
        let mut number = Self { digits: [0; 15], len: 0, end: at };
        while byte(text, at).is_ascii_digit() {
            let mut len = number.len;
            while byte(text, at).is_ascii_digit() {
                if len == most {
                    return (number.len > 0).then_some(number);
                }
                *number.digits.get_mut(len)? = byte(text, at);
                len += 1;
                at += 1;
            }
            number.len = len;
            number.end = at;
            at += gap(text, at);
        }
        Some(number)
    }

    fn digits(&self) -> &[u8] {
        slice(&self.digits, 0..self.len)
    }
}

/// Length of what may stand between two groups: one separator, or brackets
/// around an area code.
fn gap(text: &[u8], at: usize) -> usize {
    match slice(text, at..(at + 2).min(text.len())) {
        [b')', b' ' | b'-'] | [b' ', b'('] => 2,
        [b' ' | b'-' | b'.' | b'/' | b'(' | b')', ..] => 1,
        _ => 0,
    }
}

fn is_separator(byte: u8) -> bool {
    matches!(byte, b' ' | b'-' | b'.')
}

/// NANP: area code and exchange begin with 2 to 9, and the area is no service
/// code such as 911.
fn is_north_american([area, exchange, line]: [&[u8]; 3]) -> bool {
    let digits = |part: &[u8], len| part.len() == len && part.iter().all(u8::is_ascii_digit);
    digits(area, 3)
        && digits(exchange, 3)
        && digits(line, 4)
        && byte(area, 0) >= b'2'
        && byte(exchange, 0) >= b'2'
        && !area.ends_with(b"11")
}

/// Area, exchange and line of a national number in one piece.
fn parts(digits: &[u8]) -> [&[u8]; 3] {
    [slice(digits, 0..3), slice(digits, 3..6), slice(digits, 6..digits.len())]
}

/// The country code a number begins with, when it is an assigned one (list of
/// ITU-T E.164 assigned country codes).
fn calling_code(digits: &[u8]) -> Option<u16> {
    let lead =
        |len| digits.get(..len).map(|lead| lead.iter().fold(0, |code, d| code * 10 + u16::from(d - b'0')));
    if let code @ (1 | 7) = lead(1)? {
        return Some(code);
    }
    let two = lead(2)?;
    if matches!(two, 20 | 27 | 30..=34 | 36 | 39..=41 | 43..=49 | 51..=58 | 60..=66 | 81 | 82 | 84 | 86 | 90..=95 | 98)
    {
        return Some(two);
    }
    let three = lead(3)?;
    let assigned = matches!(three,
        211..=213 | 216 | 218 | 220..=258 | 260..=269 | 290 | 291 | 297..=299
        | 350..=359 | 370..=378 | 380..=383 | 385..=387 | 389 | 420 | 421 | 423
        | 500..=509 | 590..=599 | 670 | 672..=683 | 685..=692 | 800 | 808 | 850 | 852 | 853 | 855 | 856
        | 870 | 878 | 880..=883 | 886 | 888 | 960..=968 | 970..=977 | 979 | 992..=996 | 998);
    assigned.then_some(three)
}
