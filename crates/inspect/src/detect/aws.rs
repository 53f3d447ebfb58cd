//! AWS access key ids (IAM "unique identifiers": a four-letter kind and 16
//! base-32 characters) and secret access keys, which are 40 base64 characters
//! without any mark of their own and count only where something says what they
//! are: the field's name, the words before, or a key id nearby.

use super::Scan;
use super::context::contains;
use crate::ascii::{before, byte, is_alnum, is_base64, is_base64url, is_varied, opens, run_end, slice};
use crate::catalogue::Builtin;

const KEY_ID: usize = 20;
const SECRET: usize = 40;

/// How far from a key id a secret key is looked for, in bytes.
const BESIDE_KEY_ID: usize = 200;

/// How far after the word "secret" a key may begin, and how far before the key
/// a word may tell whose it is.
const AFTER_WORD: usize = 48;
const BEFORE_KEY: usize = 80;

const NAMED: u8 = 95;
const NEARBY: u8 = 90;
const SECRET_FIELD: u8 = 80;

/// Up to where secret keys have been looked for, beside key ids and after the
/// word: windows overlap, and no byte is read for two of a kind.
#[derive(Default)]
pub(super) struct Progress {
    beside_key_id: usize,
    after_word: usize,
}

/// At the first byte of a key id's kind.
pub(super) fn key_id(scan: &mut Scan<'_>, at: usize) {
    let end = at + KEY_ID;
    let id = slice(scan.text, at..end);
    let base32 = |&byte: &u8| matches!(byte, b'A'..=b'Z' | b'2'..=b'7');
    let whole = id.len() == KEY_ID && id.iter().all(base32) && !is_alnum(byte(scan.text, end));
    if whole && is_varied(slice(id, 4..KEY_ID)) && opens(scan.text, at, is_alnum) {
        scan.report(Builtin::AwsKey, at..end, 97);
        let from = at.saturating_sub(BESIDE_KEY_ID).max(scan.aws.beside_key_id);
        scan.aws.beside_key_id = search(scan, from, end + BESIDE_KEY_ID, |_| true);
    }
}

/// At the word "secret", perhaps of a name such as `aws_secret_access_key`.
pub(super) fn secret_word(scan: &mut Scan<'_>, at: usize) {
    let (text, word) = (scan.text, at + "secret".len());
    scan.aws.after_word = search(scan, word.max(scan.aws.after_word), word + AFTER_WORD, |key| {
        names_owner(slice(text, key.saturating_sub(BEFORE_KEY)..key))
    });
}

/// The whole text is the value of a field whose name says what it is.
pub(super) fn scan_value(scan: &mut Scan<'_>) {
    let text = scan.text.trim_ascii();
    if text.len() != SECRET || scan.key.len() > 64 || !contains(scan.key, "secret") || !is_secret(text) {
        return;
    }
    let named = names_owner(scan.key);
    let start = scan.text.len() - scan.text.trim_ascii_start().len();
    scan.report(Builtin::AwsSecretKey, start..start + SECRET, if named { NAMED } else { SECRET_FIELD });
}

fn names_owner(words: &[u8]) -> bool {
    ["aws", "amazon", "access"].iter().any(|owner| contains(words, owner))
}

/// Reports the secret keys that begin in `from..to` where `belongs` holds;
/// returns up to where it has looked.
fn search(scan: &mut Scan<'_>, from: usize, to: usize, belongs: impl Fn(usize) -> bool) -> usize {
    let text = scan.text;
    let to = to.min(text.len());
    // Not from the middle of a run.
    let mut at =
        if is_base64(before(text, from, 1)) { run_end(slice(text, 0..to), from, is_base64) } else { from };
    while at < to {
        let start = run_end(slice(text, 0..to), at, |byte| !is_base64(byte));
        let end = run_end(slice(text, 0..to.max(start + SECRET + 1).min(text.len())), start, is_base64);
        let is_key =
            end - start == SECRET && is_bounded(text, start, end) && is_secret(slice(text, start..end));
        if is_key && belongs(start) {
            scan.report(Builtin::AwsSecretKey, start..end, NEARBY);
        }
        at = end.max(start + 1);
    }
    at.max(from)
}

fn is_bounded(text: &[u8], start: usize, end: usize) -> bool {
    let last = before(text, start, 1);
    let next = byte(text, end);
    !is_base64url(last) && last != b'.' && !is_base64url(next) && next != b'='
}

/// Looks drawn at random from all of base64: no hash, path or identifier does.
fn is_secret(text: &[u8]) -> bool {
    let count = |class: fn(&u8) -> bool| text.iter().filter(|byte| class(byte)).count();
    text.iter().all(|&byte| is_base64(byte))
        && count(u8::is_ascii_uppercase) >= 3
        && count(u8::is_ascii_lowercase) >= 3
        && count(u8::is_ascii_digit) >= 1
        && distinct(text) >= 18
}

fn distinct(text: &[u8]) -> u32 {
    text.iter().fold(0_u128, |seen, &byte| seen | 1 << (byte & 0x7F)).count_ones()
}
