//! Payment card numbers (ISO/IEC 7812-1): an issuer's range, a length it uses,
//! and the check digit of annex B (Luhn). Written in one piece or in the groups
//! printed on cards.

use super::Scan;
use super::context::{names, says};
use super::example::is_example;
use crate::ascii::{before, byte, is_word, opens, slice};
use crate::catalogue::Builtin;
use crate::pack::Where;
use crate::place::Places;

/// One piece of a usual length, of an unusual one, and in printed groups.
const WHOLE: u8 = 90;
const UNUSUAL: u8 = 70;
const GROUPED: u8 = 97;
/// Any issuer, where a word says that it is a card.
const IN_CONTEXT: u8 = 85;

const WORDS: [&str; 8] = ["card", "cardnumber", "cc", "visa", "mastercard", "maestro", "amex", "pan"];

/// Printed groups after the first four digits; the longest first.
const GROUPS: [&[usize]; 4] = [&[4, 4, 4, 3], &[4, 4, 4], &[6, 5], &[6, 4]];

/// At a run of 4 or of 12 to 19 digits.
pub(super) fn scan(scan: &mut Scan<'_>, start: usize, end: usize) -> Option<usize> {
    let text = scan.text;
    let dashed = matches!(before(text, start, 1), b'-' | b'.') && before(text, start, 2).is_ascii_digit();
    if dashed || !opens(text, start, is_word) || continues_iban(text, start) {
        return None;
    }
    let (end, percent) = if end - start == 4 {
        let sizes = GROUPS.iter();
        let end =
            sizes.filter_map(|sizes| grouped(text, end, sizes)).find(|&end| is_card(text, start, end))?;
        (end, GROUPED)
    } else if is_card(text, start, end) {
        let percent = match end - start {
            14..=16 => WHOLE,
            _ if says(scan.key, text, start, &WORDS) => IN_CONTEXT,
            _ => UNUSUAL,
        };
        (end, percent)
    } else if is_checked(slice(text, start..end)) && says(scan.key, text, start, &WORDS) {
        (end, IN_CONTEXT)
    } else {
        return None;
    };
    let goes_on = match byte(text, end) {
        b'-' | b'.' => byte(text, end + 1).is_ascii_digit(),
        next => is_word(next),
    };
    if goes_on {
        return None;
    }
    let builtin = if is_expected(scan) {
        Builtin::CardInField
    } else if is_example(text, start, end) {
        Builtin::PublishedExample
    } else {
        Builtin::CreditCard
    };
    scan.report(builtin, start..end, percent);
    Some(end)
}

/// Whether the member is an argument that asks for a card's number, or one that is for a number of another kind, of
/// which some look like a card's by chance.
fn is_expected(scan: &Scan<'_>) -> bool {
    let card = names(scan.key, &WORDS);
    let asked = card && names(scan.key, &["number", "num", "no", "cardnumber", "pan"]);
    let other = !card && names(scan.key, &["id", "ids", "uuid", "token", "session"]);
    (asked && Places::of(&[Where::Arguments]).names(scan.place)) || other
}

/// Whether a country and two check digits stand before the number, as before that of an account: `RS35 2600 …`.
fn continues_iban(text: &[u8], start: usize) -> bool {
    let lead = slice(text, start.saturating_sub(5)..start);
    matches!(lead, [a, b, c, d, b' ']
        if a.is_ascii_uppercase() && b.is_ascii_uppercase() && c.is_ascii_digit() && d.is_ascii_digit())
        && !is_word(before(text, start, 6))
}

/// End of the groups of these sizes that follow `at`, all after the same space
/// or dash.
fn grouped(text: &[u8], mut at: usize, sizes: &[usize]) -> Option<usize> {
    let separator = byte(text, at);
    // Years and small numbers are many: the next group has at least four digits.
    if !matches!(separator, b' ' | b'-') || !byte(text, at + 4).is_ascii_digit() {
        return None;
    }
    for size in sizes {
        let group = slice(text, at + 1..at + 1 + size);
        if byte(text, at) != separator || group.is_empty() || !group.iter().all(u8::is_ascii_digit) {
            return None;
        }
        at += 1 + size;
    }
    (!byte(text, at).is_ascii_digit()).then_some(at)
}

fn is_card(text: &[u8], start: usize, end: usize) -> bool {
    let mut digits = [0_u8; 19];
    let mut len = 0;
    for byte in slice(text, start..end).iter().filter(|byte| byte.is_ascii_digit()) {
        let Some(slot) = digits.get_mut(len) else {
            return false;
        };
        *slot = *byte;
        len += 1;
    }
    let digits = slice(&digits, 0..len);
    is_issued(digits) && is_checked(digits)
}

/// Whether an issuer has numbers with this beginning and length.
fn is_issued(digits: &[u8]) -> bool {
    let lead = digits.iter().take(4).fold(0_u16, |lead, &digit| lead * 10 + u16::from(digit - b'0'));
    match lead {
        // Visa
        4000..=4999 => matches!(digits.len(), 13 | 16 | 19),
        // Mastercard
        5100..=5599 | 2221..=2720 => digits.len() == 16,
        // American Express
        3400..=3499 | 3700..=3799 => digits.len() == 15,
        // Diners Club
        3000..=3059 | 3095 | 3600..=3699 | 3800..=3999 => (14..=19).contains(&digits.len()),
        // JCB's old and present numbers; Discover; UnionPay
        1800 | 2131 => digits.len() == 15,
        3528..=3589 | 6011 | 6440..=6599 | 6200..=6299 => (16..=19).contains(&digits.len()),
        // Maestro
        5018 | 5020 | 5038 | 5893 | 6304 | 6759 | 6761..=6763 => (13..=19).contains(&digits.len()),
        _ => false,
    }
}

/// Whether the check digit is right and not all digits are the same.
fn is_checked(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, &digit)| match (place % 2, (digit - b'0') * 2) {
            (0, doubled) => u32::from(doubled / 2),
            (_, doubled) => u32::from(if doubled > 9 { doubled - 9 } else { doubled }),
        })
        .sum();
    sum.is_multiple_of(10) && digits.iter().any(|digit| Some(digit) != digits.first())
}
